"""The negative control of the races, the library's default engine, check then write: `… -m tests.races.naive URL N`.

Says "ready" and begins when it reads a line, as `worker.py` does.
"""

from __future__ import annotations

import sys

from sqlalchemy import create_engine, text


def naive(url: str, rounds: int) -> None:
    """Reserves one piece per round when one is free - as read a moment ago."""
    engine = create_engine(url)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for _ in range(rounds):
        with engine.begin() as connection:
            free = connection.execute(text("SELECT on_hand - reserved FROM pool")).scalar()
            if free and free > 0:
                connection.execute(text("INSERT INTO taken (one) VALUES (1)"))
                connection.execute(text("UPDATE pool SET reserved = reserved + 1"))


if __name__ == "__main__":
    naive(sys.argv[1], int(sys.argv[2]))
