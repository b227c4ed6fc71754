"""Every alarm watches a metric that AWS documents, or that our functions really emit, and tells somebody."""

import json
from typing import Any, NamedTuple

import pytest

from tests.cloud.conftest import Deployment
from tests.cloud.template import properties, resources


class Documented(NamedTuple):
    """A metric as AWS documents it: the dimensions it is published with, one set a series, and useful statistics."""

    dimensions: tuple[frozenset[str], ...]
    statistics: frozenset[str]
    source: str


def documented(*dimensions: set[str], statistics: str, source: str) -> Documented:
    return Documented(tuple(map(frozenset, dimensions)), frozenset(statistics.split()), source)


_GATEWAY = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html"
_LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html"
_SQS = (
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"
)
_DYNAMODB = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html"
_STAGE = ({"ApiId"}, {"ApiId", "Stage"})
_FUNCTION = ({"FunctionName"}, {"FunctionName", "Resource"}, {"FunctionName", "ExecutedVersion"})
_INDEX = ({"TableName"}, {"TableName", "GlobalSecondaryIndexName"})
METRICS = {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): documented(
        {"QueueName"}, statistics="Average Minimum Maximum Sum SampleCount", source=_SQS
    ),
    ("AWS/ApiGateway", "5xx"): documented(*_STAGE, statistics="Sum Average", source=_GATEWAY),
    ("AWS/ApiGateway", "Latency"): documented(*_STAGE, statistics="Average p99", source=_GATEWAY),
    ("AWS/Lambda", "Errors"): documented(*_FUNCTION, statistics="Sum", source=_LAMBDA),
    ("AWS/Lambda", "Throttles"): documented(*_FUNCTION, statistics="Sum", source=_LAMBDA),
    ("AWS/Lambda", "Invocations"): documented(*_FUNCTION, statistics="Sum", source=_LAMBDA),
    ("AWS/DynamoDB", "ReadThrottleEvents"): documented(*_INDEX, statistics="Sum SampleCount", source=_DYNAMODB),
    ("AWS/DynamoDB", "WriteThrottleEvents"): documented(*_INDEX, statistics="Sum SampleCount", source=_DYNAMODB),
}
"""The metrics of AWS that alarms watch. `ThrottledRequests` is none: it is published for a table and an operation."""


def queue(name: str) -> dict[str, Any]:
    return {"QueueName": {"!GetAtt": f"{name}.QueueName"}}


def function(name: str) -> dict[str, Any]:
    return {"FunctionName": {"!Ref": name}}


_OWN = {"service": "jobs", "stack": {"!Ref": "AWS::StackName"}}
_API = {"ApiId": {"!Ref": "HttpApi"}, "Stage": {"!Ref": "ApiStage"}}
_TABLE = {"TableName": {"!Ref": "Table"}}
_GSI = {**_TABLE, "GlobalSecondaryIndexName": "GSI1"}
ALARMS = {
    "FailedJobsAlarm": ("Archwright", "JobsFailed", _OWN, "Sum"),
    "GivenUpAlarm": ("Archwright", "JobsGivenUp", _OWN, "Sum"),
    "DeadLettersAlarm": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue("DeadLetters"), "Maximum"),
    "WaitingJobsAlarm": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue("JobsQueue"), "Minimum"),
    "ApiErrorsAlarm": ("AWS/ApiGateway", "5xx", _API, "Sum"),
    "ApiSlowAlarm": ("AWS/ApiGateway", "Latency", _API, "p99"),
    "ApiThrottlesAlarm": ("AWS/Lambda", "Throttles", function("ApiFunction"), "Sum"),
    "WorkerErrorsAlarm": ("AWS/Lambda", "Errors", function("WorkerFunction"), "Sum"),
    "WorkerThrottlesAlarm": ("AWS/Lambda", "Throttles", function("WorkerFunction"), "Sum"),
    "SweeperErrorsAlarm": ("AWS/Lambda", "Errors", function("SweeperFunction"), "Sum"),
    "SweeperSilentAlarm": ("AWS/Lambda", "Invocations", function("SweeperFunction"), "Sum"),
    "DeadLetterErrorsAlarm": ("AWS/Lambda", "Errors", function("DeadLetterFunction"), "Sum"),
    "TableReadThrottlesAlarm": ("AWS/DynamoDB", "ReadThrottleEvents", _TABLE, "Sum"),
    "TableWriteThrottlesAlarm": ("AWS/DynamoDB", "WriteThrottleEvents", _TABLE, "Sum"),
    "IndexReadThrottlesAlarm": ("AWS/DynamoDB", "ReadThrottleEvents", _GSI, "Sum"),
    "IndexWriteThrottlesAlarm": ("AWS/DynamoDB", "WriteThrottleEvents", _GSI, "Sum"),
}


def test_each_alarm_watches_what_the_table_says() -> None:
    watched = {
        name: (
            alarm["Namespace"], alarm["MetricName"], {one["Name"]: one["Value"] for one in alarm["Dimensions"]},
            alarm.get("Statistic") or alarm["ExtendedStatistic"],
        )
        for name, alarm in resources("AWS::CloudWatch::Alarm").items()
    }  # fmt: skip
    assert watched == ALARMS


@pytest.mark.parametrize("name", [name for name, watched in ALARMS.items() if watched[0] != "Archwright"])
def test_an_alarm_on_a_metric_of_aws_asks_for_a_series_that_is_documented(name: str) -> None:
    namespace, metric, dimensions, statistic = ALARMS[name]
    known = METRICS[namespace, metric]
    assert frozenset(dimensions) in known.dimensions, known.source
    assert statistic in known.statistics, known.source


def test_a_silence_is_no_alarm_but_where_silence_is_the_fault() -> None:
    alarms = resources("AWS::CloudWatch::Alarm")
    breaching = {name for name, alarm in alarms.items() if alarm["TreatMissingData"] == "breaching"}
    assert breaching == {"SweeperSilentAlarm"}
    assert {alarm["TreatMissingData"] for alarm in alarms.values()} == {"breaching", "notBreaching"}


def test_a_job_that_runs_for_long_is_no_alarm() -> None:
    for namespace, metric, dimensions, _ in ALARMS.values():
        assert metric != "ApproximateAgeOfOldestMessage", "a message counts as old while its job runs"
        assert (namespace, metric, tuple(dimensions)) != ("AWS/Lambda", "Duration", ("FunctionName",))


def test_each_function_and_the_stage_have_an_alarm_and_each_alarm_tells_the_topic_when_it_begins_and_ends() -> None:
    watched = json.dumps([dimensions for _, _, dimensions, _ in ALARMS.values()])
    for name in ("ApiFunction", "WorkerFunction", "SweeperFunction", "DeadLetterFunction", "ApiStage"):
        assert f'"{name}"' in watched
    for alarm in resources("AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"!Ref": "Alarms"}]


def test_cloudwatch_may_publish_to_the_topic() -> None:
    # https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns: not where alias/aws/sns encrypts it
    assert resources("AWS::SNS::Topic") == {"Alarms": {}}
    (policy,) = properties("AlarmsMayPublish")["PolicyDocument"]["Statement"]
    assert properties("AlarmsMayPublish")["Topics"] == [{"!Ref": "Alarms"}]
    ours = {"StringEquals": {"aws:SourceAccount": {"!Ref": "AWS::AccountId"}}}
    assert policy == {
        "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish",
        "Resource": {"!Ref": "Alarms"}, "Condition": ours,
    }  # fmt: skip


def test_what_alarms_and_dashboard_read_of_our_own_is_what_the_functions_emit(cloud: Deployment) -> None:
    done = cloud.ask("/sessions", {"prompt": "A web app with PostgreSQL"})["job"]["id"]
    assert cloud.job_ended(done)["status"] == "succeeded"
    with cloud.worker(handler="archwright.entrypoints.nowhere.handler"):
        lost = cloud.ask("/sessions", {"prompt": "A web app with Redis"})["job"]["id"]
        assert cloud.invoke("DeadLetter", {"Records": [letter(lost)]}) == {"batchItemFailures": []}
        assert cloud.ask(f"/jobs/{lost}")["status"] == "failed"
    assert cloud.invoke("Sweeper", {}) == {"sent": 0, "ended": 0}
    emitted = emitted_series(cloud, "WorkerLogs") | emitted_series(cloud, "SweeperLogs")
    own = [("service", "jobs"), ("stack", "archwright-test")]
    wanted = {("Archwright", metric, *own) for metric in ("JobsSucceeded", "JobsFailed", "JobsGivenUp", "CostUsd")}
    assert wanted <= emitted
    read = {watched[:2] for watched in ALARMS.values() if watched[0] == "Archwright"} | dashboard_series()
    could = {"JobsIncomplete", "JobsCancelled"}  # of jobs that end so
    assert {metric for _, metric in read} - could <= {series[1] for series in emitted}


def letter(job: str) -> dict[str, Any]:
    return {"messageId": "1", "receiptHandle": "1", "body": job, "eventSource": "aws:sqs", "attributes": {},
            "messageAttributes": {}, "md5OfBody": "", "eventSourceARN": "", "awsRegion": ""}  # fmt: skip


def emitted_series(cloud: Deployment, group: str) -> set[tuple[Any, ...]]:
    """The series of metrics that lines of a log group make: namespace, metric, and its dimensions with their values."""
    found = set[tuple[Any, ...]]()
    for line in cloud.log(group):
        event = json.loads(line) if line.startswith("{") else {}
        for directive in event.get("_aws", {}).get("CloudWatchMetrics", []):
            for names in directive["Dimensions"]:
                dimensions = sorted((name, event[name]) for name in names)
                found |= {(directive["Namespace"], one["Name"], *dimensions) for one in directive["Metrics"]}
    return found


def dashboard_series() -> set[tuple[str, str]]:
    """Namespace and metric of our own that the dashboard shows, whose dimensions must be those of the alarms."""
    found, namespace = set[tuple[str, str]](), ""
    for widget in json.loads(properties("Dashboard")["DashboardBody"]["!Sub"])["widgets"]:
        above: list[Any] = []
        for row in widget["properties"]["metrics"]:
            above = [above[i] if part == "." else part for i, part in enumerate(row)]
            namespace, metric, *dimensions = above
            if namespace == "Archwright":
                assert dimensions == ["service", "jobs", "stack", "${AWS::StackName}"]
                found.add((namespace, metric))
    return found


def test_an_alarm_reaches_who_listens(cloud: Deployment) -> None:
    queues, topics, watch = cloud.client("sqs"), cloud.client("sns"), cloud.client("cloudwatch")
    address = queues.create_queue(QueueName="listener")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=address, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    queues.set_queue_attributes(QueueUrl=address, Attributes={"Policy": policy})
    topics.subscribe(TopicArn=cloud.outputs["AlarmsTopic"], Protocol="sqs", Endpoint=arn)
    (alarm,) = [one for one in watch.describe_alarms()["MetricAlarms"] if one["MetricName"] == "JobsGivenUp"]
    watch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason="a job was given up")
    heard = queues.receive_message(QueueUrl=address, WaitTimeSeconds=10)["Messages"]
    said = json.loads(json.loads(heard[0]["Body"])["Message"])
    assert (said["AlarmDescription"], said["NewStateValue"]) == (alarm["AlarmDescription"], "ALARM")
