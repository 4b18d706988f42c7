"""Who comes in: keys, certificates and passwords of a login are asked for, everything but a desk is refused."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

import asyncssh

from csdesk.errors import DeskError
from csdesk.rules.text import printable
from csdesk.server.asking import Asking, Challenge
from csdesk.server.forwarding import NoForwarding
from csdesk.server.offered import Offered
from csdesk.server.tally import network
from csdesk.server.visit import Channel, Visit
from csdesk.services import access
from csdesk.services.access import Door
from csdesk.services.sessions import Coming

if TYPE_CHECKING:
    from csdesk.server.front import Front

log = logging.getLogger("csdesk.server")
ROUNDS = 6  # passwords one connection may try
REQUESTS = 60  # looks at a way in before somebody is let in; a key that opens nothing costs two
UNREAD = 1 << 16  # bytes a client may send ahead before it is let in; an honest one waits for its answers


class Login(NoForwarding):
    """One connection, from its first byte; it counts as half open until somebody is let in."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.address = ""
        self.who: Coming | None = None
        self._conn: Any = None
        self._door = Door("")
        self._counted = self._visited = self._named = False
        self._requests = 0
        self._offered = Offered()
        self._why = ""  # why the server itself ends the connection, or can read nothing
        self._asking = Asking(front.store, "", "")

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Somebody connects; where too many have not yet logged in the connection is closed at once."""
        self._conn = conn
        self.address = str(conn.get_extra_info("peername", ("unknown",))[0])[:60]
        limits, waiting = self.front.settings, self.front.half_open
        if self.front.draining or waiting.total() >= limits.serve_half_open or (
            waiting[network(self.address)] >= limits.serve_per_address
        ):  # fmt: skip
            self.front.turned_away(self.address)
            conn.abort()
            return
        waiting[network(self.address)] += 1
        self._counted = True
        self._hold(conn)

    def _hold(self, conn: Any) -> None:
        """What the library has no hook for: it reads on without end while it waits for an answer of ours, and believes
        a certificate that names nobody for everybody."""
        received, validate = conn.data_received, conn._validate_openssh_certificate

        def data_received(data: bytes, datatype: Any = None) -> None:
            received(data, datatype)
            if self.who is None and len(conn._inpbuf) > UNREAD and not conn.is_closed():
                self._why = f"more than {UNREAD >> 10} KiB at once before logging in"
                conn.abort()

        async def certified(username: str, certificate: Any) -> Any:
            return await self._offered.certified(self._door, validate, username, certificate)

        conn.data_received, conn._validate_openssh_certificate = data_received, certified

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; one that got nobody in is told of, and so is one that the library ended."""
        self._uncount()
        if said := self._last_words(exc):
            self.front.refused(self.who or Coming(self._door.login, self.address, "key"), said)

    def _last_words(self, exc: Exception | None) -> str:
        """What of a connection that ended is to be told; '' for nothing."""
        fault = printable(str(exc))[:100] if exc else ""
        broken = isinstance(exc, asyncssh.DisconnectError) and not isinstance(exc, asyncssh.ConnectionLost)
        if self.who is not None:
            return f"the connection failed: {fault}" if broken else ""
        said = [self._offered.told(), self._why]
        if not any(said) and self._door.login and not self._asking.tried:  # a password tried is told of already
            said = ["no key and no password"]
        words = "; ".join(each for each in said if each)
        fault = "" if fault == self._why else fault
        return ": ".join(each for each in (words, fault) if each) if words or broken else ""

    def _ended(self, why: str) -> asyncssh.DisconnectError:
        self._why = why
        return asyncssh.ProtocolError(why)

    def _uncount(self) -> None:
        if self._counted:
            self._counted = False
            waiting, mine = self.front.half_open, network(self.address)
            waiting[mine] -= 1
            if not waiting[mine]:
                del waiting[mine]

    async def begin_auth(self, username: str) -> bool:
        """A login is named. What it knows of it is read once; one that does not exist is asked for the same. Another
        one on the same connection ends it, as OpenSSH's server does: what was tried is told of the first."""
        if self._named:
            raise self._ended(f"another login, {printable(username)[: access.LONGEST]}, was named")
        self._named = True
        login = printable(username)[: access.LONGEST]
        self._door = Door(login)
        self._asking = Asking(self.front.store, login, self.address)
        try:
            self._door = await self.front.store.read(access.door, login)
            self._asking = Asking(self.front.store, login, self.address, self._door.codes)
        except DeskError as error:  # no key opens now, and none is wrong: who comes is told, whoever he is
            self._why = f"logins cannot be read ({error.message})"
            with contextlib.suppress(OSError, asyncssh.Error):
                self._conn.send_auth_banner("Nobody can log in just now: the database is away. Try again soon.\r\n")
        return True

    def auth_completed(self) -> None:
        """Somebody is in."""
        self._uncount()
        by = self._offered
        self.who = Coming(self._door.login, self.address, by.method, by.fingerprint, by.certificate, by.authority)
        self.front.metrics.let_in(by.method)

    # -- keys and certificates -----------------------------------------------------------------------------------

    def public_key_auth_supported(self) -> bool:
        """Keys are taken. Asked at each request to log in, of which a connection has so many."""
        self._requests += 1
        if self._requests > REQUESTS:
            raise self._ended("too many attempts to log in")
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether a key is one of the login's."""
        return self._offered.key(self._door, key)

    def validate_ca_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether certificates of an authority are believed; the certificate must also name the login and be in
        time, which the library looks at."""
        return any(each.fingerprint == key.get_fingerprint() for each in self._door.authorities)

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
            self._offered.forget()
            self._offered.method = self._asking.method
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
