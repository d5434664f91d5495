# make run: the chat on http://127.0.0.1:7860 · make test: lint, types, all tests · see README.md
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
QUIET := --quiet --disable-pip-version-check

.PHONY: run install test soak lint eval reader clean

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

# 32 clients for two minutes, many generated requests for each route, 100,000 articles in flat
# memory; about half an hour.
soak: install
	SCHEMA_EXAMPLES=300 $(BIN)/python -m pytest --timeout 3000 tests/integration/test_schema.py
	$(BIN)/python -m benchmarks.load --clients 32 --seconds 120
	$(BIN)/python -m benchmarks.soak_ingest --articles 100000

# The question sets beside the checkout, where they are; writes runs/. realtimeqa-2025 takes about
# half an hour of two cores the first time.
SETS := newsdesk-dev multihop-rag-500 realtimeqa-2025
eval: $(SETS:%=eval-%)

eval-%: SET = ../shared/data/$*
eval-%: ASK = $(BIN)/news-assistant evaluate $(SET)/questions.jsonl --archive runs/$*/archive
eval-%: install
	@test -d $(SET) || echo "$(SET) is not there; skipped"
	test ! -d $(SET) || ( set -e; \
	  $(BIN)/news-assistant ingest $(SET)/articles.jsonl.gz --archive runs/$*/archive; \
	  $(ASK) --output runs/$*; \
	  $(ASK) --output runs/$*-answering --no-abstain; \
	  $(BIN)/python -m benchmarks.record $*=runs/$* "$*, always answering=runs/$*-answering" \
	    --curve docs/images/risk-coverage-$*.svg )

# Train the reader again; needs the training extra and hours of two cores.
reader: install
	$(BIN)/python -m pip install $(QUIET) --constraint requirements.txt bm25s onnx PyStemmer
	$(BIN)/python -m training.reader_train --data ../shared/data/reader --output runs/reader --general 3000 --passes 2
	$(BIN)/python -m training.reader_export --checkpoint runs/reader/checkpoint.pt

clean:
	rm -rf $(VENV) build dist runs archive .pytest_cache .mypy_cache .ruff_cache
