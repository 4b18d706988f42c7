"""Processes that claim tickets at once: `python -m tests.races.claimer URL NOW LOGIN…`, one for each login named.

All are forked from here, with the modules read; each has its own connections and begins when all are
there. Says as JSON what each took: ticket, when it asked and when it had it. `naive URL COUNT` instead of the clock and
the logins is the negative control: the library's default engine, look first, then take.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

Took = list[tuple[int, int, int]]


def claim(url: str, now: str, login: str) -> Took:
    """Takes what is next until nothing is left."""
    from csdesk.errors import NotFound
    from csdesk.services import staff, ticket_next
    from csdesk.store import Store

    store = Store(url, clock=lambda: datetime.fromisoformat(now))
    store = store.acting(store.read_now(staff.sign_in, login))
    found: Took = []
    while True:
        asked = time.monotonic_ns()
        try:
            taken = store.write_now(ticket_next.next_)
        except NotFound:
            return found
        assert taken.id is not None
        found.append((taken.id, asked, time.monotonic_ns()))


def naive(url: str) -> Took:
    """Takes the first free one, as read a moment ago."""
    engine = create_engine(url)
    found: Took = []
    while True:
        try:
            with engine.begin() as connection:
                asked = time.monotonic_ns()
                free = connection.execute(text("SELECT min(id) FROM free WHERE owner IS NULL")).scalar()
                if free is None:
                    return found
                time.sleep(0)
                connection.execute(text("UPDATE free SET owner = :o WHERE id = :i"), {"o": os.getpid(), "i": free})
            found.append((free, asked, time.monotonic_ns()))
        except OperationalError:  # the database is locked: the next round tries again
            continue


def together(works: list[Callable[[], Took]]) -> list[Took]:
    """Each work in a process of its own, all begun at once."""
    gate, go = os.pipe()
    ends = []
    for work in works:
        out, into = os.pipe()
        if os.fork() == 0:
            os.close(go)
            os.read(gate, 1)  # nothing comes: it ends when everybody is there
            with os.fdopen(into, "w") as told:
                json.dump(work(), told)
            os._exit(0)
        os.close(into)
        ends.append(out)
    os.close(go)
    found = []
    for out in ends:
        with os.fdopen(out) as told:
            found.append(json.load(told))
    return found


if __name__ == "__main__":
    if sys.argv[1] == "naive":
        _, _, url, count = sys.argv
        works: list[Callable[[], Took]] = [lambda: naive(url)] * int(count)
    else:
        import csdesk.services.ticket_next  # noqa: F401  read once, before the processes part

        _, url, now, *logins = sys.argv
        works = [lambda login=login: claim(url, now, login) for login in logins]  # type: ignore[misc]
    print(json.dumps(together(works)))
