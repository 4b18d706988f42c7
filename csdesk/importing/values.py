"""Numbers, dates, answers and mended text as sources write them. Pure; what cannot be read raises Fault."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from csdesk.money import rounded

_YES = {"true", "t", "yes", "y", "1", "x", "on"}
_NO = {"false", "f", "no", "n", "0", "off"}
_DIGITS = re.compile(r"\d+(\.\d+)?")
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?")
SPACES = " \t\r\n\u00a0\u202f\ufeff"


class Typed(str):
    """A cell that came with a type of its own (XLSX): numbers in plain notation, dates as ISO text."""


class Fault(Exception):
    """Why a row cannot be read: a short code and one sentence."""

    def __init__(self, reason: str, code: str = "value") -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True)
class Style:
    """How a source writes numbers, dates and nothing."""

    currency: str
    zone: ZoneInfo
    decimal: str = "."
    thousands: str = ""
    negative: tuple[str, ...] = ("-x",)
    strip: str = ""
    dates: tuple[str, ...] = ()
    nulls: frozenset[str] = frozenset()
    fold: frozenset[str] = frozenset()


def mended(text: str) -> str:
    """Text whose UTF-8 was read as Windows-1252 and stored again, read right; anything else as it is."""
    if text.isascii():
        return text
    raw = bytearray()
    for sign in text:
        try:
            raw += sign.encode("cp1252")
        except UnicodeEncodeError:
            if ord(sign) > 0xFF:
                return text
            raw.append(ord(sign))  # the five bytes that code page leaves open
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return text


def number(text: str, style: Style) -> Decimal:
    """A number as the source writes it. Raises Fault; thousands must stand in threes, so that a wrong mark is seen."""
    if type(text) is Typed:
        return _decimal(text, text)
    if style.decimal == "." and text.isascii() and _DIGITS.fullmatch(text):
        return Decimal(text)
    bare = text
    for sign in style.strip:
        bare = bare.replace(sign, "")
    bare = bare.replace("\u00a0", " ").replace("\u202f", " ").strip(SPACES)
    negative = False
    for form in style.negative:
        before, _, after = form.partition("x")
        if len(bare) > len(before) + len(after) and bare.startswith(before) and bare.endswith(after):
            bare, negative = bare[len(before) : len(bare) - len(after)].strip(SPACES), True
            break
    if negative and bare[:1] in {"+", "-"}:
        raise Fault(f"{text!r} is not a number")
    if style.thousands and style.thousands in bare:
        mark, point = re.escape(style.thousands), re.escape(style.decimal)
        if not re.fullmatch(rf"[+-]?\d{{1,3}}({mark}\d{{3}})+({point}\d*)?", bare):
            raise Fault(f"{text!r} is not a number as this source writes them")
        bare = bare.replace(style.thousands, "")
    if style.decimal != ".":
        if "." in bare:
            raise Fault(f"{text!r} is not a number as this source writes them")
        bare = bare.replace(style.decimal, ".")
    value = _decimal(bare, text)
    return -value if negative else value


def _decimal(bare: str, shown: str) -> Decimal:
    if not _PLAIN.fullmatch(bare) or not bare.isascii():
        raise Fault(f"{shown!r} is not a number")
    return Decimal(bare)


@lru_cache(maxsize=8192)
def instant(text: str, formats: tuple[str, ...], zone: ZoneInfo, typed: bool) -> datetime:
    """An aware UTC instant; a day alone is its midnight in the source's zone. Raises Fault."""
    for each in (*(("iso",) if typed else ()), *formats):
        try:
            found = _READERS[each](text) if each in _READERS else datetime.strptime(text, each)  # noqa: DTZ007
            return _aware(found, zone)
        except (ValueError, ArithmeticError):
            continue
    raise Fault(f"{text!r} is no date written as {' or '.join(formats)}")


def _serial(text: str) -> datetime:
    """A spreadsheet's day number, counted from 1899-12-30."""
    return datetime(1899, 12, 30) + timedelta(seconds=int(rounded(Decimal(text) * 86400)))  # noqa: DTZ001


_READERS = {"iso": datetime.fromisoformat, "excel": _serial}


def _aware(found: datetime, zone: ZoneInfo) -> datetime:
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def yes(text: str) -> bool:
    """A yes or a no. Raises Fault for anything else."""
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Fault(f"{text!r} is neither yes nor no")


def at_path(text: str, path: str) -> Any:
    """What stands in JSON text at a path like "events.0.number"; None when there is nothing. Raises Fault."""
    try:
        found: Any = json.loads(text)
    except ValueError:
        raise Fault("the cell is no JSON") from None
    for step in path.split(".") if path else ():
        if isinstance(found, list):
            found = found[int(step)] if step.lstrip("-").isdigit() and -len(found) <= int(step) < len(found) else None
        else:
            found = found.get(step) if isinstance(found, dict) else None
    return found


def plain(found: Any) -> str:
    """A member of JSON as the text of a cell."""
    if found is None:
        return ""
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
