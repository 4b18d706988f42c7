"""Past days: nothing is set against an item before the item was there, in whatever zone or order it was posted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from csdesk.errors import Invalid
from csdesk.models import Allocation, Company, Customer, LedgerEntry
from csdesk.services import applying, unidentified
from tests.services import papers
from tests.services.conftest import Desk
from tests.services.money_world import both_sides, past
from tests.support.seed import TODAY

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def evening(desk: Desk) -> Desk:
    """In New York it is still today, in Auckland tomorrow: an invoice and money of a branch there are of that day."""
    desk.change(Customer, {"id": 3}, timezone="America/New_York")
    desk.change(Customer, {"id": 4}, timezone="Pacific/Auckland")
    desk.clock.now = datetime(TODAY.year, TODAY.month, TODAY.day, 20, tzinfo=UTC)
    papers.bill(desk, ("4711", 10, 20_000, 0), id=9901, customer_id=3, account_id=3)
    return desk


def money(desk: Desk) -> int:
    """Money of the branch, which is there tomorrow."""
    return desk.as_("cash1").write_now(applying.receive, 4, 20_000, TOMORROW).id


def test_an_application_is_not_older_than_what_it_sets(evening: Desk) -> None:
    credit = money(evening)
    evening.as_("cash1").write_now(applying.apply, None, credit, 9901)
    (row,) = evening.rows(Allocation, credit_item_id=credit)
    assert row.applied_on == TOMORROW
    balance, items = evening.store.read_now(past, 3, TODAY)
    assert (balance, items) == (20_000, ((9901, 20_000),))
    assert evening.store.read_now(past, 3, TOMORROW) == (0, ())
    evening.as_("cash1").write_now(applying.unapply, None, row.id)
    back = evening.row(Allocation, reverses_id=row.id)
    assert back.applied_on == TOMORROW  # the head office is still a day behind
    for day in (TODAY, TOMORROW):
        sides = evening.store.read_now(both_sides, day)
        assert sides[0] == sides[1]


def test_an_application_by_rule_neither(evening: Desk) -> None:
    """Money of the head office, there today, pays the branch's invoice of tomorrow."""
    papers.bill(evening, ("4711", 1, 700, 0), id=9902, customer_id=4, account_id=3, issued_on=TOMORROW)
    credit = evening.as_("cash1").write_now(applying.receive, 3, 700, TODAY).id
    evening.as_("cash1").write_now(applying.automatic, None, credit)
    (row,) = evening.rows(Allocation, credit_item_id=credit)
    assert (row.debit_item_id, row.applied_on) == (9902, TOMORROW)
    assert evening.store.read_now(past, 3, TODAY)[0] == 20_000 - 700


def test_money_that_goes_back_does_so_on_the_companys_day(desk: Desk) -> None:
    desk.change(Company, {"id": 1}, timezone="Pacific/Auckland")
    desk.clock.now = datetime(TODAY.year, TODAY.month, TODAY.day, 20, tzinfo=UTC)
    cashier = desk.as_("cash1")
    with pytest.raises(Invalid, match="is still to come"):
        cashier.write_now(unidentified.take_in, 500, TOMORROW + timedelta(days=1))
    cashier.write_now(unidentified.take_in, 500, TOMORROW)
    (waits,) = cashier.read_now(unidentified.queue)
    cashier.write_now(unidentified.give_back, waits.id, "not ours")
    assert (waits.days, {row.posted_on for row in desk.rows(LedgerEntry, source="bank-back")}) == (0, {TOMORROW})
