"""A worker that dies of kill -9 while it delivers: `python -m tests.documents.killed URL PORT WHEN`.

WHEN: "before-note" the journal is written (the server has the mail, nobody knows), or "before-mark" the row is.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta
from typing import Any, NoReturn

from csdesk.config import Settings
from csdesk.delivery import deliver as delivering
from csdesk.services import outbox
from csdesk.store import Store
from tests.support.clock import NOW


def die(*_: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("killed")


class Dying(Store):
    """A store that dies instead of marking."""

    def write_now(self, verb: Any, *args: Any, **more: Any) -> Any:
        return die() if verb is outbox.sent else super().write_now(verb, *args, **more)


if __name__ == "__main__":
    url, port, when = sys.argv[1:]
    if when == "before-note":
        delivering.Journal.note = die  # type: ignore[method-assign]
    store = (Dying if when == "before-mark" else Store)(url, clock=lambda: NOW + timedelta(minutes=2))
    delivering.deliver(store, Settings(smtp_host="127.0.0.1", smtp_port=int(port), smtp_starttls=False))
