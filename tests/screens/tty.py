"""A terminal for tests: a program on a pseudo-terminal and the screen it paints. Waits for what is expected."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType

import pyte

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0


class Terminal:
    """Runs `arguments` with this Python, or with another program; `typed` is in the line before it has even started."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        width: int = 80,
        height: int = 24,
        typed: bytes = b"",
        environ: Mapping[str, str] | None = None,
        program: str = sys.executable,
    ) -> None:
        self.screen = pyte.Screen(width, height)
        self.raw = b""
        self._stream = pyte.ByteStream(self.screen)
        self.master, slave = os.openpty()
        self._size(width, height)
        self.before = termios.tcgetattr(slave)
        if typed:
            os.write(self.master, typed)
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environ or {})}
        self.process = subprocess.Popen(
            [program, *arguments],
            stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, env=environment, start_new_session=True,
            preexec_fn=_take_terminal,
        )  # fmt: skip
        self._slave = slave

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for fd in (self.master, self._slave):
            with contextlib.suppress(OSError):
                os.close(fd)

    @property
    def lines(self) -> list[str]:
        """The screen as text."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def type(self, keys: str | bytes) -> None:
        """Sends keys in one burst."""
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def until(self, seen: Callable[[], object] | str, patience: float = PATIENCE) -> None:
        """Reads until `seen` (a text on the screen, or a condition) is there. Fails with the screen if never."""
        check = (lambda: seen in self.text) if isinstance(seen, str) else seen
        end = monotonic() + patience
        while not check():
            if monotonic() > end or not self.read(end - monotonic()):
                raise AssertionError(f"never seen: {seen}\n{self.text}\n{self.raw[-400:]!r}")

    def read(self, patience: float) -> bool:
        """Reads one piece of output; False when none came in time or the program has ended."""
        ready, _, _ = select.select([self.master], [], [], max(0.0, patience))
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.raw += data
        self._stream.feed(data.replace(b"\x1b[?2026$p", b"").replace(b"\x1b[?2048$p", b""))
        return bool(data)

    def resize(self, width: int, height: int) -> None:
        """Another window size."""
        self._size(width, height)
        self.screen.resize(height, width)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def hang_up(self) -> None:
        """The terminal goes away without a signal."""
        os.close(self._slave)
        os.close(self.master)

    def end(self, patience: float = PATIENCE) -> int:
        """Reads until the program has ended; its exit code."""
        os.close(self._slave)
        end = monotonic() + patience
        while self.read(end - monotonic()):
            pass
        return self.process.wait(max(1.0, end - monotonic()))

    def _size(self, width: int, height: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
