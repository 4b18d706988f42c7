"""Prices: which list wins, breaks and validity to the day, deals best or stacked, and nothing ever rounded twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.money import exponent, rounded
from csdesk.rules.pricing import PRECEDENCE, DealRow, LinePrice, PriceRow, choose, line_net, price_line, within
from tests.rules.strategies import CURRENCIES, DAY, DAYS, PRICES, QUANTITIES, ROUNDINGS, VALIDITY, deal_rows, price_rows

CASE, PIECE = Decimal(12), Decimal(1)
ROWS = st.lists(price_rows(), max_size=8)
DEALS = st.lists(deal_rows(), max_size=4, unique_by=lambda each: each.code)


def priced(rows: Any, deals: Any = (), quantity: str = "1", unit: str = "EA", **more: Any) -> LinePrice:
    factor = CASE if unit == "CASE" else PIECE
    found = price_line(
        rows, deals, unit=unit, factor=factor, base_unit="EA", quantity=Decimal(quantity), day=more.pop("day", DAY),
        currency=more.pop("currency", "USD"), **more,
    )  # fmt: skip
    assert found is not None
    return found


def row(kind: str, amount: str, unit: str = "EA", **more: Any) -> PriceRow:
    return PriceRow(kind, more.pop("code", kind[:1].upper()), unit, Decimal(amount), **more)


# ---------------------------------------------------------------- which price wins


def test_an_approved_override_beats_contract_list_group_and_base() -> None:
    kinds = ["base", "group", "list", "contract", "override"]
    rows = [row(kind, str(price)) for price, kind in enumerate(kinds, 1)]
    for best in reversed(kinds):
        assert priced(rows).source == f"{best} {best[:1].upper()}"
        rows = [each for each in rows if each.kind != best]
    assert price_line(
        rows, (), unit="EA", factor=PIECE, base_unit="EA", quantity=PIECE, day=DAY, currency="USD"
    ) is None  # fmt: skip


def test_a_better_list_wins_even_when_it_is_dearer_and_stated_in_pieces() -> None:
    rows = [row("contract", "2.00"), row("base", "12.00", "CASE")]
    assert priced(rows, unit="CASE").price == Decimal("24.00")


def test_within_a_list_the_price_of_the_ordered_unit_beats_twelve_single_ones() -> None:
    rows = [row("base", "2.00"), row("base", "21.00", "CASE")]
    assert priced(rows, unit="CASE").price == Decimal("21.00")
    assert priced(rows, unit="EA").price == Decimal("2.00")
    assert priced(rows[:1], unit="CASE").price == Decimal("24.00")


def test_a_price_for_some_other_pack_is_no_price() -> None:
    assert choose([row("base", "21.00", "CASE")], "EA", PIECE, Decimal(99), DAY, "EA") is None


def test_breaks_count_from_their_quantity_on_in_the_unit_of_the_price() -> None:
    rows = [
        row("base", "2.00"),
        row("base", "1.80", min_quantity=Decimal(24)),
        row("base", "1.50", min_quantity=CASE * 9),
    ]
    assert priced(rows, quantity="23.999").price == Decimal("2.00")
    assert priced(rows, quantity="24").price == Decimal("1.80")
    assert priced(rows, quantity="1", unit="CASE").price == Decimal("24.00")
    assert priced(rows, quantity="2", unit="CASE").price == Decimal("21.60")
    assert priced(rows, quantity="9", unit="CASE").price == Decimal("18.00")


def test_validity_includes_its_first_and_its_last_day() -> None:
    first, last = date(2026, 1, 1), date(2026, 2, 28)
    rows = [row("base", "1.00", valid_from=first, valid_to=last)]
    for day in (first, last):
        assert priced(rows, day=day).price == 1
    for day in (first - timedelta(days=1), last + timedelta(days=1)):
        assert choose(rows, "EA", PIECE, PIECE, day, "EA") is None


def test_of_two_prices_of_a_list_the_later_one_wins() -> None:
    rows = [row("base", "1.00"), row("base", "1.10", valid_from=DAY), row("base", "1.05", valid_from=date(2026, 1, 1))]
    assert priced(rows).price == Decimal("1.10")


@given(st.permutations([row("base", "1.20", code="B"), row("base", "1.10", code="C"), row("base", "1.10", code="A")]))
def test_equal_claims_are_settled_the_same_way_whatever_order_the_rows_come_in(rows: list[PriceRow]) -> None:
    assert (priced(rows).source, priced(rows).price) == ("base A", Decimal("1.10"))


@given(VALIDITY, DAYS)
def test_validity_is_open_where_it_names_no_day(validity: tuple[date | None, date | None], day: date) -> None:
    start, end = validity
    assert within(day, start, end) == ((start or date.min) <= day <= (end or date.max))


@given(ROWS, QUANTITIES, DAYS, st.randoms())
def test_the_winner_is_valid_reached_and_of_the_best_list_there_is(
    rows: list[PriceRow], quantity: Decimal, day: date, random: Any
) -> None:
    found = choose(rows, "CASE", CASE, quantity, day, "EA")
    fits = [
        each
        for each in rows
        if within(day, each.valid_from, each.valid_to)
        and (
            (each.unit == "CASE" and quantity >= each.min_quantity)
            or (each.unit == "EA" and quantity * CASE >= each.min_quantity)
        )
    ]
    assert (found is None) == (not fits)
    if found is None:
        return
    winner, price = found
    assert winner in fits
    assert PRECEDENCE[winner.kind] == min(PRECEDENCE[each.kind] for each in fits)
    assert price == rounded(price, 6)
    shuffled = random.sample(rows, len(rows))
    again = choose(shuffled, "CASE", CASE, quantity, day, "EA")
    assert again is not None
    assert again[1] == price


# ---------------------------------------------------------------- the value of a line


@pytest.mark.parametrize(
    ("price", "per", "quantity", "net"),
    [
        ("9.95", "1", "2", 1990),  # EN 16931 example 1, line 1
        ("4.79", "1", "3", 1437),  # EN 16931 example 1, line 9
        ("17.02", "1", "6", 10212),  # EN 16931 example 1, line 19
        ("1.00", "1", "1000", 100000),  # EN 16931 example 5, line 1
        ("5.00", "100", "250", 1250),  # BT-149: a price for a hundred
        ("12.345", "1000", "1000", 1235),  # a tie goes away from zero
        ("0.000001", "1", "999999.999", 100),
        ("0.333333", "1", "3", 100),
        ("4.5678", "1000", "50000", 22839),  # 228.40 were the price rounded to six decimals first
        ("1.00", "3", "300000", 10000000),  # 99,999.90 then
    ],
)
def test_line_values_of_known_invoices(price: str, per: str, quantity: str, net: int) -> None:
    """Examples: "ubl-tc434-example1" and "-example5" of the European Commission's EN 16931 validation artefacts."""
    assert priced([row("base", price, per=Decimal(per))], quantity=quantity).net == net


@pytest.mark.parametrize(("currency", "net"), [("USD", 111), ("JPY", 1), ("KWD", 1111)])
def test_a_line_is_rounded_to_the_decimals_of_its_currency(currency: str, net: int) -> None:
    """ISO 4217: two decimals for the dollar, none for the yen, three for the Kuwaiti dinar."""
    assert priced([row("base", "0.37037")], quantity="3", currency=currency).net == net


@given(PRICES, QUANTITIES, CURRENCIES, ROUNDINGS)
def test_a_net_is_a_whole_number_less_than_one_unit_off(
    price: Decimal, quantity: Decimal, currency: str, rounding: str
) -> None:
    net = line_net(price, quantity, currency, rounding)
    assert type(net) is int
    assert abs(net - (price * quantity).scaleb(exponent(currency))) < 1


def test_a_price_of_a_piece_in_a_pack_keeps_its_fraction() -> None:
    """1.00 for 7 pieces, a case of 12: 1.714286 is shown, 700 cases are 1,200.00."""
    found = priced([row("base", "1.00", per=Decimal(7))], quantity="700", unit="CASE")
    assert (found.price, found.net) == (Decimal("1.714286"), 120000)
    assert line_net(found.exact, Decimal(7), "USD", "half_up") == 1200


def test_a_percentage_off_is_taken_of_the_unrounded_price() -> None:
    found = priced([row("base", "1.00", per=Decimal(3))], [TEN_OFF], "300000")
    assert (found.list_price, found.price, found.net) == (Decimal("0.333333"), Decimal("0.300000"), 9000000)


def test_a_float_is_no_price() -> None:
    with pytest.raises(Invalid, match="float"):
        priced([replace(row("base", "1"), amount=1.1)])  # type: ignore[arg-type]


# ---------------------------------------------------------------- deals

TEN_OFF = DealRow("TEN", "percent", Decimal(10))
HALF_A_DOLLAR = DealRow("HALF", "amount", Decimal("0.50"))
TENTH_FREE = DealRow("FREE", "free", buy=Decimal(10), free=Decimal(1))
ROW = [row("base", "4.00")]


def test_the_best_deal_is_the_one_that_leaves_least_to_pay() -> None:
    best = priced(ROW, [TEN_OFF, HALF_A_DOLLAR, TENTH_FREE], "10")
    assert (best.deals, best.price, best.net) == (("HALF",), Decimal("3.50"), 3500)
    assert (best.list_price, best.source) == (Decimal("4.00"), "base B deal HALF")


def test_stacked_deals_follow_each_other_each_on_what_is_left() -> None:
    stacked = priced(ROW, [TEN_OFF, HALF_A_DOLLAR, TENTH_FREE], "10", mode="stack")
    assert stacked.price == Decimal("3.15")  # FREE, HALF, TEN by code: 4.00 - 0.50, then 10 % off
    assert stacked.net == 2835  # nine of ten are paid
    assert stacked.source == "base B deal FREE deal HALF deal TEN"


@pytest.mark.parametrize(("quantity", "paid"), [("9", 9), ("10", 9), ("19", 18), ("20", 18), ("10.5", "9.5")])
def test_free_goods_come_out_of_the_quantity_ordered(quantity: str, paid: str | int) -> None:
    assert priced(ROW, [TENTH_FREE], quantity).net == Decimal(paid) * 400


def test_an_amount_off_is_taken_from_every_piece_of_a_pack() -> None:
    assert priced(ROW, [HALF_A_DOLLAR], unit="CASE").price == Decimal("42.00")


def test_no_deal_touches_an_approved_override() -> None:
    kept = priced([row("override", "4.00", code=""), *ROW], [TEN_OFF, HALF_A_DOLLAR], mode="stack")
    assert (kept.price, kept.deals, kept.source) == (Decimal("4.00"), (), "override")


def test_a_deal_holds_on_its_first_and_last_day_only() -> None:
    deal = replace(TEN_OFF, valid_from=DAY, valid_to=DAY + timedelta(days=1))
    nets = [priced(ROW, [deal], day=DAY + timedelta(days=n)).net for n in (-1, 0, 1, 2)]
    assert nets == [400, 360, 360, 400]


def test_a_deal_that_gives_nothing_is_not_named() -> None:
    assert priced(ROW, [TENTH_FREE], "9").deals == ()
    assert priced(ROW, [replace(TEN_OFF, value=Decimal(0))]).deals == ()


def test_a_deal_never_makes_the_price_negative() -> None:
    assert priced(ROW, [DealRow("A", "percent", Decimal(150))]).net == 0
    assert priced(ROW, [DealRow("A", "amount", Decimal(5))]).net == 0
    assert priced(ROW, [DealRow("A", "free", buy=Decimal(1), free=Decimal(2))], "3").net == 0


def test_an_amount_off_a_broken_pack_still_gives_a_price_of_six_decimals() -> None:
    deal = DealRow("A", "amount", Decimal("0.000001"))
    found = price_line(
        [row("base", "1.00")], [deal], unit="BIT", factor=Decimal("0.125"), base_unit="EA", quantity=Decimal(8),
        day=DAY, currency="USD", mode="stack",
    )  # fmt: skip
    assert found is not None
    assert found.deals == ("A",)
    assert found.price == rounded(found.price, 6)


@given(ROWS, DEALS, QUANTITIES, CURRENCIES, ROUNDINGS, st.sampled_from(("best", "stack")))
def test_deals_only_ever_lower_a_line(
    rows: list[PriceRow], deals: list[DealRow], quantity: Decimal, currency: str, rounding: str, mode: str
) -> None:
    more = {"unit": "CASE", "currency": currency, "rounding": rounding}
    if choose(rows, "CASE", CASE, quantity, DAY, "EA") is None:
        return
    plain = priced(rows, [], str(quantity), **more)
    found = priced(rows, deals, str(quantity), mode=mode, **more)
    assert 0 <= found.net <= plain.net
    assert 0 <= found.price <= found.list_price == plain.price
    assert found.price == rounded(found.price, 6)
    for code in found.deals:
        deal = next(each for each in deals if each.code == code)
        assert within(DAY, deal.valid_from, deal.valid_to)
        assert f"deal {code}" in found.source
    if mode == "best":
        assert len(found.deals) <= 1
        for deal in deals:
            assert found.net <= priced(rows, [deal], str(quantity), mode="stack", **more).net
