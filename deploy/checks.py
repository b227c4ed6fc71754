"""What can be known to go wrong before anything is built: each as a sentence that says what to do."""

import re
from collections.abc import Mapping

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from deploy.stack import Cloud

_STACK = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,29}")
_JOBS = 20
"""The template's own default of WorkerConcurrency."""


def read_parameters(pairs: list[str]) -> dict[str, str]:
    """Return `Name=Value` pairs. Raises SystemExit for what is none."""
    for pair in pairs:
        if "=" not in pair:
            raise SystemExit(f"'{pair}' is no parameter; write Name=Value, such as AllowAnonymous=true.")
    return dict(pair.split("=", 1) for pair in pairs)


def check(cloud: Cloud, stack: str, parameters: Mapping[str, str]) -> None:
    """Raise SystemExit when the deployment cannot work, with every reason. `parameters` are those that will hold."""
    if not _STACK.fullmatch(stack):
        raise SystemExit(f"'{stack}' cannot name a stack: a letter, then letters, digits and hyphens, 30 in all.")
    reasons = [*_sign_in(parameters), *_domain(parameters), *_model_key(cloud, parameters.get("ModelKeyParameter", ""))]
    if reasons:
        raise SystemExit("\n".join(reasons))


def fitting(cloud: Cloud, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return what the account's limit asks for: half of it for jobs where the default would starve the API."""
    if "WorkerConcurrency" in parameters:
        return {}
    limit = cloud.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    return {} if limit >= 2 * _JOBS else {"WorkerConcurrency": str(max(2, limit // 2))}


def notes(outputs: Mapping[str, str], parameters: Mapping[str, str]) -> list[str]:
    """Return what a person has still to do once the stack stands."""
    found = []
    if parameters.get("DomainName") and not parameters.get("HostedZoneId"):
        found.append(f"Point {parameters['DomainName']} at {outputs['SiteDomain']} (an alias or a CNAME record).")
    if parameters.get("AlarmEmail"):
        found.append(f"Confirm the e-mail that AWS sends to {parameters['AlarmEmail']}; alarms come only then.")
    return found


def _sign_in(parameters: Mapping[str, str]) -> list[str]:
    clerk = ("ClerkPublishableKey", "ClerkIssuer", "ClerkJwtKeys")
    if parameters.get("AllowAnonymous") == "true" or all(parameters.get(name) for name in clerk):
        return []
    return [
        "Nobody could sign in: give all of ClerkPublishableKey, ClerkIssuer and ClerkJwtKeys, or AllowAnonymous=true."
    ]


def _domain(parameters: Mapping[str, str]) -> list[str]:
    if parameters.get("ClerkPublishableKey", "").startswith("pk_live_") and not parameters.get("DomainName"):
        return [
            "A production instance of Clerk (pk_live_...) signs people in on a domain of yours alone: give DomainName "
            "and CertificateArn, or the keys of a development instance (pk_test_...)."
        ]
    return []


def _model_key(cloud: Cloud, name: str) -> list[str]:
    """Look whether the key is there, without reading it; who may not look is believed."""
    try:
        if ":secretsmanager:" in name:
            cloud.client("secretsmanager").describe_secret(SecretId=name)
        elif name:
            cloud.client("ssm").get_parameter(Name=name, WithDecryption=False)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ParameterNotFound", "ResourceNotFoundException"):
            region = cloud.client("ssm").meta.region_name
            return [
                f"ModelKeyParameter: there is no '{name}' in {region}, the region of the stack; put it there first."
            ]
    return []
