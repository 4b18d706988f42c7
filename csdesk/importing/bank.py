"""Reading a bank's file: date, amount, payer, reference and the bank's own reference of each line of money in."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from csdesk.errors import Invalid
from csdesk.money import decimal_of, exponent, to_minor
from csdesk.services.unidentified import BankEntry

NEEDED = ("date", "amount", "bank_reference")
MARKS = (",", ".")
Row = dict[str, str | None]


def lines(file: Path, currency: str, decimal: str = "") -> tuple[BankEntry, ...]:
    """The lines of a CSV file with headings; all are read before the first is given, so that a fault takes nothing in.

    `decimal` is the mark before the decimals; unless it is named the amounts of the file tell ("160,00", "1.250,00").
    Raises Invalid naming the line for a missing column, a day or an amount that cannot be, and an amount that may mean
    two ("1.250") in a file that does not tell.
    """
    if decimal and decimal not in MARKS:
        raise Invalid("The decimal mark is a comma or a point: --decimal , or --decimal .", field="decimal")
    try:
        with file.open(newline="", encoding="utf-8-sig") as handle:
            reader = csv.DictReader(handle)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise Invalid(f"{file.name} has no column {', '.join(missing)}; it needs {', '.join(NEEDED)}.")
            rows = list(enumerate(reader, 2))
    except OSError as error:
        raise Invalid(f"{file.name} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error):
        raise Invalid(f"{file.name} is no CSV file in UTF-8.") from None
    mark = decimal or _told([(place, _cell(row, "amount")) for place, row in rows], currency)
    return tuple(_line(row, place, currency, mark) for place, row in rows)


def _cell(row: Row, name: str) -> str:
    return (row.get(name) or "").strip()


def _line(row: Row, place: int, currency: str, mark: str) -> BankEntry:
    text = _cell(row, "amount")
    try:
        day, amount = date.fromisoformat(_cell(row, "date")), _minor(text, mark, currency)
    except (ValueError, Invalid):
        raise Invalid(f"Line {place}: '{row['date']}' and '{row['amount']}' are no day and amount.") from None
    if amount is None:
        raise Invalid(f"Line {place}: '{text}' may mean two amounts; say --decimal , or --decimal . for this file.")
    if amount <= 0:
        raise Invalid(f"Line {place}: money in has an amount above 0.")
    named = (_cell(row, name) for name in ("payer", "reference", "bank_reference"))
    return BankEntry(place, amount, day, *named, currency)


def _told(amounts: Sequence[tuple[int, str]], currency: str) -> str:
    """The decimal mark the amounts of a file tell, "" for none. Raises Invalid when they tell two."""
    found, first = "", 0
    for place, text in amounts:
        mark = _telling(text, exponent(currency))
        if mark and found and mark != found:
            raise Invalid(f"Line {place}: '{text}' has another decimal mark than line {first}; write them alike.")
        if mark and not found:
            found, first = mark, place
    return found


def _telling(text: str, decimals: int) -> str:
    """What one amount tells of the decimal mark: the last of two marks; not the one that stands twice; a single one,
    unless three figures follow, as between thousands."""
    marks = re.findall(r"[.,]", text)
    if not marks:
        return ""
    if len(set(marks)) == 2:
        return marks[-1]
    thousands = len(marks) > 1 or (decimals == 0 and re.search(r"[.,][0-9]{3}$", text) is not None)
    if thousands:
        return next(each for each in MARKS if each != marks[0])
    return "" if decimals != 3 and re.search(r"[.,][0-9]{3}$", text) else marks[0]


def _minor(text: str, mark: str, currency: str) -> int | None:
    """An amount in minor units; None for one that may mean two. Raises Invalid for none at all, and for more decimals
    than an amount has."""
    if not mark:
        if re.fullmatch(r"[+-]?[0-9]{1,3}[.,][0-9]{3}", text):
            return None
        mark = "."
    other = next(each for each in MARKS if each != mark)
    most = max(exponent(currency), 2)
    whole = rf"[0-9]{{1,18}}|[0-9]{{1,3}}(?:\{other}[0-9]{{3}}){{1,5}}"
    if not re.fullmatch(rf"[+-]?(?:{whole})(?:\{mark}[0-9]{{1,{most}}})?", text):
        raise Invalid(f"'{text}' is no amount.", field="amount")
    number = decimal_of(text.replace(other, "").replace(mark, "."))
    amount = to_minor(number, currency)
    if number.scaleb(exponent(currency)) != amount:
        raise Invalid(f"'{text}' has more decimals than {currency}.", field="amount")
    return amount
