"""A line between the processes of a server: a Unix socket of messages, one JSON object each."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Callable
from typing import Any

MESSAGE_MOST = 8192  # bytes


def listen(
    line: socket.socket, heard: Callable[[dict[str, Any]], None], lost: Callable[[], None] | None = None
) -> None:
    """Has every message that comes told to `heard` by the running loop. At the end of the line the loop lets go of it
    and `lost` is called; what is no JSON object is passed over."""
    line.setblocking(False)
    loop = asyncio.get_running_loop()

    def hear() -> None:
        try:
            data = line.recv(MESSAGE_MOST)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            loop.remove_reader(line)
            if lost is not None:
                lost()
            return
        with contextlib.suppress(ValueError):
            told = json.loads(data)
            if isinstance(told, dict):
                heard(told)

    loop.add_reader(line, hear)


def tell(line: socket.socket, words: dict[str, Any]) -> bool:
    """Sends one message; False when nobody hears it any more."""
    try:
        line.send(json.dumps(words).encode())
    except OSError:
        return False
    return True
