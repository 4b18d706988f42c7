"""Eight processes claim what is next from one queue: each ticket goes to exactly one, in the order of the ranks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import create_engine, text

from csdesk.models import Ticket, TicketEvent
from csdesk.services import queue
from csdesk.services.tx import SYSTEM, Tx
from tests.services.conftest import Desk
from tests.services.waiting import opened

LONG = bool(os.environ.get("CSDESK_LONG"))
TICKETS = 2_000 if LONG else 200
LOGINS = ("rep7", "lead3", "boss1", "rep7", "lead3", "boss1", "rep7", "lead3")
ROOT = Path(__file__).parents[2]


def claims(*words: str) -> list[list[tuple[int, int, int]]]:
    """What each process took."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.races.claimer", *words], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=580,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found: list[list[tuple[int, int, int]]] = json.loads(run.stdout)
    return found


def fill(desk: Desk) -> None:
    """Tickets nobody has, of many ranks."""
    pick, now = Random(3), desk.clock()
    with desk.store.engine.execution_options(desk_write=True).begin() as connection:
        for n in range(TICKETS):
            tx = Tx(connection, 1, SYSTEM, now - timedelta(minutes=pick.randrange(2_000)))
            opened(tx, f"number {n}", priority=pick.choice([1, 2, 3, 4]), safety=pick.random() < 0.1,
                   tier=pick.choice(["", "1", "2"]))  # fmt: skip


def test_each_ticket_goes_to_exactly_one_in_the_order_of_ranks(desk: Desk, database_url: str) -> None:
    fill(desk)
    page, ids = desk.lead.read_now(queue.listed), []
    while True:
        ids += [each.subject_id for each in page.entries]
        if page.after is None:
            break
        page = desk.lead.read_now(queue.listed, "mine", page.after, page.now)
    rank = {ticket: place for place, ticket in enumerate(ids)}
    taken = claims(database_url, desk.clock().isoformat(), *LOGINS)
    every = [each for one in taken for each in one]
    assert sorted(each[0] for each in every) == sorted(rank)  # each one, and no one twice
    assert sum(1 for one in taken if one) > 1
    for one in taken:  # each process is given ever later ones
        places = [rank[ticket] for ticket, _, _ in one]
        assert places == sorted(places)
    # Whatever was taken before another one asked stood before what that one was given.
    every.sort(key=lambda each: each[2])
    highest, waiting = -1, sorted(every, key=lambda each: each[1])
    done = 0
    for ticket, asked, _ in waiting:
        while done < len(every) and every[done][2] < asked:
            highest = max(highest, rank[every[done][0]])
            done += 1
        assert rank[ticket] > highest
    rows = desk.rows(Ticket)
    staff = desk.seeded.staff
    mine = {login: sum(len(one) for one, name in zip(taken, LOGINS, strict=True) if name == login) for login in LOGINS}
    for login, many in mine.items():
        assert sum(1 for row in rows if row.owner_id == staff[login]) == many
    assert sum(1 for each in desk.rows(TicketEvent) if each.event == "claimed") == TICKETS


def test_looking_first_and_taking_then_gives_tickets_twice(database_url: str) -> None:
    """The negative control: the same race on a naive engine must fail, or the proof above proves nothing."""
    engine = create_engine(database_url)
    for _ in range(20):
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE IF EXISTS free"))
            connection.execute(text("CREATE TABLE free (id INTEGER PRIMARY KEY, owner INTEGER)"))
            connection.execute(text("INSERT INTO free (id) VALUES (:id)"), [{"id": n} for n in range(200)])
        taken = [ticket for one in claims("naive", database_url, "4") for ticket, _, _ in one]
        if len(taken) > len(set(taken)):
            break
    engine.dispose()
    assert len(taken) > len(set(taken))
