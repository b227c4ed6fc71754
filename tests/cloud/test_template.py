"""What template.yaml must say, where the emulator lets anything pass: our own assertions beside cfn-lint."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from deploy.packages import ROOT

from archwright.store.dynamodb import table_definition

FUNCTIONS = ("ApiFunction", "WorkerFunction", "SweeperFunction", "DeadLetterFunction")
_PARAMETER = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${ModelKeyParameter}"
READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem",
          "dynamodb:ConditionCheckItem"}  # fmt: skip
TAKES = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
BEDROCK = {"bedrock-mantle:CreateInference", "bedrock-mantle:GetProject", "bedrock-mantle:ListProjects"}
MAY = {
    "ApiFunction": READS | WRITES | {"sqs:SendMessage"},
    "WorkerFunction": READS
    | WRITES
    | TAKES
    | BEDROCK
    | {"sqs:SendMessage", "ssm:GetParameter", "secretsmanager:GetSecretValue"},
    "SweeperFunction": READS | {"sqs:SendMessage"},
    "DeadLetterFunction": READS | WRITES | TAKES | {"sqs:SendMessage"},
}


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, which become `{"!Name": value}`."""


def _short(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    match node:
        case yaml.ScalarNode():
            return {f"!{suffix}": loader.construct_scalar(node)}
        case yaml.SequenceNode():
            return {f"!{suffix}": loader.construct_sequence(node, deep=True)}
    return {f"!{suffix}": loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short)


@cache
def template() -> Any:
    return yaml.load((ROOT / "template.yaml").read_text(encoding="utf-8"), _Loader)


def properties(name: str) -> Any:
    return template()["Resources"][name]["Properties"]


def statements(name: str) -> list[Any]:
    """The statements of a function's policy, those behind a condition too."""
    found = properties(name)["Policies"][0]["Statement"]
    return [one["!If"][1] if "!If" in one else one for one in found]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_cfn_lint_finds_nothing() -> None:
    lint = Path(sys.executable).with_name("cfn-lint")
    found = subprocess.run([str(lint), "template.yaml"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (found.stdout, found.returncode) == ("", 0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_do_what_it_does_and_nothing_else(name: str) -> None:
    actions = {action for one in statements(name) for action in listed(one["Action"])}
    assert actions == MAY[name]
    for one in statements(name):
        assert one["Effect"] == "Allow"
        for resource in listed(one["Resource"]):
            assert ("*" in json.dumps(resource)) == (set(listed(one["Action"])) <= BEDROCK), resource


def test_each_permission_is_for_our_own_table_queue_or_key() -> None:
    ours = {"!GetAtt Table.Arn", "!Sub ${Table.Arn}/index/GSI1", "!GetAtt JobsQueue.Arn", "!GetAtt DeadLetters.Arn",
            "!Ref ModelKeyParameter", f"!Sub {_PARAMETER}"}  # fmt: skip
    named = {
        f"{short} {value}" for name in FUNCTIONS for one in statements(name)
        for resource in listed(one["Resource"]) if resource != "*" for short, value in resource.items()
    }  # fmt: skip
    assert named == ours


def test_no_secret_stands_in_the_environment() -> None:
    shared = template()["Globals"]["Function"]["Environment"]["Variables"]
    for name in FUNCTIONS:
        own = properties(name).get("Environment", {}).get("Variables", {})
        assert not {"ANTHROPIC_API_KEY", "ARCHWRIGHT_ANTHROPIC_API_KEY"} & (set(own) | set(shared))


def test_a_message_is_held_longer_than_any_worker_runs_and_is_given_up_after_three_tries() -> None:
    queue, longest = properties("JobsQueue"), template()["Parameters"]["WorkerSeconds"]["MaxValue"]
    assert queue["VisibilityTimeout"] >= 6 * longest
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 3
    assert properties("DeadLetters")["VisibilityTimeout"] >= 6 * properties("DeadLetterFunction")["Timeout"]
    assert "FifoQueue" not in queue


def test_a_worker_takes_one_message_and_reports_it_alone() -> None:
    for name, source in (("WorkerFunction", "Jobs"), ("DeadLetterFunction", "DeadLetters")):
        event = properties(name)["Events"][source]["Properties"]
        assert (event["BatchSize"], event["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])
    scaling = properties("WorkerFunction")["Events"]["Jobs"]["Properties"]["ScalingConfig"]
    assert scaling == {"MaximumConcurrency": {"!Ref": "WorkerConcurrency"}}
    assert properties("WorkerFunction")["ReservedConcurrentExecutions"] == {"!Ref": "WorkerConcurrency"}
    assert template()["Parameters"]["WorkerSeconds"]["Default"] == 300
    assert properties("WorkerFunction")["Environment"]["Variables"]["ARCHWRIGHT_DRAIN_LEFT_S"] == "45"
    assert template()["Parameters"]["WorkerSeconds"]["MinValue"] >= 2 * 45


def test_the_api_answers_before_its_gateway_gives_up() -> None:
    assert properties("ApiFunction")["Timeout"] < 30


def test_the_table_is_the_one_that_the_store_makes() -> None:
    table, made = properties("Table"), table_definition("t")
    for name in ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"):
        assert table[name] == made[name]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert template()["Resources"]["Table"]["DeletionPolicy"] == "Retain"


def test_logs_are_kept_for_a_time_and_each_alarm_tells_somebody() -> None:
    resources = template()["Resources"]
    for name in FUNCTIONS:
        group = properties(name)["LoggingConfig"]["LogGroup"]["!Ref"]
        assert properties(group) == {"RetentionInDays": {"!Ref": "LogDays"}}
    alarms = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    watched = {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms}
    assert watched == {
        ("Archwright", "JobsFailed"), ("Archwright", "JobsGivenUp"), ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage"), ("AWS/ApiGateway", "5xx"), ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Throttles"), ("AWS/DynamoDB", "ThrottledRequests"),
    }  # fmt: skip
    assert all(alarm["AlarmActions"] == [{"!Ref": "Alarms"}] for alarm in alarms)


def test_the_dashboard_is_json() -> None:
    body = properties("Dashboard")["DashboardBody"]["!Sub"]
    assert len(json.loads(body)["widgets"]) == 5


def test_the_page_and_the_api_are_one_origin_and_the_bucket_is_closed() -> None:
    site = properties("Site")["DistributionConfig"]
    assert [behaviour["PathPattern"] for behaviour in site["CacheBehaviors"]] == ["/api/*", "/openapi.json"]
    assert all(properties("SiteBucket")["PublicAccessBlockConfiguration"].values())
    assert "CorsConfiguration" not in properties("HttpApi")


def test_the_api_function_starts_without_langgraph_or_anthropic() -> None:
    environment = {
        **os.environ, "ARCHWRIGHT_TABLE": "t", "ARCHWRIGHT_QUEUE_URL": "http://127.0.0.1/q",
        "ARCHWRIGHT_ALLOW_ANONYMOUS": "true", "AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }  # fmt: skip
    ask = (
        "import sys, archwright.entrypoints.lambda_api, archwright.entrypoints.lambda_sweeper; "
        "late = ('langgraph', 'langchain_core', 'anthropic', 'boto3', 'wasmtime', 'fpdf'); "
        "print([m for m in late if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True, text=True, timeout=60)
    assert said.stdout.strip() == "[]", said.stderr


def test_an_api_that_nobody_could_sign_in_to_does_not_start() -> None:
    environment = {
        **os.environ, "ARCHWRIGHT_TABLE": "t", "ARCHWRIGHT_QUEUE_URL": "http://127.0.0.1/q",
        "AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
    }  # fmt: skip
    ask = "import archwright.entrypoints.lambda_api"
    said = subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True, text=True, timeout=60)
    assert "Without sign-in" in said.stderr and said.returncode != 0
