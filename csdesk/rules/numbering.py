"""Document numbers: written from series, year and sequence, read back, and looked through for gaps. Pure.

Rule: a series runs without a gap. Source: Directive 2006/112/EC, Article 226 (2).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from csdesk.errors import Invalid
from csdesk.rules._exact import count

PATTERN = "{series}{yy}{sequence}"
DIGITS = 6
_PARTS = {"{series}", "{yyyy}", "{yy}", "{sequence}"}
Name = TypeVar("Name", int, str)


@dataclass(frozen=True)
class NumberParts:
    """What a number is made of; a two-digit year is read as 20yy."""

    series: str
    year: int
    sequence: int


@dataclass(frozen=True)
class GapReport:
    """What is wrong in one series and year: runs missing (first, last), numbers used twice, beyond the counter."""

    series: str
    year: int
    missing: tuple[tuple[int, int], ...] = ()
    twice: tuple[int, ...] = ()
    beyond: tuple[int, ...] = ()


def document_number(series: str, year: int, sequence: int, *, pattern: str = PATTERN, digits: int = DIGITS) -> str:
    """The number of a document as it is printed: ("INV", 2026, 140) is "INV26000140".

    A sequence longer than `digits` is written in full, never cut. Raises Invalid for a sequence below 1, a year that
    is not of four digits, or a pattern without sequence or with unknown parts.

    Switches: `pattern` of {series}, {yyyy} or {yy}, {sequence} and any other signs; `digits` of the sequence
    (default 6, filled with zeros).

    Rule: the pattern with series, year and the sequence filled with zeros.

    Source: Directive 2006/112/EC, Article 226 (2): a sequential number, based on one or more series.
    """
    _check(pattern)
    if not 1000 <= count(year, "The year") <= 9999:
        raise Invalid(f"The year of a number has four digits, not {year}.")
    values = {
        "{series}": series,
        "{yyyy}": f"{year:04d}",
        "{yy}": f"{year % 100:02d}",
        "{sequence}": f"{count(sequence, 'The sequence', 1):0{digits}d}",
    }
    return re.sub("|".join(map(re.escape, values)), lambda part: values[part[0]], pattern)


def number_parts(number: str, series: str = "", *, pattern: str = PATTERN, digits: int = DIGITS) -> NumberParts | None:
    """What a printed number of a known series is made of; None when it is not of that series and pattern.

    Without a year in the pattern the year is 0.

    Switches: those of `document_number`.
    """
    _check(pattern)
    shapes = {
        "{series}": re.escape(series),
        "{yyyy}": r"(?P<yyyy>\d{4})",
        "{yy}": r"(?P<yy>\d{2})",
        "{sequence}": rf"(?P<sequence>\d{{{digits},}})",
    }
    written = "".join(shapes.get(part, re.escape(part)) for part in re.split(r"(\{\w+\})", pattern))
    if (match := re.fullmatch(written, number, re.ASCII)) is None:
        return None
    found = match.groupdict()
    year = int(found["yyyy"]) if found.get("yyyy") else 2000 + int(found["yy"]) if found.get("yy") else 0
    sequence = int(found["sequence"])
    padded = len(found["sequence"]) == digits or not found["sequence"].startswith("0")
    return NumberParts(series, year, sequence) if sequence and padded else None


def gaps(sequences: Iterable[int], *, first: int = 1, last: int | None = None) -> list[tuple[int, int]]:
    """Runs of numbers missing from `first` to `last`, each as (first missing, last missing); empty when there are none.

    Numbers outside are left alone. With `last` None the highest number used is the last; nothing used, nothing missing.

    Switches: `first` (default 1), `last` - what the counter drew last.

    Source: EU VAT directive 2006/112/EC article 226 (2): a sequential number that uniquely identifies the invoice.

    Rule: what lies between the first and the last sequence of a series and was not given.
    """
    used = sorted({each for each in sequences if each >= first and (last is None or each <= last)})
    end = last if last is not None else (used[-1] if used else first - 1)
    missing, expected = [], first
    for each in [*used, end + 1]:
        if each > expected:
            missing.append((expected, each - 1))
        expected = each + 1
    return missing


def duplicates(numbers: Iterable[Name]) -> list[Name]:
    """The numbers that are used more than once, in order."""
    return sorted(number for number, times in Counter(numbers).items() if times > 1)


def gap_report(
    drawn: Mapping[tuple[str, int], int], used: Iterable[tuple[str, int, int]], *, first: int = 1
) -> list[GapReport]:
    """What does not fit between the counters and the documents posted; must be empty.

    `drawn` is the last number drawn by (series, year), `used` the (series, year, sequence) of every posted document. A
    series without a counter counts as drawn up to nothing.

    Switches: `first` number of a series (default 1).
    """
    by_series: dict[tuple[str, int], list[int]] = {key: [] for key in drawn}
    for series, year, sequence in used:
        by_series.setdefault((series, year), []).append(sequence)
    reports = []
    for (series, year), sequences in sorted(by_series.items()):
        last = drawn.get((series, year), first - 1)
        beyond = tuple(sorted({each for each in sequences if not first <= each <= last}))
        missing, twice = tuple(gaps(sequences, first=first, last=last)), tuple(duplicates(sequences))
        if missing or twice or beyond:
            reports.append(GapReport(series, year, missing, twice, beyond))
    return reports


def _check(pattern: str) -> None:
    parts = re.findall(r"\{\w*\}", pattern)
    if parts.count("{sequence}") != 1 or len(parts) != len(set(parts)) or not set(parts) <= _PARTS:
        raise Invalid(f"'{pattern}' is no pattern of a number; it has {', '.join(sorted(_PARTS))}, each once at most.")
