"""The packages of a real account: built for both processors of Lambda, whatever machine and Python build them."""

import shutil
import struct
import sys
from pathlib import Path

import pytest
from deploy.binaries import glibc_needed, misfits, processor
from deploy.packages import LIMITS_MB, build
from deploy.target import GLIBC, RUNTIMES, lambda_target, this_machine

from tests.cloud.template import template

LAMBDA_LIMIT_MB = 250
"""Of a function's package, unzipped: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


@pytest.mark.parametrize("cpu", ["arm64", "x86_64"])
@pytest.mark.parametrize("name", ["api", "worker"])
def test_a_package_is_built_and_loads_on_the_runtime_that_it_is_for(name: str, cpu: str, tmp_path: Path) -> None:
    package = build(name, lambda_target(cpu), tmp_path)
    assert 0 < package.unzipped_bytes < LIMITS_MB[name] * 1_000_000 < LAMBDA_LIMIT_MB * 1_000_000
    folder = tmp_path / name
    for archive in folder.glob("late/*.zip"):
        shutil.unpack_archive(archive, folder)
    compiled = [path for path in folder.rglob("*.so") if path.read_bytes()[:4] == b"\x7fELF"]
    assert len(compiled) > 5
    assert {processor(path.read_bytes()) for path in compiled} == {cpu}
    assert max(max(glibc_needed(path.read_bytes()), default=(0, 0)) for path in compiled) <= GLIBC
    assert misfits(folder, cpu, GLIBC) == []
    other = {"arm64": "x86_64", "x86_64": "arm64"}[cpu]
    assert len(misfits(folder, other, GLIBC)) >= len(compiled)


def test_the_runtime_is_one_that_lambda_has_on_amazon_linux_2023() -> None:
    # https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
    for cpu in ("arm64", "x86_64"):
        target = lambda_target(cpu)
        assert target.version in RUNTIMES and min(RUNTIMES) >= (3, 12)
        assert target.runtime in template()["Parameters"]["PythonRuntime"]["AllowedValues"]
        assert target.platform == {"arm64": "aarch64", "x86_64": "x86_64"}[cpu] + "-manylinux_2_34"
    assert this_machine().version == sys.version_info[:2]


def test_code_is_compiled_by_a_python_of_the_runtimes_version_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.version_info[:2] in RUNTIMES:
        assert lambda_target("arm64").compiler == sys.executable
        return
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (lambda_target("arm64").version, lambda_target("arm64").compiler) == ((3, 13), None)
    stranger = tmp_path / "python3.13"
    stranger.write_text("#!/bin/sh\nexit 1\n")
    stranger.chmod(0o755)
    assert lambda_target("arm64").compiler is None
    fitting = tmp_path / "python3.12"
    fitting.write_text("#!/bin/sh\nexit 0\n")
    fitting.chmod(0o755)
    assert (lambda_target("arm64").version, lambda_target("arm64").compiler) == ((3, 12), str(fitting))


def test_a_file_for_another_processor_or_a_newer_glibc_is_told(tmp_path: Path) -> None:
    (tmp_path / "right.so").write_bytes(elf(183, "GLIBC_2.17", "GLIBC_2.34"))
    (tmp_path / "strange.so").write_bytes(elf(62, "GLIBC_2.17"))
    (tmp_path / "new.so").write_bytes(elf(183, "GLIBC_2.35", "GCC_3.0"))
    (tmp_path / "text.py").write_text("pass")
    assert misfits(tmp_path, "arm64", (2, 34)) == [
        "new.so needs glibc 2.35; there is 2.34.",
        "strange.so is for x86_64, not arm64.",
    ]


def elf(machine: int, *versions: str) -> bytes:
    """A file with an ELF header and a section that asks for these versions of symbols."""
    names, places = b"\0", []
    for version in versions:
        places.append(len(names))
        names += version.encode() + b"\0"
    needed = struct.pack("<HHIII", 1, len(versions), 0, 16, 0)
    for i, place in enumerate(places):
        needed += struct.pack("<IHHII", 0, 0, 0, place, 16 if i < len(places) - 1 else 0)
    body = 64
    strings = struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, body, len(names), 0, 0, 1, 0)
    versioned = struct.pack("<IIQQQQIIQQ", 0, 0x6FFFFFFE, 0, 0, body + len(names), len(needed), 0, 1, 4, 0)
    table = body + len(names) + len(needed)
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 0, table, 0, 64, 0, 0, 64, 2, 0)
    return header + names + needed + strings + versioned
