"""What template.yaml must say, where the emulator lets anything pass: our own assertions beside cfn-lint."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from deploy.packages import ROOT

from archwright.api.pages import security
from archwright.store.dynamodb import table_definition
from tests.cloud.template import FUNCTIONS, listed, properties, resources, statements, template

READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem",
          "dynamodb:ConditionCheckItem"}  # fmt: skip
TAKES = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
BEDROCK = {"bedrock-mantle:CreateInference", "bedrock-mantle:GetProject", "bedrock-mantle:ListProjects"}
MAY = {
    "ApiFunction": READS | WRITES | {"sqs:SendMessage", "s3:GetObject", "s3:ListBucket"},
    "WorkerFunction": READS
    | WRITES
    | TAKES
    | BEDROCK
    | {"sqs:SendMessage", "s3:PutObject", "ssm:GetParameter", "secretsmanager:GetSecretValue", "kms:Decrypt"},
    "SweeperFunction": READS | WRITES | {"sqs:SendMessage"},
    "DeadLetterFunction": READS | WRITES | TAKES | {"sqs:SendMessage"},
}


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
            wide = set(listed(one["Action"])) <= BEDROCK | {"kms:Decrypt"}
            named = json.dumps(resource).replace("${FilesBucket.Arn}/*", "every file of ours")
            assert ("*" in named) == wide, resource


def test_each_permission_is_for_our_own_table_queue_bucket_or_key() -> None:
    files = {"!GetAtt FilesBucket.Arn", "!Sub ${FilesBucket.Arn}/*"}
    ours = files | {
        "!GetAtt Table.Arn",
        "!Sub ${Table.Arn}/index/GSI1",
        "!GetAtt JobsQueue.Arn",
        "!GetAtt DeadLetters.Arn",
    }
    named = {
        f"{short} {value}" for name in FUNCTIONS for one in statements(name)
        if not set(listed(one["Action"])) & {"kms:Decrypt", "ssm:GetParameter"}
        for resource in listed(one["Resource"]) if resource != "*" for short, value in resource.items()
    }  # fmt: skip
    assert named == ours


def test_a_key_decrypts_the_model_key_alone() -> None:
    decrypting = [one for name in FUNCTIONS for one in statements(name) if one["Action"] == "kms:Decrypt"]
    contexts = [list(one["Condition"]["StringEquals"]) for one in decrypting]
    assert contexts == [["kms:EncryptionContext:PARAMETER_ARN"], ["kms:EncryptionContext:SecretARN"]]
    assert {json.dumps(one["Resource"]) for one in decrypting} == {
        '{"!Sub": "arn:${AWS::Partition}:kms:${AWS::Region}:*:key/*"}'
    }


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


def test_a_job_that_no_worker_starts_is_ended_long_before_its_message_is_a_dead_letter() -> None:
    queue, dead, sweeper = properties("JobsQueue"), properties("DeadLetters"), properties("SweeperFunction")
    last_s = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]
    assert last_s < queue["MessageRetentionPeriod"] < dead["MessageRetentionPeriod"]
    schedule = sweeper["Events"]["EachMinute"]["Properties"]
    assert (schedule["ScheduleExpression"], sweeper["Timeout"] < 60) == ("rate(1 minute)", True)
    ends = MAY["DeadLetterFunction"] - TAKES
    assert ends <= MAY["SweeperFunction"], "who ends a job writes to it"


def test_a_worker_takes_one_message_and_reports_it_alone() -> None:
    for name, source in (("WorkerFunction", "Jobs"), ("DeadLetterFunction", "DeadLetters")):
        event = properties(name)["Events"][source]["Properties"]
        assert (event["BatchSize"], event["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])
    scaling = properties("WorkerFunction")["Events"]["Jobs"]["Properties"]["ScalingConfig"]
    assert scaling == {"MaximumConcurrency": {"!Ref": "WorkerConcurrency"}}
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


def test_no_execution_is_reserved_unless_somebody_asks_for_it() -> None:
    asked = {"ApiFunction": ("HasApiConcurrency", "ApiConcurrency"),
             "WorkerFunction": ("WorkersAreReserved", "WorkerConcurrency")}  # fmt: skip
    for name in FUNCTIONS:
        reserved = properties(name).get("ReservedConcurrentExecutions")
        condition, number = asked.get(name, (None, None))
        expected = {"!If": [condition, {"!Ref": number}, {"!Ref": "AWS::NoValue"}]} if condition else None
        assert reserved == expected
    conditions, parameters = template()["Conditions"], template()["Parameters"]
    assert conditions["WorkersAreReserved"] == {"!Equals": [{"!Ref": "ReserveWorkers"}, "true"]}
    assert (parameters["ReserveWorkers"]["Default"], parameters["ApiConcurrency"]["Default"]) == ("false", 0)


def test_the_logs_of_functions_and_gateway_are_kept_for_a_time() -> None:
    groups = [properties(name)["LoggingConfig"]["LogGroup"]["!Ref"] for name in FUNCTIONS]
    access = properties("ApiStage")["AccessLogSettings"]
    groups.append(access["DestinationArn"]["!GetAtt"].removesuffix(".Arn"))
    assert set(groups) == set(resources("AWS::Logs::LogGroup"))
    for group in groups:
        assert properties(group) == {"RetentionInDays": {"!Ref": "LogDays"}}
    line = json.loads(access["Format"])
    assert {"$context.requestId", "$context.path", "$context.status", "$context.error.message"} <= set(line.values())
    assert not any("ip" in name.lower() for name in line), "an address is a person's"


GLOBAL = ("AWS::CloudFront::", "AWS::CloudWatch::Dashboard")
"""Kinds whose names are one list for an account in all regions, as those of IAM are, which nothing here names."""


def test_two_stacks_or_two_regions_of_an_account_share_no_name() -> None:
    for name, one in template()["Resources"].items():
        for named in names(one.get("Properties", {})):
            if "!Ref" in named:  # a reference, or what the person calls it
                continue
            assert "${AWS::StackName}" in str(named), name
            assert not one["Type"].startswith(GLOBAL) or "${AWS::Region}" in str(named), name
    assert all("Export" not in output for output in template()["Outputs"].values())


def names(properties: Any) -> list[Any]:
    """What a resource is called, where the template says it rather than AWS."""
    own = ("Name", "FunctionName", "QueueName", "TableName", "BucketName", "RoleName", "TopicName", "LogGroupName",
           "AlarmName", "DashboardName")  # fmt: skip
    config = next(
        (value for key, value in properties.items() if key.endswith(("AccessControlConfig", "PolicyConfig"))), {}
    )
    return [value for key, value in [*properties.items(), *config.items()] if key in own]


def test_an_update_can_be_sent_whole() -> None:
    assert (ROOT / "template.yaml").stat().st_size <= 51_200, "CloudFormation takes no longer TemplateBody"
    assert not re.search(r"(: |- )[&*][A-Za-z]", (ROOT / "template.yaml").read_text()), "nor YAML's aliases"


def test_the_dashboard_is_json() -> None:
    body = properties("Dashboard")["DashboardBody"]["!Sub"]
    assert len(json.loads(body)["widgets"]) == 5


def test_the_page_may_load_what_clerk_names_and_nothing_else() -> None:
    # https://clerk.com/docs/guides/secure/best-practices/csp-headers
    policy = properties("SiteHeaders")["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    text, values = policy["ContentSecurityPolicy"]["!Sub"]
    with_clerk, without = ({key: value["!If"][which] for key, value in values.items()} for which in (1, 2))
    plain = {key: one["!Sub"] if isinstance(one, dict) else one for key, one in with_clerk.items()}
    filled = text
    for key, value in plain.items():
        filled = filled.replace("${" + key + "}", value)
    directives = {one.split()[0]: one.split()[1:] for one in filled.split("; ")}
    clerk, challenges, protect = "${ClerkIssuer}", "https://challenges.cloudflare.com", "https://*.protect.clerk.com"
    assert directives["script-src"] == ["'self'", clerk, challenges, protect]
    assert directives["connect-src"] == ["'self'", "https://${FilesBucket.RegionalDomainName}", clerk, f"{protect}:*"]
    assert directives["frame-src"] == [challenges, protect]
    assert directives["img-src"] == ["'self'", "data:", "blob:", "https://img.clerk.com"]
    assert directives["worker-src"] == ["'self'", "blob:"]
    assert directives["style-src"] == ["'self'", "'unsafe-inline'"]
    assert set(without.values()) == {""}
    issuer = "https://clerk.example.com"
    bucket = " https://${FilesBucket.RegionalDomainName}"  # the embedded server hands files out itself
    assert security(issuer)["Content-Security-Policy"] == filled.replace(bucket, "").replace(clerk, issuer)
    bare = re.sub(r"\$\{\w+\}", "", text.replace(bucket, ""))
    assert security()["Content-Security-Policy"] == bare


def test_the_product_can_have_a_name_of_its_own() -> None:
    site = properties("Site")["DistributionConfig"]
    assert site["Aliases"] == {"!If": ["HasDomain", [{"!Ref": "DomainName"}], {"!Ref": "AWS::NoValue"}]}
    condition, own, other = site["ViewerCertificate"]["!If"]
    assert (condition, own["AcmCertificateArn"]) == ("HasCertificate", {"!Ref": "CertificateArn"})
    assert other == {"CloudFrontDefaultCertificate": True}
    address = {"!If": ["HasDomain", {"!Sub": "https://${DomainName}"}, {"!Sub": "https://${Site.DomainName}"}]}
    assert template()["Outputs"]["Address"]["Value"] == address
    parties = properties("ApiFunction")["Environment"]["Variables"]["ARCHWRIGHT_CLERK_AUTHORIZED_PARTIES"]
    assert parties["!If"][:2] == ["HasClerk", address]
    records = resources("AWS::Route53::RecordSet").values()
    assert sorted(record["Type"] for record in records) == ["A", "AAAA"]
    assert re.fullmatch(template()["Parameters"]["CertificateArn"]["AllowedPattern"], "")
    elsewhere = "arn:aws:acm:eu-central-1:123456789012:certificate/1"
    assert not re.fullmatch(template()["Parameters"]["CertificateArn"]["AllowedPattern"], elsewhere)


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
