"""The keys a server shows who it is by: made at its first start, read by its owner alone."""

from __future__ import annotations

import os
from pathlib import Path

import asyncssh

from csdesk.errors import Refused, Unavailable

KINDS = (("ed25519", "ssh-ed25519", {}), ("rsa", "ssh-rsa", {"key_size": 3072}))


def load(folder: Path) -> list[asyncssh.SSHKey]:
    """The host keys of a folder, made when they are missing. Raises Refused when somebody else could read one,
    Unavailable when the folder cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return [_one(folder / f"host_{name}_key", kind, more) for name, kind, more in KINDS]
    except OSError as error:
        raise Unavailable(f"The host keys in {folder} cannot be read or made: {error.strerror}.") from None
    except asyncssh.KeyImportError as error:
        raise Unavailable(f"A host key in {folder} cannot be read: {error}.") from None


def _one(path: Path, kind: str, more: dict[str, int]) -> asyncssh.SSHKey:
    if not path.exists():
        key = asyncssh.generate_private_key(kind, comment="csdesk", **more)  # type: ignore[arg-type]
        part = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            out.write(key.export_private_key())
            os.fsync(out.fileno())
        path.with_suffix(".pub").write_bytes(key.export_public_key())
        os.replace(part, path)
    if path.stat().st_mode & 0o077:
        raise Refused(f"The host key {path} must be yours alone: chmod 600 {path}.")
    return asyncssh.read_private_key(path)
