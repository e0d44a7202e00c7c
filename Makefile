# The entry points, thin over the CMake presets. On a fresh Debian 12 as root, `make demo` and
# `make test` need nothing else: tools/setup.sh installs the packages that are missing.
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
MINUTES ?= 60
SEEDS ?= 2000
RELEASE := build/release
CORDBOARD := $(RELEASE)/bin/cordboard

.PHONY: build test sdk desktop test-asan test-ubsan test-tsan sim fuzz scenario bench soak package lint format conformance demo ci setup clean

build: setup
	@tools/build.sh release
	@tools/desktop.sh build

# First the call that is checked, then, at a terminal, the desktop to try.
demo: setup
	@tools/build.sh release cordboard
	@tools/desktop.sh build
	@$(CORDBOARD) demo --check
	@if [ -t 1 ]; then $(CORDBOARD) demo; else echo "No terminal: \`$(CORDBOARD) demo\` shows the desktop."; fi

test: build
	@cd $(RELEASE) && ctest --output-on-failure -j $(JOBS)
	@CORDBOARD=$(CORDBOARD) tools/sdk.sh
	@CORDBOARD=$(CORDBOARD) tools/desktop.sh test

# The TypeScript client, tested against the server.
sdk: setup
	@tools/build.sh release cordboard
	@CORDBOARD=$(CORDBOARD) tools/sdk.sh

# The agents' desktop, tested in Chromium against the server; pictures of it in build/screenshots.
desktop: setup
	@tools/build.sh release cordboard
	@CORDBOARD=$(CORDBOARD) tools/desktop.sh browser

scenario: build
	@cd $(RELEASE) && ctest --output-on-failure -L scenario

test-asan test-ubsan test-tsan: test-%: setup
	@tools/build.sh $*
	@cd build/$* && ctest --output-on-failure -j $(JOBS)

# `make sim` runs many worlds; what it prints for a broken one, e.g. `make sim SEED=7 AGENTS=2`, shows
# that one again.
sim: setup
	@tools/build.sh release sim_world
	@$(RELEASE)/bin/sim_world $(if $(SEED),--seed $(SEED),--seeds $(SEEDS)) \
	  $(if $(AGENTS),--agents $(AGENTS)) $(if $(STEPS),--steps $(STEPS)) \
	  $(if $(WITHOUT),--without $(WITHOUT)) $(if $(TRACE),--trace $(TRACE))

fuzz: setup
	@tools/build.sh fuzz fuzzers
	@tools/fuzz.sh build/fuzz/bin $(FUZZ_SECONDS)

package: setup
	@tools/build.sh release cordboard
	@tools/desktop.sh build
	@cd $(RELEASE) && cpack --config CPackConfig.cmake && dpkg-deb --contents cordboard_*.deb

bench: build
	@tools/bench.py --build $(RELEASE)

# Calls with audio for MINUTES, at RATE calls a second (1); docs/soak.md.
soak: setup
	@tools/build.sh release cordboard
	@tools/soak.py --build $(RELEASE) --minutes $(MINUTES) $(if $(RATE),--rate $(RATE))

lint:
	@tools/lint.py
	@tools/conformance.py --check
	@tools/protocol.py
	@tools/format.sh --check
	@tools/sdk.sh lint
	@tools/desktop.sh lint

format:
	@tools/format.sh

# The table at the end of docs/protocol.md, from what the tests say they prove.
conformance:
	@tools/conformance.py

ci: test lint

setup:
	@tools/setup.sh

clean:
	rm -rf build web/sdk/build web/sdk/dist web/sdk/src/generated web/desktop/build web/desktop/dist
