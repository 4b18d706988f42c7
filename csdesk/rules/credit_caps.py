"""Whether a credit note fits beside what was credited before: on each line, in each tax rate, and on the document.

Pure, minor units. A line in the customer's favour (a discount, a return on the invoice) makes the document less than
its other lines: these are credited in full only along with it.

Formula: credited so far + this note <= what was billed. Source: as `credit_notes.quantity_credit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from csdesk.rules.credit_notes import Credited, InvoiceLine, creditable

NOTHING = Credited()


@dataclass(frozen=True)
class Beyond:
    """Of what a credit note asks too much ("" the document's gross, "net", "tax", "tax at 19 %"): what is left of it
    and what is asked, in minor units; `along` are the lines in the customer's favour that make it fit."""

    what: str
    left: int
    asked: int
    along: tuple[int, ...] = ()


def first_unfit(
    lines: Sequence[InvoiceLine], so_far: Mapping[int, Credited], note: Mapping[int, Credited], *, tax_method: str
) -> tuple[int, Credited] | None:
    """The first line on which a credit note reckoned before no longer fits beside `so_far`, and what is left of it.

    Tax has to fit on the line or, by tax method "document", within its rate; of a rate whose lines do not all have one
    sign `beyond_document` says whether it does.
    """
    for line in (each for each in lines if each.line in note):
        alike = [line] if tax_method == "line" else [each for each in lines if each.rate == line.rate]
        mixed = min(each.net for each in alike) < 0 < max(each.net for each in alike)
        taken, mine = (sum(part[each.line].tax for each in alike if each.line in part) for part in (so_far, note))
        left, part = creditable(line, [so_far.get(line.line, NOTHING)]), note[line.line]
        taxed = mixed or _fits(mine, sum(each.tax for each in alike) - taken)
        if part.quantity > left.quantity or not _fits(part.net, left.net) or not taxed:
            return line.line, left
    return None


def beyond_document(
    lines: Sequence[InvoiceLine],
    so_far: Mapping[int, Credited],
    note: Mapping[int, Credited],
    *,
    gross: int,
    elsewhere: Credited = NOTHING,
) -> Beyond | None:
    """Where a credit note takes more than the document was: its gross, net or tax, or the tax of one rate. None if it
    fits.

    `gross` is the document's, which need not be the sum of its lines; `elsewhere` what earlier notes took of it that
    stands on no line. A credit with less than nothing of something (a discount charged again) always fits there.

    Formula: credited before + credited now <= invoiced, for each of them.
    """
    taken, mine = _sum(so_far.values()) + elsewhere, _sum(note.values())
    whole = Credited(net=sum(line.net for line in lines), tax=sum(line.tax for line in lines))
    limits = [
        ("", gross, taken.net + taken.tax, mine.net + mine.tax),
        ("net", whole.net, taken.net, mine.net),
        ("tax", whole.tax, taken.tax, mine.tax),
    ]
    for rate in sorted({line.rate for line in lines if line.line in note}):
        alike = {line.line: line.tax for line in lines if line.rate == rate}
        before, now = (sum(part[each].tax for each in alike if each in part) for part in (so_far, note))
        limits.append((f"tax at {rate.normalize():f} %", sum(alike.values()), before, now))
    for what, total, before, asked in limits:
        if asked > 0 and asked > (left := max(0, total) - before):
            return Beyond(what, max(0, left), asked, tuple(_in_favour(lines, so_far, note)))
    return None


def _in_favour(
    lines: Sequence[InvoiceLine], so_far: Mapping[int, Credited], note: Mapping[int, Credited]
) -> Iterable[int]:
    """Lines with a negative net of which something is left beside the note."""
    for line in lines:
        left = creditable(line, [so_far.get(line.line, NOTHING), note.get(line.line, NOTHING)])
        if left.net < 0:
            yield line.line


def _sum(parts: Iterable[Credited]) -> Credited:
    return sum(parts, NOTHING)


def _fits(amount: int, left: int) -> bool:
    """Whether an amount lies between nothing and what is left, whichever side that is on."""
    return 0 <= amount <= left if left >= 0 else left <= amount <= 0
