"""Two small functions for jobs that nobody runs: the sweeper, each minute, and the dead-letter queue's consumer."""

import asyncio
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from archwright.settings import Settings
from archwright.telemetry.metrics import job_metrics
from archwright.wiring import deployed

logger = Logger(service="sweeper", use_rfc3339=True)
_here = deployed(Settings())
metrics = job_metrics(_here.settings.stack)
_loop = asyncio.Runner()
_processor = BatchProcessor(event_type=EventType.SQS)
_REASON = "The worker stopped each time that it ran this job, so it was given up. What was drawn is kept."


@metrics.log_metrics
@logger.inject_lambda_context
def sweep(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Send the jobs again whose worker is gone or whose message was lost, and end those that no worker starts."""
    swept = _loop.run(_here.rescue.sweep())
    metrics.add_metric(name="JobsSentAgain", unit=MetricUnit.Count, value=swept.sent)
    for job_id in swept.ended:
        _count_given_up(job_id)
    logger.info("swept", sent=swept.sent, ended=len(swept.ended))
    return {"sent": swept.sent, "ended": len(swept.ended)}


@metrics.log_metrics
@logger.inject_lambda_context
def give_up(event: dict[str, Any], context: Any) -> Any:
    """End the jobs whose messages no worker could handle; one that still runs is looked at again later."""
    return process_partial_response(event=event, record_handler=_give_up, processor=_processor, context=context)


def _give_up(record: SQSRecord) -> None:
    if _loop.run(_here.rescue.give_up(record.body, _REASON)):
        _count_given_up(record.body)


def _count_given_up(job_id: str) -> None:
    metrics.add_metric(name="JobsFailed", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="JobsGivenUp", unit=MetricUnit.Count, value=1)
    logger.error("job given up", job_id=job_id)
