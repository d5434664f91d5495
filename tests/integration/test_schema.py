"""Generated requests over the OpenAPI document: whatever is sent, nothing ends in a 500.

`make soak` sends many more (SCHEMA_EXAMPLES, requests for each route).
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi", reason="the web extra is not installed")
pytest.importorskip("schemathesis", reason="schemathesis is not installed")

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi import checks as openapi_checks
from starlette.testclient import TestClient

from assistant.answering.assistant import Assistant
from assistant.articles import load_articles
from assistant.settings import Settings
from assistant.web.app import build_app
from tests.conftest import CORPUS
from tests.integration.test_api import HOME

EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "15"))
CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    """Over an archive of its own, because requests change it."""
    chosen = Settings(
        archive=tmp_path_factory.mktemp("schema") / "archive", requests_per_minute=0, read_n=2
    )
    with Assistant.open(chosen) as assistant:
        assistant.archive.ingest(load_articles(sorted(CORPUS.glob("2022-09-*.md"))))
        app = build_app(assistant, chosen)
        with TestClient(app, base_url=HOME):  # keeps its lifespan running
            yield schemathesis.openapi.from_asgi(
                "/openapi.json", app, headers={"Host": "127.0.0.1"}
            )


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_request_ends_in_a_500(schema: schemathesis.BaseSchema, mode: GenerationMode) -> None:
    statuses: Counter[int] = Counter()
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 10
    for operation in operations:

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def check(case: Case) -> None:
            response = case.call(headers={"Host": "127.0.0.1"})
            statuses[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)
            if response.status_code >= 400:
                assert response.headers["content-type"] == ["application/problem+json"]

        # What takes no input, or any text at all, cannot be asked wrongly.
        cannot_fail = (Unsatisfiable,) if mode is GenerationMode.NEGATIVE else ()
        with contextlib.suppress(*cannot_fail):
            check()

    assert statuses[200 if mode is GenerationMode.POSITIVE else 422]
