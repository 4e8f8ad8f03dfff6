# Each target is one script of its own; `make run` and `make test` need nothing before them.
# Arguments for a script: make bench ARGS="--rows 100000".
scripts := $(dir $(abspath $(lastword $(MAKEFILE_LIST)))).scripts

.DEFAULT_GOAL := run
.PHONY: run test check check-api bench faults fuzz dev build setup

run:   ; @"$(scripts)/run"   $(ARGS)
test:  ; @"$(scripts)/test"  $(ARGS)
check: ; @"$(scripts)/check"
check-api: ; @"$(scripts)/check-api" $(ARGS)
bench: ; @"$(scripts)/bench" $(ARGS)
faults: ; @"$(scripts)/faults" $(ARGS)
dev:   ; @"$(scripts)/dev"   $(ARGS)
build: ; @"$(scripts)/build"
setup: ; @"$(scripts)/setup" $(ARGS)
fuzz:  ; @"$(scripts)/fuzz"  $(ARGS)
