"""Papers into a folder, and the journal of what the mail server has taken: both survive a crash at any moment."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from csdesk.delivery.letter import File


def lay(folder: Path, key: str, files: Sequence[File]) -> Path:
    """Writes files into a folder, each under a name made from the key: written beside it, flushed, then renamed.

    A file that is there already is the same one from an attempt before and stays. Gives the first. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = [folder / f"{_plain(key)}-{each.name}" for each in files]
    for name, each in zip(names, files, strict=True):
        if not name.exists():
            _write(name, each.content)
    return names[0]


def _write(name: Path, content: bytes) -> None:
    part = name.with_name(f".{name.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(part, name)
    finally:
        part.unlink(missing_ok=True)
    _flush(name.parent)


def _flush(folder: Path) -> None:
    """Makes a rename last; a folder cannot be flushed on every system."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _plain(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", key)


class Journal:
    """One small file a paper that has left and is not marked yet; it goes when the mark is made.

    Between the server's answer and the mark a worker can die: whoever comes next on this machine finds the file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def note(self, key: str, went_to: str) -> None:
        """Writes down that it left, flushed to the disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(self.folder / _plain(key), went_to.encode())

    def left(self, key: str) -> str:
        """Where it went, or nothing."""
        try:
            return (self.folder / _plain(key)).read_text("utf-8")
        except FileNotFoundError:
            return ""

    def forget(self, key: str) -> None:
        """It is marked now."""
        (self.folder / _plain(key)).unlink(missing_ok=True)
