"""`csdesk check` of tickets, replacements and articles: for every check there is a wrong that makes it fail."""

from __future__ import annotations

from decimal import Decimal

import pytest

from csdesk.models import ApprovalRequest, table
from csdesk.services import (
    approving,
    calls,
    canned,
    care,
    knowledge_writing,
    replacing,
    ticket_drafts,
    ticket_money,
    ticket_subjects,
    ticket_waiting,
    tickets,
    ticking,
)
from csdesk.services.canned import CannedDraft
from csdesk.services.knowledge_writing import ArticleDraft
from csdesk.store import Store
from tests.support.clock import Clock
from tests.support.forge import forge
from tests.support.seed import Seeded, acting

T1, T2 = "WHERE number = '26000001'", "WHERE number = '26000002'"
AGAIN = "WHERE price_source LIKE 'replacement%'"


def _event(event: str, data: str, at: str = "at") -> str:
    """One event more of the second ticket, at the instant of its last one or another."""
    last = "ticket_id = (SELECT id FROM ticket WHERE number = '26000002') ORDER BY seq DESC LIMIT 1"
    columns = 'company, ticket_id, seq, event, at, "by", data'
    values = f"company, ticket_id, seq + 1, '{event}', {at}, \"by\", '{data}'"
    return f"INSERT INTO ticket_event ({columns}) SELECT {values} FROM ticket_event WHERE {last}"


# Resolved, made to wait while it is, opened again later: what no move allows.
_SAID = '{"party":"customer","question":"which","wake":"2026-04-01"}'
_WAITS_TWICE = "; ".join((
    _event("resolved", "{}"), _event("waiting", _SAID), _event("reopened", "{}", "(SELECT MAX(at) FROM ticket_event)"),
))  # fmt: skip
NO_CHECKS = "no checks"  # whoever switches constraints off
WRONGS: dict[str, list[tuple[str, str]]] = {
    "ticket.replay": [
        (f"UPDATE ticket SET priority = 1 {T1}", "ticket 26000001: its events say otherwise of priority"),
        (f"UPDATE ticket SET version = 1 {T1}", "ticket 26000001: its events say otherwise of version"),
    ],
    "ticket.over": [(f"UPDATE ticket SET state = 'closed' {T1}", "ticket 26000001 is closed and something of it is")],
    "ticket.waits": [(f"UPDATE ticket SET wake_at = NULL {T2}", "ticket 26000002 waits for nobody or without a date")],
    "ticket.pauses": [(_WAITS_TWICE, "ticket 26000002: pauses of its")],
    "ticket.inside": [
        (f"{NO_CHECKS}; UPDATE ticket_item SET recipients = 'a@b.example'", "an internal item has recipients outside")
    ],
    "ticket.claims": [("UPDATE ticket_line SET upheld = claimed + 1", "26000001 line 1: more became of it")],
    "ticket.asked": [
        ("UPDATE ticket_line SET request_id = NULL", "request 26000001 of ticket 26000001 is named by no line of it"),
        ("UPDATE ticket_line SET replacement_request_id = NULL", "of ticket 26000003 is named by no line of it"),
        (f"UPDATE dispute SET ticket_line = 9, ticket_id = (SELECT id FROM ticket {T1})", "is known to no line of its"),
    ],
    "ticket.owner": [(f"UPDATE ticket SET owner_id = 999 {T1}", "ticket 26000001: nobody here is its owner")],
    "ticket.merged": [(f"UPDATE ticket SET merged_into = id {T1}", "ticket 26000001 is not merged as it says")],
    "ticket.drafts": [("UPDATE ticket_reply SET base_version = 99", "26000001: a draft of a version to come")],
    "replacement.order": [
        (f"UPDATE order_line SET quantity = 9000 {AGAIN}", "is not what request"),
        (f"UPDATE order_line SET price_source = 'base' {AGAIN}", "is posted, its order is not there"),
    ],
    "replacement.claims": [("UPDATE credit_claim SET state = 'void'", "what it took void")],
    "claim.parts": [("UPDATE ticket_line SET quantity = 1", "more is credited and replaced than it is about")],
    "knowledge.revisions": [("UPDATE article SET title = 'Other'", "article cans: its texts or versions are not")],
    "knowledge.index": [("UPDATE article_search SET title = ' other '", "article cans: what it is found by is not")],
    "knowledge.replies": [("UPDATE canned_reply SET body = 'Dear {nobody}'", "nobody")],
}


@pytest.fixture
def desk(store: Store, seeded: Seeded, clock: Clock) -> Store:
    """The small desk with complaints (credit asked, replaced), a query that waits, an article, a canned text."""
    rep, lead = acting(store, "rep7"), acting(store, "lead3")
    call = rep.write_now(calls.begin, "")
    rep.write_now(calls.identify, call.id, seeded.customer)
    seen = rep.read_now(ticket_subjects.delivery, seeded.customer, 1)
    made = rep.write_now(tickets.complain, call.id, seen, 1, "d", Decimal(2), "crushed")
    rep.write_now(ticket_money.credit, made.id, 0, call.id)
    rep.write_now(ticket_drafts.keep, made.id, "we are looking into it", True, 4)
    other = rep.write_now(tickets.note, call.id, "q", "when does the list begin")
    rep.write_now(ticket_waiting.wait, other.id, "c", "+3", "", "which list?")
    again = rep.write_now(tickets.complain, call.id, seen, 2, "d", Decimal(1), "broken")
    rep.write_now(replacing.ask, again.id, 0, call.id)
    for row in _requests(store):
        if row.kind == "replacement":
            lead.write_now(approving.approve, row.id, None)
    clock.pass_by(minutes=5)
    assert all(good for _, good in ticking.run(store))
    lead.write_now(knowledge_writing.write, ArticleDraft("cans", "Leaking cans", "Ask for the lot number."))
    lead.write_now(knowledge_writing.publish, "cans")
    lead.write_now(canned.load, [CannedDraft("cd", "Credit", "Dear {customer}")])
    return store


def _requests(store: Store):  # type: ignore[no-untyped-def]
    with store.engine.connect() as connection:
        return connection.execute(table(ApprovalRequest).select()).all()


def failing(store: Store) -> dict[str, tuple[str, ...]]:
    return {each.name: each.offenders for each in store.read_now(care.check) if each.offenders}


def test_nothing_is_wrong_before(desk: Store) -> None:
    assert failing(desk) == {}


@pytest.mark.parametrize(
    ("name", "statement", "words"), [(name, *wrong) for name, wrongs in WRONGS.items() for wrong in wrongs]
)
def test_a_wrong_is_found_and_named(desk: Store, name: str, statement: str, words: str) -> None:
    off = (
        "ALTER TABLE ticket_item DROP CONSTRAINT ck_ticket_item_internal"
        if desk.postgres
        else "PRAGMA ignore_check_constraints = ON"
    )
    forge(desk, *(off if each == NO_CHECKS else each for each in statement.split("; ")))
    found = failing(desk)
    assert any(words in each for each in found.get(name, ())), found
