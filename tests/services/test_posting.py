"""Posting what was approved: after its hold, once, with everything that belongs to it - or back to its maker."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from csdesk.errors import Refused
from csdesk.models import (
    ApprovalMark,
    ApprovalRequest,
    ApprovalTier,
    AuditEntry,
    Company,
    DocumentLine,
    NumberSeries,
    OpenItem,
    Outbox,
    Period,
)
from csdesk.rules.payloads import payload_hash
from csdesk.services import approving, changing, ledger, posting, ticking
from csdesk.services.asking import Change
from csdesk.services.credits import Requested
from tests.services.conftest import Desk, faults
from tests.services.papers import (
    approve,
    ask,
    at_once,
    bill,
    decide,
    held,
    left,
    note_elsewhere,
    notes,
    pieces,
    post_all,
    state,
    worth,
)
from tests.services.talk import Talk
from tests.support.clock import NOW

TODAY = date(2026, 3, 3)


def test_what_is_approved_waits_for_its_hold(desk: Desk, talk: Talk) -> None:
    desk.change(Company, {"id": 1}, hold_seconds=90)
    made = ask(talk, pieces(1, 2))
    desk.clock.pass_by(minutes=3)
    assert decide(desk.lead, made).words == "Request 26000001 approved, 39.74 USD."
    row = desk.row(ApprovalRequest, id=made.id)
    assert (row.state, row.decided_at, row.decided_by) == ("approved", desk.clock(), 2)
    assert row.post_after == desk.clock() + timedelta(seconds=90)
    desk.clock.pass_by(seconds=89)
    assert desk.store.read_now(posting.due) == ()
    with pytest.raises(Refused, match="Request 26000001 is on hold still"):
        desk.store.write_now(posting.post, made.id)
    assert (notes(desk), desk.account().open_credit, held(desk, made)) == ([], 0, {"pending"})
    desk.clock.pass_by(seconds=1)
    assert desk.store.read_now(posting.due) == (made.id,)


def test_posting_makes_the_note_with_everything_that_belongs_to_it(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2), worth(4, 500))
    approve(desk, made)
    desk.clock.pass_by(minutes=5)
    assert post_all(desk) == ["Credit note 26000001 posted: 44.74 USD on invoice 26000001."]
    (note,) = notes(desk)
    assert (note.number, note.corrects_id, note.order_id, note.customer_id) == ("26000001", 9201, 9001, 1)
    assert (note.net, note.tax, note.gross, note.currency) == (4180, 294, 4474, "USD")
    assert (note.issued_on, note.due_on, note.issued_at) == (TODAY, TODAY, desk.clock())
    assert (note.reason, note.tax_method, note.rounding) == ("damaged", "line", "half_up")
    lines = desk.rows(DocumentLine, document_id=note.id)
    assert [(row.line, row.product_id, row.quantity, row.net, row.tax, row.tax_rate) for row in lines] == [
        (1, desk.seeded.products["4711"], Decimal(2), 3680, 294, Decimal(8)),
        (2, desk.seeded.products["2208"], Decimal(0), 500, 0, Decimal(0)),
    ]
    item = desk.row(OpenItem, source_id=note.id)
    assert (item.kind, item.number, item.face, item.open) == ("credit_note", "26000001", -4474, -4474)
    assert desk.account().open_credit == 4474
    assert desk.rep.read_now(ledger.page, 1).aged.balance == 35_528 - 4474
    request = desk.row(ApprovalRequest, id=made.id)
    assert (request.state, request.posted_id, held(desk, made)) == ("posted", note.id, {"posted"})
    entry = desk.row(AuditEntry, verb="posting.post")
    assert (entry.subject, entry.subject_id, json.loads(entry.after)["gross"]) == ("document", note.id, 4474)
    letter = desk.row(Outbox, kind="credit-note")
    assert letter.due_at == desk.clock() + timedelta(seconds=60)


def test_posting_twice_is_posting_once(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2))
    approve(desk, made)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    assert desk.store.read_now(posting.due) == ()
    assert desk.store.write_now(posting.post, made.id) == "Request 26000001 was posted already."
    assert (len(notes(desk)), desk.account().open_credit) == (1, 3974)
    assert len(desk.rows(AuditEntry, verb="posting.post")) == 1


def test_two_that_post_at_once_post_once(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2))
    approve(desk, made)
    desk.clock.pass_by(minutes=5)
    words = at_once(*[lambda: desk.store.write_now(posting.post, made.id)] * 2)
    assert sorted(words) == [
        "Credit note 26000001 posted: 39.74 USD on invoice 26000001.",
        "Request 26000001 was posted already.",
    ]
    assert (len(notes(desk)), desk.account().open_credit) == (1, 3974)


def test_numbers_have_no_gap_though_some_go_back(desk: Desk, talk: Talk) -> None:
    made = [ask(talk, pieces(line, 1)) for line in (1, 2, 3)]
    approve(desk, made[0])
    approve(desk, made[1])
    approve(desk, made[2])
    note_elsewhere(desk, ("4720", 4, 5180, 414), corrects=9201)
    desk.clock.pass_by(minutes=5)
    assert [words.partition(":")[0].rpartition(" ")[0] for words in post_all(desk)][1].startswith("Request 26000002")
    drawn = [row.number for row in notes(desk) if row.number.startswith("26")]
    assert drawn == ["26000001", "26000002"]
    assert desk.row(NumberSeries, kind="credit_note").last == 2


def test_a_number_is_of_the_year_its_series_is_of(desk: Desk, talk: Talk) -> None:
    """At new year in UTC the customer's day is still of the old one; the old series is not drawn from again."""
    for line, at in ((1, datetime(2026, 12, 31, 20, tzinfo=UTC)), (2, datetime(2027, 1, 1, 2, tzinfo=UTC))):
        desk.clock.now = at
        made = ask(talk, pieces(line, 1))
        approve(desk, made, "boss1")
        desk.clock.pass_by(minutes=5)
        post_all(desk)
    assert [row.number for row in notes(desk)] == ["26000001", "27000001"]
    assert {row.issued_on for row in notes(desk)} == {date(2026, 12, 31)}


def test_parts_of_a_line_post_in_any_order_to_the_cent(desk: Desk, talk: Talk) -> None:
    """Each froze its cents when it was asked for: 33.33, 33.34, 33.33; a rejected one lets its cents go."""
    paper = bill(desk, ("4711", 3, 10_000, 800))
    made = [ask(talk, pieces(1, 1), letter=letter, invoice=paper) for letter in "dwq"]
    for each in (made[1], made[2]):
        approve(desk, each)
        desk.clock.pass_by(minutes=5)
        post_all(desk)
    desk.lead.write_now(approving.reject, made[0].id, "not this one")
    last = ask(talk, pieces(1, 1), invoice=paper)
    approve(desk, last)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    assert [(row.net, row.tax) for row in notes(desk)] == [(3334, 266), (3333, 267), (3333, 267)]
    assert [state(desk, each) for each in made] == ["rejected", "posted", "posted"]


def test_cents_of_parts_stay_as_they_were_asked_whichever_is_decided_first(desk: Desk, talk: Talk) -> None:
    """Reckoned anew beside the later one the first would be 33.34, and the second 33.33 without the first."""
    for n, decided in enumerate(((0, 1), (1, 0))):
        paper = bill(desk, ("4711", 3, 10_000, 800), id=9900 + n)
        made = [ask(talk, pieces(1, 1), letter=letter, invoice=paper) for letter in "dw"]
        for place in decided:
            approve(desk, made[place])
            desk.clock.pass_by(minutes=5)
            post_all(desk)
        assert sorted(row.net for row in notes(desk) if row.corrects_id == paper) == [3333, 3334]


def test_the_rest_of_a_line_is_what_is_left_though_requests_before_were_rejected(desk: Desk, talk: Talk) -> None:
    """Pieces of 14.29 stay, those of 14.28 were rejected: what is left is two cents less than its own share."""
    paper = bill(desk, ("4711", 7, 10_000, 800))
    made = [ask(talk, pieces(1, 1), letter=letter, invoice=paper) for letter in "dwlpsnq"]
    for each in made[1::2]:
        desk.lead.write_now(approving.reject, each.id, "not this one")
    for each in (*made[::2], ask(talk, pieces(1, 3), letter="w", invoice=paper)):
        approve(desk, each)
        desk.clock.pass_by(minutes=5)
        post_all(desk)
    assert [row.net for row in notes(desk)] == [1429, 1429, 1429, 1429, 4284]
    assert sum(row.tax for row in notes(desk)) == 800


def test_parts_of_a_document_taxed_whole_post_in_any_order(desk: Desk, talk: Talk) -> None:
    paper = bill(desk, ("4711", 1, 333, 27), ("4720", 1, 333, 27), ("7007", 1, 334, 26), tax_method="document")
    made = [ask(talk, pieces(line, 1), invoice=paper) for line in (1, 2, 3)]
    for each in reversed(made):
        approve(desk, each)
        desk.clock.pass_by(minutes=5)
        post_all(desk)
    assert sum(row.tax for row in notes(desk)) == 80
    assert [state(desk, each) for each in made] == ["posted"] * 3


def test_what_was_changed_after_it_was_submitted_is_neither_approved_nor_posted(desk: Desk, talk: Talk) -> None:
    made, approved = ask(talk, pieces(1, 2)), ask(talk, pieces(2, 1))
    approve(desk, approved)
    desk.clock.pass_by(minutes=5)
    texts = {each.id: desk.row(ApprovalRequest, id=each.id).payload for each in (made, approved)}
    for id, text in texts.items():
        desk.change(ApprovalRequest, {"id": id}, payload=text.replace('"net":', '"net":9'))
    with pytest.raises(Refused, match="The request was changed after it was submitted; return it to its maker"):
        decide(desk.lead, made)
    with pytest.raises(Refused, match="Request 26000002: The request was changed after it was submitted"):
        desk.store.write_now(posting.post, approved.id)
    assert notes(desk) == []
    assert any("request 26000002: The request was changed" in fault for fault in faults(desk.store))
    for id, text in texts.items():
        desk.change(ApprovalRequest, {"id": id}, payload=text)


def elsewhere(desk: Desk) -> str:
    note_elsewhere(desk, ("4711", 9, 16_560, 1325), corrects=9201)
    return "Invoice 26000001 line 1 was credited otherwise meanwhile: 1 and 18.40 net are left."


def period(name: str, words: str) -> Callable[[Desk], str]:
    def close(desk: Desk) -> str:
        desk.put(Period, {"starts_on": TODAY.replace(day=1), "ends_on": date(2026, 3, 31), "state": name,
                          "changed_at": NOW, "changed_by": 3})  # fmt: skip
        return f"The period of 03 Mar 2026 is {words}."

    return close


@pytest.mark.parametrize(
    "meanwhile",
    [
        elsewhere,
        period("locked", "locked; post into an open one"),
        period("soft_closed", "closing; only a supervisor posts there, with a reason"),
    ],
    ids=["credited elsewhere", "locked", "soft-closed"],
)  # fmt: skip
def test_what_no_longer_fits_goes_back_to_its_maker(desk: Desk, talk: Talk, meanwhile: Callable[[Desk], str]) -> None:
    made = ask(talk, pieces(1, 2), pieces(2, 1))
    approve(desk, made)
    why = meanwhile(desk)
    before, account = notes(desk), desk.account()
    desk.clock.pass_by(minutes=5)
    assert post_all(desk) == [f"Request 26000001 goes back to its maker: {why}"]
    row = desk.row(ApprovalRequest, id=made.id)
    assert (row.state, row.why, row.posted_id, held(desk, made)) == ("returned", why, None, {"void"})
    assert (notes(desk), desk.account()) == (before, account)
    assert desk.rows(NumberSeries, kind="credit_note") == []
    assert [mark.decision for mark in desk.rows(ApprovalMark)] == ["approve", "return"]
    assert json.loads(desk.row(AuditEntry, verb="posting.post").after) == {"state": "returned", "why": why}
    assert desk.store.read_now(posting.due) == ()
    with pytest.raises(Refused, match="Request 26000001: The request is returned, not approved"):
        desk.store.write_now(posting.post, made.id)


def test_what_no_longer_fits_is_not_approved(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2))
    why = elsewhere(desk)
    with pytest.raises(Refused) as caught:
        decide(desk.lead, made)
    assert (str(caught.value), state(desk, made)) == (why, "in_approval")
    desk.lead.write_now(approving.reject, made.id, "credited by hand")
    assert left(desk) == 1


def test_what_still_fits_beside_another_credit_is_posted_as_it_was_asked(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2))
    note_elsewhere(desk, ("4711", 8, 14_720, 1178), corrects=9201)
    approve(desk, made)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    assert (state(desk, made), left(desk)) == ("posted", 0)


def test_an_open_period_and_a_closed_one_of_other_days_let_it_through(desk: Desk, talk: Talk) -> None:
    period("open", "")(desk)
    desk.put(Period, {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 2, 28), "state": "locked",
                      "changed_at": NOW, "changed_by": 3})  # fmt: skip
    made = ask(talk, pieces(1, 2))
    approve(desk, made)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    assert state(desk, made) == "posted"


def test_what_nobody_decided_ends_and_frees_what_it_held_once(desk: Desk, talk: Talk) -> None:
    made, late = ask(talk, pieces(1, 4)), ask(talk, pieces(2, 1))
    approve(desk, late)
    desk.clock.pass_by(days=14, seconds=1)
    assert desk.store.read_now(posting.lapsed) == (made.id,)
    words = at_once(*[lambda: desk.store.write_now(posting.expire, made.id)] * 2)
    assert sorted(words) == [
        "Request 26000001 expired: Not decided within 14 days. What it held is free.",
        "Request 26000001 was expired already.",
    ]
    assert (state(desk, made), held(desk, made), left(desk)) == ("expired", {"void"}, 10)
    assert desk.store.read_now(posting.lapsed) == ()
    with pytest.raises(Refused, match="is approved and in time"):
        desk.store.write_now(posting.expire, late.id)
    assert len(desk.rows(AuditEntry, verb="posting.expire")) == 1


def test_one_that_is_broken_is_set_aside_and_never_stops_the_others(desk: Desk, talk: Talk) -> None:
    broken, fine, old = (ask(talk, pieces(line, 1)) for line in (1, 2, 3))
    desk.clock.pass_by(days=13)
    approve(desk, broken)
    approve(desk, fine)
    desk.change(ApprovalRequest, {"id": broken.id}, payload_hash="0" * 64)
    desk.clock.pass_by(days=1, minutes=5)
    said = list(ticking.run(desk.store))
    assert [(words.partition(":")[0], good) for words, good in said] == [
        ("Request 26000003 expired", True),
        ("Request 26000001", False),
        ("Request 26000001 is set aside", False),
        ("Credit note 26000001 posted", True),
    ]
    assert [state(desk, each) for each in (broken, fine, old)] == ["failed", "posted", "expired"]
    assert list(ticking.run(desk.store)) == []
    desk.change(ApprovalRequest, {"id": broken.id}, payload_hash=_hash(desk, broken))


def _hash(desk: Desk, made: Requested) -> str:
    return payload_hash(json.loads(desk.row(ApprovalRequest, id=made.id).payload))


def test_a_tier_that_asks_for_more_by_now_sends_it_back(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2))
    approve(desk, made)
    desk.change(ApprovalTier, {"kind": "credit_note"}, steps="supervisor manager")
    desk.clock.pass_by(minutes=5)
    assert post_all(desk) == [
        "Request 26000001 goes back to its maker: Its tier asks for supervisor then manager by now."
    ]
    talk.store.write_now(changing.edit, made.id, Change("d", Decimal(2)))
    row = desk.row(ApprovalRequest, id=made.id)
    assert (row.state, row.version, row.steps, held(desk, made)) == (
        "in_approval", 2, "supervisor manager", {"pending"},
    )  # fmt: skip


def test_a_decision_is_taken_back_inside_its_hold_and_counts_no_more(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2))
    desk.lead.write_now(approving.reject, made.id, "no photo")
    other = ask(talk, pieces(1, 10)) if left(desk) == 10 else None
    with pytest.raises(Refused, match="line 1 was credited otherwise meanwhile"):
        desk.lead.write_now(approving.take_back)
    assert other is not None
    talk.store.write_now(changing.withdraw, other.id)
    assert desk.lead.write_now(approving.take_back).words == "Taken back: request 26000001 is in approval again."
    assert (state(desk, made), held(desk, made)) == ("in_approval", {"pending"})
    decide(desk.lead, made)
    desk.lead.write_now(approving.take_back)
    assert desk.rows(ApprovalRequest, state="approved") == []
    assert [each.decision for each in desk.rows(ApprovalMark, request_id=made.id)] == [
        "reject", "undo", "approve", "undo",
    ]  # fmt: skip
    with pytest.raises(Refused, match="You decided nothing here"):
        desk.lead.write_now(approving.take_back)
    decide(desk.lead, made)
    desk.clock.pass_by(minutes=5)
    assert post_all(desk) == ["Credit note 26000001 posted: 39.74 USD on invoice 26000001."]
    with pytest.raises(Refused, match="is posted already; only the opposite document corrects it"):
        desk.lead.write_now(approving.take_back)
