"""How the desk serves, as plain words: calendars, policies, queues, categories and causes from a dict as TOML gives it.

    [calendar.desk]                      # as rules.clock_text says
    [policy.standard]
    calendar = "desk"
    targets = { resolution = { 1 = "4h", 2 = "1d" } }
    [queue.north]
    name = "North"
    policy = "standard"
    team = "north"
    staff = ["rep1", "rep2"]             # who works it; left out: as it is
    reopen_days = 7                      # so long a reply reopens what was resolved; then it is closed
    [category.damaged]
    name = "Damaged"
    parent = "delivery"
    queue = "north"
    words = ["crushed", "broke*"]
    [cause.cause-picking]
    name = "Picking"
    owner = "warehouse"

Rule: what is refused names the table it stands in. Source: the desk's own. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from csdesk.errors import DeskError, Invalid
from csdesk.rules.clock import Calendar, Target
from csdesk.rules.clock_text import calendar_of
from csdesk.rules.ticket_policy import targets_of

PARTS = ("calendar", "policy", "queue", "category", "cause")
PRIORITIES = (1, 2, 3, 4)
MOST_DAYS = 365
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
_LENGTHS = {"name": 200, "team": 60, "owner": 40, "words": 500}


@dataclass(frozen=True)
class PolicyGiven:
    """A policy as a file has it: its calendar's code and its targets, both as words and as what they mean."""

    calendar: str
    words: Mapping[str, Mapping[str, str]]
    targets: Mapping[tuple[str, int], Target]


@dataclass(frozen=True)
class QueueGiven:
    """A queue as a file has it; `staff` None leaves who works it as it is."""

    name: str
    policy: str
    team: str = ""
    staff: tuple[str, ...] | None = None
    reopen_days: int = 7


@dataclass(frozen=True)
class CategoryGiven:
    """A category or cause as a file has it; `words` are parted by blanks."""

    use: str
    name: str
    parent: str = ""
    queue: str = ""
    owner: str = ""
    words: str = ""


@dataclass(frozen=True)
class Given:
    """All a file has, by code."""

    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    policies: Mapping[str, PolicyGiven] = field(default_factory=dict)
    queues: Mapping[str, QueueGiven] = field(default_factory=dict)
    categories: Mapping[str, CategoryGiven] = field(default_factory=dict)


def given_of(told: Mapping[str, Any]) -> Given:
    """What a file has, checked as far as it can be by itself. Refuses an empty file, tables and keys it does not know,
    and whatever is wrong with a value, naming the table.

    Rule: as the module says.
    """
    for part in told:
        if part not in PARTS:
            raise Invalid(f"There is no '{part}' to set; there are {', '.join(PARTS)}.", field=str(part))
    if not any(told.values()):
        raise Invalid("The file sets nothing; [calendar.desk] or the like is wanted.", field="file")
    categories = _each(told, "category", _category)
    for code, cause in _each(told, "cause", _cause).items():
        if code in categories:
            raise Invalid(f"'{code}' is a category and a cause; one of them needs another code.", field="cause")
        categories[code] = cause
    return Given(_each(told, "calendar", _calendar), _each(told, "policy", _policy), _each(told, "queue", _queue),
                 categories)  # fmt: skip


def _each(told: Mapping[str, Any], part: str, made: Callable[[Mapping[str, Any]], Any]) -> dict[str, Any]:
    tables = told.get(part) or {}
    if not isinstance(tables, Mapping):
        raise Invalid(f"'{part}' is written as tables: [{part}.code].", field=part)
    found = {}
    for code, table in tables.items():
        if not _CODE.fullmatch(code):
            raise Invalid(
                f"'{code}' is no code of a {part}: small letters, digits, - and _ are, at most 40 of them.", field=part
            )
        if not isinstance(table, Mapping):
            raise Invalid(f"'{part}' is written as tables: [{part}.{code}].", field=part)
        try:
            found[code] = made(table)
        except DeskError as error:
            raise Invalid(f"{part} {code}: {error.message}", field=error.field or part) from None
    return found


def _calendar(table: Mapping[str, Any]) -> Calendar:
    if "name" in table or "version" in table:
        raise Invalid("its name and version are given by the desk; leave them out.", field="name")
    return calendar_of(table)


def _policy(table: Mapping[str, Any]) -> PolicyGiven:
    _only(table, "calendar", "targets")
    words = table.get("targets")
    if not isinstance(words, Mapping) or not words:
        raise Invalid('it needs targets such as resolution = { 1 = "4h" }.', field="targets")
    for kind, by_priority in words.items():
        if not isinstance(by_priority, Mapping) or not all(isinstance(each, str) for each in by_priority.values()):
            raise Invalid(f'targets are written {kind} = {{ 1 = "4h", 2 = "1d" }}.', field="targets")
    targets = targets_of(words)
    if strange := sorted({number for _, number in targets} - set(PRIORITIES)):
        raise Invalid(f"there is no priority {strange[0]}; there are 1, 2, 3, 4.", field="targets")
    plain = {kind: {str(number): str(text) for number, text in sorted(each.items())} for kind, each in words.items()}
    return PolicyGiven(_text(table, "calendar", needed=True), plain, targets)


def _queue(table: Mapping[str, Any]) -> QueueGiven:
    _only(table, "name", "policy", "team", "staff", "reopen_days")
    staff = table.get("staff")
    logins = None if staff is None else tuple(dict.fromkeys(_texts(staff, "staff")))
    days = table.get("reopen_days", 7)
    if type(days) is not int or not 0 <= days <= MOST_DAYS:
        raise Invalid(f"its reopen_days are a whole number from 0 to {MOST_DAYS}.", field="reopen_days")
    return QueueGiven(_text(table, "name", needed=True), _text(table, "policy", needed=True), _text(table, "team"),
                      logins, days)  # fmt: skip


def _category(table: Mapping[str, Any]) -> CategoryGiven:
    _only(table, "name", "parent", "queue", "words")
    words = table.get("words") or ""
    told = words.split() if isinstance(words, str) else [each.strip() for each in _texts(words, "words")]
    joined = " ".join(dict.fromkeys(told))
    if len(joined) > _LENGTHS["words"]:
        raise Invalid(f"its words are {len(joined)} signs long; {_LENGTHS['words']} fit.", field="words")
    return CategoryGiven("category", _text(table, "name", needed=True), _text(table, "parent"), _text(table, "queue"),
                         words=joined)  # fmt: skip


def _cause(table: Mapping[str, Any]) -> CategoryGiven:
    _only(table, "name", "owner")
    return CategoryGiven("cause", _text(table, "name", needed=True), owner=_text(table, "owner", needed=True))


def _only(table: Mapping[str, Any], *keys: str) -> None:
    for key in table:
        if key not in keys:
            raise Invalid(f"it has no '{key}'; it has {', '.join(keys)}.", field=str(key))


def _texts(value: Any, key: str) -> Sequence[str]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(each, str) for each in value):
        raise Invalid(f'{key} is a list of texts: ["one", "two"].', field=key)
    return value


def _text(table: Mapping[str, Any], key: str, needed: bool = False) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise Invalid(f"its {key} is a text, not {value!r}.", field=key)
    if needed and not value.strip():
        raise Invalid(f"it needs its {key}.", field=key)
    if len(value.strip()) > _LENGTHS.get(key, 40):
        raise Invalid(f"its {key} is {len(value.strip())} signs long; {_LENGTHS.get(key, 40)} fit.", field=key)
    return value.strip()
