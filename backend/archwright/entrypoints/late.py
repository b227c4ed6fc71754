"""Large packages that few requests need, kept compressed in a function's package and unpacked when first imported."""

import sys
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[2] / "late"


class LatePackages(MetaPathFinder):
    """Finds the packages in a folder of zip files, `<name>.zip` each, and unpacks them to the temporary directory."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._place = Path(tempfile.gettempdir()) / "late"

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        archive = self._folder / f"{fullname}.zip"
        if path is not None or not archive.is_file():
            return None
        if not (self._place / fullname).is_dir():
            with tempfile.TemporaryDirectory(dir=self._place.parent) as fresh, zipfile.ZipFile(archive) as packed:
                packed.extractall(fresh)
                self._place.mkdir(exist_ok=True)
                (Path(fresh) / fullname).rename(self._place / fullname)
        return PathFinder.find_spec(fullname, [str(self._place)])


def install() -> None:
    """Let the packages be found when nobody else finds them."""
    sys.meta_path.append(LatePackages())
