"""Reading a bank's file: date, amount, payer, reference and the bank's own reference of each line of money in."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from csdesk.errors import Invalid
from csdesk.money import to_minor

NEEDED = ("date", "amount", "bank_reference")
Line = tuple[int, date, str, str, str, str]  # minor units, day, payer, reference, bank's reference, currency


def lines(file: Path, currency: str) -> Iterator[Line]:
    """The lines of a CSV file with headings; all are read before the first is given, so that a fault takes nothing in.

    Raises Invalid naming the line for a missing column, a day, an amount or a reference that cannot be.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as handle:
            reader = csv.DictReader(handle)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise Invalid(f"{file.name} has no column {', '.join(missing)}; it needs {', '.join(NEEDED)}.")
            read = [_line(row, place, currency) for place, row in enumerate(reader, 2)]
    except OSError as error:
        raise Invalid(f"{file.name} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error):
        raise Invalid(f"{file.name} is no CSV file in UTF-8.") from None
    return iter(read)


def _line(row: dict[str, str | None], place: int, currency: str) -> Line:
    try:
        day = date.fromisoformat((row["date"] or "").strip())
        amount = to_minor((row["amount"] or "").strip(), currency)
    except (ValueError, Invalid):
        raise Invalid(f"Line {place}: '{row['date']}' and '{row['amount']}' are no day and amount.") from None
    own = (row["bank_reference"] or "").strip()
    if amount <= 0 or not own:
        raise Invalid(f"Line {place}: money in has an amount above 0 and the bank's own reference.")
    return amount, day, (row.get("payer") or "").strip(), (row.get("reference") or "").strip(), own, currency
