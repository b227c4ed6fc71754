"""What the functions on AWS count, as lines of their logs that CloudWatch turns into metrics."""

from aws_lambda_powertools import Metrics

NAMESPACE = "Archwright"


def job_metrics(stack: str) -> Metrics:
    """Return the metrics of a stack's jobs. Each carries the stack as a dimension, which its alarms look for, so that
    two stacks of one account are not added up."""
    metrics = Metrics(namespace=NAMESPACE, service="jobs")
    metrics.set_default_dimensions(stack=stack)
    return metrics
