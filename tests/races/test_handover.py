"""Two processes of the next shift race for one line: one has it, the other is told who."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from csdesk.models import Callback, CallbackAttempt, HandoverLine
from csdesk.services import callbacks, handover
from tests.races.pair import Racer, race
from tests.services.conftest import Desk, faults

ROUNDS = 6


@pytest.fixture
def two(desk: Desk, database_url: str) -> Iterator[tuple[Racer, Racer]]:
    """A rep and the lead, each in a process of their own."""
    started = (Racer(database_url, "rep7", desk.clock()), Racer(database_url, "lead3", desk.clock()))
    yield started
    for racer in started:
        racer.leave()


def test_a_line_is_accepted_once_and_a_callback_kept_once(desk: Desk, two: tuple[Racer, Racer]) -> None:
    talk = desk.talk(login="boss1")
    made = [talk.store.write_now(callbacks.make, talk.call, "15", f"topic {n}").id for n in range(ROUNDS)]
    pack = talk.store.write_now(handover.pack).id
    owners = {"rep7": 1, "lead3": 2}
    for n in range(ROUNDS):
        results = race(two, *(("accept", pack, [n + 1]) for _ in two))
        assert sorted(done for done, _ in results) == [False, True], results
        loser = next(words for done, words in results if not done)
        winner = next(login for login in owners if f"accepted by {login} already" in loser)
        line = desk.row(HandoverLine, line=n + 1)
        assert line.accepted_by == owners[winner] == desk.row(Callback, id=line.subject_id).owner_id
        race(two, *(("keep", made[n]) for _ in two))
        assert len(desk.rows(CallbackAttempt, callback_id=made[n])) == 1
    assert faults(desk.store) == []
