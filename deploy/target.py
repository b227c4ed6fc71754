"""What packages are built for: a runtime of Lambda on one of its processors, or this machine."""

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass

RUNTIMES = ((3, 13), (3, 12))
"""Lambda's Pythons on Amazon Linux 2023, the newest first. Python 3.11 runs there on Amazon Linux 2, whose glibc is too
old for the wheels of some packages."""
GLIBC = (2, 34)
"""The glibc of Amazon Linux 2023."""
MACHINE = {"arm64": "arm64", "aarch64": "arm64"}.get(platform.machine(), "x86_64")
_CPUS = {"arm64": "aarch64", "x86_64": "x86_64"}


@dataclass(frozen=True, slots=True)
class Target:
    """`platform` is uv's name of where the packages run, None for this machine; `compiler` a Python of that version,
    None where the machine has none: then the packages hold no compiled code."""

    version: tuple[int, int]
    cpu: str
    platform: str | None = None
    compiler: str | None = None

    @property
    def runtime(self) -> str:
        return f"python{self.number}"

    @property
    def number(self) -> str:
        return ".".join(map(str, self.version))


def this_machine() -> Target:
    """Return the target of an emulator, which runs functions with the Python that runs this."""
    return Target(sys.version_info[:2], MACHINE, compiler=sys.executable)


def lambda_target(cpu: str) -> Target:
    """Return the target of a real account: the newest runtime whose Python this machine has, for it compiles the code;
    without one the newest runtime."""
    found = {version: _python(version) for version in RUNTIMES}
    version = next((version for version in RUNTIMES if found[version]), RUNTIMES[0])
    glibc = "_".join(map(str, GLIBC))
    return Target(version, cpu, f"{_CPUS[cpu]}-manylinux_{glibc}", found[version])


def _python(version: tuple[int, int]) -> str | None:
    """Return a Python of exactly this version, the running one first."""
    if sys.version_info[:2] == version:
        return sys.executable
    found = shutil.which(f"python{version[0]}.{version[1]}")
    ask = f"import sys; sys.exit(sys.version_info[:2] != {version})"
    works = found is not None and subprocess.run([found, "-c", ask], capture_output=True, timeout=60).returncode == 0
    return found if works else None
