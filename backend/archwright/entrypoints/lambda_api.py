"""The API function: HTTP API → Mangum → the app. It imports neither LangGraph nor Anthropic."""

from typing import Any

from aws_lambda_powertools import Logger
from mangum import Mangum

from archwright.entrypoints import late
from archwright.entrypoints.bounded import bounded
from archwright.settings import Settings
from archwright.wiring import deployed_app

late.install()
logger = Logger(service="api", use_rfc3339=True)
_answer = Mangum(deployed_app(Settings()), lifespan="off")


@logger.inject_lambda_context(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return bounded(_answer(event, context), event["rawPath"])
