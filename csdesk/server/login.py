"""Who comes in: keys, certificates and passwords of a login are asked for, everything but a desk is refused."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import asyncssh

from csdesk.errors import DeskError
from csdesk.rules.text import printable
from csdesk.server import first
from csdesk.server.asking import Asking, Challenge
from csdesk.server.forwarding import NoForwarding
from csdesk.server.offered import Offered
from csdesk.server.stay import Stay
from csdesk.server.visit import Channel, Visit
from csdesk.services import access
from csdesk.services.access import Door
from csdesk.services.sessions import Coming

if TYPE_CHECKING:
    from csdesk.server.front import Front

log = logging.getLogger("csdesk.server")
ROUNDS = 6  # passwords one connection may try
REQUESTS = 60  # looks at a way in before somebody is let in; a key that opens nothing costs two
REFUSED = 50  # requests of one connection that are refused before it is ended
UNREAD = 1 << 16  # bytes a client may send ahead before it is let in; an honest one waits for its answers


class Login(NoForwarding):
    """One connection, from its first byte; it counts as half open until somebody is let in."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.address = ""
        self.who: Coming | None = None
        self._conn: Any = None
        self._door = Door("")
        self._visited = self._named = self._blind = False
        self._requests = self._refused = 0
        self._stay = Stay(front, self._end)
        self._offered = Offered()
        self._why = ""  # why the server itself ends the connection, or can read nothing
        self._asking = Asking(front.store, "", "")

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Somebody connects; where too many have not yet logged in the connection is closed at once."""
        self._conn = conn
        self.address = str(conn.get_extra_info("peername", ("unknown",))[0])[:60]
        if self.front.draining or not self._stay.connects(self.address):
            self.front.refusals.turned_away(self.address)
            conn.abort()
            return
        self._hold(conn)

    def _hold(self, conn: Any) -> None:
        """What the library has no hook for: it reads on without end while it waits for an answer of ours, believes a
        certificate that names nobody for everybody, and refuses in silence what a certificate does not permit."""
        received, validate = conn.data_received, conn._validate_openssh_certificate
        permitted = conn.check_certificate_permission

        def data_received(data: bytes, datatype: Any = None) -> None:
            received(data, datatype)
            if self.who is None and len(conn._inpbuf) > UNREAD and not conn.is_closed():
                self._why = f"more than {UNREAD >> 10} KiB at once before logging in"
                conn.abort()

        async def certified(username: str, certificate: Any) -> Any:
            return await self._offered.certified(self._door, validate, username, certificate)

        conn.data_received, conn._validate_openssh_certificate = data_received, certified
        conn.check_certificate_permission = lambda what: what != "pty" or permitted(what)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; one that got nobody in is told of, and so is one that the library ended."""
        self._stay.gone()
        if said := self._last_words(exc):
            self.front.refused(self.who or Coming(self._door.login, self.address, "key"), said)

    def _last_words(self, exc: Exception | None) -> str:
        """What of a connection that ended is to be told; '' for nothing."""
        fault = printable(str(exc))[:100] if exc else ""
        broken = isinstance(exc, asyncssh.DisconnectError) and not isinstance(exc, asyncssh.ConnectionLost)
        if self.who is not None:
            return f"the connection failed: {fault}" if broken else ""
        said = ["" if self._blind else self._offered.told(), self._why]
        if not any(said) and self._door.login and not self._asking.tried:  # a password tried is told of already
            said = ["no key and no password"]
        words = "; ".join(each for each in said if each)
        fault = "" if fault == self._why else fault
        return ": ".join(each for each in (words, fault) if each) if words or broken else ""

    def _ended(self, why: str) -> asyncssh.DisconnectError:
        self._why = why
        return asyncssh.ProtocolError(why)

    def _end(self, why: str, words: str) -> None:
        """Ends the connection: `why` is for the trail, once somebody is named, `words` for the client."""
        if self.who is not None and why:
            self.front.refused(self.who, why)
        self._why = why if self.who is None and self._named else ""
        self._conn.disconnect(asyncssh.DISC_BY_APPLICATION, words)

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
            self._why, self._blind = f"logins cannot be read ({error.message})", True
            with contextlib.suppress(OSError, asyncssh.Error):
                self._conn.send_auth_banner("Nobody can log in just now: the database is away. Try again soon.\r\n")
        return True

    def auth_completed(self) -> None:
        """Somebody is in; the desk he asks for is another matter."""
        by = self._offered
        self.who = Coming(self._door.login, self.address, by.method, by.fingerprint, by.certificate, by.authority)
        self._why = ""
        self.front.metrics.let_in(by.method)
        log.info("let in", extra={name: value for name, value in asdict(self.who).items() if value})
        with contextlib.suppress(OSError):
            first.used(self.front.folder, self.who.login, by.method)
        if not self._stay.comes_in(self.who.login):
            self._end("too many connections", "Too many connections are open; close one.")

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
            self.front.refusals.password(self._door.login, self.address)
        return found

    def forbidden(self, what: str) -> None:
        """Somebody who is in asked for what is not served."""
        assert self.who is not None
        self._refused += 1
        if self._refused < REFUSED:
            self.front.refused(self.who, what)
        elif self._refused == REFUSED:
            self._end(f"{what}, the last of {REFUSED} requests that were refused", "Only the desk is served here.")

    # -- what is asked for ---------------------------------------------------------------------------------------

    def session_requested(self) -> Any:
        """One desk a connection."""
        assert self.who is not None
        if self._visited:
            return self._no("a second session on one connection")
        self._visited = True
        visit = Visit(self.front, self.who)
        channel = Channel(
            self._conn, asyncio.get_running_loop(), True, False, False, 0, 0, None, "strict", 1 << 16, 1 << 15
        )
        channel.refused, channel.begins, channel.over = self.forbidden, self._stay.desk, self._stay.desk_over
        return channel, visit
