"""Time-ordered 63-bit row ids made by the client, so that a retry carries the same id and no sequence is shared.

Layout: 41 bits of milliseconds since 2020, 12 bits drawn anew in each process, 10 bits counted within the
millisecond. Two processes collide only with the same draw in the same millisecond; the primary key then refuses.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_EPOCH_MS = 1_577_836_800_000
_lock = threading.Lock()
_salt = secrets.randbits(12)
_last = 0
_given: Iterator[int] | None = None


def _after_fork() -> None:
    global _salt, _lock
    _salt, _lock = secrets.randbits(12), threading.Lock()


os.register_at_fork(after_in_child=_after_fork)


def new_id() -> int:
    """A new id, larger than every id this process made before."""
    global _last
    with _lock:
        if _given is not None:
            return next(_given)
        stamp = (time.time_ns() // 1_000_000 - _EPOCH_MS) << 10
        _last = max(stamp, _last + 1)
        return ((_last >> 10) << 22) | (_salt << 10) | (_last & 1023)


@contextmanager
def given(numbers: Iterator[int]) -> Iterator[None]:
    """Within, new ids come from `numbers`: for a build that must come out the same each time, alone in its process."""
    global _given
    _given = numbers
    try:
        yield
    finally:
        _given = None
