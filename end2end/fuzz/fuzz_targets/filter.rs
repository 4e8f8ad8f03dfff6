#![no_main]

use libfuzzer_sys::fuzz_target;
use stockroom::testing::fuzzing;

fuzz_target!(|data: &[u8]| fuzzing::filter(data));
