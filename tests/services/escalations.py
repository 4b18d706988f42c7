"""What tests of escalations share: a query of a customer, shifts, a tick, the ladder as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from csdesk.models import Escalation, Shift, Ticket
from csdesk.services import calls, ticket_moves, ticket_resolving, tickets, ticking
from tests.services.conftest import Desk

ZONE = ZoneInfo("America/New_York")  # of the seeded company; its desk is open 08:00 to 18:00, Monday to Friday


def local(text: str) -> datetime:
    """An instant of 2026 from the company's clock: "20 Nov 17:30"."""
    return datetime.strptime(f"2026 {text}", "%Y %d %b %H:%M").replace(tzinfo=ZONE).astimezone(UTC)


def query(desk: Desk, text: str = "when does the list begin", login: str = "rep7", customer: int | None = None) -> int:
    """A query of a customer, in the hands of a rep; its id. The call meets first response, so resolution runs."""
    talk = desk.talk(customer, login)
    made = talk.store.write_now(tickets.note, talk.call, "q", text).id
    talk.store.write_now(calls.end, talk.call)
    return made


def closed(desk: Desk, text: str = "when", customer: int | None = None) -> int:
    """A query that was resolved and closed by hand; its id."""
    made = query(desk, text, customer=customer)
    desk.rep.write_now(ticket_moves.category, made, "other")
    desk.rep.write_now(ticket_resolving.resolve, made, "", "it begins on Monday")
    desk.rep.write_now(ticket_resolving.resolve, made)
    return made


def shift(desk: Desk, login: str, level: str, starts: str, ends: str, team: str = "North", n: int = 0) -> None:
    """A shift on the company's clock."""
    id_ = 7_000 + len(desk.rows(Shift)) + n
    desk.add(Shift, id=id_, staff_id=desk.seeded.staff[login], team=team, level=level, starts_at=local(starts),
             ends_at=local(ends), ended_at=None)  # fmt: skip


def tick(desk: Desk, at: str = "") -> list[str]:
    """Turns the clock and does what is due; what was said of tickets people opened. Nothing may be refused."""
    if at:
        desk.clock.now = local(at)
    said = list(ticking.run(desk.store))
    assert all(good for _, good in said), said
    own = [row.number for row in desk.rows(Ticket, kind="proactive")]
    return [words for words, _ in said if not any(number in words for number in own)]


def ladder(desk: Desk, ticket: int, rule: str = "") -> list[tuple[str, int, str, str]]:
    """(rule, level, state, login) of the escalations of a ticket, by rule and level."""
    logins = {number: login for login, number in desk.seeded.staff.items()}
    rows = [row for row in desk.rows(Escalation, ticket_id=ticket) if not rule or row.rule == rule]
    rows.sort(key=lambda row: (row.rule, row.epoch, row.level))
    return [(row.rule, row.level, row.state, logins.get(row.to_staff, "")) for row in rows]


def ticket(desk: Desk, number: int) -> Any:
    """A ticket's row."""
    return desk.row(Ticket, id=number)


def one(desk: Desk, ticket_id: int, rule: str, level: int) -> Any:
    """The latest escalation of a rule and level; of clocks that of keeping informed."""
    found: Sequence[Any] = [
        row
        for row in desk.rows(Escalation, ticket_id=ticket_id, rule=rule)
        if row.level == level and (not rule.startswith("clock") or row.epoch == "keep_informed:1")
    ]
    return found[-1]
