"""Values the rules are asked with: exact decimals, quantities with three places, days around the edges of a year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from csdesk.rules.pricing import PRECEDENCE, DealRow, PriceRow

DAY = date(2026, 3, 3)
CURRENCIES = st.sampled_from(("USD", "JPY", "KWD"))  # 2, 0 and 3 decimals
ROUNDINGS = st.sampled_from(("half_up", "half_even", "down", "up"))


def exact(places: int, least: str = "0", most: str = "1000000") -> st.SearchStrategy[Decimal]:
    """Decimals with up to `places` decimals."""
    unit = 10**places
    whole = st.integers(int(Decimal(least) * unit), int(Decimal(most) * unit))
    return whole.map(lambda each: Decimal(each).scaleb(-places))


QUANTITIES = exact(3, "0.001", "99999")
PRICES = exact(6, "0", "99999")
RATES = exact(6, "0", "30")
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))
VALIDITY = st.tuples(st.none() | DAYS, st.none() | DAYS)


@st.composite
def price_rows(draw: st.DrawFn) -> PriceRow:
    valid_from, valid_to = draw(VALIDITY)
    return PriceRow(
        kind=draw(st.sampled_from(sorted(PRECEDENCE))),
        list_code=draw(st.sampled_from(("A", "B", ""))),
        unit=draw(st.sampled_from(("EA", "CASE", "PALLET"))),
        amount=draw(PRICES),
        per=draw(st.sampled_from((Decimal(1), Decimal(10), Decimal(100), Decimal(1000)))),
        min_quantity=draw(st.sampled_from((Decimal(0), Decimal(1), Decimal(12), Decimal("99.5")))),
        valid_from=valid_from,
        valid_to=valid_to,
    )


@st.composite
def deal_rows(draw: st.DrawFn) -> DealRow:
    valid_from, valid_to = draw(VALIDITY)
    return DealRow(
        code=draw(st.text("ABCD", min_size=1, max_size=3)),
        kind=draw(st.sampled_from(("percent", "amount", "free"))),
        value=draw(exact(6, "0", "120")),
        buy=draw(exact(3, "0", "20")),
        free=draw(exact(3, "0", "20")),
        valid_from=valid_from,
        valid_to=valid_to,
    )
