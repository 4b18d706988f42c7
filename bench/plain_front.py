"""The peer of bench/server.py: the same SSH library, but each login starts the whole program, as sshd would."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import asyncssh

sys.path.insert(0, str(Path(__file__).parents[1]))

from csdesk.server.relay import Relay, resize


class Line(asyncssh.SSHServer):
    """Takes any key that signs: as much work on the wire as the served way, and none in the database."""

    def public_key_auth_supported(self) -> bool:
        """Keys."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Anybody's; the plain way has it easier."""
        return True

    def connection_made(self, conn: Any) -> None:
        """Keeps the login's name."""
        self._conn = conn

    def session_requested(self) -> Visit:
        """A program of its own."""
        return Visit(self._conn.get_extra_info("username"))


class Visit(asyncssh.SSHServerSession[bytes]):
    """Starts `csdesk run` on a new pseudo-terminal."""

    def __init__(self, login: str) -> None:
        self.login, self.size = login, (80, 24)

    def connection_made(self, chan: Any) -> None:
        """The channel is open."""
        self.channel = chan

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Any) -> bool:
        """A terminal."""
        self.term, self.size = term_type, term_size[:2]
        return True

    def shell_requested(self) -> bool:
        """The desk."""
        return True

    def session_started(self) -> None:
        """Begins."""
        master, slave = pty.openpty()
        resize(slave, *self.size)
        env = {**os.environ, "TERM": self.term}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "csdesk", "run", "--user", self.login],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=env,
        )  # fmt: skip
        os.close(slave)
        self.relay = Relay(master, self.channel, lambda seconds: None)

    def data_received(self, data: bytes, datatype: Any) -> None:
        """Keys."""
        self.relay.keys(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is down."""
        self.relay.close()
        self.process.terminate()
        asyncio.get_running_loop().run_in_executor(None, self.process.wait)  # buried, not a zombie among the desks


async def main() -> None:
    """Serves until killed."""
    with tempfile.TemporaryDirectory() as folder:
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(f"{folder}/host")
        listener = await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Line, server_host_keys=[f"{folder}/host"], encoding=None, line_editor=False
        )
        print(f"at port {listener.get_port()}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
