# Everything a newcomer needs: make demo · make test · make check · make chaos · make bench · make replay
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check chaos bench replay format clean

demo: $(VENV)/ready
	$(BIN)/vnfm demo

# Two halves side by side, for most tests wait most of the time; what the first says is shown at the end.
HALF := tests/integration/lcm tests/integration/notify tests/histories
test: $(VENV)/ready
	@$(BIN)/pytest $(HALF) > $(VENV)/half.log 2>&1 & half=$$!; \
	$(BIN)/pytest $(addprefix --ignore=,$(HALF)); rest=$$?; \
	wait $$half; first=$$?; cat $(VENV)/half.log; exit $$((rest + first))

check: $(VENV)/ready
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports \
	  && $(BIN)/python -m tests.speclint && $(BIN)/python -m tests.house

chaos: $(VENV)/ready
	LIVES_EXAMPLES=$${LIVES_EXAMPLES:-100} $(BIN)/pytest -m long

bench: $(VENV)/ready
	$(BIN)/python -m tests.bench

replay: $(VENV)/ready
	$(BIN)/python -m tests.replay

format: $(VENV)/ready
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[embedded,dev]'
	touch $@

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache
