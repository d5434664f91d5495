# make run: the chat on http://127.0.0.1:7860 · make test: lint, types, all tests · see README.md
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
QUIET := --quiet --disable-pip-version-check

.PHONY: run install test lint eval soak reader clean

run: install
	@$(BIN)/news-assistant ingest corpus --if-empty
	@$(BIN)/python app.py

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml requirements.txt
	@echo "Installing into $(VENV) (a few minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install $(QUIET) --requirement requirements.txt
	@$(BIN)/python -m pip install $(QUIET) --no-deps --no-build-isolation --editable .
	@touch $@

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest

# The question sets beside the checkout, where they are; writes runs/.
eval: install
	$(BIN)/news-assistant ingest ../shared/data/newsdesk-dev/articles.jsonl.gz --archive runs/newsdesk-dev/archive
	$(BIN)/news-assistant evaluate ../shared/data/newsdesk-dev/questions.jsonl --archive runs/newsdesk-dev/archive --output runs/newsdesk-dev
	$(BIN)/python -m benchmarks.record newsdesk-dev=runs/newsdesk-dev

# 100,000 articles in one file, killed and resumed, in flat memory (half an hour of one core).
soak: install
	$(BIN)/python -m benchmarks.soak_ingest --articles 100000

# Train the reader again; needs the training extra and hours of two cores.
reader: install
	$(BIN)/python -m pip install $(QUIET) --constraint requirements.txt bm25s onnx PyStemmer
	$(BIN)/python -m training.reader_train --data ../shared/data/reader --output runs/reader --general 3000 --news-epochs 1
	$(BIN)/python -m training.reader_export --checkpoint runs/reader/checkpoint.pt

clean:
	rm -rf $(VENV) build dist runs archive .pytest_cache .mypy_cache .ruff_cache
