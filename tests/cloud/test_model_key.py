"""The Claude key, kept where the README says: the stack is deployed with it, and a job runs under enforced policies."""

import json
from typing import Any

import pytest
from deploy.emulator import REGION

from tests.claude_server import ClaudeServer, planned
from tests.cloud.conftest import Deployment, check_oracle

KEY = "sk-kept"
ACCOUNT = "000000000000"


def keep(cloud: Deployment, home: str, name: str, own_key: bool) -> str:
    """Put the key there, encrypted with a key of the customer's own or of AWS; returns its ARN."""
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"] if own_key else None
    if home == "secret":
        own = {"KmsKeyId": key} if key else {}
        arn: str = cloud.client("secretsmanager").create_secret(Name=name, SecretString=KEY, **own)["ARN"]
        return arn
    own = {"KeyId": key} if key else {}
    cloud.client("ssm").put_parameter(Name=name, Value=f"{KEY}\n", Type="SecureString", Overwrite=True, **own)
    return f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.removeprefix('/')}"


@pytest.mark.parametrize(
    ("home", "name", "said_by", "own_key"),
    [
        ("parameter", "/archwright/claude", "name", False),
        ("parameter", "claude", "name", True),
        ("secret", "archwright/claude", "arn", True),
    ],
)
def test_a_job_runs_with_the_key_from_where_it_is_kept(
    cloud: Deployment, home: str, name: str, said_by: str, own_key: bool
) -> None:
    arn = keep(cloud, home, name, own_key)
    said = name if said_by == "name" else arn
    with ClaudeServer(planned, key=KEY) as claude, cloud.updated(ModelKeyParameter=said):
        assert key_statements(cloud) == granted(arn, said)
        with cloud.worker(ANTHROPIC_BASE_URL=claude.url):
            made = cloud.ask("/sessions", {"prompt": "A web app with PostgreSQL"})
            found = cloud.job_ended(made["job"]["id"])
            assert (found["status"], found["model"]) == ("succeeded", "claude-sonnet-5-5"), found["error"]
            assert found["cost_usd"] > 0 and claude.requests and claude.violations == []
            check_oracle(cloud, made["session"]["id"], made["job"]["id"])


def test_a_parameter_may_be_named_by_its_arn(cloud: Deployment) -> None:
    arn = keep(cloud, "parameter", "/archwright/other", own_key=False)
    with cloud.updated(ModelKeyParameter=arn):
        assert key_statements(cloud) == granted(arn, arn)


def test_without_a_key_the_worker_may_read_none(cloud: Deployment) -> None:
    assert key_statements(cloud) == []


def granted(arn: str, said: str) -> list[Any]:
    """What the worker may do for its key: read it, and have it decrypted in the context in which AWS encrypts it
    (`kms:EncryptionContext:PARAMETER_ARN` of SSM, `:SecretARN` of Secrets Manager)."""
    decrypt = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": f"arn:aws:kms:{REGION}:*:key/*"}
    return [
        {"Effect": "Allow", "Action": ["ssm:GetParameter", "secretsmanager:GetSecretValue"], "Resource": arn},
        {**decrypt, "Condition": {"StringEquals": {"kms:EncryptionContext:PARAMETER_ARN": arn}}},
        {**decrypt, "Condition": {"StringEquals": {"kms:EncryptionContext:SecretARN": said}}},
    ]


def key_statements(cloud: Deployment) -> list[Any]:
    """The statements about a key in the policy of the worker's role, as it is deployed."""
    roles, functions = cloud.client("iam"), cloud.client("lambda")
    worker = functions.get_function_configuration(FunctionName=cloud.outputs["WorkerFunctionName"])
    role = worker["Role"].rsplit("/", 1)[1]
    found = []
    for name in roles.list_role_policies(RoleName=role)["PolicyNames"]:
        document = roles.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        found += document["Statement"]
    return [one for one in found if json.dumps(one["Action"]).count("kms:") or "ssm:GetParameter" in one["Action"]]
