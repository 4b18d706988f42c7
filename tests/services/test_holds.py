"""Held orders: over the limit, below the minimum, a customer on hold; nothing taken until a lead lets them go."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csdesk.errors import Refused
from csdesk.models import CreditAccount, Customer, OrderHold, Reservation, SalesOrder
from csdesk.services import orders
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.support.seed import SHORT_CODE

OIL = 1987  # 18.40 and 8 % tax, in cents


def limit(desk: Desk, left: int) -> None:
    """Leaves so much of the limit of the customer with orders."""
    account = desk.account()
    desk.change(CreditAccount, {"id": 1}, credit_limit=account.orders + account.open_debit + left)


def test_exactly_at_the_limit_it_goes_and_a_cent_over_it_waits(desk: Desk, talk: Talk) -> None:
    limit(desk, OIL)
    assert talk.order(("4711", 1)).status == "allocated"
    limit(desk, OIL - 1)
    held = talk.order(("4711", 1))
    assert (held.status, held.holds) == ("held", ("credit: 0.01 over the credit limit",))


@pytest.mark.parametrize(("limited", "status"), [(None, "allocated"), (0, "held")])
def test_no_limit_is_all_and_zero_is_nothing(desk: Desk, talk: Talk, limited: int | None, status: str) -> None:
    desk.change(CreditAccount, {"id": 1}, credit_limit=limited)
    assert talk.order(("4711", 1)).status == status


@pytest.mark.parametrize(
    ("model", "where", "values", "reason"),
    [
        (CreditAccount, {"id": 1}, {"credit_limit": 0}, "credit: "),
        (Customer, {"id": 1}, {"minimum_order": 5001}, "minimum: below the minimum order of 50.01"),
        (Customer, {"id": 1}, {"on_hold": True}, "customer: this customer is on hold"),
        (CreditAccount, {"id": 1}, {"on_hold": True}, "customer: this customer is on hold"),
    ],
)
def test_a_held_order_takes_neither_headroom_nor_stock(
    desk: Desk, talk: Talk, model: type, where: dict[str, int], values: dict[str, object], reason: str
) -> None:
    desk.change(model, where, **values)
    before = desk.account().orders, desk.stock(SHORT_CODE).reserved, len(desk.rows(Reservation))
    placed = talk.order((SHORT_CODE, 5))
    assert (placed.status, placed.exposure, placed.lines[0].allocated, placed.lines[0].backordered) == ("held", 0, 0, 0)
    assert placed.holds[0].startswith(reason)
    assert (desk.account().orders, desk.stock(SHORT_CODE).reserved, len(desk.rows(Reservation))) == before
    kept = desk.row(OrderHold, order_id=placed.id)
    assert (kept.lifted_by_duty, kept.lifted_at, kept.placed_at) == ("order.release", None, desk.clock())


def test_an_order_may_be_held_for_several_reasons(desk: Desk, talk: Talk) -> None:
    desk.change(Customer, {"id": 1}, on_hold=True, minimum_order=10**6)
    limit(desk, 0)
    assert [hold.split(":")[0] for hold in talk.order(("4711", 1)).holds] == ["customer", "credit", "minimum"]


def test_the_minimum_is_reached_by_the_net_to_the_cent(desk: Desk, talk: Talk) -> None:
    desk.change(Customer, {"id": 1}, minimum_order=1840)
    assert talk.order(("4711", 1)).status == "allocated"


def test_only_who_holds_the_duty_lets_it_go(desk: Desk, talk: Talk) -> None:
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    held = talk.order((SHORT_CODE, 1), ("4711", 1))
    with pytest.raises(Refused, match=r"Robin Penn may not do this: it needs the duty 'order.release'"):
        desk.rep.write_now(orders.release, held.id)
    desk.clock.pass_by(minutes=5)
    released = desk.lead.write_now(orders.release, held.id)
    assert released.words == f"Order {held.number} released: {held.gross / 100:.2f} USD."
    order = released.order
    assert (order.status, order.exposure, order.holds) == ("allocated", held.gross, ())
    assert desk.stock(SHORT_CODE).reserved == 1
    kept = desk.row(OrderHold, order_id=held.id)
    assert (kept.lifted_by, kept.lifted_at) == (desk.seeded.staff["lead3"], desk.clock())
    with pytest.raises(Refused, match=f"Order {held.number} is allocated, not held"):
        desk.lead.write_now(orders.release, held.id)


def test_a_released_order_gets_what_is_there_when_it_is_released(desk: Desk, talk: Talk) -> None:
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    held = talk.order((SHORT_CODE, 2))
    assert talk.again(held).promised_on == (desk.clock() + timedelta(days=1)).date()
    desk.talk(2, login="lead3").order((SHORT_CODE, 2))
    released = desk.lead.write_now(orders.release, held.id).order
    assert (released.status, released.lines[0].allocated) == ("confirmed", 2)  # of the receipt a week on


def test_a_released_order_keeps_the_prices_it_was_placed_at(desk: Desk, talk: Talk) -> None:
    from decimal import Decimal

    from csdesk.models import Price

    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    held = talk.order(("4711", 1))
    desk.change(Price, {"product_id": desk.seeded.products["4711"]}, amount=Decimal(99))
    assert desk.lead.write_now(orders.release, held.id).order.gross == held.gross == OIL


def test_a_release_goes_to_the_account_the_order_was_placed_on(desk: Desk, talk: Talk) -> None:
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    held = talk.order(("4711", 1))
    desk.change(Customer, {"id": 1}, account_id=2)
    before = desk.account().orders
    desk.lead.write_now(orders.release, held.id)
    assert (desk.account().orders, desk.account(2).orders) == (before + OIL, 0)
    desk.change(Customer, {"id": 1}, account_id=1)


def test_an_order_in_another_currency_than_its_account_is_refused(desk: Desk, talk: Talk) -> None:
    from csdesk.models import PriceList

    desk.change(Customer, {"id": 1}, currency="EUR")
    desk.change(PriceList, {"id": 1}, currency="EUR")
    with pytest.raises(Refused, match="Harbour View Deli buys in EUR but the account is kept in USD; ask who"):
        talk.order(("4711", 1))
    assert desk.rows(SalesOrder, status="draft") == []
