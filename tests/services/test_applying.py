"""Cash application: by hand and by rule, taken back, small differences, reversals, and the queue of unknown money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from csdesk.errors import Conflict, DeskError, Invalid, Refused
from csdesk.models import Allocation, BankLine, Customer, Dispute, Document, LedgerEntry, OpenItem, Receipt
from csdesk.services import applying, approving, disputing, ledger, reversing, undo, unidentified, writing_off
from csdesk.store import Store
from tests.services import papers
from tests.services.conftest import Desk, faults
from tests.support.seed import TODAY


@pytest.fixture
def cash(desk: Desk) -> Desk:
    """The desk with two further invoices of the customer: 100.00 and 60.00, the second due later."""
    papers.bill(desk, ("4711", 10, 10_000, 0), id=9901, number="F-1", due_on=TODAY - timedelta(days=5))
    papers.bill(desk, ("4711", 6, 6_000, 0), id=9902, number="F-2", due_on=TODAY + timedelta(days=5))
    return desk


def paid(desk: Desk, amount: int, reference: str = "") -> int:
    """Money of the customer; gives its item."""
    return desk.as_("cash1").write_now(applying.receive, 1, amount, TODAY, "transfer", reference).id


def opened(desk: Desk, *ids: int) -> list[int]:
    return [desk.row(OpenItem, id=id).open for id in ids]


def test_money_by_hand_in_part_and_the_rest_stays_on_account(cash: Desk) -> None:
    money = paid(cash, 12_000)
    done = cash.as_("cash1").write_now(applying.apply, None, money, 9902)
    assert "60.00 USD of 26000001 applied to F-2" in done.words
    assert opened(cash, 9901, 9902, money) == [10_000, 0, -6_000]
    part = cash.as_("cash1").write_now(applying.apply, None, money, 9901, 2_500)
    assert part.words.endswith("75.00 stay open.")
    account = cash.account()
    items = cash.rows(OpenItem, account_id=1)
    assert account.open_debit == sum(row.open for row in items if row.open > 0)
    assert account.open_credit == 3_500
    assert (account.last_payment, account.last_payment_on) == (12_000, TODAY)
    assert faults(cash.store) == []


@pytest.mark.parametrize(
    ("amount", "reference", "rows"),
    [
        (6_000, "", {(9902, 6_000, "exact")}),
        (16_000, "", {(9901, 10_000, "combination"), (9902, 6_000, "combination")}),
        (7_000, "F-2 thanks", {(9902, 6_000, "reference")}),
    ],
)
def test_money_by_rule(cash: Desk, amount: int, reference: str, rows: set[tuple[int, int, str]]) -> None:
    money = paid(cash, amount, reference)
    cash.as_("cash1").write_now(applying.automatic, None, money)
    made = {(row.debit_item_id, row.amount, row.why) for row in cash.rows(Allocation)}
    assert rows <= made
    assert sum(each[1] for each in made) <= amount
    assert faults(cash.store) == []


def test_by_rule_the_oldest_comes_last_of_all_and_disputed_items_wait(cash: Desk) -> None:
    talk = cash.talk(1)
    money = paid(cash, 9_000)
    cash.as_("cash1").write_now(applying.apply, None, money, 9901, 9_000)
    cash.as_("rep7").write_now(disputing.code, talk.call, 1, "d")
    more = paid(cash, 5_500)
    cash.as_("cash1").write_now(applying.automatic, None, more)
    assert opened(cash, 9901) == [1_000]
    assert faults(cash.store) == []


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda d, m: d.write_now(applying.apply, None, m, 9901, 10_001), "100.00 USD are open of F-1, not more"),
        (lambda d, m: d.write_now(applying.apply, None, m, 9901, 5_001), "50.00 USD are left of"),
        (lambda d, m: d.write_now(applying.apply, None, m, 9901, 0), "an amount above 0 is wanted"),
        (lambda d, m: d.write_now(applying.apply, None, 9902, 9901), "one must be owed, the other a credit"),
        (lambda d, m: d.write_now(applying.unapply, None, 1), "This application is not there"),
        (lambda d, m: d.write_now(applying.apply, None, m, 1), "An item of this allocation is not there"),
        (lambda d, m: d.write_now(applying.receive, 1, 0, TODAY), "A receipt is above 0"),
        (lambda d, m: d.write_now(applying.receive, 1, 5, TODAY + timedelta(days=1)), "still to come"),
        (lambda d, m: d.write_now(applying.apply, None, m, 9901, 1_000, "m"), "no tier covers it"),
        (lambda d, m: d.write_now(applying.apply, None, m, 9901, 5_000, "c"), "is no reason here"),
    ],
)
def test_what_does_not_fit_is_told_and_changes_nothing(
    cash: Desk, act: Callable[[Store, int], object], words: str
) -> None:
    money = paid(cash, 5_000)
    before = (opened(cash, 9901, 9902, money), len(cash.rows(Allocation)), len(cash.rows(Receipt)))
    with pytest.raises(DeskError, match=words):
        act(cash.as_("cash1"), money)
    assert (opened(cash, 9901, 9902, money), len(cash.rows(Allocation)), len(cash.rows(Receipt))) == before
    assert faults(cash.store) == []


def test_money_of_another_account_does_not_pay(cash: Desk) -> None:
    other = cash.as_("cash1").write_now(applying.receive, 2, 5_000, TODAY).id
    with pytest.raises(Refused, match="money of another account than F-1"):
        cash.as_("cash1").write_now(applying.apply, None, other, 9901)
    for customer in (1, 2):
        cash.change(Customer, {"id": customer}, payer_group="COAST")
    cash.as_("cash1").write_now(applying.apply, None, other, 9901)
    assert opened(cash, 9901, other) == [5_000, 0]
    assert faults(cash.store) == []


def test_taken_back_and_applied_again_is_as_it_was(cash: Desk) -> None:
    money = paid(cash, 10_000)
    desk = cash.as_("cash1")
    first = desk.write_now(applying.apply, None, money, 9901)
    account = cash.account()
    desk.write_now(applying.unapply, None, first.id)
    assert opened(cash, 9901, money) == [10_000, -10_000]
    with pytest.raises(Conflict, match="taken back already"):
        desk.write_now(applying.unapply, None, first.id)
    back = cash.rows(Allocation)[-1]
    with pytest.raises(Refused, match="itself the taking back"):
        desk.write_now(applying.unapply, None, back.id)
    desk.write_now(applying.apply, None, money, 9901)
    again = cash.account()
    assert (again.open_debit, again.open_credit) == (account.open_debit, account.open_credit)
    assert faults(cash.store) == []


def test_a_small_difference_is_a_posting_of_its_own_up_to_its_limit(cash: Desk) -> None:
    desk = cash.as_("cash1")
    near = paid(cash, 9_500)
    done = desk.write_now(applying.apply, None, near, 9901, None, "m")
    assert "Small difference 26000001 posted: 5.00 USD of F-1" in done.words
    assert opened(cash, 9901, near) == [0, 0]
    made = cash.row(Document, kind="write_off")
    losses = [row.amount for row in cash.rows(LedgerEntry, source_id=made.id) if row.gl == "small-differences"]
    assert (made.gross, losses) == (500, [500])
    second = paid(cash, 5_999)
    with pytest.raises(Refused, match="no tier covers it"):  # 5.00 and 0.01 in 72 hours are above 5.00 together
        desk.write_now(applying.apply, None, second, 9902, None, "m")
    assert opened(cash, 9902) == [6_000]
    assert faults(cash.store) == []


def test_a_short_payment_raises_its_deduction_while_it_is_applied(cash: Desk) -> None:
    money = paid(cash, 9_000)
    done = cash.as_("cash1").write_now(applying.apply, None, money, 9901, None, "d")
    assert "Dispute 26000001: 10.00 USD short on F-1 (Damaged)" in done.words
    made = cash.row(Dispute, item_id=9901)
    assert (made.original, made.open, made.reason) == (1_000, 1_000, "damaged")
    again = paid(cash, 1_000)
    cash.as_("cash1").write_now(applying.apply, None, again, 9901)
    assert cash.row(Dispute, item_id=9901).open == 0
    assert faults(cash.store) == []


def test_a_receipt_that_bounced_opens_what_it_paid(cash: Desk) -> None:
    money = paid(cash, 16_000)
    desk = cash.as_("cash1")
    before = cash.account()
    desk.write_now(applying.automatic, None, money)
    with pytest.raises(Invalid, match="wants its reason"):
        desk.write_now(reversing.receipt, money, " ")
    desk.write_now(reversing.receipt, money, "cheque bounced")
    after = cash.account()
    assert opened(cash, 9901, 9902, money) == [10_000, 6_000, 0]
    assert (after.open_debit, after.open_credit) == (before.open_debit, 0)
    with pytest.raises(Conflict, match="was reversed by 26000001 already"):
        desk.write_now(reversing.receipt, money, "again")
    reversal = cash.row(Document, kind="reversal")
    assert reversal.receipt_id == cash.row(Receipt, amount=16_000).id
    assert faults(cash.store) == []


def test_undo_takes_an_application_back_within_its_hold(cash: Desk) -> None:
    talk = cash.talk(1, "cash1")
    money = paid(cash, 10_000)
    talk.store.write_now(applying.apply, talk.call, money, 9901)
    assert "100.00 USD on F-1 taken back" in talk.store.write_now(undo.last, talk.call).words
    assert opened(cash, 9901, money) == [10_000, -10_000]
    talk.store.write_now(applying.receive, 1, 700, TODAY, "", "", talk.call)
    assert "reversed by" in talk.store.write_now(undo.last, talk.call).words
    assert cash.account().open_credit == 10_000
    assert faults(cash.store) == []


def test_the_cash_page_shows_what_rule_would_do(cash: Desk) -> None:
    paid(cash, 6_000)
    money = paid(cash, 100)
    cash.as_("cash1").write_now(applying.apply, None, money, 9901)
    page = cash.rep.read_now(applying.page, 1)
    assert [(each.left, each.proposal) for each in page.unapplied] == [(6_000, "F-2 60.00 (exact)")]
    assert [(each.credit, each.debit, each.amount) for each in page.applied] == [("26000002", "F-1", 100)]


def test_a_rep_may_not_apply_cash(cash: Desk) -> None:
    with pytest.raises(Refused, match="needs the duty"):
        cash.rep.write_now(applying.receive, 1, 100, TODAY)


def test_money_without_an_owner_waits_and_becomes_a_receipt(cash: Desk) -> None:
    desk = cash.as_("cash1")
    desk.write_now(unidentified.take_in, 6_000, TODAY, "Harbour", "for F-1", "BANK-1")
    with pytest.raises(Conflict, match="taken in already"):
        desk.write_now(unidentified.take_in, 6_000, TODAY, "Harbour", "", "BANK-1")
    (waiting,) = desk.read_now(unidentified.queue)
    _, guesses = desk.read_now(unidentified.one, waiting.id)
    assert (guesses[0].customer_id, guesses[0].why) == (1, "names F-1")
    done = desk.write_now(unidentified.identify, waiting.id, 1)
    with pytest.raises(Conflict, match="waits no more: it was identified"):
        desk.write_now(unidentified.identify, waiting.id, 2)
    assert desk.read_now(unidentified.queue) == ()
    assert opened(cash, done.id) == [-6_000]
    suspense = sum(row.amount for row in cash.rows(LedgerEntry, gl="unidentified-cash"))
    assert suspense == 0
    assert faults(cash.store) == []


def test_money_may_go_back(cash: Desk) -> None:
    desk = cash.as_("cash1")
    desk.write_now(unidentified.take_in, 6_000, TODAY)
    (waiting,) = desk.read_now(unidentified.queue)
    with pytest.raises(Invalid, match="Say why"):
        desk.write_now(unidentified.give_back, waiting.id, "")
    desk.write_now(unidentified.give_back, waiting.id, "not ours")
    assert cash.row(BankLine).state == "returned"
    assert sum(row.amount for row in cash.rows(LedgerEntry, gl="bank")) == 0
    assert faults(cash.store) == []


def test_a_write_off_is_asked_for_approved_and_posted(cash: Desk) -> None:
    collector = cash.as_("coll1")
    made = collector.write_now(writing_off.ask, 9902, "j", "too dear to chase")
    assert made.words.startswith("Write-off 26000001: 60.00 USD of F-2 (Not worth pursuing), to be approved by finance")
    with pytest.raises(Refused, match="needs the duty"):
        cash.as_("lead3").write_now(approving.approve, made.id)
    cash.as_("fin2").write_now(approving.approve, made.id)
    cash.clock.pass_by(minutes=2)
    assert papers.post_all(cash) == ["Write-off 26000001 posted: 60.00 USD of F-2."]
    assert opened(cash, 9902) == [0]
    assert faults(cash.store) == []


def test_a_write_off_of_what_was_paid_meanwhile_goes_back(cash: Desk) -> None:
    made = cash.as_("coll1").write_now(writing_off.ask, 9902, "j", "")
    cash.as_("fin2").write_now(approving.approve, made.id)
    cash.as_("cash1").write_now(applying.apply, None, paid(cash, 100), 9902)
    cash.clock.pass_by(minutes=2)
    assert "Only 59.00 USD are open of F-2 by now" in papers.post_all(cash)[0]
    assert faults(cash.store) == []


def test_a_posted_write_off_is_reversed_by_request(cash: Desk) -> None:
    made = cash.as_("coll1").write_now(writing_off.ask, 9902, "j", "")
    cash.as_("fin2").write_now(approving.approve, made.id)
    cash.clock.pass_by(minutes=2)
    papers.post_all(cash)
    note = cash.row(Document, kind="write_off")
    asked = cash.as_("coll1").write_now(reversing.ask, note.id, "they paid after all")
    with pytest.raises(Refused, match="never approves the request about it"):  # who approved the write-off
        cash.as_("fin2").write_now(approving.approve, asked.id)
    cash.as_("mgr1").write_now(approving.approve, asked.id)
    cash.clock.pass_by(minutes=2)
    assert papers.post_all(cash) == ["Write off 26000001 reversed by 26000001."]
    assert opened(cash, 9902) == [6_000]
    with pytest.raises(Conflict, match="was reversed by"):
        cash.as_("coll1").write_now(reversing.ask, note.id, "again")
    assert faults(cash.store) == []


def test_the_ledger_shows_receipts_and_what_is_left_of_them(cash: Desk) -> None:
    money = paid(cash, 12_000)
    cash.as_("cash1").write_now(applying.apply, None, money, 9902)
    page = cash.rep.read_now(ledger.page, 1, "open")
    assert page.aged.credits == -6_000 or page.aged.credits == 6_000
    assert page.items[-1].running == page.aged.balance
