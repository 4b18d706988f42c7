"""Escalations that nobody could be told of yet, that were withdrawn and are called for again, and who may end one."""

from __future__ import annotations

import pytest

from csdesk.services import ticket_waiting
from tests.services.conftest import Desk
from tests.services.escalations import ladder, local, query, shift, tick, ticket


@pytest.fixture
def away(desk: Desk) -> Desk:
    """Friday 6 March 17:50: nobody who can be told is on shift before Monday 09:00."""
    shift(desk, "boss1", "supervisor", "9 Mar 09:00", "9 Mar 18:00")
    desk.clock.now = local("6 Mar 17:50")
    return desk


def test_what_waits_for_the_next_shift_is_not_put_off_by_what_happens_to_the_ticket(away: Desk) -> None:
    made = query(away, "found glass in the jar")
    assert tick(away) == ["Ticket 26000001: nobody is on shift to escalate to (safety)."]
    assert ticket(away, made).next_at == local("9 Mar 09:00")
    away.clock.now = local("6 Mar 17:57")
    away.rep.write_now(ticket_waiting.wait, made, "c", "+7", "", "which lot?")
    assert ticket(away, made).next_at == local("9 Mar 09:00")
    assert tick(away, "9 Mar 09:00") == [
        "Ticket 26000001: escalated to Bo Sand (supervisor): safety, since Fri 06 Mar 17:50."
    ]
    assert ladder(away, made, "safety") == [("safety", 2, "raised", "boss1")]
    assert tick(away) == []
