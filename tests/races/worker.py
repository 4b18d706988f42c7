"""A process that submits prepared drafts: `python -m tests.races.worker URL LOGIN MODE SEED ID…`.

Modes: "desk" places through the store, every fifth submit twice; "naive" is the negative control: the default engine
of the library, check then write.
"""

from __future__ import annotations

import random
import sys

from sqlalchemy import create_engine, text

from csdesk.services import orders, staff
from csdesk.store import Store


def desk(url: str, login: str, seed: int, ids: list[int]) -> None:
    store = Store(url)
    store = store.acting(store.read_now(staff.sign_in, login))
    twice = random.Random(seed)
    for draft in ids:
        for _ in range(2 if twice.random() < 0.2 else 1):
            store.write_now(orders.place, draft, request_id=f"place-{draft}")
    store.close()


def naive(url: str, rounds: int) -> None:
    """Reserves one piece per round when one is free - as read a moment ago."""
    engine = create_engine(url)
    for _ in range(rounds):
        with engine.begin() as connection:
            free = connection.execute(text("SELECT on_hand - reserved FROM pool")).scalar()
            if free and free > 0:
                connection.execute(text("INSERT INTO taken (one) VALUES (1)"))
                connection.execute(text("UPDATE pool SET reserved = reserved + 1"))


if __name__ == "__main__":
    url, login, mode, seed, *rest = sys.argv[1:]
    if mode == "naive":
        naive(url, int(rest[0]))
    else:
        desk(url, login, int(seed), [int(each) for each in rest])
