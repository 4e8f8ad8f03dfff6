# Each target is one script of its own; `make run` and `make test` need nothing before them.
# Arguments for a script: make bench ARGS="--rows 100000".
scripts := $(dir $(abspath $(lastword $(MAKEFILE_LIST)))).scripts

.DEFAULT_GOAL := run
.PHONY: run test check bench dev build setup fuzz

run:   ; @"$(scripts)/run"   $(ARGS)
test:  ; @"$(scripts)/test"  $(ARGS)
check: ; @"$(scripts)/check"
bench: ; @"$(scripts)/bench" $(ARGS)
dev:   ; @"$(scripts)/dev"   $(ARGS)
build: ; @"$(scripts)/build"
setup: ; @"$(scripts)/setup" $(ARGS)
fuzz:  ; @"$(scripts)/fuzz"  $(ARGS)
