"""Calendars and policies by version, as clocks go by them. Internal to services; `services.serving` sets them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from csdesk.errors import NotFound
from csdesk.models import ServiceCalendar, ServicePolicy, table
from csdesk.rules.clock import Calendar
from csdesk.rules.clock_text import calendar_of
from csdesk.rules.ticket_policy import Policy, targets_of
from csdesk.services.tx import Tx

CALENDAR, POLICY = table(ServiceCalendar), table(ServicePolicy)


def current(tx: Tx, code: str) -> tuple[str, int]:
    """The latest version of a policy. Raises NotFound."""
    mine = select(POLICY.c.version).where(POLICY.c.company == tx.company, POLICY.c.code == code)
    version = tx.value(mine.order_by(POLICY.c.version.desc()).limit(1))
    if version is None:
        raise NotFound(f"There is no service policy '{code}'; 'csdesk service show' lists them.", field="policy")
    return code, int(version)


def policies(tx: Tx, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Policy]:
    """Policies by code and version, with their calendars. Versions never change, so they are kept for good.

    Raises NotFound for one that is not there.
    """
    return {each: _policy(tx, *each) for each in dict.fromkeys(wanted)}


def _policy(tx: Tx, code: str, version: int) -> Policy:
    known: dict[tuple[str, int], Policy] = tx.cache.setdefault("policies", {})
    if (code, version) not in known:
        of = (CALENDAR.c.company == POLICY.c.company) & (CALENDAR.c.code == POLICY.c.calendar)
        row = tx.row(
            select(POLICY.c.targets, CALENDAR.c.code, CALENDAR.c.version, CALENDAR.c.hours)
            .join(CALENDAR, of & (CALENDAR.c.version == POLICY.c.calendar_version))
            .where(POLICY.c.company == tx.company, POLICY.c.code == code, POLICY.c.version == version)
        )
        if row is None:
            raise NotFound(f"Service policy '{code}' has no version {version}; 'csdesk service show' lists them.")
        known[code, version] = _made(code, version, row.targets, row.hours, row.code, row.version)
    return known[code, version]


@lru_cache(maxsize=256)
def _made(code: str, version: int, targets: str, hours: str, calendar: str, calendar_version: int) -> Policy:
    """The same texts make the same policy, so that its calendar's opening times are reckoned once a process."""
    return Policy(code, version, _calendar(hours, calendar, calendar_version), targets_of(json.loads(targets)))


@lru_cache(maxsize=256)
def _calendar(hours: str, code: str, version: int) -> Calendar:
    given: Mapping[str, Any] = json.loads(hours)
    return calendar_of({**given, "name": code, "version": version})


def calendar(tx: Tx, code: str) -> Calendar:
    """The present version of a calendar. Raises NotFound."""
    mine = select(CALENDAR).where(CALENDAR.c.company == tx.company, CALENDAR.c.code == code)
    row = tx.row(mine.order_by(CALENDAR.c.version.desc()).limit(1))
    if row is None:
        raise NotFound(f"There is no calendar '{code}'; 'csdesk service show calendar' lists them.", field="calendar")
    return _calendar(row.hours, row.code, row.version)


def calendars(tx: Tx) -> list[Calendar]:
    """The present calendars of the present policies."""
    codes = tx.rows(select(POLICY.c.code).where(POLICY.c.company == tx.company).distinct().order_by(POLICY.c.code))
    return [_policy(tx, *current(tx, row.code)).calendar for row in codes]
