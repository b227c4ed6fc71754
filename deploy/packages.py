"""The packages of the functions: each with only what it needs, for the Python and the processor that it runs on."""

import gzip
import hashlib
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from deploy.binaries import misfits
from deploy.target import GLIBC, Target

ROOT = Path(__file__).parents[1]
LIMITS_MB = {"api": 66, "worker": 200}
_SERVICES = {"api": {"dynamodb", "s3", "sqs"}, "worker": {"dynamodb", "s3", "sqs", "ssm", "secretsmanager", "sts"}}
_DRAWING = ("resvg_py", "fpdf", "fontTools")
_LATE = {"api": ("wasmtime", *_DRAWING), "worker": _DRAWING}
"""Packages that a function unpacks when it first needs them: see archwright/entrypoints/late.py."""
_NOT_DRAWN_WITH = ("PIL", "pillow.libs", "fontTools/**/*.so", "fontTools/**/*.c", "share")
_UNUSED = {
    "api": (
        "archwright/agent", "archwright/model/offline", "archwright/model/claude.py", "pydantic/v1", *_NOT_DRAWN_WITH,
    ),
    "worker": ("archwright/api", *_NOT_DRAWN_WITH),
}  # fmt: skip
_POWERTOOLS = {"batch", "parser", "jmespath_utils", "data_classes", "parameters", "typing", "__init__"}
_UNUSED_BY_ALL = (
    "*.pyi", "**/tests", "*.dist-info/RECORD", "*.dist-info/licenses", "*.dist-info/sboms", ".lock", "bin", "include",
    "pycparser", "aws_lambda_powertools/event_handler",
)  # fmt: skip
_CLERK = {"__init__", "_version", "basesdk", "httpclient", "sdk", "sdkconfiguration", "clerkbaseerror", "security"}
"""The modules that verifying a token needs; the rest calls Clerk's own API, which no function does."""
_EPOCH = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Package:
    """A built package. `key` names its content, so that the same code is uploaded once."""

    name: str
    file: Path
    unzipped_bytes: int
    key: str


def build(name: str, target: Target, place: Path) -> Package:
    """Build the package of a function under `place`, with compiled code, which halves a cold start.

    Raises SystemExit when it is larger than the function may be, or holds what would not load there.
    """
    folder = place / name
    shutil.rmtree(folder, ignore_errors=True)
    _install(name, target, folder)
    if target.platform and (wrong := misfits(folder, target.cpu, GLIBC)):
        raise SystemExit(f"The package '{name}' would not run on {target.runtime}:\n  " + "\n  ".join(wrong))
    shutil.copytree(
        ROOT / "backend" / "archwright", folder / "archwright", ignore=shutil.ignore_patterns("__pycache__")
    )
    _prune(name, folder)
    if target.compiler:
        _compile(target.compiler, folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if size > LIMITS_MB[name] * 1_000_000:
        raise SystemExit(f"The package '{name}' has {size / 1e6:.0f} MB; it may have {LIMITS_MB[name]} MB.")
    file = place / f"{name}.zip"
    _zip(folder, file)
    return Package(name, file, size, f"{name}-{hashlib.sha256(file.read_bytes()).hexdigest()[:20]}.zip")


def _install(name: str, target: Target, folder: Path) -> None:
    uv, lock = Path(sys.executable).with_name("uv"), ROOT / "deploy" / f"{name}.txt"
    own = ["--python-version", target.number, "--python-platform", target.platform] if target.platform else []
    subprocess.run(
        [
            str(uv), "pip", "install", "--quiet", "--target", str(folder), "--python", sys.executable, *own,
            "--only-binary", ":all:", "--require-hashes", "--link-mode", "copy", "-r", str(lock),
        ],
        check=True,
        timeout=600,
    )  # fmt: skip


def _compile(python: str, folder: Path) -> None:
    """Compile what can be compiled; a file for another version of Python is left as it is."""
    subprocess.run(
        [
            python, "-m", "compileall", "-qq", "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", str(folder),
            str(folder),
        ],
        check=False,
        timeout=600,
    )  # fmt: skip


def _prune(name: str, folder: Path) -> None:
    """Remove what the function never reads, and put what it seldom reads into archives."""
    for pattern in (*_UNUSED[name], *_UNUSED_BY_ALL):
        for path in [*folder.rglob(pattern)] if "*" in pattern else [folder / pattern]:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for path in (folder / "botocore" / "data").iterdir():
        if path.is_dir() and path.name not in _SERVICES[name]:
            shutil.rmtree(path)
    endpoints = folder / "botocore" / "data" / "endpoints.json"
    endpoints.with_suffix(".json.gz").write_bytes(gzip.compress(endpoints.read_bytes(), mtime=0))
    endpoints.unlink()
    for path in (folder / "aws_lambda_powertools" / "utilities").iterdir():
        if path.is_dir() and path.name not in _POWERTOOLS:
            shutil.rmtree(path)
    clerk = folder / "clerk_backend_api"
    for path in [*clerk.glob("*.py"), *clerk.glob("models/*.py")]:
        if path.stem not in _CLERK:
            path.unlink()
    for package in _LATE[name]:
        (folder / "late").mkdir(exist_ok=True)
        _zip(folder / package, folder / "late" / f"{package}.zip", package)
        shutil.rmtree(folder / package)


def _zip(folder: Path, file: Path, prefix: Path | str = Path()) -> None:
    """Write the folder as a zip that is the same for the same content."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo((Path(prefix) / path.relative_to(folder)).as_posix(), _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
