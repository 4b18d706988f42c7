"""Two processes decide about one request at once: exactly one of them wins, the other is told why."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from csdesk.models import ApprovalMark, ApprovalRequest
from csdesk.services import audit
from csdesk.services.tx import utc_now
from csdesk.store import Store
from tests.races.test_orders import begin, start
from tests.services.conftest import Desk
from tests.services.papers import ask, bill, worth
from tests.services.talk import Talk
from tests.support.clock import Clock
from tests.support.seed import Seeded, acting

ROUNDS = 4
RIVALS = ("approve", "edit", "withdraw")


@pytest.fixture
def books(store: Store, seeded: Seeded, clock: Clock) -> Desk:
    """The small desk at the present time: the processes have their own clocks."""
    clock.now = utc_now() - timedelta(seconds=5)
    return Desk(store, acting(store, "rep7"), acting(store, "lead3"), seeded, clock)


def _race(url: str, *shares: list[str]) -> list[list[str]]:
    """What each of the processes was told; all begin at once."""
    running = [start(url, share, 0, "decide") for share in shares]
    begin(running)
    told = []
    for process in running:
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()
        told.append([str(each) for each in json.loads(out)])
    return told


Told = Callable[[str], bool]
LOSES: dict[str, Told] = {
    "approve": lambda words: "only one in approval can be approved" in words,
    "edit": lambda words: "was changed since you looked at it" in words or "is approved already" in words,
    "withdraw": lambda words: "is withdrawn" in words or "is approved already" in words,
}


def test_one_request_is_decided_once(books: Desk, database_url: str) -> None:
    """Another supervisor, an edit and the maker's withdrawal against an approval, some rounds of each."""
    talk = Talk.with_(books.rep, books.seeded.customer)
    letters = iter("dwlpsnq" * 9)
    rivals = [rival for rival in RIVALS for _ in range(ROUNDS)]
    paper = bill(books, *[("2208", 100, 10_000_000, 0)] * len(rivals))
    ids = [ask(talk, worth(line, 30_000), letter=next(letters), invoice=paper).id for line, _ in enumerate(rivals, 1)]
    makers = {"approve": "boss2", "edit": "rep7", "withdraw": "rep7"}
    second_supervisor(books)
    ours, theirs = _race(
        database_url,
        [f"boss1/approve/{each}" for each in ids],
        [f"{makers[rival]}/{rival}/{each}" for rival, each in zip(rivals, ids, strict=True)],
    )
    for rival, request, mine, other in zip(rivals, ids, ours, theirs, strict=True):
        assert (mine == "") != (other == ""), (rival, mine, other)
        assert LOSES[rival](mine + other), (rival, mine, other)
        row = books.row(ApprovalRequest, id=request)
        signed = [mark.decision for mark in books.rows(ApprovalMark, request_id=request)]
        won = "approve" if mine == "" else rival
        assert signed == [won]
        assert (row.state, row.version) == {
            "approve": ("approved", 1), "edit": ("in_approval", 2), "withdraw": ("withdrawn", 1)
        }[won]  # fmt: skip
    assert books.store.read_now(audit.verify)[1] == ()


def second_supervisor(books: Desk) -> None:
    from csdesk.models import Person, Staff, StaffRole

    books.put(Person, {"id": 78, "name": "Second"})
    books.put(Staff, {"id": 78, "person_id": 78, "login": "boss2", "name": "Second"})
    books.put(StaffRole, {"staff_id": 78, "role": "supervisor"})
