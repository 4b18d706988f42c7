"""The terminal before and after the app: raw early so that nothing typed is echoed or lost, given back as it was."""

from __future__ import annotations

import atexit
import os
import sys
from typing import Any

_kept: list[Any] | None = None
_fd = 0


def is_terminal() -> bool:
    """Whether both ends are a terminal that can place a cursor."""
    if os.environ.get("TERM") == "dumb":
        return False
    try:
        return os.isatty(sys.__stdin__.fileno()) and os.isatty(sys.__stdout__.fileno())  # type: ignore[union-attr]
    except (AttributeError, OSError, ValueError):
        return False


def take() -> None:
    """Keys arrive as they are typed from now on, unechoed. What was typed before stays in the line and is read later.

    Exported COLUMNS and LINES are dropped: they would freeze the size of the window.
    """
    global _kept, _fd
    os.environ.pop("COLUMNS", None)
    os.environ.pop("LINES", None)
    os.environ.setdefault("TEXTUAL_FPS", "120")  # pictures wait for the next tick: 4 ms on average instead of 8
    _fd = sys.__stdin__.fileno()  # type: ignore[union-attr]
    _kept = as_typed(_fd)
    if _kept is not None:
        atexit.register(give_back)


def as_typed(fd: int) -> list[Any] | None:
    """Keys of a terminal arrive as they are typed, unechoed. Gives its settings before that; None when it is none."""
    import termios

    try:
        attributes = termios.tcgetattr(fd)
        before = [*attributes[:6], list(attributes[6])]
        attributes[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
        attributes[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        attributes[6][termios.VMIN] = 1
        termios.tcsetattr(fd, termios.TCSANOW, attributes)
    except termios.error:
        return None
    return before


def kept() -> list[Any] | None:
    """The settings the terminal had before `take`, or None."""
    return _kept


def give_back() -> None:
    """Gives the terminal back as `take` found it."""
    import contextlib
    import termios

    if _kept is not None:
        with contextlib.suppress(termios.error, OSError):
            termios.tcsetattr(_fd, termios.TCSANOW, _kept)
