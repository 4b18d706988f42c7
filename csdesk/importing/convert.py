"""From a row of cells to csdesk's values, field by field, as the mapping says. Pure; faults name the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from csdesk.importing.spec import Cell
from csdesk.importing.values import SPACES, Fault, Style, Typed, at_path, instant, mended, number, plain, yes
from csdesk.money import exponent, rounded
from csdesk.services.loading_field import Field
from csdesk.services.loading_types import ANONYMOUS

Row = Sequence[str]
PLACES = {"quantity": 3, "price": 6, "rate": 6, "integer": 0}
_LARGEST = 10**15  # in the unit stored; the columns hold 9.2 * 10**18, sums of lines must fit as well


def scaled(value: Decimal, field: Field, cell: Cell, style: Style) -> Any:
    """The number as it is stored: int minor units, int, or Decimal. Raises Fault rather than lose a digit."""
    places = exponent(style.currency) if field.kind == "money" else PLACES[field.kind]
    exact = rounded(value, places) if cell.round else value
    units = exact.scaleb(places)
    whole = int(units)
    if whole != units:
        raise Fault(f"{value:f} has more than {places} decimals")
    if abs(whole) >= _LARGEST:
        raise Fault(f"{value:f} is too large")
    if whole < 0 and not field.signed:
        raise Fault(f"{value:f} is negative")
    return whole if field.kind in ("money", "integer") else Decimal(whole).scaleb(-places)


def text_value(text: str, field: Field, cell: Cell) -> str:
    """Text that fits its column. Raises Fault."""
    if "\x00" in text:
        raise Fault("a NUL character is no text")
    if len(text) > field.size:
        if not cell.cut:
            raise Fault(f"{text[:30]!r} … is {len(text)} characters long, {field.size} are kept")
        return text[: field.size].rstrip()
    return text


def reader(name: str, cell: Cell, field: Field, style: Style, column: Callable[[str], int]) -> Callable[[Row], Any]:
    """The function that reads one field of a row. `column` finds a column's place; faults name the field."""
    if cell.decimal is not None or cell.thousands is not None:
        point = style.decimal if cell.decimal is None else cell.decimal
        style = replace(style, decimal=point, thousands=style.thousands if cell.thousands is None else cell.thousands)
    raw = _raw(cell, style, column)
    value = _value(cell, field, style)
    sign = _sign(cell, column)

    def read(row: Row) -> Any:
        try:
            found = raw(row)
            if found == "":
                if cell.empty == "anonymous":
                    return ANONYMOUS
                if field.needed or cell.empty == "quarantine":
                    raise Fault("is empty", "empty")
                return None if field.kind != "list" else ()
            return value(found, sign(row))
        except Fault as fault:
            raise Fault(f"{name}: {fault}", fault.code) from None

    return read


def _raw(cell: Cell, style: Style, column: Callable[[str], int]) -> Callable[[Row], Any]:
    """The text of the cell after trimming, null words, mending, taking apart and value maps; "" = nothing."""
    if cell.const is not None:
        fixed = _word(cell.const)
        return lambda row: fixed
    nulls = style.nulls | set(cell.nulls)
    if cell.debit:
        debit, credit = column(cell.debit), column(cell.credit)
        return lambda row: _balance(row[debit], row[credit], style, nulls)
    places = [column(name) for name in cell.source]
    shape = _shape(cell)
    first = places[0]

    def one(row: Row) -> str:
        text = row[first]
        bare = text.strip(SPACES)
        if bare in nulls:
            bare = ""
        return shape(text if bare == text else bare)

    def joined(row: Row) -> str:
        texts = (row[place].strip(SPACES) for place in places)
        return shape(cell.join.join(text for text in texts if text and text not in nulls))

    return one if len(places) == 1 else joined


def _balance(debit: str, credit: str, style: Style, nulls: frozenset[str] | set[str]) -> Any:
    """Debit less credit; both empty = nothing."""
    bare = [text.strip(SPACES) if type(text) is str else text for text in (debit, credit)]
    if all(text == "" or text in nulls for text in bare):
        return ""
    sides = [Decimal(0) if text == "" or text in nulls else number(text, style) for text in bare]
    return sides[0] - sides[1]


def _shape(cell: Cell) -> Callable[[str], str]:
    """What is done to the text itself, in the order of the words of Cell."""
    steps: list[Callable[[str], str]] = []
    if cell.path:
        steps.append(lambda text: plain(at_path(text, cell.path)) if text else "")
    if cell.mend:
        steps.append(mended)
    if cell.take:
        pattern = re.compile(cell.take)
        steps.append(lambda text: _taken(pattern, text) if text else "")
    if cell.case:
        steps.append(str.upper if cell.case == "upper" else str.lower)
    if cell.map:
        steps.append(_mapping(cell))
    if cell.default is not None:
        default = str(cell.default)
        steps.append(lambda text: text or default)
    if not steps:
        return lambda text: text

    def shape(text: str) -> str:
        for step in steps:
            text = step(text)
        return text

    return shape


def _taken(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    if found is None:
        raise Fault(f"{text!r} does not look as expected")
    return (found.group(1) if pattern.groups else found.group(0)) or ""


def _mapping(cell: Cell) -> Callable[[str], str]:
    """A value map; a word between slashes is a regular expression that is looked for."""
    words = {word: _word(value) for word, value in cell.map.items() if not _is_pattern(word)}
    patterns = [(re.compile(word[1:-1]), _word(value)) for word, value in cell.map.items() if _is_pattern(word)]
    other = None if cell.other is None else _word(cell.other)

    def mapped(text: str) -> str:
        if text in words:
            return words[text]
        for pattern, value in patterns:
            if pattern.search(text):
                return value
        if other is not None:
            return other
        if not text or cell.unmapped == "keep":
            return text
        raise Fault(f"{text!r} is none of {', '.join(cell.map)}")

    return mapped


def _is_pattern(word: str) -> bool:
    return len(word) > 2 and word[0] == word[-1] == "/"


def _word(value: str | int | bool) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _sign(cell: Cell, column: Callable[[str], int]) -> Callable[[Row], bool]:
    """Whether the number of a row is turned negative by a column of its own."""
    if not cell.sign_from:
        return lambda row: False
    place, words = column(cell.sign_from), frozenset(cell.negative_when)
    return lambda row: row[place].strip(SPACES) in words


def _value(cell: Cell, field: Field, style: Style) -> Callable[[Any, bool], Any]:
    kind = field.kind
    if kind == "text":
        return lambda text, _: text_value(str(text), field, cell)
    if kind == "ref":
        fold = field.to in style.fold
        return lambda text, _: text_value(text.lower() if fold else str(text), field, cell)
    if kind == "yes":
        return lambda text, _: yes(text)
    if kind == "list":
        return lambda text, _: _list(text, field, cell)
    formats = cell.dates or style.dates
    if kind == "instant":
        return lambda text, _: instant(text, formats, style.zone, type(text) is Typed)
    if kind == "date":
        return lambda text, _: instant(text, formats, style.zone, type(text) is Typed).astimezone(style.zone).date()
    return lambda text, negative: scaled(_signed(text, negative, cell, style), field, cell, style)


def _list(text: str, field: Field, cell: Cell) -> tuple[str, ...]:
    parts = text.split(cell.split) if cell.split else [text]
    return tuple(dict.fromkeys(text_value(part.strip(SPACES), field, cell) for part in parts if part.strip(SPACES)))


def _signed(text: Any, negative: bool, cell: Cell, style: Style) -> Decimal:
    value = text if isinstance(text, Decimal) else number(text, style)
    if cell.scale:
        value *= Decimal(cell.scale)
    if negative:
        value = -value
    return -value if cell.sign == "negate" else abs(value) if cell.sign == "absolute" else value
