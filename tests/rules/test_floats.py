"""A float is no amount: every public rule and every shape that takes money refuses one at its door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from csdesk.errors import Invalid
from csdesk.money import share, show, to_major
from csdesk.rules import (
    ageing,
    allocation,
    approvals,
    combinations,
    credit,
    credit_notes,
    disputes,
    dunning,
    forecast,
    fx,
    interest,
    pricing,
    promises,
    provision,
    settlement,
    tax,
    terms,
    tiers,
    worklist,
)

DAY, AT, TEN = date(2026, 3, 3), datetime(2026, 3, 3, tzinfo=UTC), Decimal(10)
LINE, NOTHING = credit_notes.InvoiceLine(TEN, 1000, 80), credit_notes.Credited()
PROCEDURE = dunning.Procedure((dunning.Level(1, 10),))
RATE, FX = fx.Rate("EUR", "USD", Decimal("1.1")), fx.FxItem(100, 110)
ITEM = settlement.OpenItem(1, "1", 1000, DAY)

RULES: dict[str, Callable[[Any], object]] = {
    "money.share": lambda f: share(f, 1, 3),
    "money.share part": lambda f: share(100, f, 3),
    "money.show": lambda f: show(f, "USD"),
    "money.to_major": lambda f: to_major(f, "USD"),
    "ageing.open_amount": lambda f: ageing.open_amount(f, DAY, [], DAY),
    "ageing.open_amount row": lambda f: ageing.open_amount(1, DAY, [(DAY, f)], DAY),
    "allocation.allocate": lambda f: allocation.allocate(f, [ITEM], day=DAY),
    "combinations.unique_combination": lambda f: combinations.unique_combination([100, 200], f),
    "combinations.unique_combination amount": lambda f: combinations.unique_combination([100, f], 200),
    "credit.exposure_of": lambda f: credit.exposure_of([], [f]),
    "credit.headroom": lambda f: credit.headroom(f, credit.Exposure()),
    "credit.over_limit": lambda f: credit.over_limit(f, credit.Exposure(), 1),
    "credit.over_limit document": lambda f: credit.over_limit(None, credit.Exposure(), f),
    "credit.credit_check": lambda f: credit.credit_check(f, limit=1, exposure=credit.Exposure()),
    "credit.why_recheck": lambda f: credit.why_recheck(credit.Release(1, 9, DAY, 5), order=1, value=f, day=DAY),
    "credit_notes.price_credit": lambda f: credit_notes.price_credit(LINE, NOTHING, f),
    "credit_notes.quantity_credit": lambda f: credit_notes.quantity_credit(LINE, NOTHING, f),
    "disputes.opened": disputes.opened,
    "disputes.recorded": lambda f: disputes.recorded(disputes.opened(9), "paid", f),
    "dunning.hold_reason": lambda f: dunning.hold_reason(dunning.DunningItem("1", f, DAY), PROCEDURE, DAY),
    "fx.convert": lambda f: fx.convert(f, "EUR", "USD", RATE),
    "fx.booked_part": lambda f: fx.booked_part(FX, f),
    "fx.settle": lambda f: fx.settle(FX, 1, f),
    "interest.simple_interest": lambda f: interest.simple_interest(f, TEN, DAY, DAY),
    "pricing.line_net": lambda f: pricing.line_net(f, TEN, "USD", "half_up"),
    "pricing.line_net quantity": lambda f: pricing.line_net(TEN, f, "USD", "half_up"),
    "tax.tax_of": lambda f: tax.tax_of(f, TEN),
    "tax.tax_of rate": lambda f: tax.tax_of(100, f),
    "tax.tax_within": lambda f: tax.tax_within(f, TEN),
    "tax.line_taxes": lambda f: tax.line_taxes([(f, TEN)], "document"),
    "tax.line_taxes_within": lambda f: tax.line_taxes_within([(f, TEN)], "line"),
    "tax.taxes_on": lambda f: tax.taxes_on(f, [TEN]),
    "tax.taxes_within": lambda f: tax.taxes_within(f, [TEN]),
    "tax.cash_rounding": lambda f: tax.cash_rounding(f, "CHF"),
    "tax.document_discount": lambda f: tax.document_discount([100], amount=f),
    "tax.document_discount net": lambda f: tax.document_discount([f], amount=1),
    "tax.spread": lambda f: tax.spread(f, [1, 2]),
    "tax.spread weight": lambda f: tax.spread(100, [1, f]),
    "terms.cash_discount": lambda f: terms.cash_discount(f, TEN),
    "terms.instalment_amounts": lambda f: terms.instalment_amounts(f, parts=2),
    "terms.instalments": lambda f: terms.instalments(terms.Terms(), f, DAY),
    "tiers.tier_for": lambda f: tiers.tier_for(f, [tiers.Tier("credit_note", "USD", None)]),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_refuses_a_float(rule: str) -> None:
    with pytest.raises(Invalid):
        RULES[rule](100.5)
    with pytest.raises(Invalid):
        RULES[rule](100.0)


# Shapes that take money in, with values for the fields that have no default; the fields named are amounts.
SHAPES: list[tuple[type, dict[str, Any], str]] = [
    (ageing.OpenItem, {"due_on": DAY}, "amount"),
    (approvals.Request, {"kind": "credit_note", "maker": 1}, "amount counted"),
    (credit.Exposure, {}, "orders delivered billed open_debit open_credit"),
    (credit.OrderValue, {"confirmed": 1}, "confirmed delivered billed posted"),
    (credit.AccountItem, {"due": DAY}, "open"),
    (credit.Release, {"order": 1, "released_on": DAY, "days": 1}, "value"),
    (credit_notes.InvoiceLine, {"quantity": TEN, "net": 1, "tax": 1}, "net tax"),
    (credit_notes.Credited, {}, "net tax"),
    (credit_notes.LineCredit, {"line": 1}, "value"),
    (disputes.Dispute, {"original": 1, "open": 1}, "original open paid credited cleared"),
    (disputes.WorkItem, {"id": 1, "raised_on": DAY, "deadline": DAY}, "amount"),
    (forecast.ForecastItem, {"amount": 1, "due_on": DAY}, "amount promised"),
    (fx.FxItem, {"face": 1, "booked": 1}, "face booked applied"),
    (pricing.PriceRow, {"kind": "base", "list_code": "B", "unit": "EA", "amount": TEN}, "amount per"),
    (pricing.DealRow, {"code": "D", "kind": "percent"}, "value buy free"),
    (promises.Promise, {"given_on": DAY, "pay_on": DAY}, "amount"),
    (promises.Payment, {"on": DAY}, "amount"),
    (provision.Receivable, {"amount": 1, "due_on": DAY}, "amount expected_credit"),
    (provision.WriteOffItem, {"id": "1", "due_on": DAY}, "amount"),
    (settlement.OpenItem, {"id": 1, "number": "1", "open": 1, "due": DAY}, "open discount"),
    (settlement.Reference, {"number": "1"}, "amount"),
    (settlement.Applied, {"item": 1}, "amount"),
    (settlement.Policy, {}, "tolerance tolerance_percent"),
    (tiers.Tier, {"kind": "credit_note", "currency": "USD"}, "up_to"),
    (tiers.Asked, {"maker": 1, "customer": 1, "reason": "damaged", "at": AT}, "amount"),
    (worklist.Debtor, {"id": 1, "past_due": (1, 2, 3, 4)}, "broken_value deducted"),
]


@pytest.mark.parametrize(
    ("shape", "given", "field"),
    [
        pytest.param(shape, given, field, id=f"{shape.__module__.rpartition('.')[2]}.{shape.__name__}.{field}")
        for shape, given, names in SHAPES
        for field in names.split()
    ],
)
def test_a_shape_refuses_a_float(shape: type, given: dict[str, Any], field: str) -> None:
    assert is_dataclass(shape)
    assert field in {each.name for each in fields(shape)}
    with pytest.raises(Invalid):
        shape(**{**given, field: 100.0})
