"""Reminders of what is past due, as text and PDF: the items, what is asked with fee and interest, the level's words."""

from __future__ import annotations

from collections.abc import Sequence

from csdesk.documents.cells import WIDTH, facts, fitted, side_by_side, wrapped
from csdesk.documents.paper import Reminder, day_text, money
from csdesk.documents.pdf import foot, letterhead, parties, words_below
from csdesk.documents.sheet import Sheet
from csdesk.documents.sheet_table import Cells, table
from csdesk.documents.text import address, item_cells, items_table
from csdesk.documents.text import letterhead as text_letterhead


def _sums(made: Reminder) -> list[tuple[str, int]]:
    extra = [(name, amount) for name, amount in (("Fee", made.fee), ("Interest", made.interest)) if amount]
    return [("Past due", made.overdue), *extra, (f"To pay {made.currency}", made.total)]


def _words(made: Reminder) -> list[str]:
    asked = made.words.strip() or "These items are past due. If you have paid them already, please ignore this letter."
    pay = f"Please pay {money(made.total, made.currency)} {made.currency} now, reference {made.debtor.code}."
    bic = f", BIC {made.account.bic}" if made.account.bic else ""
    where = [f"To {made.seller.name}, account {made.account.number}{bic}."] if made.account.number else []
    return [asked, pay, *where]


def _facts(made: Reminder) -> list[tuple[str, str]]:
    return [("Date", day_text(made.day)), ("Customer no.", made.debtor.code), ("Currency", made.currency)]


def reminder_text(made: Reminder) -> str:
    """A reminder as text, lines of at most 80 cells."""
    lines = [*text_letterhead(made.seller, f"{made.title.upper()} OF {day_text(made.day).upper()}"), ""]
    lines += [*side_by_side(address("To", made.debtor), facts(_facts(made), 14, 36), 43), ""]
    lines += [*items_table(made.items, made.currency), ""]
    for label, amount in _sums(made):
        lines.append(fitted(f"{label}  {fitted(money(amount, made.currency), 16, True)}", WIDTH, True))
    lines.append("")
    for words in _words(made):
        lines += wrapped(words, WIDTH)
    return "\n".join(lines) + "\n"


def reminder_pdf(made: Reminder) -> bytes:
    """A reminder as PDF; the same reminder gives the same bytes."""
    sheet = Sheet(made.seller.country, made.title, made.seller.name, made.day)
    sheet.running = f"{made.seller.name} · {made.title} of {day_text(made.day)} · {made.debtor.name}"
    letterhead(sheet, made.seller, made.title)
    parties(sheet, [("To", made.debtor)], _facts(made))
    head = ("Document", "Date", "Due", "Days late", "Amount", f"Open {made.currency}")
    rows = [Cells(item_cells(item, made.currency)) for item in made.items]
    table(sheet, head, [*rows, *_totals(made)], right=(3, 4, 5), flex=0)
    words_below(sheet, _words(made))
    return sheet.finish(foot(made.seller))


def _totals(made: Reminder) -> Sequence[Cells]:
    sums = _sums(made)
    return [
        Cells((label, "", "", "", "", money(amount, made.currency)), strong=place == len(sums) - 1)
        for place, (label, amount) in enumerate(sums)
    ]
