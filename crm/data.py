"""Where the files shipped beside the code are found: the lists the project starts from, and the systemd units."""

from pathlib import Path
from typing import Literal

from crm.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parent
_IN_TREE = {"seed": "data/seed", "systemd": "systemd"}


def folder(kind: Literal["seed", "systemd"]) -> Path:
    """The folder with the seed lists or the systemd units.

    A wheel carries them inside the package; an editable install does not see those copies and uses the tree's own.

    Raises:
        ConfigurationError: neither place has them, so the installation is incomplete.
    """
    for candidate in (_PACKAGE / "_data" / kind, _PACKAGE.parent / _IN_TREE[kind]):
        if candidate.is_dir():
            return candidate
    raise ConfigurationError(f"the installation lacks its {kind} files; install networking-crm again")


def files(kind: Literal["seed", "systemd"], pattern: str = "*") -> list[Path]:
    """The files of that folder whose names match the pattern, sorted by name."""
    return sorted(path for path in folder(kind).glob(pattern) if path.is_file())
