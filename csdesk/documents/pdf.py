"""Documents as PDF: letterhead, address, facts, lines over as many pages as need be, tax by rate, what to pay."""

from __future__ import annotations

from collections.abc import Sequence

from csdesk.documents.paper import (
    Paper,
    PaperLine,
    Party,
    Statement,
    day_text,
    money,
    price_text,
    rate_text,
)
from csdesk.documents.sheet import MARGIN, SHADE, SOFT, Sheet, leading
from csdesk.documents.sheet_table import Cells, table
from csdesk.documents.text import item_cells, line_note
from csdesk.documents.words import (
    KINDS,
    closing_words,
    head_facts,
    other_place,
    receiver,
    seller_line,
    seller_numbers,
    statement_words,
    tax_name,
    total_name,
)
from csdesk.money import show_quantity

_FACTS = 72.0  # mm of the right column
_TOTALS = 92.0


def paper_pdf(paper: Paper) -> bytes:
    """An order confirmation, invoice, credit note or debit note; the same paper gives the same bytes."""
    title = f"{paper.title} {paper.number}"
    sheet = Sheet(paper.seller.country, title, paper.seller.name, paper.issued_on)
    sheet.running = f"{paper.seller.name} · {title} · {day_text(paper.issued_on)} · {paper.buyer.name}"
    letterhead(sheet, paper.seller, title)
    left = [("To", paper.buyer)]
    if other := other_place(paper):
        left.append(("Goods to", other))
    parties(sheet, left, head_facts(paper))
    head = ("#", "Code", "Description", "Quantity", "Unit", "Price", "Tax", f"Net {paper.currency}")
    table(sheet, head, [_line(paper, line) for line in paper.lines], right=(0, 3, 5, 6, 7), flex=2)
    words = closing_words(paper)
    _totals(sheet, paper, sum(len(sheet.wrapped(text, sheet.width)) for text in words) * leading(9) + 6)
    words_below(sheet, words)
    return sheet.finish(foot(paper.seller))


def statement_pdf(statement: Statement) -> bytes:
    """A statement of account; the same statement gives the same bytes."""
    cur, title = statement.currency, "Statement of account"
    sheet = Sheet(statement.seller.country, title, statement.seller.name, statement.as_of)
    sheet.running = f"{statement.seller.name} · {title} as of {day_text(statement.as_of)} · {statement.debtor.name}"
    letterhead(sheet, statement.seller, title)
    facts = [
        ("As of", day_text(statement.as_of)),
        ("From", day_text(statement.since)),
        ("Customer no.", statement.debtor.code),
        ("Currency", cur),
        ("Balance", money(statement.closing, cur)),
        ("of it past due", money(statement.overdue, cur)),
    ]
    parties(sheet, [("To", statement.debtor)], facts)
    table(sheet, ("Date", "Document", "", "Debit", "Credit", f"Balance {cur}"), _movements(statement),
          right=(3, 4, 5), flex=2, most=48)  # fmt: skip
    _ages(sheet, statement)
    if statement.items:
        heading(sheet, "Open items")
        rows = [Cells(item_cells(item, cur)) for item in statement.items]
        table(sheet, ("Document", "Date", "Due", "Days late", "Amount", f"Open {cur}"), rows, right=(3, 4, 5), flex=0)
    words_below(sheet, statement_words(statement))
    return sheet.finish(foot(statement.seller))


def letterhead(sheet: Sheet, seller: Party, title: str) -> None:
    """Who writes, and what."""
    sheet.text(seller.name, 0, sheet.width, size=15, bold=True)
    sheet.text(seller_line(seller), 0, sheet.width, size=8, colour=SOFT)
    sheet.y += 2
    sheet.rule(thick=0.6)
    sheet.y += 7
    sheet.text(title, 0, sheet.width, size=17, bold=True)
    sheet.y += 4


def parties(sheet: Sheet, left: Sequence[tuple[str, Party]], facts: Sequence[tuple[str, str]]) -> None:
    """Addresses on the left, facts on the right."""
    top, x = sheet.y, sheet.width - _FACTS
    for label, party in left:
        sheet.text(label, 0, x - 6, size=7.5, colour=SOFT)
        for place, text in enumerate(receiver(party)):
            sheet.text(text, 0, x - 6, size=10, bold=place == 0)
        sheet.y += 3
    below, sheet.y = sheet.y, top
    for label, text in facts:
        line = sheet.y
        sheet.put(label, x, line + 0.4, 26, size=8, colour=SOFT)
        sheet.text(text, x + 26, _FACTS - 26, right=True)
    sheet.y = max(below, sheet.y) + 4


def _line(paper: Paper, line: PaperLine) -> Cells:
    counted = line.counted
    cells = (
        str(line.line), line.code, line.name, show_quantity(line.quantity) if counted else "",
        line.unit if counted else "", price_text(line.price, paper.currency) if counted else "",
        rate_text(line.tax_rate) if line.category == "S" else line.category, money(line.net, paper.currency),
    )  # fmt: skip
    return Cells(cells, line_note(paper, line))


def _totals(sheet: Sheet, paper: Paper, below: float) -> None:
    """Net, tax by rate with its base, and the total: parted neither from one another nor from `below` mm of words."""
    cur, rows = paper.currency, []
    if paper.unsplit:
        rows.append(("Other", money(paper.unsplit, cur)))
    rows.append(("Net", money(paper.net, cur)))
    rows += [(f"Tax {tax_name(part)} on {money(part.base, cur)}", money(part.tax, cur)) for part in paper.taxes]
    figure = max(sheet.wide(text, 12, True) for text in [*(text for _, text in rows), money(paper.gross, cur)])
    x, label = sheet.width - _TOTALS, _TOTALS - figure
    lines = [(sheet.wrapped(name, label), text) for name, text in rows]
    height = sum(len(names) for names, _ in lines) * leading(9) + leading(12) + 14 + 0.6 * len(lines)
    if sheet.room < height + below:
        sheet.next_page()
    sheet.y += 3
    for names, text in lines:
        top = sheet.y
        for place, name in enumerate(names):
            sheet.put(name, x, top + place * leading(9), label, colour=SOFT)
        sheet.put(text, x + label, top, figure, right=True)
        sheet.y = top + len(names) * leading(9) + 0.6
    sheet.y += 1
    top = sheet.y
    sheet.pdf.set_fill_color(*SHADE)
    sheet.pdf.rect(MARGIN + x, top, _TOTALS, leading(12) + 3, style="F")
    sheet.put(f"{total_name(paper)} {cur}", x, top + 1.5, label, size=11, bold=True)
    sheet.put(money(paper.gross, cur), x + label, top + 1.5, figure, size=12, bold=True, right=True)
    sheet.y = top + leading(12) + 9


def _movements(statement: Statement) -> list[Cells]:
    cur = statement.currency
    opening = (day_text(statement.since), "Opening balance", "", "", "", money(statement.opening, cur))
    closing = (day_text(statement.as_of), "Closing balance", "", "", "", money(statement.closing, cur))
    rows = [
        Cells(
            (
                day_text(each.day), f"{KINDS.get(each.kind, each.kind)} {each.number}", each.text,
                money(each.debit, cur) if each.debit else "", money(each.credit, cur) if each.credit else "",
                money(each.balance, cur),
            )
        )
        for each in statement.movements
    ]  # fmt: skip
    return [Cells(opening), *rows, Cells(closing, strong=True)]


def _ages(sheet: Sheet, statement: Statement) -> None:
    """The buckets side by side; they add up to the balance."""
    cells = [*statement.ages, ("Balance", statement.closing)]
    if sheet.room < 30:
        sheet.next_page()
    heading(sheet, "Ageing, days past due")
    width, top = sheet.width / len(cells), sheet.y
    sheet.pdf.set_fill_color(*SHADE)
    sheet.pdf.rect(MARGIN, top, sheet.width, 12, style="F")
    for place, (label, amount) in enumerate(cells):
        last = place == len(cells) - 1
        text = money(amount, statement.currency)
        size = next((each for each in (9.5, 8, 7, 6, 5) if sheet.wide(text, each, last) <= width), 4)
        sheet.put(label, place * width, top + 1.5, width, size=7.5, right=True, colour=SOFT)
        sheet.put(text, place * width, top + 6, width, size=size, bold=last, right=True)
    sheet.y = top + 13


def heading(sheet: Sheet, text: str) -> None:
    """A heading, never alone at the foot of a page."""
    if sheet.room < 26:
        sheet.next_page()
    sheet.y += 6
    sheet.text(text, 0, sheet.width, size=10.5, bold=True)
    sheet.y += 1.5


def words_below(sheet: Sheet, words: Sequence[str]) -> None:
    """Sentences, each from the left margin."""
    sheet.y += 4
    for text in words:
        if sheet.room < len(sheet.wrapped(text, sheet.width)) * leading(9):
            sheet.next_page()
        sheet.text(text, 0, sheet.width)


def foot(seller: Party) -> list[str]:
    """What stands at the foot of every page."""
    return [" · ".join([seller.name, *seller_numbers(seller)])]
