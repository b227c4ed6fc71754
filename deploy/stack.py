"""The stack of template.yaml: made or brought up to date, and its page uploaded."""

import mimetypes
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.exceptions import ClientError, WaiterError  # type: ignore[import-untyped]

from deploy.packages import ROOT, Package

TEMPLATE = ROOT / "template.yaml"
_LASTING = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where to deploy: an account's region, or an emulator when there is an `endpoint`."""

    region: str | None = None
    endpoint: str | None = None

    def client(self, service: str) -> Any:
        return boto3.client(service, region_name=self.region, endpoint_url=self.endpoint)


def upload_packages(cloud: Cloud, name: str, packages: tuple[Package, ...]) -> str:
    """Put the packages into the stack's bucket, which is made when it is not there; returns its name."""
    account = cloud.client("sts").get_caller_identity()["Account"]
    storage = cloud.client("s3")
    region = storage.meta.region_name
    bucket = f"{name.lower()}-code-{account}-{region}"
    try:
        storage.head_bucket(Bucket=bucket)
    except ClientError:
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        storage.create_bucket(Bucket=bucket, **where)
        blocked = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        storage.put_public_access_block(
            Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(blocked, True)
        )  # fmt: skip
    for package in packages:
        if not _is_there(storage, bucket, package.key):
            storage.upload_file(str(package.file), bucket, package.key)
    return bucket


def _is_there(storage: Any, bucket: str, key: str) -> bool:
    try:
        storage.head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True


def deploy_stack(cloud: Cloud, name: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """Make the stack or bring it up to date, wait for it, and return its outputs.

    A parameter that is not given keeps the value that the stack has, or its default. Raises SystemExit with the
    reasons when the stack cannot be made.
    """
    formation = cloud.client("cloudformation")
    known = _known(formation, name)
    kept = [key for key in _parameters(known) if key not in parameters]
    body = TEMPLATE.read_text(encoding="utf-8")
    request = {
        "StackName": name,
        "TemplateBody": body,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        + [{"ParameterKey": key, "UsePreviousValue": True} for key in kept if f"  {key}:\n" in body],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    kind = "stack_update_complete" if known else "stack_create_complete"
    try:
        (formation.update_stack if known else formation.create_stack)(**request)
        formation.get_waiter(kind).wait(
            StackName=name, WaiterConfig={"Delay": 1 if cloud.endpoint else 5, "MaxAttempts": 400}
        )
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise SystemExit(f"The stack is refused: {error}") from None
    except WaiterError:
        raise SystemExit("The stack could not be made:\n" + "\n".join(_reasons(formation, name))) from None
    return {output["OutputKey"]: output["OutputValue"] for output in (_known(formation, name) or {})["Outputs"]}


def stack_parameters(cloud: Cloud, name: str) -> dict[str, str]:
    """Return the parameters of the stack as it stands; nothing when there is none."""
    return _parameters(_known(cloud.client("cloudformation"), name))


def _parameters(stack: Mapping[str, Any] | None) -> dict[str, str]:
    return {one["ParameterKey"]: one["ParameterValue"] for one in (stack or {}).get("Parameters", ())}


def _known(formation: Any, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = formation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError:
        return None
    if found["StackStatus"] == "ROLLBACK_COMPLETE":
        formation.delete_stack(StackName=name)
        formation.get_waiter("stack_delete_complete").wait(StackName=name)
        return None
    return found


def _reasons(formation: Any, name: str) -> list[str]:
    events = formation.describe_stack_events(StackName=name)["StackEvents"]
    failed = (event for event in reversed(events) if event["ResourceStatus"].endswith("_FAILED"))
    return [f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed]


def mend_emulator(cloud: Cloud, outputs: Mapping[str, str], concurrency: int) -> None:
    """Say again as a number how many jobs run at once: the emulator keeps a template's numeric parameter as text, on
    which its poller of the queue fails."""
    functions = cloud.client("lambda")
    sources = functions.list_event_source_mappings(FunctionName=outputs["WorkerFunctionName"])
    for source in sources["EventSourceMappings"]:
        functions.update_event_source_mapping(
            UUID=source["UUID"], ScalingConfig={"MaximumConcurrency": concurrency}
        )  # fmt: skip


def upload_page(cloud: Cloud, outputs: Mapping[str, str], folder: Path) -> int:
    """Put the built editor into its bucket and let CloudFront forget the old page; returns how many files."""
    storage, files = cloud.client("s3"), [path for path in sorted(folder.rglob("*")) if path.is_file()]
    for path in files:
        name = path.relative_to(folder).as_posix()
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        lasts = _LASTING if name.startswith("assets/") else "no-cache"
        storage.upload_file(
            str(path), outputs["SiteBucketName"], name, ExtraArgs={"ContentType": kind, "CacheControl": lasts}
        )  # fmt: skip
    cloud.client("cloudfront").create_invalidation(
        DistributionId=outputs["DistributionId"],
        InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/index.html"]}, "CallerReference": _reference(files)},
    )
    return len(files)


def _reference(files: list[Path]) -> str:
    return f"{len(files)}-{max(path.stat().st_mtime_ns for path in files)}"


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
