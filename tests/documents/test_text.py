"""Documents as text: pages as they were looked at once, and whatever a name is made of."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from rich.cells import cell_len

from csdesk.documents.cells import wrapped
from csdesk.documents.paper import Paper, Reminder, Statement, file_name, money, price_text
from csdesk.documents.reminder import reminder_text
from csdesk.documents.text import paper_text, statement_text
from csdesk.money import to_minor
from tests.documents.made import HOSTILE, SELLER, Decimal, credit_note, lines_of, paper, papers, reminder, statement

GOLDEN = Path(__file__).parent / "golden"
PAGES = {
    "invoice": paper(),
    "credit_note": credit_note(),
    "debit_note": paper("debit_note", lines_of()[:1]),
    "order_confirmation": paper("order_confirmation", revision=2, promised_on=paper().due_on),
    "exempt": paper(lines=lines_of(exempt="AE")),
}


def text_of(made: Paper | Statement | Reminder) -> str:
    if isinstance(made, Reminder):
        return reminder_text(made)
    return paper_text(made) if isinstance(made, Paper) else statement_text(made)


@pytest.mark.parametrize("name", [*PAGES, "statement", "reminder"])
def test_a_page_is_as_it_was_looked_at(name: str) -> None:
    """GOLDEN=1 writes them anew; look at what changed before you keep it."""
    made = {"statement": statement, "reminder": reminder}[name]() if name not in PAGES else PAGES[name]
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN"):
        file.write_text(text_of(made), "utf-8")
    assert text_of(made) == file.read_text("utf-8")


@settings(max_examples=60, deadline=None)
@given(papers())
def test_no_line_is_wider_than_the_page_and_every_figure_is_there(made: Paper) -> None:
    text = paper_text(made)
    assert all(cell_len(line) <= 80 for line in text.splitlines() if not set(line) <= {"=", "-"})
    assert all(sign == "\n" or sign.isprintable() for sign in text)
    for amount in (made.net, made.gross, *(part.tax for part in made.taxes)):
        assert money(amount, made.currency) in text


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "1,235"), ("EUR", "12.35"), ("KWD", "1.235")])
def test_amounts_have_the_decimals_of_their_currency(currency: str, shown: str) -> None:
    made = paper(lines=(replace(lines_of()[0], net=1235, tax=0),), currency=currency)
    assert f" {shown}\n" in paper_text(made)


def test_a_long_name_goes_on_in_further_rows_and_loses_nothing() -> None:
    rows = wrapped(HOSTILE, 20)
    assert all(cell_len(row) <= 20 for row in rows)
    assert "Ungeheuerlang" * 12 in "".join(rows)
    assert not {"\x1b", "\x00", "\u202e"} & set("".join(rows))


def test_what_a_total_holds_beside_its_lines_is_told() -> None:
    made = paper(net=paper().net + 100, gross=paper().gross + 100)
    assert "Other" in paper_text(made)


def test_nothing_to_pay_is_said_when_no_account_is_known() -> None:
    made = replace(paper(), account=replace(paper().account, number=""), seller=replace(SELLER, street=""))
    assert "account" not in paper_text(made)


def test_a_statement_in_credit_and_one_of_nothing() -> None:
    empty = replace(statement(), movements=(), items=(), opening=0, closing=0, ages=(("Not due", 0),))
    assert "Nothing is open." in statement_text(empty)
    assert "We owe you 12.00 EUR." in statement_text(replace(empty, closing=-1200))


def test_amounts_too_wide_for_columns_are_listed_one_below_the_other() -> None:
    huge = to_minor("123456789012.34", "EUR")
    made = replace(statement(), ages=(("Not due", huge),) * 6, closing=6 * huge)
    assert all(len(line) <= 80 for line in statement_text(made).splitlines())
    assert statement_text(made).count("123,456,789,012.34") == 6


def test_prices_and_file_names() -> None:
    assert price_text(Decimal("1.2150"), "EUR") == "1.215"
    assert price_text(Decimal("10"), "EUR") == "10.00"
    assert price_text(Decimal("1200"), "JPY") == "1,200"
    assert file_name("credit_note", "../../etc/RG 7") == "credit-note-etc-RG-7"
    assert file_name("invoice", "寿司") == "invoice-unnamed"
