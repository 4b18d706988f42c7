"""The ledger: pages by due day with a running balance, and ageing that adds up to the account's balance."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from csdesk.models import Allocation, CreditAccount, Dispute, DisputeEvent, OpenItem
from csdesk.rules import ageing
from csdesk.services import ledger
from csdesk.services.ledger import ItemView, LedgerPage
from tests.services.conftest import Desk
from tests.support.clock import NOW
from tests.support.seed import TODAY

HOTEL = 2  # has no items of its own
EDGE_DAYS = (-5, 0, 1, 30, 31, 60, 61, 90, 91)


def items(desk: Desk, *parts: tuple[int, int], first: int = 5000, currency: str = "USD") -> list[int]:
    """Open items of the hotel, each (days past due, face in minor units); a negative one is a receipt."""
    ids = list(range(first, first + len(parts)))
    desk.put(OpenItem, *(
        {"id": id, "account_id": HOTEL, "customer_id": HOTEL, "source": "document" if face > 0 else "receipt",
         "source_id": id, "number": f"N{id}", "kind": "invoice" if face > 0 else "receipt",
         "posted_on": TODAY - timedelta(days=late + 30), "due_on": TODAY - timedelta(days=late), "currency": currency,
         "face": face, "open": face}
        for id, (late, face) in zip(ids, parts, strict=True)
    ))  # fmt: skip
    settle(desk)
    return ids


def settle(desk: Desk) -> None:
    """The account's running figures as its items make them."""
    opened = [row.open for row in desk.rows(OpenItem, account_id=HOTEL)]
    parts = {
        "open_debit": sum(each for each in opened if each > 0),
        "open_credit": -sum(each for each in opened if each < 0),
    }
    desk.change(CreditAccount, {"id": HOTEL}, **parts)


def pay(desk: Desk, debit: int, credit: int, amount: int) -> None:
    """A part of a receipt set against an invoice."""
    desk.put(Allocation, {"id": 7000 + debit + credit, "debit_item_id": debit, "credit_item_id": credit,
                          "amount": amount, "applied_on": TODAY})  # fmt: skip
    for id, less in ((debit, amount), (credit, -amount)):
        desk.change(OpenItem, {"id": id}, open=desk.row(OpenItem, id=id).open - less)
    settle(desk)


def dispute(desk: Desk, item: int, amount: int, id: int, closed: bool = False) -> None:
    desk.put(Dispute, {
        "id": id, "number": f"D{id}", "item_id": item, "account_id": HOTEL, "customer_id": HOTEL, "currency": "USD",
        "reason": "price-wrong", "state": "closed" if closed else "open", "original": amount,
        "open": 0 if closed else amount, "cleared": amount if closed else 0, "opened_at": NOW, "opened_by": 1,
        "closed_at": NOW if closed else None,
    })  # fmt: skip
    desk.put(DisputeEvent, {
        "dispute_id": id, "version": 1, "event": "open", "state": "closed" if closed else "open", "on": TODAY,
        "at": NOW, "by": 1, "open": 0 if closed else amount, "paid": 0, "credited": 0,
        "cleared": amount if closed else 0,
    })  # fmt: skip


def page(desk: Desk, shown: str = "open", customer: int = HOTEL, **more: object) -> LedgerPage:
    return desk.rep.read_now(ledger.page, customer, shown, **more)  # type: ignore[arg-type]


def ids(found: LedgerPage) -> list[int]:
    return [item.id for item in found.items]


def whole(desk: Desk, shown: str) -> tuple[list[ItemView], list[int]]:
    """All items, page after page, and how many each page had."""
    found, sizes = list[ItemView](), list[int]()
    after, running = None, 0
    while True:
        part = page(desk, shown, after=after, running=running)
        found += part.items
        sizes.append(len(part.items))
        if part.after is None:
            return found, sizes
        after, running = part.after, part.items[-1].running


@pytest.fixture
def mixed(desk: Desk) -> list[int]:
    """Due in 5 days, due today, 10 days late (partly paid), paid whole, and a receipt with something left."""
    made = items(desk, (-5, 1000), (0, 2000), (10, 4000), (40, 8000), (3, -10_000))
    pay(desk, made[3], made[4], 8000)
    pay(desk, made[2], made[4], 1500)
    return made


def test_open_items_stand_by_due_day_with_a_running_balance(desk: Desk, mixed: list[int]) -> None:
    soon, today, late, _, receipt = mixed
    found = page(desk)
    assert ids(found) == [late, receipt, today, soon]
    assert [item.running for item in found.items] == [2500, 2000, 4000, 5000]
    assert [item.late for item in found.items] == [10, 0, 0, 0]
    assert [(item.face, item.open) for item in found.items][:2] == [(4000, 2500), (-10_000, -500)]
    assert (found.account_id, found.currency, found.as_of, found.after) == (HOTEL, "USD", TODAY, None)
    assert (found.exposure, found.limit) == (5000, None)


def test_overdue_items_are_debts_past_their_day(desk: Desk, mixed: list[int]) -> None:
    found = page(desk, "overdue")
    assert ids(found) == [mixed[2]]
    assert found.items[0].running == 2500


def test_all_items_add_up_to_the_same_balance(desk: Desk, mixed: list[int]) -> None:
    found = page(desk, "all")
    assert ids(found) == [mixed[n] for n in (3, 2, 4, 1, 0)]
    assert [item.running for item in found.items] == [8000, 12_000, 2000, 4000, 5000]
    assert found.items[0].late == 0  # paid
    assert found.aged == page(desk).aged


def test_disputed_items_are_those_with_a_live_dispute(desk: Desk, mixed: list[int]) -> None:
    dispute(desk, mixed[2], 700, 1)
    dispute(desk, mixed[2], 300, 2)
    dispute(desk, mixed[0], 1000, 3, closed=True)
    found = page(desk, "disputed")
    assert [(item.id, item.disputed) for item in found.items] == [(mixed[2], 1000)]
    assert [item.disputed for item in page(desk).items] == [1000, 0, 0, 0]


def test_disputed_money_stands_apart_in_ageing_now_and_as_of_a_day(desk: Desk, mixed: list[int]) -> None:
    dispute(desk, mixed[2], 1000, 1)
    dispute(desk, mixed[0], 400, 2)
    found = page(desk)
    assert (found.aged.not_due, found.aged.buckets[0], found.aged.disputed) == (2600, 1500, 1400)
    assert found.aged.balance == found.items[-1].running == 5000
    rows = [ageing.OpenItem(item.open - item.disputed, item.due_on) for item in found.items]
    rows += [ageing.OpenItem(item.disputed, item.due_on, disputed=True) for item in found.items if item.disputed]
    assert found.aged == ageing.age(rows, TODAY, disputed="apart")
    assert page(desk, "overdue").aged == page(desk, "disputed").aged == found.aged
    desk.clock.pass_by(days=1)
    assert page(desk, day=TODAY).aged == found.aged, "rebuilt from events"
    assert page(desk, day=TODAY - timedelta(days=1)).aged.disputed == 0, "not in dispute yet"


def test_ageing_edges_belong_to_the_lower_bucket(desk: Desk) -> None:
    parts = [(late, 10**n) for n, late in enumerate(EDGE_DAYS)]
    items(desk, *parts, (200, -7))
    aged = page(desk).aged
    assert aged.not_due == 11  # due in five days, and today
    assert aged.buckets == (1100, 110_000, 11_000_000, 100_000_000)
    assert aged.labels == ("1-30", "31-60", "61-90", "over 90")
    assert aged.credits == -7
    account = desk.account(HOTEL)
    assert aged.balance == account.open_debit - account.open_credit == sum(face for _, face in parts) - 7


@pytest.mark.parametrize("seed", range(3))
def test_ageing_is_that_of_the_rule(desk: Desk, seed: int) -> None:
    dice = random.Random(seed)
    days = [dice.choice((*EDGE_DAYS, dice.randint(-50, 200))) for _ in range(120)]
    items(desk, *((late, dice.choice((1, 1, 1, -1)) * dice.randint(1, 10**9)) for late in days))
    rows = [ageing.OpenItem(row.open, row.due_on) for row in desk.rows(OpenItem, account_id=HOTEL)]
    found = page(desk)
    assert found.aged == ageing.age(rows, TODAY)
    assert found.aged.balance == found.items[-1].running == sum(row.amount for row in rows)


def test_the_day_is_the_customers(desk: Desk) -> None:
    """Late in the evening in New York it is tomorrow in UTC."""
    items(desk, (0, 500))
    desk.clock.now = datetime(TODAY.year, TODAY.month, TODAY.day, 23, tzinfo=UTC) + timedelta(hours=4)
    found = page(desk)
    assert (found.as_of, found.items[0].late, found.aged.past_due) == (TODAY, 0, 0)
    desk.clock.pass_by(hours=3)
    found = page(desk)
    assert (found.as_of, found.items[0].late, found.aged.past_due) == (TODAY + timedelta(days=1), 1, 500)


@pytest.mark.parametrize("shown", ["open", "all", "overdue"])
def test_pages_by_key_show_each_item_once_and_the_balance_goes_on(desk: Desk, shown: str) -> None:
    dice = random.Random(shown)
    made = items(desk, *((dice.randint(1, 4), dice.randint(1, 9999)) for _ in range(450)))
    found, sizes = whole(desk, shown)
    assert sizes == [200, 200, 50]
    assert sorted(item.id for item in found) == made
    assert [(item.due_on, item.id) for item in found] == sorted((item.due_on, item.id) for item in found)
    running = 0
    for item in found:
        running += item.open
        assert item.running == running
    assert running == page(desk).aged.balance


def test_a_last_page_that_is_full_is_the_last(desk: Desk) -> None:
    made = items(desk, *((1, 100) for _ in range(400)))
    found, sizes = whole(desk, "open")
    assert ([item.id for item in found], sizes) == (made, [200, 200])


def test_what_is_paid_between_two_pages_shows_nothing_twice(desk: Desk) -> None:
    made = items(desk, *((1, 100) for _ in range(250)), (2, -100))
    first = page(desk)
    pay(desk, made[0], made[-1], 100)
    second = page(desk, after=first.after, running=first.items[-1].running)
    assert len(first.items) == 200
    assert not set(ids(first)) & set(ids(second))
    assert {*ids(first), *ids(second)} == set(made)


def test_an_account_without_items(desk: Desk) -> None:
    for shown in ledger.SHOWN:
        found = page(desk, shown)
        assert (found.items, found.after, found.aged.balance) == ((), None, 0)


def test_a_branch_shows_the_account_it_is_billed_on(desk: Desk) -> None:
    assert page(desk, customer=desk.seeded.branch).account_id == 3
    assert ids(page(desk, customer=desk.seeded.customer)) == [desk.seeded.open_item]


def test_a_currency_without_decimals_keeps_its_whole_units(desk: Desk) -> None:
    items(desk, (31, 123_457), (-1, 3), currency="JPY")
    desk.change(CreditAccount, {"id": HOTEL}, currency="JPY")
    found = page(desk)
    assert (found.currency, found.aged.buckets, found.aged.not_due) == ("JPY", (0, 123_457, 0, 0), 3)
    assert [item.running for item in found.items] == [123_457, 123_460]
