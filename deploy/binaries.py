"""What compiled files in a package need of the machine that loads them, read from their ELF headers."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

_CPUS = {62: "x86_64", 183: "arm64"}
_VERSION_NEEDED = 0x6FFFFFFE
_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)")


def misfits(folder: Path, cpu: str, glibc: tuple[int, int]) -> list[str]:
    """Return a sentence for each compiled file in the folder that does not load on this processor and glibc."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            if file.read(4) != b"\x7fELF":
                continue
        content, name = path.read_bytes(), path.relative_to(folder).as_posix()
        if processor(content) != cpu:
            found.append(f"{name} is for {processor(content)}, not {cpu}.")
        newest = max(glibc_needed(content), default=(0, 0))
        if newest > glibc:
            found.append(f"{name} needs glibc {newest[0]}.{newest[1]}; there is {glibc[0]}.{glibc[1]}.")
    return found


def processor(elf: bytes) -> str:
    """Return the processor that a compiled file is for."""
    (machine,) = struct.unpack_from("<H", elf, 18)
    return _CPUS.get(machine, f"machine {machine}")


def glibc_needed(elf: bytes) -> set[tuple[int, int]]:
    """Return the versions of glibc whose symbols a 64-bit file uses."""
    (table,) = struct.unpack_from("<Q", elf, 40)
    size, count = struct.unpack_from("<HH", elf, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", elf, table + size * i) for i in range(count)]
    versions = set()
    for section in sections:
        if section[1] == _VERSION_NEEDED:
            names = sections[section[6]][4]
            for name in _names(elf, section[4], names):
                if known := _GLIBC.fullmatch(name):
                    versions.add((int(known[1]), int(known[2])))
    return versions


def _names(elf: bytes, place: int, names: int) -> Iterator[str]:
    """The names of the versions in a section `.gnu.version_r` at `place`; `names` is where its strings are."""
    while True:
        _, count, _, first, following = struct.unpack_from("<HHIII", elf, place)
        entry = place + first
        for _ in range(count):
            _, _, _, name, onward = struct.unpack_from("<IHHII", elf, entry)
            yield elf[names + name : elf.index(b"\0", names + name)].decode()
            entry += onward
        if not following:
            return
        place += following
