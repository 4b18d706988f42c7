"""What a correction may not open: money lost or made twice, closed periods, accounts of the ledger that drift."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from csdesk.errors import Refused
from csdesk.models import (
    Allocation,
    ApprovalRequest,
    ApprovalTier,
    BankLine,
    CreditAccount,
    Document,
    LedgerEntry,
    OpenItem,
)
from csdesk.services import applying, approving, closing, credits, posting, reversing, undo, unidentified, writing_off
from tests.services import papers
from tests.services.conftest import Desk, faults
from tests.support.seed import TODAY


@pytest.fixture
def bills(desk: Desk) -> Desk:
    """Two further invoices, 100.00 and 60.00."""
    papers.bill(desk, ("4711", 10, 10_000, 0), id=9901, number="F-1", due_on=TODAY - timedelta(days=5))
    papers.bill(desk, ("4711", 6, 6_000, 0), id=9902, number="F-2", due_on=TODAY + timedelta(days=5))
    return desk


def paid(desk: Desk, amount: int) -> int:
    return desk.as_("cash1").write_now(applying.receive, 1, amount, TODAY).id


def decided(desk: Desk, id: int, *logins: str) -> str:
    """A request approved by these, and posted."""
    for login in logins:
        desk.as_(login).write_now(approving.approve, id)
    desk.clock.pass_by(minutes=2)
    return desk.store.write_now(posting.post, id)


def gl(desk: Desk, name: str) -> int:
    return sum(row.amount for row in desk.rows(LedgerEntry, gl=name))


def test_money_whose_owner_was_wrong_waits_again(bills: Desk) -> None:
    cash = bills.as_("cash1")
    cash.write_now(unidentified.take_in, 5_000, TODAY - timedelta(days=6))
    (line,) = cash.read_now(unidentified.queue)
    item = cash.write_now(unidentified.identify, line.id, 1).id
    assert bills.row(OpenItem, id=item).posted_on == TODAY
    cash.write_now(reversing.receipt, item, "was another's")
    assert [each.id for each in cash.read_now(unidentified.queue)] == [line.id]
    assert gl(bills, "unidentified-cash") == -5_000
    cash.write_now(unidentified.identify, line.id, 2)
    assert (bills.row(BankLine).state, gl(bills, "unidentified-cash")) == ("identified", 0)
    assert faults(bills.store) == []


def test_a_write_off_pays_nothing_else_and_is_not_taken_back_by_itself(bills: Desk) -> None:
    made = bills.as_("coll1").write_now(writing_off.ask, 9901, "j")
    decided(bills, made.id, "fin2")
    cash = bills.as_("cash1")
    assert bills.rep.read_now(applying.page, 1).applied == ()
    (row,) = [row for row in bills.rows(Allocation) if row.why == "difference"]
    with pytest.raises(Refused, match="ask that it is reversed"):
        cash.write_now(applying.unapply, None, row.id)
    bounced = paid(bills, 6_000)
    cash.write_now(reversing.receipt, bounced, "no funds")
    (row,) = [row for row in bills.rows(Allocation) if row.why == "reversal"]
    with pytest.raises(Refused, match="ask that it is reversed"):
        cash.write_now(applying.unapply, None, row.id)


def test_a_reversed_write_off_leaves_no_account_of_the_ledger_moved(bills: Desk) -> None:
    before = {name: gl(bills, name) for name in ("credit-losses", "small-differences", "receivables")}
    decided(bills, bills.as_("coll1").write_now(writing_off.ask, 9902, "m").id, "fin2")
    note = bills.row(Document, kind="write_off")
    decided(bills, bills.as_("coll1").write_now(reversing.ask, note.id, "paid after all").id, "mgr1")
    assert {name: gl(bills, name) for name in before} == before
    assert bills.row(OpenItem, id=9902).open == 6_000


def test_what_a_reversed_credit_note_took_may_be_credited_again(bills: Desk) -> None:
    talk = bills.talk()
    decided(bills, papers.ask(talk, papers.pieces(1, 10), invoice=9901).id, "lead3")
    with pytest.raises(Refused, match="left to credit"):
        papers.ask(talk, papers.pieces(1, 1), invoice=9901, letter="q")
    note = bills.row(Document, kind="credit_note")
    decided(bills, bills.as_("coll1").write_now(reversing.ask, note.id, "wrong customer").id, "mgr1")
    assert bills.rep.read_now(credits.billed, 9901)[0].left == 10
    papers.ask(talk, papers.pieces(1, 1), invoice=9901, letter="q")
    assert faults(bills.store) == []


def test_undo_after_a_small_difference_says_what_to_do(bills: Desk) -> None:
    talk = bills.talk(1, "cash1")
    money = talk.store.write_now(applying.receive, 1, 9_700, TODAY, "", "", talk.call).id
    talk.store.write_now(applying.apply, talk.call, money, 9901, None, "m")
    with pytest.raises(Refused, match="do the opposite instead"):
        talk.store.write_now(undo.last, talk.call)
    assert bills.row(OpenItem, id=9901).open == 0


def test_days_before_locked_months_are_closed_too(bills: Desk) -> None:
    fin = bills.as_("fin2")
    fin.write_now(closing.lay_out, 2026)
    fin.write_now(closing.soft_close, date(2026, 1, 9), "month end")
    fin.write_now(closing.lock, date(2026, 1, 9), "checked")
    with pytest.raises(Refused, match="lies before periods that are locked"):
        bills.as_("cash1").write_now(applying.receive, 1, 500, date(2025, 6, 1))


def test_a_supervisors_approval_posts_into_a_soft_closed_month_a_leads_does_not(bills: Desk) -> None:
    talk, fin = bills.talk(), bills.as_("fin2")
    small = papers.ask(talk, papers.pieces(1, 1), invoice=9901)
    large = papers.ask(talk, papers.pieces(1, 9), invoice=9901, letter="q")
    bills.as_("lead3").write_now(approving.approve, small.id)
    bills.change(ApprovalTier, {"kind": "credit_note", "up_to": 25_000}, up_to=5_000)
    again = papers.ask(talk, papers.pieces(1, 6), invoice=9902, letter="p")
    bills.as_("boss1").write_now(approving.approve, again.id)
    fin.write_now(closing.lay_out, 2026)
    fin.write_now(closing.soft_close, TODAY, "month end")
    bills.clock.pass_by(minutes=2)
    assert "only a supervisor posts there" in bills.store.write_now(posting.post, small.id)
    assert "Credit note" in bills.store.write_now(posting.post, again.id)
    assert large.id


def test_a_soft_closed_present_month_can_be_opened_again(bills: Desk) -> None:
    fin = bills.as_("fin2")
    fin.write_now(closing.lay_out, 2026)
    fin.write_now(closing.soft_close, TODAY, "by mistake")
    fin.write_now(closing.ask_unlock, TODAY, "by mistake")
    (row,) = [each for each in bills.rows(ApprovalRequest) if each.kind == "period_unlock"]
    assert "is open" in decided(bills, row.id, "ctrl1")


def test_the_last_payment_is_the_latest_that_stands(bills: Desk) -> None:
    cash = bills.as_("cash1")
    first = paid(bills, 700)
    cash.write_now(applying.receive, 1, 55, TODAY - timedelta(days=30))
    assert bills.row(CreditAccount, id=1).last_payment == 700
    cash.write_now(reversing.receipt, first, "bounced")
    assert bills.row(CreditAccount, id=1).last_payment == 55
