"""The OpenAPI document tells the truth: whatever a generated client sends, no answer is a 5xx or undeclared."""

from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from archwright.settings import Settings
from archwright.wiring import embedded_app

EXAMPLES = 15
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_every_operation_answers_as_declared(tmp_path: Path) -> None:
    app = embedded_app(Settings(data_dir=tmp_path, worker_concurrency=0, public_url="http://testserver"))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 24
    for operation in operations:
        if not operation.path.endswith("/events"):
            _try(operation)


def _try(operation: schemathesis.schemas.APIOperation) -> None:  # type: ignore[type-arg]
    @settings(
        max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(operation.as_strategy())
    def holds(case: schemathesis.Case) -> None:
        case.validate_response(case.call(), checks=CHECKS)

    holds()
