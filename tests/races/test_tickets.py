"""Two processes answer one thread at one moment: one goes, the other is told what came; a ticket is taken once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from csdesk.models import Outbox, Ticket, TicketItem
from csdesk.services import ticket_drafts, ticket_moves
from tests.races.pair import Racer, race
from tests.services.conftest import Desk, faults
from tests.services.ticket_acts import query, reachable

ROUNDS = 8


@pytest.fixture
def two(desk: Desk, database_url: str) -> Iterator[tuple[Racer, Racer]]:
    """Two reps in processes of their own, ended with the test."""
    started = (Racer(database_url, "rep7", desk.clock()), Racer(database_url, "lead3", desk.clock()))
    yield started
    for racer in started:
        racer.leave()


def test_one_of_two_answers_goes_and_the_other_draft_stays(desk: Desk, two: tuple[Racer, Racer]) -> None:
    reachable(desk)
    talk = desk.talk()
    for n in range(ROUNDS):
        id = query(talk, f"question {n}")
        looked_at = desk.row(Ticket, id=id).version
        for store, body in ((desk.rep, "On Monday."), (desk.lead, "On Tuesday.")):
            store.write_now(ticket_drafts.keep, id, body, True, looked_at)
        results = race(two, ("answer", id, "On Monday.", looked_at), ("answer", id, "On Tuesday.", looked_at))
        assert sorted(done for done, _ in results) == [False, True], results
        told = next(words for done, words in results if not done)
        assert "since you looked at ticket" in told
        assert "On Tuesday." in told or "On Monday." in told
        assert len(desk.rows(TicketItem, ticket_id=id, kind="outbound")) == 1
        left = desk.rep if results[1][0] else desk.lead
        assert left.read_now(ticket_drafts.mine, id) is not None, "what was not sent is kept"
    assert len(desk.rows(Outbox)) == ROUNDS
    assert faults(desk.store) == []


def test_a_free_ticket_is_taken_once(desk: Desk, two: tuple[Racer, Racer]) -> None:
    talk = desk.talk()
    for n in range(ROUNDS):
        id = query(talk, f"question {n}")
        desk.rep.write_now(ticket_moves.release, id)
        results = race(two, ("take", id), ("take", id))
        assert sorted(done for done, _ in results) == [False, True], results
        assert desk.row(Ticket, id=id).owner_id == (1 if results[0][0] else 2)
    assert faults(desk.store) == []


def test_one_send_that_two_processes_repeat_goes_once(desk: Desk, two: tuple[Racer, Racer]) -> None:
    reachable(desk)
    talk = desk.talk()
    for n in range(ROUNDS):
        id = query(talk, f"question {n}")
        send = ("answer", id, "On Monday.", desk.row(Ticket, id=id).version, None, f"send-{n}")
        results = race(two, send, send)
        assert [done for done, _ in results] == [True, True], results
    assert len(desk.rows(Outbox)) == ROUNDS
