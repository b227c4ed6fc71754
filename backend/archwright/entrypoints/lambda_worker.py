"""The worker function: one message of the queue is one job, run until it ends or until the function's time is short."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from archwright.entrypoints import late
from archwright.ids import new_id
from archwright.jobs.model import ENDED, Job
from archwright.jobs.ports import Control
from archwright.settings import Settings
from archwright.telemetry.metrics import job_metrics
from archwright.wiring import deployed, deployed_runner

logger = Logger(service="worker", use_rfc3339=True)
_processor = BatchProcessor(event_type=EventType.SQS)
_SHORT_OF_THE_END_S = 10.0


def _settings() -> Settings:
    """Return the settings with the Claude key, which is read once, here, and never stands in the environment."""
    settings = Settings()
    name = settings.model_key_parameter
    if not name:
        return settings
    secret = name.startswith("arn:aws") and ":secretsmanager:" in name
    key = parameters.get_secret(name) if secret else parameters.get_parameter(name, decrypt=True)
    return settings.model_copy(update={"anthropic_api_key": str(key).strip()})


late.install()
_here = deployed(_settings())
metrics = job_metrics(_here.settings.stack)
_loop = asyncio.Runner()
_open = AsyncExitStack()
_runner = _loop.run(_open.enter_async_context(deployed_runner(_here, new_id("run"))))


@metrics.log_metrics(capture_cold_start_metric=True)
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> Any:
    """Run the jobs that the messages name; a message whose job could not be looked at comes again."""
    return process_partial_response(event=event, record_handler=_take, processor=_processor, context=context)


def _take(record: SQSRecord, lambda_context: Any) -> None:
    left_s = lambda_context.get_remaining_time_in_millis() / 1000
    _loop.run(_run(record.body, left_s))


async def _run(job_id: str, left_s: float) -> None:
    """Run a job; when `drain_left_s` are left it is handed over, and no model call lasts longer than the function."""
    loop = asyncio.get_running_loop()
    control = Control(deadline=loop.time() + max(1.0, left_s - _SHORT_OF_THE_END_S))
    alarm = loop.call_later(max(0.0, left_s - _here.settings.drain_left_s), control.drain.set)
    try:
        await _runner.run(job_id, control, alone=True)
        _count(await _here.store.job(job_id))
    finally:
        alarm.cancel()


def _count(job: Job) -> None:
    if job.status not in ENDED:
        logger.info("job handed over" if job.status == "queued" else "job paused", job_id=job.id, turn=job.turn)
        return
    metrics.add_metric(name=f"Jobs{job.status.capitalize()}", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="CostUsd", unit=MetricUnit.NoUnit, value=job.cost_usd)
    metrics.add_metric(name="OutputTokens", unit=MetricUnit.Count, value=job.usage.output_tokens)
    logger.info("job ended", job_id=job.id, status=job.status, turns=job.turn, cost_usd=job.cost_usd)
