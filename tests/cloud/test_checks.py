"""What cannot work is said in a sentence before anything is built."""

import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from deploy.checks import check, fitting, notes, read_parameters
from deploy.emulator import REGION
from deploy.packages import ROOT
from deploy.stack import Cloud

from tests.cloud.conftest import Deployment
from tests.cloud.template import template


def refusal(cloud: Cloud, stack: str = "archwright", **parameters: str) -> str:
    with pytest.raises(SystemExit) as refused:
        check(cloud, stack, {"AllowAnonymous": "true", **parameters})
    return str(refused.value)


@pytest.mark.parametrize("name", ["", "1st", "my_stack", "a" * 31, "ä"])
def test_a_name_that_some_resource_could_not_carry_is_refused(name: str) -> None:
    assert refusal(Cloud(REGION), name).startswith(f"'{name}' cannot name a stack: a letter, then")


def test_sign_in_of_a_production_instance_needs_a_domain() -> None:
    assert "give DomainName and CertificateArn" in refusal(Cloud(REGION), ClerkPublishableKey="pk_live_x")
    clerk = {"ClerkIssuer": "https://clerk.example.com", "ClerkJwtKeys": "-----BEGIN"}
    check(Cloud(REGION), "archwright", {**clerk, "ClerkPublishableKey": "pk_live_x", "DomainName": "d.example.com"})
    check(Cloud(REGION), "archwright", {**clerk, "ClerkPublishableKey": "pk_test_x"})


def test_a_stack_that_nobody_could_sign_in_to_is_refused_before_it_is_built() -> None:
    said = (
        "Nobody could sign in: give all of ClerkPublishableKey, ClerkIssuer and ClerkJwtKeys, or AllowAnonymous=true."
    )
    assert refusal(Cloud(REGION), AllowAnonymous="false") == said
    assert refusal(Cloud(REGION), AllowAnonymous="", ClerkIssuer="https://clerk.example.com") == said


@pytest.mark.parametrize(
    "name",
    ["/archwright/nowhere", "nowhere", f"arn:aws:secretsmanager:{REGION}:000000000000:secret:nowhere-aBcDeF"],
)
def test_a_key_that_is_not_in_the_region_of_the_stack_is_missed_before_the_first_job_misses_it(
    cloud: Deployment, name: str
) -> None:
    said = refusal(Cloud(REGION, cloud.endpoint), ModelKeyParameter=name)
    assert said == f"ModelKeyParameter: there is no '{name}' in {REGION}, the region of the stack; put it there first."


def test_a_parameter_without_a_value_is_refused() -> None:
    assert read_parameters(["A=1", "B=x=y", "C="]) == {"A": "1", "B": "x=y", "C": ""}
    with pytest.raises(SystemExit, match="'AllowAnonymous' is no parameter; write Name=Value"):
        read_parameters(["AllowAnonymous"])


@dataclass(frozen=True, slots=True)
class Account(Cloud):
    """An account in which so many functions may run at once."""

    limit: int = 1000

    def client(self, service: str) -> Any:
        assert service == "lambda"
        return SimpleNamespace(get_account_settings=lambda: {"AccountLimit": {"ConcurrentExecutions": self.limit}})


def test_on_a_new_account_jobs_take_no_more_than_half_of_what_may_run_at_once() -> None:
    assert fitting(Account(limit=10), {}) == {"WorkerConcurrency": "5"}
    assert fitting(Account(limit=1000), {}) == {}
    assert fitting(Account(limit=10), {"WorkerConcurrency": "20"}) == {}
    assert template()["Parameters"]["WorkerConcurrency"]["Default"] == 20


def test_what_a_person_has_still_to_do_is_said() -> None:
    outputs = {"SiteDomain": "d1.cloudfront.net"}
    assert notes(outputs, {}) == []
    assert notes(outputs, {"DomainName": "d.example.com", "HostedZoneId": "Z1"}) == []
    assert notes(outputs, {"DomainName": "d.example.com", "AlarmEmail": "me@example.com"}) == [
        "Point d.example.com at d1.cloudfront.net (an alias or a CNAME record).",
        "Confirm the e-mail that AWS sends to me@example.com; alarms come only then.",
    ]


def test_without_credentials_or_region_the_reason_is_one_sentence() -> None:
    for environment, reason in (({"AWS_DEFAULT_REGION": REGION}, "credentials"), ({}, "region")):
        surroundings = {"PATH": "", "HOME": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true", **environment}
        asked = [sys.executable, "-m", "deploy", "AllowAnonymous=true"]
        said = subprocess.run(asked, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=60)
        assert said.returncode == 1 and len(said.stderr.strip().splitlines()) == 1
        assert said.stderr.startswith("AWS cannot be asked: ") and reason in said.stderr
