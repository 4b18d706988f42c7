"""The keys and certificates one connection offers: which one opens, and which do not and why, for the trail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import asyncssh

from csdesk.rules.text import printable
from csdesk.server import algorithms
from csdesk.services.access import Door, Key

Validate = Callable[[str, Any], Awaitable[Any]]
FOR_USERS = 1  # the kind of a certificate that names people, not machines (PROTOCOL.certkeys of OpenSSH)
TOLD = 8  # keys of one connection that are told one by one


class Offered:
    """What was offered so far. `method`, `fingerprint`, `certificate` (its name and number) and `authority` are those
    of the last one that fits; whether it was signed with is the library's to look at."""

    def __init__(self) -> None:
        self._wrong: dict[str, None] = {}  # in the order they came, each once
        self.forget()

    def forget(self) -> None:
        """Whoever comes in, comes in by something else."""
        self.method = self.fingerprint = self.certificate = self.authority = ""

    def key(self, door: Door, key: asyncssh.SSHKey) -> bool:
        """Whether a key is one of the login's and strong; its signatures must be strong too."""
        fingerprint = key.get_fingerprint()
        if not _among(fingerprint, door.keys):
            self._wrong[fingerprint] = None
            return False
        if weak := algorithms.weakness(key):
            self._wrong[f"{fingerprint} ({weak})"] = None
            return False
        algorithms.narrow(key)
        self.forget()
        self.method, self.fingerprint = "key", fingerprint
        return True

    async def certified(self, door: Door, validate: Validate, login: str, certificate: Any) -> Any:
        """The key of a certificate that lets the login in, else None. The library, which is asked as `validate`, takes
        one that names nobody for everybody's, and never looks at how strong keys and signatures are."""
        key, authority = certificate.key, certificate.signing_key
        name = f"'{printable(certificate._key_id)[:60]}', serial {certificate._serial}"
        found = None
        if not (why := _why_not(certificate, door)):
            found = await validate(login, certificate)
            why = "" if found is not None else _why_invalid(certificate, login)
        if found is None:
            self._wrong[f"{key.get_fingerprint()} (certificate {name}: {why})"] = None
            return None
        algorithms.narrow(found)
        self.method, self.fingerprint = "certificate", key.get_fingerprint()
        self.certificate, self.authority = name, authority.get_fingerprint()
        return found

    def told(self) -> str:
        """What of all that opened nothing, in words; '' when nothing was offered."""
        if not self._wrong:
            return f"its key {self.fingerprint}, without a signature that is taken" if self.fingerprint else ""
        count, first = len(self._wrong), ", ".join(list(self._wrong)[:TOLD])
        more = f" and {count - TOLD} more" if count > TOLD else ""
        return f"{count} wrong key{'s' if count > 1 else ''}: {first}{more}"


def _among(fingerprint: str, keys: tuple[Key, ...]) -> bool:
    return any(each.fingerprint == fingerprint for each in keys)


def _why_not(certificate: Any, door: Door) -> str:
    """What is wrong with a certificate that the library does not look at."""
    if not certificate.principals:
        return "names nobody"
    if not _among(certificate.signing_key.get_fingerprint(), door.authorities):
        return f"of the authority {certificate.signing_key.get_fingerprint()}, which is not trusted"
    return algorithms.weakness(certificate.key) or algorithms.weakly_signed(certificate)


def _why_invalid(certificate: Any, login: str) -> str:
    try:
        certificate.validate(FOR_USERS, login)
    except ValueError as error:
        return str(error)
    return "not from this address"
