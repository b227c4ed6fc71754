"""`scripts/deploy`: build the packages, deploy template.yaml, upload the page, say the address."""

import argparse
import os
import signal
import tempfile
from pathlib import Path

from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]

from deploy.checks import check, fitting, notes, read_parameters
from deploy.emulator import CREDENTIALS, REGION, emulator
from deploy.packages import ROOT, Package, build
from deploy.stack import (
    Cloud,
    deploy_stack,
    mend_emulator,
    say,
    stack_parameters,
    upload_packages,
    upload_page,
)
from deploy.target import Target, lambda_target, this_machine

LOCAL = {"AllowAnonymous": "true", "WorkerConcurrency": "4"}
_PAGE = ROOT / "frontend" / "dist"


def main() -> None:
    """Deploy to the account whose credentials the environment holds, or with `--local` to an emulator."""
    asked = _arguments()
    parameters = read_parameters(asked.parameters)
    if not asked.local:
        try:
            _deploy(Cloud(asked.region), asked.stack, lambda_target(asked.cpu), parameters)
        except BotoCoreError as error:
            raise SystemExit(f"AWS cannot be asked: {error}") from None
        return
    os.environ.update(CREDENTIALS)
    with emulator() as endpoint:
        outputs = deploy_locally(endpoint, asked.stack, parameters)
        say(f"The API on the emulator: {local_address(endpoint, outputs)}/api/v1\nStop it with Ctrl-C.")
        signal.pause()


def deploy_locally(endpoint: str, stack: str, parameters: dict[str, str]) -> dict[str, str]:
    """Deploy to an emulator; returns the stack's outputs."""
    cloud, given = Cloud(REGION, endpoint), {**LOCAL, **parameters}
    outputs = _deploy(cloud, stack, this_machine(), given)
    mend_emulator(cloud, outputs, int(given["WorkerConcurrency"]))
    return outputs


def local_address(endpoint: str, outputs: dict[str, str]) -> str:
    """Return the gateway's address on an emulator."""
    port = endpoint.rsplit(":", 1)[1]
    return f"http://{outputs['ApiId']}.execute-api.localhost:{port}"


def _arguments() -> argparse.Namespace:
    asking = argparse.ArgumentParser(prog="scripts/deploy", description=main.__doc__)
    asking.add_argument("--local", action="store_true", help="deploy to an emulator on this machine, until Ctrl-C")
    asking.add_argument("--stack", default="archwright", help="name of the stack")
    asking.add_argument("--region", help="region; the one of the environment without it")
    asking.add_argument("--cpu", choices=("arm64", "x86_64"), default="arm64", help="processor of the functions")
    asking.add_argument("parameters", nargs="*", metavar="Name=Value", help="parameters of template.yaml")
    return asking.parse_args()


def _deploy(cloud: Cloud, stack: str, target: Target, parameters: dict[str, str]) -> dict[str, str]:
    holding = {**stack_parameters(cloud, stack), **parameters}
    check(cloud, stack, holding)
    if not target.compiler:
        say(f"No Python {target.number} is here to compile the code, so functions start slower.")
    with tempfile.TemporaryDirectory(prefix="archwright-") as place:
        packages = {name: _built(name, target, Path(place)) for name in ("api", "worker")}
        bucket = upload_packages(cloud, stack, tuple(packages.values()))
    given = {
        "CodeBucket": bucket, "ApiPackage": packages["api"].key, "WorkerPackage": packages["worker"].key,
        "PythonRuntime": target.runtime, "CpuArchitecture": target.cpu,
    }  # fmt: skip
    outputs = deploy_stack(cloud, stack, {**fitting(cloud, holding), **parameters, **given})
    count = upload_page(cloud, outputs, _PAGE)
    say(f"The page: {count} files.\nArchwright is deployed: {outputs['Address']}")
    for note in notes(outputs, holding):
        say(note)
    return outputs


def _built(name: str, target: Target, place: Path) -> Package:
    package = build(name, target, place)
    say(f"Package {name}: {package.unzipped_bytes / 1e6:.1f} MB, zipped {package.file.stat().st_size / 1e6:.1f} MB.")
    return package


if __name__ == "__main__":
    main()
