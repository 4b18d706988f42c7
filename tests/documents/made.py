"""Papers made by hand and by dice, for tests of their forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from csdesk.documents.paper import (
    CATEGORIES,
    Account,
    Movement,
    OpenLine,
    Paper,
    PaperLine,
    Party,
    Reference,
    Reminder,
    Statement,
    TaxPart,
)
from csdesk.money import exponent, to_minor
from csdesk.rules.tax import line_taxes

DAY = date(2026, 3, 3)
HOSTILE = "[/x] \x1b[31m\x00 Ωμέγα Жук 寿司 \u202egnorw\u202c 👩‍👩‍👧 <b>&amp; \ud800 " + "Ungeheuerlang" * 12
SELLER = Party(
    "Quay Wholesale GmbH", street="Am Kai 1", city="Hafenstadt", postcode="00001", country="DE",
    vat_number="DE000000000", registration="HRB 00000", email="rechnung@quay.example", phone="+49 30 00000000",
    set_with="csdesk company set",
)  # fmt: skip
BUYER = Party(
    "Harbour View Deli", code="20417", street="142 Water Street", city="Harbour", postcode="00002", country="DE",
    vat_number="DE000000001", email="jo@deli.example", set_with="csdesk customer set 20417",
)  # fmt: skip
SHOP = Party("Harbour View Deli, beach kiosk", street="Pier 3", city="Harbour", postcode="00003", country="DE")
# code, name, unit, quantity, price, rate
GOODS = (
    ("4711", "Olive oil extra virgin 1 l", "EA", "12", "18.40", "19"),
    ("1035", "Plum tomatoes 400 g", "CASE", "2", "10.68", "7"),
    ("2001", "Spaghetti 500 g, bronze die, from the mill by the river that the old road leads to", "EA", "20",
     "1.215", "7"),
    ("DEPOSIT", "Crates returned", "EA", "-3", "4.50", "19"),
    ("BOOK", "Cookery book, sold for a charity", "EA", "1", "30", "0"),
)  # fmt: skip


def lines_of(
    goods: Any = GOODS, currency: str = "EUR", method: str = "line", exempt: str = ""
) -> tuple[PaperLine, ...]:
    """Lines with their tax by the method; the category is S, at rate 0 Z or the exempt one."""
    nets = [to_minor(Decimal(quantity) * Decimal(price), currency) for *_, quantity, price, _ in goods]
    rates = [Decimal(0) if exempt else Decimal(rate) for *_, rate in goods]
    taxes = line_taxes(list(zip(nets, rates, strict=True)), method)
    return tuple(
        PaperLine(n, code, name, unit, Decimal(quantity), Decimal(price), net, rate, tax,
                  "S" if rate else exempt or "Z")
        for n, ((code, name, unit, quantity, price, _), net, rate, tax)
        in enumerate(zip(goods, nets, rates, taxes, strict=True), 1)
    )  # fmt: skip


def taxes_of(lines: tuple[PaperLine, ...]) -> tuple[TaxPart, ...]:
    """The parts the lines make."""
    keys = sorted({(line.tax_rate, line.category) for line in lines}, reverse=True)
    return tuple(
        TaxPart(category, rate, sum(line.net for line in lines if (line.tax_rate, line.category) == (rate, category)),
                sum(line.tax for line in lines if (line.tax_rate, line.category) == (rate, category)),
                "" if category in {"S", "Z"} else CATEGORIES[category])
        for rate, category in keys
    )  # fmt: skip


def paper(kind: str = "invoice", lines: tuple[PaperLine, ...] | None = None, **more: Any) -> Paper:
    """A document of these lines."""
    lines = lines_of() if lines is None else lines
    net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
    corrects = Reference("26000001", DAY - timedelta(days=9)) if kind in {"credit_note", "debit_note"} else None
    made = Paper(
        kind=kind, number="26000007", issued_on=DAY, currency="EUR", seller=SELLER, buyer=BUYER, lines=lines,
        taxes=taxes_of(lines), net=net, tax=tax, gross=net + tax, ship_to=SHOP,
        account=Account("DE00 0000 0000 0000 0000 00", "EXMPDEFF"), due_on=DAY + timedelta(days=30),
        delivered_on=DAY - timedelta(days=1), terms="30 days net", order_number="26000003",
        customer_reference="PO 4 / spring", corrects=corrects, reason="Damaged" if corrects else "",
        reason_code="3" if corrects else "",
    )  # fmt: skip
    return replace(made, **more)


def credit_note() -> Paper:
    """Part of a line, and a change of value alone."""
    oil, tomatoes, *_ = lines_of()
    part = replace(oil, line=1, quantity=Decimal(2), net=3680, tax=699)
    value = replace(tomatoes, line=2, quantity=Decimal(0), net=136, tax=10, note="price agreed by telephone")
    return paper("credit_note", (part, value), number="26000002")


def statement() -> Statement:
    """An account with a payment, a credit and something late."""
    moved = [
        ("invoice", "26000001", "", 26180, 30), ("invoice", "26000004", "20419", 1_250_000, 2),
        ("receipt", "R-17", "26000001", -26180, 0), ("credit_note", "26000002", "", -4525, 0),
    ]  # fmt: skip
    balance, movements = 5_000, []
    for n, (kind, number, text, face, days) in enumerate(moved):
        balance += face
        day = DAY - timedelta(days=20 - 4 * n)
        due = day + timedelta(days=days)
        movements.append(Movement(day, kind, number, text, due, max(0, face), max(0, -face), balance))
    late = OpenLine("25000912", "invoice", date(2025, 12, 1), date(2025, 12, 31), 9_000, 5_000, 62)
    now = OpenLine("26000004", "invoice", movements[1].day, DAY + timedelta(days=2), 1_250_000, 1_250_000, 0)
    back = OpenLine("26000002", "credit_note", movements[3].day, movements[3].day, -4525, -4525, 0)
    ages = (("Not due", 1_250_000), ("1-30", 0), ("31-60", 0), ("61-90", 5_000), ("over 90", 0), ("Credits", -4525))
    return Statement(
        DAY, DAY - timedelta(days=30), "EUR", SELLER, BUYER, 5_000, tuple(movements), balance, ages,
        (late, now, back), Account("DE00 0000 0000 0000 0000 00", "EXMPDEFF"),
    )  # fmt: skip


def reminder() -> Reminder:
    """A second reminder with fee and interest."""
    item = OpenLine("25000912", "invoice", date(2025, 12, 1), date(2025, 12, 31), 9_000, 5_000, 62)
    return Reminder(DAY, 2, "mail", "EUR", SELLER, BUYER, (item,), 5_000, 500, 76, "", paper().account)


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    """Any invoice, credit note or debit note that the rules allow: rates, categories, signs, methods, currencies."""
    currency = draw(st.sampled_from(("EUR", "USD", "JPY", "KWD")))
    method = draw(st.sampled_from(("line", "document")))
    exempt = draw(st.sampled_from(("", "", "", "E", "AE", "G", "K")))
    names = st.text(max_size=40) | st.sampled_from((HOSTILE, "Nuts", " "))
    places = exponent(currency) if exponent(currency) < 3 else 2
    price = st.integers(-99_999, 999_999).map(lambda whole: str(Decimal(whole).scaleb(-draw(st.integers(0, 6)))))
    goods = draw(
        st.lists(
            st.tuples(
                names, names, st.sampled_from(("EA", "CASE", "KG", "TRAY-9", "", "m3")),
                st.integers(-5_000, 9_000).map(lambda whole: str(Decimal(whole).scaleb(-draw(st.integers(0, 3))))),
                price, st.sampled_from(("19", "7", "0", "5.5", "25")),
            ),
            min_size=1, max_size=6,
        )
    )  # fmt: skip
    lines = lines_of(goods, currency, method, exempt)
    if exponent(currency) > 2:
        lines = tuple(replace(line, net=_to(line.net, places), tax=_to(line.tax, places)) for line in lines)
    kind = draw(st.sampled_from(("invoice", "credit_note", "debit_note")))
    return paper(
        kind, lines, currency=currency, tax_method=method, buyer=replace(BUYER, name=draw(names.filter(_told))),
        customer_reference=draw(names), terms=draw(names), reason=draw(names),
    )  # fmt: skip


def _to(amount: int, places: int) -> int:
    return amount // 10 ** (3 - places) * 10 ** (3 - places)


def _told(name: str) -> bool:
    from csdesk.documents.ubl_checks import clean

    return bool(clean(name))
