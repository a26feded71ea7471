# One word for each thing that one does with the project; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build test python bench bench-peers bench-service bench-detection lint format asan tsan fuzz coverage install deb clean

JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
BENCH_ARGS ?=
RUN_ARGS ?= serve --watch

bootstrap = scripts/bootstrap
# $(call build_preset,NAME[,options])
build_preset = cmake --preset $(1) && cmake --build build/$(1) -j $(JOBS) $(2)
# Builds the server that MongoDB is tested on, or says why it is not tested.
mongo_server = /usr/bin/python3 -B tests/mongo/mongo_server.py || test $$? -eq 77
ctest = ctest --output-on-failure -j $(JOBS) --test-dir

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## Build, then watch this machine and serve on http://127.0.0.1:8000 (PORT=... to change)
	build/release/topoforge $(RUN_ARGS)

build: ## Build what users run: build/release/topoforge
	$(bootstrap) build
	$(call build_preset,release)

test: ## Build with assertions and run all tests
	$(bootstrap) test
	$(call build_preset,dev)
	$(mongo_server)
	$(ctest) build/dev

python: ## Build the Python package, install it into build/python and run its tests
	$(bootstrap) python
	JOBS=$(JOBS) scripts/python

bench: ## Build and run the benchmarks (BENCH_ARGS=--benchmark_filter=...)
	$(bootstrap) bench
	$(call build_preset,bench)
	build/bench/bench/topoforge_bench $(BENCH_ARGS)
	build/bench/bench/topoforge_ripser_ratio

bench-peers: ## Measure our engines beside ripser, giotto-ph and gudhi (BENCH_ARGS="--points 50,100 --degrees 1")
	$(bootstrap) bench peers
	$(call build_preset,bench,--target topoforge_window_times)
	/usr/bin/python3 -B bench/peers.py $(BENCH_ARGS)

bench-service: ## Put load on the server, and on FastAPI with ripser.py (BENCH_ARGS="--only throughput")
	$(bootstrap) bench peers
	$(call build_preset,bench,--target topoforge topoforge_service_load)
	/usr/bin/python3 -B bench/service.py $(BENCH_ARGS)

bench-detection: ## Score detection on labelled streams (BENCH_ARGS="--data FOLDER --document docs/detection.md")
	$(bootstrap) bench peers
	$(call build_preset,bench,--target topoforge)
	/usr/bin/python3 -B bench/detection.py $(BENCH_ARGS)

lint: ## Check format, clang-tidy, shell scripts and Python
	$(bootstrap) lint
	scripts/lint

format: ## Format the C++ sources in place
	$(bootstrap) lint
	git ls-files '*.cpp' '*.hpp' | xargs clang-format-16 -i

asan: ## Run the tests under the address and undefined behaviour sanitizers
	$(bootstrap) test
	$(call build_preset,asan)
	$(mongo_server)
	ASAN_OPTIONS=detect_leaks=1:halt_on_error=1:strict_string_checks=1:detect_stack_use_after_return=1 \
	UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 $(ctest) build/asan

tsan: ## Run the tests under the thread sanitizer
	$(bootstrap) test
	$(call build_preset,tsan)
	$(mongo_server)
	TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 $(ctest) build/tsan

fuzz: ## Run each fuzz target for FUZZ_SECONDS (60)
	$(bootstrap) fuzz
	$(call build_preset,fuzz,--target fuzzers)
	scripts/fuzz $(FUZZ_SECONDS)

coverage: ## Line coverage of the tests: build/coverage/report/index.html
	$(bootstrap) coverage
	$(call build_preset,coverage)
	$(mongo_server)
	$(ctest) build/coverage
	mkdir -p build/coverage/report
	gcovr --root . --filter src/ --filter apps/ --exclude '.*_(test|bench)\.cpp' -j $(JOBS) \
	  --html-details build/coverage/report/index.html --print-summary build/coverage

install: build ## Install the program, the library and its CMake package (PREFIX=/usr/local, DESTDIR=)
	cmake --install build/release --prefix $(PREFIX)

deb: build ## Build the Debian package: build/release/topoforge_*.deb
	$(bootstrap) deb
	cpack --config build/release/CPackConfig.cmake -B build/release

clean: ## Remove all build trees
	rm -rf build
