"""A private copy of the sample desk on which today is today."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import csdesk
from csdesk.errors import NotFound
from csdesk.sample import shift
from csdesk.store import Store

NAME = "csdesk.db.sample"
SHORT_CODE = "6001"  # a product of the sample that is short and has alternatives


def place() -> Path:
    """The sample's file, beside or inside the package. Raises NotFound."""
    package = Path(csdesk.__file__).parent
    for path in (package / NAME, package.parent / NAME):
        if path.exists():
            return path
    raise NotFound(f"The sample desk {NAME} is not installed; 'csdesk sample build' makes it.")


def fresh(path: Path, today: date | None = None) -> Path:
    """Copies the sample to `path` and moves all its days so that its today is `today` (default: the present day)."""
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
    shutil.copyfile(place(), path)
    store = Store(f"sqlite:///{path}")
    try:
        shift.shift(store, today)
    finally:
        store.close()
    return path
