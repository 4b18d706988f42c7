"""Documents as plain text of 80 columns: for a terminal, the body of a mail, a printer that knows no more."""

from __future__ import annotations

from collections.abc import Sequence

from csdesk.documents.cells import WIDTH, facts, fitted, row_of, side_by_side, wrapped
from csdesk.documents.paper import (
    OpenLine,
    Paper,
    PaperLine,
    Party,
    Statement,
    day_text,
    money,
    price_text,
    rate_text,
)
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

_RULE, _THICK = "-" * WIDTH, "=" * WIDTH
_LINE = (3, 10, 24, 8, 6, 9, 6, 7)  # the net takes what is left


def paper_text(paper: Paper) -> str:
    """An order confirmation, invoice, credit note or debit note as text, lines of at most 80 cells."""
    lines = [*letterhead(paper.seller, f"{paper.title.upper()} {paper.number}"), ""]
    left = address("To", paper.buyer)
    if other := other_place(paper):
        left += ["", *address("Goods to", other)]
    lines += [*side_by_side(left, facts(head_facts(paper), 14, 36), 43), ""]
    lines += _table(paper)
    lines += ["", *_totals(paper), ""]
    for words in closing_words(paper):
        lines += wrapped(words, WIDTH)
    return "\n".join(lines) + "\n"


def letterhead(seller: Party, title: str) -> list[str]:
    """Who writes, and what."""
    lines = [*wrapped(seller.name, WIDTH)]
    lines += [part for text in (seller_line(seller), " · ".join(seller_numbers(seller))) if text
              for part in wrapped(text, WIDTH)]  # fmt: skip
    return [*lines, _THICK, *wrapped(title, WIDTH), _THICK]


def address(label: str, party: Party) -> list[str]:
    """Name and address behind a label."""
    lines = [part for text in receiver(party) for part in wrapped(text, 32)]
    return [f"{label if not place else '':<10}{line}".rstrip() for place, line in enumerate(lines)]


def _table(paper: Paper) -> list[str]:
    cells = [_cells(paper, line) for line in paper.lines]
    head = ("#", "Code", "Description", "Quantity", "Unit", "Price", "Tax", f"Net {paper.currency}")
    widths, right = _widths([head, *cells]), (0, 3, 5, 6, 7)
    made = [*row_of(head, widths, right), _RULE]
    for line, row in zip(paper.lines, cells, strict=True):
        made += row_of(row, widths, right)
        if note := line_note(paper, line):
            indent = " " * (widths[0] + widths[1] + 2)
            made += [f"{indent}{part}" for part in wrapped(note, WIDTH - len(indent))]
    return [*made, _RULE]


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """Figures are never wrapped: their columns are as wide as need be, the description takes what is left."""
    need = [max(len(row[place]) for row in rows) for place in range(len(_LINE))]
    least = [max(need[place], 4) if place in (0, 3, 5, 6, 7) else _LINE[place] for place in range(len(_LINE))]
    least[0], least[1] = max(2, need[0]), min(max(4, need[1]), 12)
    least[4] = min(max(4, need[4]), 8)
    least[2] = max(12, WIDTH - sum(least[:2]) - sum(least[3:]) - len(_LINE) + 1)
    return least


def _cells(paper: Paper, line: PaperLine) -> tuple[str, ...]:
    counted = line.counted
    return (
        str(line.line), line.code, line.name, show_quantity(line.quantity) if counted else "",
        line.unit if counted else "", price_text(line.price, paper.currency) if counted else "",
        rate_text(line.tax_rate) if line.category == "S" else line.category, money(line.net, paper.currency),
    )  # fmt: skip


def line_note(paper: Paper, line: PaperLine) -> str:
    """What stands below a line: its own note, and its day when that is not the order's."""
    day = line.promised_on if line.promised_on and line.promised_on != paper.promised_on else None
    return "; ".join(filter(None, (line.note, f"promised {day_text(day)}" if day else "")))


def _totals(paper: Paper) -> list[str]:
    def row(label: str, amount: int) -> str:
        return fitted(f"{label}  {fitted(money(amount, paper.currency), 16, True)}", WIDTH, True)

    made = [row("Other", paper.unsplit)] if paper.unsplit else []
    made.append(row("Net", paper.net))
    for part in paper.taxes:
        on = f" on {money(part.base, paper.currency)}"
        made += [fitted(text, WIDTH - 18, True) for text in wrapped(f"Tax {tax_name(part)}{on}", WIDTH - 18)[:-1]]
        made.append(row(wrapped(f"Tax {tax_name(part)}{on}", WIDTH - 18)[-1], part.tax))
    return [*made, fitted("=" * 16, WIDTH, True), row(f"{total_name(paper)} {paper.currency}", paper.gross)]


def statement_text(statement: Statement) -> str:
    """A statement of account as text, lines of at most 80 cells."""
    cur = statement.currency
    lines = [*letterhead(statement.seller, f"STATEMENT OF ACCOUNT AS OF {day_text(statement.as_of).upper()}"), ""]
    pairs = [("Customer no.", statement.debtor.code), ("From", day_text(statement.since)),
             ("To", day_text(statement.as_of)), ("Currency", cur)]  # fmt: skip
    lines += [*side_by_side(address("To", statement.debtor), facts(pairs, 14, 36), 43), ""]
    lines += _movements(statement)
    lines += ["", "AGEING", *_ages(statement)]
    if statement.items:
        lines += ["", "OPEN ITEMS", *items_table(statement.items, statement.currency)]
    lines.append("")
    for words in statement_words(statement):
        lines += wrapped(words, WIDTH)
    return "\n".join(lines) + "\n"


def _movements(statement: Statement) -> list[str]:
    cur, right = statement.currency, (2, 3, 4)
    figures = [each.debit + each.credit for each in statement.movements] + [
        each.balance for each in statement.movements
    ]
    wide = max(14, *(len(money(each, cur)) for each in [*figures, statement.opening, statement.closing]))
    widths = (11, max(9, WIDTH - 15 - 3 * wide), wide, wide, wide)
    made = [*row_of(("Date", "Document", "Debit", "Credit", f"Balance {cur}"), widths, right), _RULE]
    made += row_of((day_text(statement.since), "Opening balance", "", "", money(statement.opening, cur)), widths, right)
    for each in statement.movements:
        told = " ".join(filter(None, (KINDS.get(each.kind, each.kind), each.number, each.text)))
        cells = (day_text(each.day), told, money(each.debit, cur) if each.debit else "",
                 money(each.credit, cur) if each.credit else "", money(each.balance, cur))  # fmt: skip
        made += row_of(cells, widths, right)
    closing = (day_text(statement.as_of), "Closing balance", "", "", money(statement.closing, cur))
    return [*made, _RULE, *row_of(closing, widths, right)]


def _ages(statement: Statement) -> list[str]:
    """The buckets in columns that fit 80; they add up to the closing balance."""
    cells = [*statement.ages, ("Balance", statement.closing)]
    width = WIDTH // len(cells) - 1
    amounts = [money(amount, statement.currency) for _, amount in cells]
    if max(map(len, amounts)) > width:
        return facts([(label, fitted(text, 20, True)) for (label, _), text in zip(cells, amounts, strict=True)], 16, 40)
    widths, right = [width] * len(cells), range(len(cells))
    return [*row_of([label for label, _ in cells], widths, right), *row_of(amounts, widths, right)]


def items_table(items: Sequence[OpenLine], cur: str) -> list[str]:
    """Open items, each with its days late."""
    widths, right = (27, 11, 11, 5, 11, 10), (3, 4, 5)
    faces = max(len(money(item.face, cur)) for item in items)
    if faces > 10:
        widths = (max(10, 27 - 2 * (faces - 10)), 11, 11, 5, faces + 1, faces)
    made = [*row_of(("Document", "Date", "Due", "Late", "Amount", "Open"), widths, right), _RULE]
    for item in items:
        made += row_of(item_cells(item, cur), widths, right)
    return made


def item_cells(item: OpenLine, currency: str) -> tuple[str, ...]:
    """An open item as cells: document, day, due day, days late, amount, open."""
    mark = f" ({money(item.disputed, currency)} disputed)" if 0 < item.disputed < item.open else ""
    mark = " (disputed)" if item.disputed >= item.open > 0 else mark
    return (
        f"{KINDS.get(item.kind, item.kind)} {item.number}{mark}", day_text(item.day), day_text(item.due_on),
        str(item.late) if item.late else "", money(item.face, currency), money(item.open, currency),
    )  # fmt: skip
