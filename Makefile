# Every target runs in a virtual environment, which the first of them makes and fills.
# Another interpreter: make PYTHON=python3.12. Another place for it: make VENV=folder.

VENV ?= .venv
READY = $(VENV)/.ready-for-skdigits
LOWEST = $(VENV)-lowest

# The first interpreter that TensorFlow has wheels for and that can make environments.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c "import sys, venv, ensurepip; \
	sys.exit(not (3, 11) <= sys.version_info < (3, 14))" 2>/dev/null \
	&& echo $$python && break; done)

.PHONY: demo test test-quick test-lowest lint docs

demo: $(READY)
	$(VENV)/bin/python examples/quickstart.py

test: $(READY)
	$(VENV)/bin/python -m pytest -n 2 --dist worksteal

# Without the tests marked "slow".
test-quick: $(READY)
	$(VENV)/bin/python -m pytest -n 2 --dist worksteal -m "not slow"

# The parts that lean on other libraries most, with the lowest versions allowed.
test-lowest: $(LOWEST)/.ready-for-skdigits
	$(LOWEST)/bin/python -m pytest -n 2 --dist worksteal -m "not slow" \
	    -k "not (test_common and (CNNClassifier or Pipeline or OptunaSearchCV))" \
	    tests/test_common.py tests/test_private_names.py tests/reports \
	    tests/model_selection/test_search.py tests/preprocessing

lint: $(READY)
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy

docs: $(READY)
	$(VENV)/bin/sphinx-build -W --keep-going -b html docs docs/_build/html

$(READY): pyproject.toml
	@python="$(PYTHON)"; if [ -z "$$python" ]; then \
		echo "No suitable Python was found: skdigits needs 3.11, 3.12 or 3.13, with" >&2; \
		echo "the modules venv and ensurepip. On Debian and Ubuntu:" >&2; \
		echo "    sudo apt install python3-venv" >&2; \
		echo "Or name an interpreter: make PYTHON=/path/to/python3.11" >&2; \
		exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$python. This takes some minutes, once."; \
	"$$python" -m venv "$(VENV)"
	$(VENV)/bin/python -m pip install --editable ".[plot,test,docs]"
	@touch $@

$(LOWEST)/.ready-for-skdigits: $(READY)
	$(VENV)/bin/python -m venv "$(LOWEST)"
	$(LOWEST)/bin/python -m pip install uv
	$(LOWEST)/bin/uv pip install --python "$(LOWEST)/bin/python" \
	    --resolution lowest-direct --editable ".[plot,test]"
	$(LOWEST)/bin/uv pip list --python "$(LOWEST)/bin/python"
	@touch $@
