"""Prices on lines: where each came from stands on it, the customer's own agreements win, deals are named."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from csdesk.errors import Invalid
from csdesk.models import Customer, Deal, PackUnit, Price, PriceList, Product
from csdesk.services import previews
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.support.seed import TODAY

OIL = "4711"  # 18.40 on the base list


def agree(desk: Desk, id: int, kind: str, amount: str, **more: Any) -> None:
    """A further price list with one price of oil."""
    price = {name: more.pop(name) for name in ("unit", "per", "min_quantity", "valid_from", "valid_to") if name in more}
    desk.put(PriceList, {"id": id, "code": f"L{id}", "kind": kind, "currency": "USD", **more})
    row = {"id": 5000 + id, "price_list_id": id, "product_id": desk.seeded.products[OIL], "amount": Decimal(amount)}
    desk.put(Price, {"unit": "EA", **row, **price})


def first(talk: Talk, quantity: int = 1, unit: str = "") -> tuple[str, Decimal]:
    line = talk.add(OIL, quantity, unit).lines[-1]
    return line.source, line.price


def test_the_base_price_is_named_on_the_line_and_in_the_books(desk: Desk, talk: Talk) -> None:
    assert first(talk, 3) == ("base BASE", Decimal("18.40"))
    line = talk.commit().lines[0]
    assert (line.price_source, line.price, line.list_price, line.net) == (
        "base BASE",
        Decimal("18.40"),
        Decimal("18.40"),
        5520,
    )


def test_each_agreement_beats_the_weaker_one(desk: Desk, talk: Talk) -> None:
    desk.change(Customer, {"id": 1}, price_group="REST", price_list="L12")
    found = []
    for id, kind, who in (
        (11, "group", {"price_group": "REST"}),
        (12, "list", {}),
        (13, "contract", {"customer_id": 1}),
    ):
        agree(desk, id, kind, f"{id}.00", **who)
        found.append(first(talk))
    assert found == [("group L11", 11), ("list L12", 12), ("contract L13", 13)]


def test_somebody_elses_contract_group_and_list_are_nothing_to_this_customer(desk: Desk, talk: Talk) -> None:
    agree(desk, 11, "group", "1.00", price_group="REST")
    agree(desk, 12, "list", "1.00")
    agree(desk, 13, "contract", "1.00", customer_id=2)
    agree(desk, 14, "group", "1.00", price_group="")  # a group list that names no group is nobody's
    assert first(talk) == ("base BASE", Decimal("18.40"))


def test_a_price_in_another_currency_is_no_price_for_this_customer(desk: Desk, talk: Talk) -> None:
    agree(desk, 11, "contract", "9.99", customer_id=1, currency="EUR")
    assert first(talk) == ("base BASE", Decimal("18.40"))


def test_a_price_counts_from_its_first_to_its_last_day(desk: Desk, talk: Talk) -> None:
    agree(desk, 11, "contract", "17.00", customer_id=1, valid_from=TODAY, valid_to=TODAY)
    assert first(talk)[0] == "contract L11"
    desk.clock.pass_by(days=1)
    assert talk.pad().lines[0].source == "base BASE"


def test_the_day_of_a_price_is_the_customers_day(desk: Desk, talk: Talk) -> None:
    """23:30 in New York is tomorrow in UTC; the price of today still holds."""
    agree(desk, 11, "contract", "17.00", customer_id=1, valid_to=TODAY)
    desk.clock.now = desk.clock.now.replace(hour=4, minute=30) + timedelta(days=1)
    assert first(talk)[0] == "contract L11"
    desk.clock.pass_by(hours=1)
    assert talk.pad().lines[0].source == "base BASE"


def test_breaks_reprice_a_line_when_its_quantity_changes(desk: Desk, talk: Talk) -> None:
    agree(desk, 11, "contract", "16.00", customer_id=1, min_quantity=Decimal(24))
    assert first(talk, 23)[1] == Decimal("18.40")
    assert talk.set(1, 24).lines[0].price == Decimal("16.00")
    assert first(talk, 2, "case") == ("contract L11", Decimal("192.00"))


def test_a_price_per_hundred_in_cases(desk: Desk, talk: Talk) -> None:
    agree(desk, 11, "contract", "1500.00", customer_id=1, per=Decimal(100))
    line = talk.add(OIL, 3, "CASE").lines[0]
    assert (line.price, line.net) == (Decimal("180.00"), 54000)


def test_a_price_per_thousand_is_rounded_after_it_is_multiplied(desk: Desk, talk: Talk) -> None:
    """4.5678 per 1000; 0.004568 each, as it is shown, would make 228.40. An amendment keeps the net too."""
    agree(desk, 11, "contract", "4.5678", customer_id=1, per=Decimal(1000))
    line = talk.add(OIL, 50_000).lines[0]
    assert (line.price, line.net) == (Decimal("0.004568"), 22839)
    talk.set(1, 50_001)
    assert talk.set(1, 50_000).lines[0].net == 22839
    talk.add("4720", 1)
    talk.commit()
    talk.amend()
    talk.set(2, 2)
    assert talk.commit().lines[0].net == 22839


# ---------------------------------------------------------------- deals


def deal(desk: Desk, id: int, kind: str, value: str = "0", **more: Any) -> None:
    desk.put(Deal, {"id": id, "code": f"D{id}", "kind": kind, "value": Decimal(value), **more})


def test_a_deal_of_today_is_applied_and_named(desk: Desk, talk: Talk) -> None:
    deal(desk, 1, "percent", "25", product_id=desk.seeded.products[OIL], valid_from=TODAY, valid_to=TODAY)
    line = talk.add(OIL, 2).lines[0]
    assert (line.source, line.price, line.list_price, line.net) == (
        "base BASE deal D1", Decimal("13.80"), Decimal("18.40"), 2760,
    )  # fmt: skip
    placed = talk.commit().lines[0]
    assert (placed.price_source, placed.price, placed.list_price) == (line.source, line.price, line.list_price)


@pytest.mark.parametrize(
    "more",
    [
        {"valid_from": TODAY + timedelta(days=1)},
        {"valid_to": TODAY - timedelta(days=1)},
        {"customer_id": 2},
        {"price_group": "REST"},
        {"group_code": "DRY"},
        {"product_id": 102},
    ],
)
def test_a_deal_for_others_other_goods_or_another_day_is_not(desk: Desk, talk: Talk, more: dict[str, Any]) -> None:
    deal(desk, 1, "percent", "25", **more)
    assert first(talk) == ("base BASE", Decimal("18.40"))


def test_best_or_stacked_as_the_company_has_set_it(desk: Desk, talk: Talk) -> None:
    from csdesk.models import Company

    deal(desk, 1, "percent", "10", group_code="GOODS")
    deal(desk, 2, "amount", "1.40")
    assert first(talk) == ("base BASE deal D1", Decimal("16.56"))
    desk.change(Company, {"id": 1}, deal_mode="stack")
    assert first(talk) == ("base BASE deal D1 deal D2", Decimal("15.16"))


def test_free_goods_stay_free_when_another_line_is_amended(desk: Desk, talk: Talk) -> None:
    deal(desk, 1, "free", buy=Decimal(10), free=Decimal(1), product_id=desk.seeded.products[OIL])
    placed = talk.order((OIL, 10), ("4720", 1))
    assert placed.lines[0].net == 9 * 1840
    talk.amend()
    assert talk.set(2, 2).lines[0].net == 9 * 1840
    amended = talk.commit()
    assert amended.lines[0] == placed.lines[0]
    talk.undo()
    assert talk.again(placed).gross == placed.gross


def test_free_goods_come_back_when_the_cancelling_of_their_line_is_undone(desk: Desk, talk: Talk) -> None:
    deal(desk, 1, "free", buy=Decimal(10), free=Decimal(1), product_id=desk.seeded.products[OIL])
    placed = talk.order((OIL, 10), ("4720", 1))
    talk.cancel(placed, 1)
    talk.undo()
    assert talk.again(placed).gross == placed.gross


# ---------------------------------------------------------------- no price


def test_what_has_no_price_cannot_be_ordered_but_looked_at(desk: Desk, talk: Talk) -> None:
    product = desk.seeded.products[OIL]
    desk.change(Price, {"product_id": product}, valid_to=TODAY - timedelta(days=1))
    with pytest.raises(Invalid, match="4711 Olive oil extra virgin 1 l has no price for this customer; ask for one"):
        talk.add(OIL)
    info = talk.store.read_now(previews.product, 1, product)
    assert (info.price, info.on_hand) == (None, 500)


def test_a_draft_outlives_the_price_of_one_of_its_lines(desk: Desk, talk: Talk) -> None:
    talk.add(OIL, 2)
    talk.add("4720", 1)
    desk.change(Price, {"product_id": desk.seeded.products[OIL]}, valid_to=TODAY)
    desk.clock.pass_by(days=1)
    pad = talk.pad()
    assert "no price" in pad.lines[0].warning
    assert (pad.lines[0].quantity, pad.net) == (2, 1295)
    with pytest.raises(Invalid, match=r"4711 .* has no price"):
        talk.commit()
    talk.set(1, 0)
    assert len(talk.commit().lines) == 1


def test_a_broken_pack_whose_pieces_cannot_be_counted_is_refused(desk: Desk, talk: Talk) -> None:
    desk.add(PackUnit, product_id=desk.seeded.products[OIL], unit="TIN", factor=Decimal("0.125"))
    desk.change(Product, {"code": OIL}, minimum=Decimal(0), multiple=Decimal(0))
    assert talk.add(OIL, "0.008", "TIN").lines[0].quantity == Decimal("0.008")
    with pytest.raises(Invalid, match=r"0\.333 TIN of 4711 is 0\.041625 EA; at most three decimals"):
        talk.add(OIL, "0.333", "TIN")
    talk.commit()
