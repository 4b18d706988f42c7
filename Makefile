# csdesk: `make demo` to look at it, `make test` and `make check` before a change is handed in.
# Everything lives in .venv here; a second run of any target installs nothing.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt
WORKERS ?= logical
ARGS ?=
# Databases of tests lie in memory where there is room for them (4 GB), which halves the time.
ROOM := $(shell file=/dev/shm/csdesk-$$$$; [ "$$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $$4 }')" -gt 4000000 ] \
    2>/dev/null && cp /bin/true $$file 2>/dev/null && $$file 2>/dev/null && echo /dev/shm; rm -f $$file)

.PHONY: demo test check format bench migration sample pins clean

demo: $(VENV)/.run
	@$(BIN)/csdesk demo $(ARGS)

test: $(VENV)/.dev
	$(if $(ROOM),TMPDIR=$(ROOM) )$(BIN)/python -m pytest -n $(WORKERS) --maxprocesses=8 $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	$(BIN)/python -m bench $(ARGS)

# After a change of the models: writes the first revision anew (until the first release).
migration: $(VENV)/.dev
	$(BIN)/python -m csdesk.migrations.regenerate

# After a change of the models, or of what places orders: builds csdesk.db.sample anew.
sample: $(VENV)/.dev
	$(BIN)/csdesk sample build

# After a change of the dependencies in pyproject.toml: pins what a fresh environment got.
pins: $(VENV)/.dev
	$(BIN)/python -m pip freeze --exclude-editable | grep "^[A-Za-z0-9._-]*==" > constraints.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# The first Python of 3.11 or newer; PYTHON=… chooses another.
$(VENV)/.made:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        "$$python" -m venv $(VENV) && touch $@ && exit 0; \
	        echo "Python cannot make a virtual environment; install its venv package (Debian: python3-venv)." >&2; \
	        exit 1; \
	    fi; \
	done; echo "csdesk needs Python 3.11 or newer; none was found. Name one: make PYTHON=/path/to/python3.11" >&2; exit 1

$(VENV)/.run: $(VENV)/.made pyproject.toml constraints.txt
	@$(PIP) -e . && touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml constraints.txt
	@$(PIP) -e '.[dev]' && touch $@ $(VENV)/.run
