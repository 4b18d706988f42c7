"""Credit requests: what they ask for to the cent, who has to approve, what they hold and when it is free again."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import count

import pytest

from csdesk.errors import DeskError, Invalid, NotFound, Refused
from csdesk.models import ApprovalMark, ApprovalRequest, ApprovalTier, AuditEntry, CreditClaim, Document
from csdesk.rules.credit_notes import LineCredit
from csdesk.rules.payloads import payload_hash
from csdesk.services import credits, posting
from tests.services.conftest import Desk
from tests.services.papers import approve, ask, at_once, bill, left, note_elsewhere, pieces, worth
from tests.services.talk import Talk


def request(desk: Desk, id: int):  # type: ignore[no-untyped-def]
    return desk.row(ApprovalRequest, id=id)


def claims(desk: Desk, id: int) -> list[tuple[int, Decimal, int, int, str]]:
    rows = desk.rows(CreditClaim, request_id=id)
    return sorted((row.line, row.quantity, row.net, row.tax, row.state) for row in rows)


def test_a_quantity_takes_its_share_of_net_and_tax(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2), note="crate fell")
    assert (made.number, made.amount, made.currency) == ("26000001", 3974, "USD")  # 36.80 and 2.94 of 14.72
    assert made.words == ("Credit request 26000001: 39.74 USD on invoice 26000001 (Damaged), to be approved by lead.")
    assert claims(desk, made.id) == [(1, Decimal(2), 3680, 294, "pending")]
    row = request(desk, made.id)
    assert (row.kind, row.state, row.version, row.step, row.steps) == ("credit_note", "in_approval", 1, 1, "lead")
    assert (row.amount, row.counted, row.reason, row.note) == (3974, 3974, "damaged", "crate fell")
    assert (row.document_id, row.order_id, row.customer_id, row.account_id) == (9201, 9001, 1, 1)
    assert (row.maker_staff_id, row.maker_person_id, row.maker_rank, row.creators) == (1, 1, 10, "1")
    assert (row.made_at, row.submitted_at, row.post_after) == (desk.clock(), desk.clock(), None)
    assert desk.rows(Document, kind="credit_note") == []


def test_what_was_submitted_is_frozen_by_its_hash(desk: Desk, talk: Talk) -> None:
    row = request(desk, ask(talk, pieces(2, 1), worth(1, 1000)).id)
    frozen = json.loads(row.payload)
    assert row.payload_hash == payload_hash(frozen)
    assert frozen["lines"] == [
        {"line": 1, "quantity": "0", "net": 1000, "tax": 80},
        {"line": 2, "quantity": "1", "net": 1295, "tax": 104},
    ]
    assert (frozen["number"], frozen["tax_method"], frozen["rounding"]) == ("26000001", "line", "half_up")


def test_a_value_moves_no_quantity_and_carries_its_tax(desk: Desk, talk: Talk) -> None:
    made = ask(talk, worth(1, 1000), worth(4, 500), letter="p")
    assert made.amount == 1580
    assert claims(desk, made.id) == [(1, Decimal(0), 1000, 80, "pending"), (4, Decimal(0), 500, 0, "pending")]
    assert (left(desk, 1), left(desk, 4)) == (10, 2)


def test_the_audit_trail_tells_the_request(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2))
    entry = desk.row(AuditEntry, verb="credits.ask")
    assert (entry.subject, entry.subject_id) == ("request", made.id)
    told = json.loads(entry.after)
    assert (told["amount"], told["payload_hash"]) == (3974, request(desk, made.id).payload_hash)


def test_the_preview_says_what_the_request_asks(desk: Desk, talk: Talk) -> None:
    words = desk.rep.read_now(credits.preview, 9201, (pieces(1, 2), worth(4, 500)), "d")
    assert words == (
        "asks credit 44.74 USD on invoice 26000001: line 1, 2 EA 4711 Olive oil extra virgin 1 l; "
        "line 4 2208 Basmati rice 10 kg, 5.00 of its price  (Damaged); needs: lead"
    )


def test_the_amount_picks_the_tier_and_edges_are_inclusive(desk: Desk, talk: Talk) -> None:
    big = bill(desk, *[("2208", 1000, 10_000_000, 0)] * 6)
    expected = (
        ("d", 25_000, "credit_note", "lead"),
        ("d", 25_001, "credit_note", "supervisor"),
        ("d", 250_000, "credit_note", "supervisor"),
        ("d", 250_001, "credit_note", "supervisor manager"),
        ("g", 10_000, "goodwill_credit", "supervisor"),
        ("g", 10_001, "goodwill_credit", "supervisor manager"),
    )
    for line, (letter, value, kind, steps) in enumerate(expected, 1):
        row = request(desk, ask(talk, worth(line, value), letter=letter, invoice=big).id)
        assert (row.kind, row.steps, row.counted) == (kind, steps, value)
        desk.clock.pass_by(hours=73)


def test_splitting_within_72_hours_raises_the_tier(desk: Desk, talk: Talk) -> None:
    big, lines = bill(desk, *[("2208", 1000, 10_000_000, 0)] * 7), count(1)

    def counted(value: int, letter: str = "d", by: Talk = talk) -> tuple[int, str]:
        row = request(desk, ask(by, worth(next(lines), value), letter=letter, invoice=big).id)
        assert row.amount == value
        return row.counted, row.steps

    assert counted(15_000) == (15_000, "lead")
    assert counted(15_000) == (30_000, "supervisor")
    assert counted(15_000, letter="q") == (15_000, "lead")  # another reason
    assert counted(15_000, by=desk.talk(login="lead3")) == (15_000, "lead")  # another maker
    talk.undo()  # what was taken back counts no longer
    assert counted(15_000, letter="q") == (15_000, "lead")
    desk.clock.pass_by(hours=72)
    assert counted(15_000) == (45_000, "supervisor")
    desk.clock.pass_by(seconds=1)
    assert counted(5_000) == (20_000, "lead")


def test_two_logins_of_a_person_count_together(desk: Desk, talk: Talk) -> None:
    from csdesk.models import Staff, StaffRole

    desk.put(Staff, {"id": 77, "person_id": 1, "login": "rep7b", "name": "Robin Penn"})
    desk.put(StaffRole, {"staff_id": 77, "role": "rep"})
    ask(talk, pieces(1, 8))
    again = request(desk, ask(desk.talk(login="rep7b"), worth(2, 2000)).id)
    assert again.counted == 15898 + again.amount


def test_above_the_last_tier_nobody_approves(desk: Desk, talk: Talk) -> None:
    desk.change(ApprovalTier, {"kind": "credit_note", "up_to": None}, up_to=300_000)
    big = bill(desk, ("2208", 1000, 10_000_000, 0))
    with pytest.raises(Refused, match=r"Nobody may approve a credit note request of 3000\.01 USD: no tier covers it"):
        ask(talk, worth(1, 300_001), invoice=big)
    assert desk.rows(CreditClaim) == []


def test_what_is_asked_for_is_held(desk: Desk, talk: Talk) -> None:
    ask(talk, pieces(1, 8))
    assert left(desk) == 2
    with pytest.raises(Refused, match=r"Line 1: 2 and 36\.80 USD net are left to credit; less can be credited\."):
        ask(talk, pieces(1, 3))
    with pytest.raises(Refused, match=r"Line 1: 2 and 36\.80 USD net are left to credit"):
        ask(desk.talk(login="lead3"), worth(1, 3681))
    with pytest.raises(Refused, match=r"2 and 36\.80 USD net are left to credit"):
        desk.rep.read_now(credits.preview, 9201, (pieces(1, 3),), "d")
    ask(desk.talk(login="lead3"), pieces(1, 2), letter="q")
    assert left(desk) == 0
    assert len(desk.rows(ApprovalRequest)) == 2


def test_two_reps_at_once_never_credit_the_same_piece_twice(desk: Desk) -> None:
    talks = [desk.talk(), desk.talk(login="lead3")]
    found = at_once(*(lambda talk=talk: ask(talk, pieces(1, 6)) for talk in talks))  # type: ignore[misc]
    assert sorted(isinstance(each, Refused) for each in found) == [False, True]
    assert left(desk) == 4


def test_a_quantity_and_a_value_draw_on_the_same_net(desk: Desk, talk: Talk) -> None:
    ask(talk, worth(1, 18_000), letter="p")
    with pytest.raises(Refused, match=r"10 and 4\.00 USD net are left to credit, not 18\.40 USD"):
        ask(talk, pieces(1, 1))


@pytest.mark.parametrize(
    ("wanted", "letter", "error", "words"),
    [
        ((pieces(1, 1),), "c", Invalid, "'c' is no reason here; there are: d Damaged"),
        ((pieces(1, 1),), "", Invalid, "'' is no reason here"),
        ((pieces(9, 1),), "d", NotFound, "Invoice 26000001 has no line 9; it has 5"),
        ((), "d", Invalid, "Which line"),
        ((pieces(1, 0),), "d", Invalid, "Line 1: the quantity to credit must be more than 0"),
        ((worth(1, 0),), "d", Invalid, "Line 1: the value to credit must be more than 0"),
        ((pieces(1, 1), pieces(1, 1)), "d", Invalid, "asked for twice"),
        ((LineCredit(1),), "d", Invalid, "either a quantity or a value"),
        ((pieces(1, "10.001"),), "d", Refused, "10 and 184.00 USD net are left"),
    ],
)
def test_what_cannot_be_asked_for(
    desk: Desk, talk: Talk, wanted: tuple[LineCredit, ...], letter: str, error: type[DeskError], words: str
) -> None:
    with pytest.raises(error) as caught:
        ask(talk, *wanted, letter=letter)
    assert words in str(caught.value)
    assert (desk.rows(ApprovalRequest), desk.rows(CreditClaim)) == ([], [])


def test_another_customers_invoice_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="Invoice 26000001 is another customer's; find that customer first"):
        ask(desk.talk(2), pieces(1, 1))
    assert desk.rep.read_now(credits.invoices, 2, "1") == ()


def test_only_invoices_are_credited(desk: Desk, talk: Talk) -> None:
    note = note_elsewhere(desk, ("4711", 1, 1840, 147), corrects=9201)
    for id in (note, 424242):
        with pytest.raises(NotFound, match="This is no invoice"):
            ask(talk, pieces(1, 1), invoice=id)


def test_nothing_is_no_credit(desk: Desk, talk: Talk) -> None:
    mixed = bill(desk, ("4711", 5, 0, 0), ("4720", 1, -500, -40), ("1035", 1, 2000, 0))
    for line in (1, 2):
        with pytest.raises(Refused, match="This comes to nothing that invoice F-9900 could be credited with"):
            ask(talk, pieces(line, 1), invoice=mixed)
    assert ask(talk, pieces(3, 1), pieces(2, 1), invoice=mixed).amount == 1460


def test_undo_takes_the_request_back(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 8))
    desk.clock.pass_by(seconds=60)
    assert talk.undo() == "Undone: credit request 26000001 withdrawn"
    row = request(desk, made.id)
    assert (row.state, row.decided_at, row.decided_by) == ("withdrawn", desk.clock(), 1)
    assert [each[-1] for each in claims(desk, made.id)] == ["void"]
    assert [(mark.decision, mark.person_id) for mark in desk.rows(ApprovalMark)] == [("withdraw", 1)]
    assert left(desk) == 10
    assert ask(talk, pieces(1, 10)).number == "26000002"


def test_undo_is_refused_after_the_hold_and_after_a_decision(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 8))
    desk.clock.pass_by(seconds=61)
    with pytest.raises(Refused, match=r"Too late to undo 'Credit request 26000001.*ask an approver to reject it"):
        talk.undo()
    desk.clock.pass_by(seconds=-1)
    approve(desk, made)
    with pytest.raises(Refused, match="Request 26000001 is approved already; it cannot be taken back"):
        talk.undo()
    assert [each[-1] for each in claims(desk, made.id)] == ["pending"]


@pytest.mark.parametrize("method", ["line", "document"])
def test_three_thirds_are_the_whole_to_the_cent(desk: Desk, talk: Talk, method: str) -> None:
    paper = bill(desk, ("4711", 3, 10_000, 800), ("4720", 1, 1_000, 80), tax_method=method)
    made = [ask(talk, pieces(1, 1), letter=letter, invoice=paper) for letter in "dwq"]
    parts = [claims(desk, each.id)[0] for each in made]
    assert [part[2] for part in parts] == [3333, 3334, 3333]
    assert (sum(part[2] for part in parts), sum(part[3] for part in parts)) == (10_000, 800)
    with pytest.raises(Refused, match=r"Line 1: 0 and 0\.00 USD net are left to credit"):
        ask(talk, pieces(1, "0.001"), invoice=paper)


def test_a_credit_note_that_came_without_a_request_counts(desk: Desk, talk: Talk) -> None:
    note_elsewhere(desk, ("4711", 4, 7360, 589), corrects=9201)
    assert left(desk) == 6
    with pytest.raises(Refused, match=r"Line 1: 6 and 110\.40 USD net are left to credit"):
        ask(talk, pieces(1, 7))
    made = ask(talk, pieces(1, 6))
    assert claims(desk, made.id) == [(1, Decimal(6), 11_040, 883, "pending")]


def test_the_note_of_a_request_is_not_counted_twice(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 4))
    approve(desk, made)
    desk.clock.pass_by(minutes=5)
    desk.store.write_now(posting.post, made.id)
    assert left(desk) == 6
    note_elsewhere(desk, ("4711", 1, 1840, 147), corrects=9201)
    assert left(desk) == 5


def test_a_request_nobody_decided_holds_nothing_after_14_days(desk: Desk, talk: Talk) -> None:
    late = ask(talk, pieces(1, 10))
    desk.clock.pass_by(days=14)
    assert left(desk) == 0
    with pytest.raises(Refused, match=r"0 and 0\.00 USD net are left"):
        ask(talk, pieces(1, 1))
    desk.clock.pass_by(seconds=1)
    assert left(desk) == 10
    again = ask(talk, pieces(1, 10))
    assert (request(desk, late.id).state, request(desk, again.id).state) == ("expired", "in_approval")
    assert [claims(desk, each.id)[0][-1] for each in (late, again)] == ["void", "pending"]
    assert left(desk) == 0


def test_a_currency_without_decimals(desk: Desk, talk: Talk) -> None:
    desk.put(ApprovalTier, {"id": 90, "kind": "credit_note", "currency": "JPY", "up_to": 50_000, "steps": "lead"})
    paper = bill(desk, ("4711", 3, 10_000, 800), currency="JPY")
    made = ask(talk, pieces(1, 1), invoice=paper)
    assert (made.amount, made.currency) == (3600, "JPY")
    assert "Credit request 26000001: 3600 JPY on invoice F-9900" in made.words
    with pytest.raises(Refused, match="2 and 6667 JPY net are left to credit"):
        ask(talk, pieces(1, 3), invoice=paper)
