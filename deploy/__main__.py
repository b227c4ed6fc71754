"""`scripts/deploy`: build the packages, deploy template.yaml, upload the page, say the address."""

import argparse
import os
import signal
import tempfile
from pathlib import Path

from deploy.emulator import CREDENTIALS, REGION, emulator
from deploy.packages import MACHINE, ROOT, Package, build
from deploy.stack import Cloud, deploy_stack, mend_emulator, say, upload_packages, upload_page

LOCAL = {"AllowAnonymous": "true", "WorkerConcurrency": "4"}
_PAGE = ROOT / "frontend" / "dist"


def main() -> None:
    """Deploy to the account whose credentials the environment holds, or with `--local` to an emulator."""
    asked = _arguments()
    parameters = dict(pair.split("=", 1) for pair in asked.parameters)
    if not asked.local:
        _deploy(Cloud(asked.region), asked.stack, asked.cpu, parameters)
        return
    os.environ.update(CREDENTIALS)
    with emulator() as endpoint:
        outputs = deploy_locally(endpoint, asked.stack, parameters)
        say(f"The API on the emulator: {local_address(endpoint, outputs)}/api/v1\nStop it with Ctrl-C.")
        signal.pause()


def deploy_locally(endpoint: str, stack: str, parameters: dict[str, str]) -> dict[str, str]:
    """Deploy to an emulator; returns the stack's outputs."""
    cloud, given = Cloud(REGION, endpoint), {**LOCAL, **parameters}
    outputs = _deploy(cloud, stack, MACHINE, given)
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


def _deploy(cloud: Cloud, stack: str, cpu: str, parameters: dict[str, str]) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="archwright-") as place:
        built_for = None if cloud.endpoint else cpu
        packages = {name: _built(name, built_for, Path(place)) for name in ("api", "worker")}
        bucket = upload_packages(cloud, stack, tuple(packages.values()))
    outputs = deploy_stack(cloud, stack, bucket, packages, cpu, parameters)
    count = upload_page(cloud, outputs, _PAGE)
    say(f"The page: {count} files.\nArchwright is deployed: {outputs['Address']}")
    return outputs


def _built(name: str, cpu: str | None, place: Path) -> Package:
    package = build(name, cpu, place)
    say(f"Package {name}: {package.unzipped_bytes / 1e6:.1f} MB, zipped {package.file.stat().st_size / 1e6:.1f} MB.")
    return package


if __name__ == "__main__":
    main()
