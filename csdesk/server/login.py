"""Who comes in: keys, certificates and passwords of a login are asked for, everything but a desk is refused."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import asyncssh

from csdesk.errors import DeskError
from csdesk.rules.text import printable
from csdesk.server.asking import Asking, Challenge
from csdesk.server.forwarding import NoForwarding
from csdesk.server.visit import Channel, Visit
from csdesk.services import access
from csdesk.services.access import Door
from csdesk.services.sessions import Coming

if TYPE_CHECKING:
    from csdesk.server.front import Front

log = logging.getLogger("csdesk.server")
Certified = Callable[[str, Any], Awaitable[Any]]
ROUNDS = 6  # passwords one connection may try


class Login(NoForwarding):
    """One connection, from its first byte; it counts as half open until somebody is let in."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.address = ""
        self.who: Coming | None = None
        self._conn: Any = None
        self._door = Door("")
        self._counted = self._visited = False
        self._wrong: list[str] = []  # keys offered that open nothing
        self._unread = ""  # why nothing could be read of the login
        self._method = self._fingerprint = ""
        self._asking = Asking(front.store, "", "")

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Somebody connects; where too many have not yet logged in the connection is closed at once."""
        self._conn = conn
        self.address = str(conn.get_extra_info("peername", ("unknown",))[0])[:60]
        limits, waiting = self.front.settings, self.front.half_open
        if self.front.draining or waiting.total() >= limits.serve_half_open or (
            waiting[self.address] >= limits.serve_per_address
        ):  # fmt: skip
            self.front.turned_away(self.address)
            conn.abort()
            return
        waiting[self.address] += 1
        self._counted = True
        conn._validate_openssh_certificate = self._named(conn._validate_openssh_certificate)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; one that got nobody in is told of."""
        self._uncount()
        if self.who is None and self._door.login and not self._asking.rounds:
            said = _wrong_keys(len(self._wrong)) if self._wrong else "no key and no password"
            said = f"logins cannot be read ({self._unread})" if self._unread else said
            who = Coming(self._door.login, self.address, "key", self._wrong[0] if self._wrong else "")
            self.front.refused(who, f"{said}: {exc}" if exc else said)

    def _uncount(self) -> None:
        if self._counted:
            self._counted = False
            self.front.half_open[self.address] -= 1
            if not self.front.half_open[self.address]:
                del self.front.half_open[self.address]

    async def begin_auth(self, username: str) -> bool:
        """A login is named. What it knows of it is read once; one that does not exist is asked for the same."""
        login = printable(username)[: access.LONGEST]
        self._door = Door(login)
        self._asking = Asking(self.front.store, login, self.address)
        try:
            self._door = await self.front.store.read(access.door, login)
            self._asking = Asking(self.front.store, login, self.address, self._door.codes)
        except DeskError as error:  # no key opens now, and none is wrong: who comes is told, whoever he is
            self._unread = error.message
            with contextlib.suppress(OSError, asyncssh.Error):
                self._conn.send_auth_banner("Nobody can log in just now: the database is away. Try again soon.\r\n")
        return True

    def auth_completed(self) -> None:
        """Somebody is in."""
        self._uncount()
        self.who = Coming(self._door.login, self.address, self._method, self._fingerprint)
        self.front.metrics.let_in(self._method)

    # -- keys and certificates -----------------------------------------------------------------------------------

    def public_key_auth_supported(self) -> bool:
        """Keys are taken."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether a key is one of the login's."""
        return self._known(key, self._door.keys, "key")

    def validate_ca_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether certificates of an authority are believed; the certificate must also name the login and be in
        time, which the library looks at."""
        return self._known(key, self._door.authorities, "certificate")

    def _named(self, validate: Certified) -> Certified:
        """Refuses a certificate that names nobody, which the library believes for everybody."""

        async def named(username: str, certificate: Any) -> Any:
            if certificate.principals:
                return await validate(username, certificate)
            self._wrong.append(certificate.key.get_fingerprint())
            return None

        return named

    def _known(self, key: asyncssh.SSHKey, among: tuple[access.Key, ...], method: str) -> bool:
        fingerprint = key.get_fingerprint()
        if any(each.fingerprint == fingerprint for each in among):
            self._method, self._fingerprint = method, fingerprint
            return True
        self._wrong.append(fingerprint)
        return False

    # -- passwords -----------------------------------------------------------------------------------------------

    def kbdint_auth_supported(self) -> bool:
        """Passwords are asked for, whether the login has one or not."""
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Challenge | bool:
        """The question for the password."""
        return self._asking.first() if self._asking.rounds < ROUNDS else False

    async def validate_kbdint_response(self, username: str, responses: Any) -> Challenge | bool:
        """An answer: in, out, or a further question (the code of the second factor, a new password)."""
        try:
            found = await self._asking.answered([str(each) for each in responses])
        except DeskError as error:
            log.warning("passwords cannot be looked at", extra={"why": error.message})
            return False
        if found is True:
            self._method, self._fingerprint = self._asking.method, ""
        elif found is False:
            self.front.metrics.refused()
            log.warning("refused", extra={"login": self._door.login, "address": self.address, "method": "password"})
        return found

    def forbidden(self, what: str) -> None:
        """Somebody who is in asked for what is not served."""
        assert self.who is not None
        self.front.refused(self.who, what)

    # -- what is asked for ---------------------------------------------------------------------------------------

    def session_requested(self) -> Any:
        """One desk a connection."""
        assert self.who is not None
        if self._visited:
            self.front.refused(self.who, "a second session on one connection")
            return False
        self._visited = True
        visit = Visit(self.front, self.who)
        channel = Channel(
            self._conn, asyncio.get_running_loop(), True, False, False, 0, 0, None, "strict", 1 << 16, 1 << 15
        )
        channel.refused = visit.refused
        return channel, visit


def _wrong_keys(count: int) -> str:
    return f"{count} wrong key{'s' if count > 1 else ''}"
