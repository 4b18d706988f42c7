"""Calendars as plain words: from a dict such as TOML or JSON gives, and back. Pure.

    zone = "Europe/Berlin"
    mon = "08:00-12:00 13:00-17:00"     # tue … sun alike; a day left out, "" or "closed" is closed
    country = "DE"                      # with its public holidays, and those of its part
    subdivision = "BE"
    holidays = ["2026-12-24"]
    hours = { "2026-12-31" = "08:00-12:00" }

Rule: a calendar written and read again is the same. Source: the desk's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from csdesk.errors import Invalid
from csdesk.rules.clock import Block, Calendar

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSED = "closed"
_KEYS = (*DAYS, "zone", "holidays", "hours", "country", "subdivision", "name", "version")
_BLOCK = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})", re.ASCII)


def calendar_of(given: Mapping[str, Any]) -> Calendar:
    """A calendar from its words. Refuses unknown keys and whatever `Calendar` refuses, naming the key that is wrong.

    Rule: as the module says; dates are texts such as 2026-12-24, or dates where the file has such.
    """
    for key in given:
        if key not in _KEYS:
            raise Invalid(f"A calendar has no '{key}'; it has {', '.join(_KEYS)}.", field=str(key))
    if not given.get("zone"):
        raise Invalid("A calendar needs its time zone: zone = \"Europe/Berlin\".", field="zone")  # fmt: skip
    hours = given.get("hours") or {}
    if not isinstance(hours, Mapping):
        raise Invalid('The hours of single dates are written { "2026-12-31" = "08:00-12:00" }.', field="hours")
    holidays = given.get("holidays") or ()
    if isinstance(holidays, str):
        raise Invalid('The holidays are a list of dates: ["2026-12-24"].', field="holidays")
    version = given.get("version", 1)
    if type(version) is not int or version < 1:
        raise Invalid("The version of a calendar is a number from 1.", field="version")
    return Calendar(
        zone=_text(given, "zone"),
        week=tuple(blocks_of(given.get(day, ""), day) for day in DAYS),
        holidays=frozenset(_day(each, "holidays") for each in holidays),
        replacement=tuple(sorted((_day(day, "hours"), blocks_of(words, str(day))) for day, words in hours.items())),
        country=_text(given, "country"),
        subdivision=_text(given, "subdivision"),
        name=_text(given, "name"),
        version=version,
    )


def words_of(calendar: Calendar) -> dict[str, Any]:
    """A calendar as `calendar_of` reads it, without what is empty.

    Rule: the week first, dates in order.
    """
    found: dict[str, Any] = {"zone": calendar.zone}
    found |= {day: blocks_text(blocks) for day, blocks in zip(DAYS, calendar.week, strict=True) if blocks}
    found["holidays"] = [day.isoformat() for day in sorted(calendar.holidays)]
    found["hours"] = {day.isoformat(): blocks_text(blocks) or CLOSED for day, blocks in sorted(calendar.replacement)}
    found |= {"country": calendar.country, "subdivision": calendar.subdivision, "name": calendar.name}
    return {key: value for key, value in found.items() if value} | {"version": calendar.version}


def blocks_of(words: Any, where: str = "") -> tuple[Block, ...]:
    """Blocks from words such as "08:00-12:00 13:00-17:00"; none from "" or "closed". Refuses anything else, naming
    `where` it stands, 23:59 as an end, and blocks that overlap or do not rise.

    Rule: minutes of the day, 24:00 is its end.
    """
    if not isinstance(words, str):
        raise Invalid(f'The hours of {where or "a day"} are a text such as "08:00-12:00 13:00-17:00".', field=where)
    found: list[Block] = []
    for each in "" if words.strip().lower() == CLOSED else words.replace(",", " ").split():
        parts = _BLOCK.fullmatch(each.replace("–", "-"))
        if parts is None:
            raise Invalid(f"Hours are written 08:00-12:00, not '{each}'{_at(where)}.", field=where)
        start, end = _minute(parts[1], parts[2], each, where), _minute(parts[3], parts[4], each, where)
        if end == 1439:
            raise Invalid(f"'{each}'{_at(where)} leaves the last minute of the day out; write 24:00.", field=where)
        if end <= start:
            raise Invalid(f"'{each}'{_at(where)} ends before it begins; hours past midnight belong to the next day.",
                          field=where)  # fmt: skip
        if found and start < found[-1][1]:
            raise Invalid(f"'{each}'{_at(where)} overlaps the hours before it, or stands before them.", field=where)
        found.append((start, end))
    return tuple(found)


def blocks_text(blocks: tuple[Block, ...]) -> str:
    """Blocks as `blocks_of` reads them.

    Rule: hours and minutes with two digits.
    """
    return " ".join(f"{_clock(start)}-{_clock(end)}" for start, end in blocks)


def _minute(hours: str, minutes: str, each: str, where: str) -> int:
    found = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or found > 1440:
        raise Invalid(f"There is no such time of day in '{each}'{_at(where)}; a day ends at 24:00.", field=where)
    return found


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _at(where: str) -> str:
    return f" ({where})" if where else ""


def _text(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key) or ""
    if not isinstance(value, str):
        raise Invalid(f"The {key} of a calendar is a text, not {value!r}.", field=key)
    return value.strip()


def _day(value: Any, key: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as wrong:
        raise Invalid(f"A date is written 2026-12-24, not {value!r} ({key}).", field=key) from wrong
