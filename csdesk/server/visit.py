"""One channel of somebody who is logged in: only a terminal that wants the desk is served, all else is refused."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import asyncssh

from csdesk.errors import DeskError
from csdesk.rules.text import printable
from csdesk.server.outlet import Outlet, read_to_end
from csdesk.server.served import RESET, Served
from csdesk.services.sessions import Coming

if TYPE_CHECKING:
    from csdesk.server.front import Front

TERM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,39}")
BIGGEST = 2000  # columns or lines a client may claim; more is no window
ASK_SECONDS = 60.0
MOST_EARLY = 4096  # bytes of keys that wait for a desk that is not there yet before the client must pause
HARMLESS = re.compile(rb"LANG|LC_[A-Z]+|COLORTERM|TERM")
log = logging.getLogger("csdesk.server")


class Channel(asyncssh.SSHServerChannel[bytes]):
    """A session's channel that refuses what a desk has no use for, and tells of it."""

    refused: Callable[[str], None]
    begins: Callable[[], None]  # a desk was asked for
    over: Callable[[], None]

    def exit(self, status: int) -> None:
        """The visit is over, in whatever way; the client is told how."""
        self.over()
        super().exit(status)

    def _process_exec_request(self, packet: Any) -> bool:
        return self._is_text(packet, "command") and super()._process_exec_request(packet)

    def _process_subsystem_request(self, packet: Any) -> bool:
        return self._is_text(packet, "subsystem") and super()._process_subsystem_request(packet)

    def _is_text(self, packet: Any, what: str) -> bool:
        """Whether what is asked for can be read; the library refuses it in silence otherwise."""
        try:
            packet.get_remaining_payload()[4:].decode("utf-8")
        except UnicodeDecodeError:
            self.refused(f"{what} that is no text")
            return False
        return True

    def _process_env_request(self, packet: Any) -> bool:
        name = packet.get_string()
        packet.get_string()
        packet.check_end()
        if not HARMLESS.fullmatch(name):
            self.refused(f"environment {printable(name[:40].decode('ascii', 'replace'))}")
        return False

    def _process_x11_req_request(self, packet: Any) -> bool:
        self.refused("X11 forwarding")
        return False

    def _process_auth_agent_req_at_openssh_dot_com_request(self, packet: Any) -> bool:
        self.refused("agent forwarding")
        return False


class Visit(asyncssh.SSHServerSession[bytes]):
    """A session channel of one login."""

    channel: Channel
    outlet: Outlet

    def __init__(self, front: Front, who: Coming) -> None:
        self.front, self.who = front, who
        self.term, self.size = "", (80, 24)
        self._served: Served | None = None
        self._asked: asyncio.Future[bool] | None = None
        self._early = bytearray()
        self._left = False  # the client is gone, or sends no more keys

    def connection_made(self, chan: Any) -> None:
        """The channel is open."""
        self.channel, self.outlet = chan, Outlet(chan.get_connection())
        read_to_end(chan.get_connection())

    def refused(self, what: str) -> None:
        """Somebody asked for what is not served."""
        self.channel.refused(what)

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: Any) -> bool:
        """A terminal, unless its name or size is none."""
        if not TERM.fullmatch(term_type):
            self.refused(f"terminal name '{printable(term_type[:40])}'")
            return False
        if max(term_size[:2]) > BIGGEST:
            self.refused(f"window of {term_size[0]} x {term_size[1]}")
            return False
        self.term, self.size = term_type, (term_size[0] or 80, term_size[1] or 24)
        return True

    def shell_requested(self) -> bool:
        """The desk, which is all there is; without a terminal a sentence says what to do."""
        if not self.term:
            self.refused("a shell without a terminal")
        return True

    def exec_requested(self, command: str) -> bool:
        """No command is run."""
        self.refused(f"command '{printable(command[:60])}'")
        return False

    def subsystem_requested(self, subsystem: str) -> bool:
        """No subsystem, SFTP among them, is served."""
        self.refused(f"subsystem '{printable(subsystem[:40])}'")
        return False

    def session_started(self) -> None:
        """The channel is ready to be written to."""
        if not self.term:
            self._say("The desk needs a terminal: ssh -t LOGIN@HOST, without a command.", 1)
            return
        self.channel.begins()
        self.front.visits.add(self)
        self.front.begin(self._visit())

    async def _visit(self) -> None:
        words, code = "", 0
        try:
            words = await self.front.admit(self)
        except DeskError as error:
            words, code = error.message, 1
            if self._served is None:
                self.refused(error.message)
        except Exception:
            log.exception("a session failed")
            words, code = "The desk could not be opened just now; log in again.", 1
        if self._served is not None and (words or self._served.cut_off):
            with contextlib.suppress(OSError):
                self.channel.write(RESET)
        code = 1 if self._served is not None and self._served.fell else code
        self._say(words, code)

    def _say(self, words: str, code: int) -> None:
        with contextlib.suppress(OSError):
            if words:
                self.channel.write(printable(words).encode() + b"\r\n")
        with contextlib.suppress(OSError):
            self.channel.exit(code)

    async def ask(self, *lines: str) -> bool:
        """Shows a question; True for Enter or y, False for anything else, and when nobody answers."""
        if self._left:
            return False
        self._asked = asyncio.get_running_loop().create_future()
        self.channel.resume_reading()
        self.channel.write("\r\n".join(map(printable, lines)).encode() + b" ")
        try:
            return await asyncio.wait_for(self._asked, ASK_SECONDS)
        except TimeoutError:
            return False
        finally:
            self._asked = None
            with contextlib.suppress(OSError):
                self.channel.write(b"\r\n")

    def begun(self, served: Served) -> None:
        """The desk runs: keys go there, also those typed ahead."""
        self._served = served
        served.relay.resize(*self.size)
        if self._early:
            served.relay.keys(bytes(self._early))
            self._early.clear()
        self.outlet.follow(served.relay)
        self.channel.resume_reading()
        if self._left or self.channel.is_closing():
            served.hung_up()

    def data_received(self, data: bytes, datatype: Any) -> None:
        """Keys."""
        if self._served is not None:
            self._served.relay.keys(data)
        elif self._asked is not None and not self._asked.done():
            self._asked.set_result(data[:1] in (b"\r", b"\n", b"y", b"Y"))
            self._early += data[1:]
        else:
            self._early += data
            if len(self._early) >= MOST_EARLY:
                self.channel.pause_reading()

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """The window has another size."""
        if width and height:
            self.size = (width, height)
            if self._served is not None:
                self._served.relay.resize(width, height)

    def eof_received(self) -> bool:
        """The client sends no more keys: as good as gone, but it may read why."""
        self._gone()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is down, in whatever way. Keys the library still holds, since we had it pause, came before that."""
        for data, datatype in self.channel._recv_buf:
            self.data_received(data, datatype)
        self.channel._recv_buf.clear()
        self.front.visits.discard(self)
        self._gone()

    def _gone(self) -> None:
        self._left = True
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(False)
        if self._served is not None:
            self._served.hung_up()

    def pause_writing(self) -> None:
        """The client takes no more for now."""
        self.outlet.fills("window")

    def resume_writing(self) -> None:
        """The client takes more again."""
        self.outlet.empties("window")

    @property
    def left(self) -> bool:
        """Whether the client is gone, or sends no more keys, and nothing was typed that a desk should still get."""
        return self._left and not self._early
