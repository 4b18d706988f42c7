"""PDFs say the same figures as the paper, on every page who and which, and survive any name."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from pypdf import PdfReader

from csdesk.documents.paper import Paper, PaperLine, money
from csdesk.documents.pdf import paper_pdf, statement_pdf
from csdesk.documents.reminder import reminder_pdf
from tests.documents.made import HOSTILE, SELLER, credit_note, lines_of, paper, papers, reminder, statement


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.parametrize("made", [paper(), credit_note(), paper("order_confirmation"), paper("debit_note")])
def test_it_says_every_figure(made: Paper) -> None:
    (text,) = pages(paper_pdf(made))
    for amount in (made.net, made.gross, *(line.net for line in made.lines), *(part.tax for part in made.taxes)):
        assert money(amount, made.currency) in text
    for told in (made.number, made.buyer.name, made.title, "Page 1 of 1", *(line.code for line in made.lines)):
        assert told in text


def test_a_statement_says_every_figure() -> None:
    made = statement()
    (text,) = pages(statement_pdf(made))
    amounts = [made.opening, made.closing, made.overdue, *(each.balance for each in made.movements)]
    amounts += [*(item.open for item in made.items), *(amount for _, amount in made.ages)]
    assert all(money(amount, "EUR") in text for amount in amounts)
    assert all(each.number in text for each in (*made.movements, *made.items))


def test_a_reminder_says_every_figure() -> None:
    made = reminder()
    (text,) = pages(reminder_pdf(made))
    assert all(money(each, "EUR") in text for each in (made.overdue, made.fee, made.interest, made.total))
    assert "Reminder 2" in text
    assert made.items[0].number in text


def many(count: int) -> tuple[PaperLine, ...]:
    lines = lines_of()
    return tuple(replace(lines[n % len(lines)], line=n + 1, code=f"C{n + 1:03}") for n in range(count))


def test_two_hundred_lines_over_several_pages() -> None:
    made = paper(lines=many(200))
    found = pages(paper_pdf(made))
    assert len(found) > 3
    for number, text in enumerate(found, 1):
        assert f"Page {number} of {len(found)}" in text
        assert made.number in text
        assert made.seller.name in text
    headed = [text for text in found if "Description" in text]
    assert len(headed) >= len(found) - 1
    assert [code for text in found for code in text.split() if code[0] == "C" and code[1:].isdecimal()] == [
        line.code for line in made.lines
    ]
    assert money(made.gross, "EUR") in found[-1]


def test_the_foot_is_as_small_on_every_page() -> None:
    """Its letters end left of the page number, on the first page and on those that follow."""
    for page in PdfReader(io.BytesIO(paper_pdf(paper(lines=many(60))))).pages:
        sizes: set[float] = set()
        page.extract_text(visitor_text=lambda text, cm, tm, font, size, sizes=sizes: (
            sizes.add(size) if "Page " in text or "HRB" in text else None
        ))  # fmt: skip
        assert sizes == {7.0}


def test_totals_are_never_parted_wherever_the_last_line_falls() -> None:
    for count in range(20, 29):
        made = paper(lines=many(count))
        last = pages(paper_pdf(made))[-1]
        assert all(money(amount, "EUR") in last for amount in (made.net, made.gross))


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "1,235"), ("EUR", "12.35"), ("KWD", "1.235")])
def test_amounts_have_the_decimals_of_their_currency(currency: str, shown: str) -> None:
    made = paper(lines=(replace(lines_of()[0], net=1235, tax=0),), currency=currency)
    assert shown in pages(paper_pdf(made))[0]


def test_a_hostile_name_is_wrapped_and_what_no_font_has_is_replaced() -> None:
    made = paper(buyer=replace(paper().buyer, name=HOSTILE), seller=replace(SELLER, name=HOSTILE))
    text = "".join(pages(paper_pdf(made)))
    assert "[/x]" in text
    assert "Ωμέγα Жук" in text
    assert text.count("\ufffd") > 2
    assert not {"\x1b", "\x00", "\u202e", "寿"} & set(text)


@settings(max_examples=15, deadline=None)
@given(papers())
def test_any_paper_makes_a_pdf(made: Paper) -> None:
    assert money(made.gross, made.currency) in pages(paper_pdf(made))[-1]


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert paper_pdf(paper()) == paper_pdf(paper())
    assert statement_pdf(statement()) == statement_pdf(statement())


def test_the_sheet_is_the_one_of_the_country() -> None:
    here = PdfReader(io.BytesIO(paper_pdf(paper()))).pages[0].mediabox
    there = PdfReader(io.BytesIO(paper_pdf(paper(seller=replace(SELLER, country="US"))))).pages[0].mediabox
    assert (round(here.width), round(here.height)) == (595, 842)
    assert (round(there.width), round(there.height)) == (612, 792)
