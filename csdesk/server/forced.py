"""The desk of whoever OpenSSH let in (`csdesk run --os-user`): who somebody is and which database it is come from the
machine alone, nothing from the client or from files of his own."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from csdesk.config import Settings, load_file
from csdesk.errors import Invalid, Refused

FILE = Path("/etc/csdesk/desk.toml")


def settings(file: Path, **flags: Any) -> Settings:
    """Settings of a file of root's and of flags, for the OS user this process runs as.

    The environment is cleared of every CSDESK_ variable; settings of the user's own are not read. Raises Invalid when
    there is no such file, Refused when somebody but root may change it.
    """
    for name in [name for name in os.environ if name.startswith("CSDESK_")]:
        del os.environ[name]
    _need_roots(file)
    return load_file(file, **{**flags, "user": login()})


def login() -> str:
    """The name of the OS user this process runs as; of the one who called sudo, when sudo started it."""
    import pwd

    number = _caller_of_sudo()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        raise Refused(f"This machine has no user with the number {number}.") from None


def _caller_of_sudo() -> int:
    """The user SUDO_UID names where root's sudo is the parent, else the one of this process. A variable alone is
    nothing: nobody has a parent of that name that runs as root and was called by somebody else."""
    own, named = os.getuid(), os.environ.get("SUDO_UID", "")
    try:
        lines = Path(f"/proc/{os.getppid()}/status").read_text().splitlines()
    except OSError:
        return own
    fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    real, effective = (fields.get("Uid", "").split() or ["", ""])[:2]
    sudo = fields.get("Name") == "sudo" and effective == "0" and real in (named, "0")
    return int(named) if sudo and named.isdecimal() else own


def _need_roots(file: Path) -> None:
    path = file.absolute()
    try:
        path = path.resolve(strict=True)
    except OSError:
        raise Invalid(
            f"There is no settings file {path}; it says which database the desks of this machine use."
        ) from None
    for each in (path, *path.parents):
        found = each.stat()
        shared = found.st_mode & 0o022 and not (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX)
        if found.st_uid != 0 or shared:
            raise Refused(f"{each} can be changed by others than root; desks of this machine's users do not go by it.")
