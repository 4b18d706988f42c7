"""What a company sets of its service: calendars, policies, queues with who works them, categories and causes.

Calendars and policies are never changed, they get further versions; a calendar's new version makes one of every policy
that uses it. Tickets with a running clock are told (`services.serving_clocks`), all others keep what they went by.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, Table, delete, func, insert, select, update

from csdesk.errors import Invalid, NotFound
from csdesk.models import (
    Company,
    ServiceCalendar,
    ServicePolicy,
    ServiceQueue,
    Staff,
    StaffQueue,
    TicketCategory,
    table,
)
from csdesk.rules.clock import Calendar
from csdesk.rules.clock_text import calendar_of, words_of
from csdesk.rules.service_text import CategoryGiven, Given, PolicyGiven, QueueGiven, given_of
from csdesk.rules.ticket_policy import targets_of, within_reach
from csdesk.services import audit, service_settings, serving_clocks
from csdesk.services.tx import Tx, reads, writes

CALENDAR, POLICY, QUEUE = table(ServiceCalendar), table(ServicePolicy), table(ServiceQueue)
MEMBER, CATEGORY, STAFF = table(StaffQueue), table(TicketCategory), table(Staff)
COMPANY = table(Company)
Words = dict[str, dict[str, dict[str, Any]]]
SAME = "Nothing changed: the desk serves like this already."


@dataclass(frozen=True)
class Shown:
    """How the desk serves, as `load` takes it: part -> code -> words; `versions` are those of (part, code)."""

    words: Words
    versions: Mapping[tuple[str, str], int]


@reads("customer.read")
def shown(tx: Tx) -> Shown:
    """How the desk serves now, in words."""
    calendars, policies = _latest(tx, CALENDAR), _latest(tx, POLICY)
    words: Words = {
        "calendar": {row.code: _plain(_calendar(row)) for row in calendars.values()},
        "policy": {
            row.code: {"calendar": row.calendar, "targets": json.loads(row.targets)} for row in policies.values()
        },
        "queue": _queues(tx), "category": {}, "cause": {},
    }  # fmt: skip
    for row in _all(tx, CATEGORY):
        names = ("name", "owner") if row.use == "cause" else ("name", "parent", "queue", "words")
        words[row.use][row.code] = {name: getattr(row, name) for name in names if getattr(row, name)}
    versions = {("calendar", row.code): row.version for row in calendars.values()}
    return Shown(words, versions | {("policy", row.code): row.version for row in policies.values()})


def _queues(tx: Tx) -> dict[str, dict[str, Any]]:
    found = {
        row.code: {
            name: getattr(row, name) for name in ("name", "policy", "team", "reopen_days") if getattr(row, name) != ""
        }
        for row in _all(tx, QUEUE)
    }
    of = (STAFF.c.company == MEMBER.c.company) & (STAFF.c.id == MEMBER.c.staff_id)
    named = select(MEMBER.c.queue, STAFF.c.login).join(STAFF, of).where(MEMBER.c.company == tx.company)
    for row in tx.rows(named.order_by(MEMBER.c.queue, STAFF.c.login)):
        found[row.queue].setdefault("staff", []).append(row.login)
    return found


@writes("service.admin")
def load(tx: Tx, told: Mapping[str, Any]) -> str:
    """Sets all a file has, whole or not at all; what it does not name stays. The same again changes nothing.

    Raises Invalid naming the table that is wrong: unknown zone, 23:59, hours that never open, unknown calendar, policy,
    queue, parent, login, key; a parent that leads back to itself.
    """
    _one_at_a_time(tx)
    return _set(tx, given_of(told))


@writes("service.admin")
def edit(tx: Tx, part: str, code: str, changes: Mapping[str, Any]) -> str:
    """Changes some words of a calendar, policy or queue, or makes one; what is not named stays.

    `changes` are words as in a file; of lists `holidays-` and `staff-` take away and `holidays` and `staff` add, of
    tables (hours, targets) "" takes away. Raises Invalid like `load`, NotFound for what is not there and lacks words.
    """
    _one_at_a_time(tx)
    before = shown(tx).words[part].get(code, {})
    return _set(tx, given_of({part: {code: _merged(before, changes)}}))


def _merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    after = dict(before)
    for key, value in changes.items():
        name = key.removesuffix("-")
        if key.endswith("-"):
            missing = [each for each in value if each not in after.get(name, [])]
            if missing:
                raise NotFound(f"'{missing[0]}' is not among its {name}; it is not taken away.", field=name)
            after[name] = [each for each in after[name] if each not in value]
        elif isinstance(value, Mapping):
            inner = _merged(after.get(name, {}), value)
            after[name] = {each: words for each, words in inner.items() if words not in ("", {})}
        elif isinstance(value, Sequence) and not isinstance(value, str):
            after[name] = list(dict.fromkeys([*after.get(name, []), *value]))
        else:
            after[name] = value
    return after


def _one_at_a_time(tx: Tx) -> None:
    """Versions are numbered one after the other: on Postgres a second change waits for the first."""
    if tx.postgres:
        tx.row(select(COMPANY.c.id).where(COMPANY.c.id == tx.company).with_for_update())


def _set(tx: Tx, given: Given) -> str:
    before = shown(tx).versions
    _known(tx, given)
    calendars = _set_calendars(tx, given)
    policies = _set_policies(tx, given, calendars)
    queues = [code for code, each in given.queues.items() if _set_queue(tx, code, each)]
    categories = [code for code, each in given.categories.items() if _set_category(tx, code, each)]
    if not (calendars or policies or queues or categories):
        return SAME
    fresh = {code: version for code, version in policies.items() if version > 1}
    moved = serving_clocks.move(tx, fresh) if fresh else 0
    made = {"calendars": calendars, "policies": policies, "queues": queues, "categories": categories, "moved": moved}
    old = {f"{part} {code}": version for (part, code), version in before.items()
           if code in (calendars if part == "calendar" else policies)}  # fmt: skip
    audit.record(tx, "serving.set", "service", 0, old, made)
    return _told(calendars, policies, queues, categories, moved)


def _told(
    calendars: Mapping[str, int], policies: Mapping[str, int], queues: list[str], categories: list[str], moved: int
) -> str:
    texts = [f"calendar {code} version {version}" for code, version in calendars.items()]
    texts += [f"policy {code} version {version}" for code, version in policies.items()]
    texts += [f"queue {code}" for code in queues]
    texts += [f"{len(categories)} categories and causes"] if categories else []
    told = f"; {moved} ticket{'s' * (moved != 1)} with running clocks told" if policies else ""
    return f"Set: {', '.join(texts)}{told}."


def _known(tx: Tx, given: Given) -> None:
    """Refuses names that lead nowhere."""
    calendars = {*_latest(tx, CALENDAR), *given.calendars}
    policies = {*_latest(tx, POLICY), *given.policies}
    queues = {row.code for row in _all(tx, QUEUE)} | set(given.queues)
    for code, each in given.policies.items():
        _there("policy", code, "calendar", each.calendar, calendars)
    for code, one in given.queues.items():
        _there("queue", code, "policy", one.policy, policies)
    stands = {row.code: row for row in _all(tx, CATEGORY)}
    parents = {code: row.parent for code, row in stands.items() if row.use == "category"}
    parents |= {code: given_.parent for code, given_ in given.categories.items() if given_.use == "category"}
    for code, kind in given.categories.items():
        if code in stands and stands[code].use != kind.use:
            raise Invalid(f"'{code}' is a {stands[code].use} already; take another code.", field="code")
        _there(kind.use, code, "parent", kind.parent, {"", *parents})
        _there(kind.use, code, "queue", kind.queue, {"", *queues})
        _no_circle(code, parents)


def _there(part: str, code: str, what: str, name: str, known: set[str]) -> None:
    if name not in known:
        there = ", ".join(sorted(known - {""})) or "none"
        raise Invalid(f"{part} {code}: there is no {_CALLED.get(what, what)} '{name}'; there are {there}.", field=what)


_CALLED = {"parent": "category"}


def _no_circle(code: str, parents: Mapping[str, str]) -> None:
    seen, at = {code}, parents.get(code, "")
    while at:
        if at in seen:
            raise Invalid(f"category {code}: its parents lead back to '{at}'.", field="parent")
        seen.add(at)
        at = parents.get(at, "")


def _set_calendars(tx: Tx, given: Given) -> dict[str, int]:
    """The calendars that are other than they were, with their new versions."""
    there, made = _latest(tx, CALENDAR), {}
    for code, calendar in given.calendars.items():
        before = there.get(code)
        if before is not None and _bare(_calendar(before)) == _bare(calendar):
            continue
        made[code] = 1 if before is None else before.version + 1
        _put(tx, CALENDAR, {"code": code, "version": made[code], "hours": json.dumps(_plain(calendar), sort_keys=True),
                            "made_at": tx.now, "made_by": tx.actor.id})  # fmt: skip
    return made


def _set_policies(tx: Tx, given: Given, calendars: Mapping[str, int]) -> dict[str, int]:
    """The policies that are other than they were, or whose calendar is, with their new versions."""
    there, made = _latest(tx, POLICY), {}
    hours = _latest(tx, CALENDAR)
    wanted = dict(given.policies)
    for row in there.values():
        if row.code not in wanted and row.calendar in calendars:
            words = json.loads(row.targets)
            wanted[row.code] = PolicyGiven(row.calendar, words, targets_of(words))
    for code, each in sorted(wanted.items()):
        before = there.get(code)
        if before is not None and _same_policy(before, each, hours[each.calendar].version):
            continue
        within_reach(_calendar(hours[each.calendar]), [*each.targets.values(), *service_settings.times(tx)], tx.now)
        made[code] = 1 if before is None else before.version + 1
        words, version = json.dumps(each.words, sort_keys=True), hours[each.calendar].version
        _put(tx, POLICY, {"code": code, "version": made[code], "calendar": each.calendar, "targets": words,
                          "calendar_version": version, "made_at": tx.now, "made_by": tx.actor.id})  # fmt: skip
    return made


def _same_policy(row: Row[Any], given: PolicyGiven, calendar_version: int) -> bool:
    return (row.calendar, row.calendar_version) == (given.calendar, calendar_version) and targets_of(
        json.loads(row.targets)
    ) == given.targets


def _set_queue(tx: Tx, code: str, given: QueueGiven) -> bool:
    """Whether the queue, or who works it, is other than it was."""
    values = {"name": given.name, "policy": given.policy, "team": given.team, "reopen_days": given.reopen_days}
    changed = _upsert(tx, QUEUE, code, values)
    if given.staff is None:
        return changed
    staff = {row.login: row for row in _all(tx, STAFF)}
    mine = (MEMBER.c.company == tx.company, MEMBER.c.queue == code)
    before = {row.staff_id for row in tx.rows(select(MEMBER.c.staff_id).where(*mine))}
    for login in given.staff:
        if login not in staff or (staff[login].disabled and staff[login].id not in before):
            why = "is disabled" if login in staff else "is nobody's login"
            raise Invalid(f"queue {code}: '{login}' {why}.", field="staff")
    ids = {staff[login].id for login in given.staff}
    if gone := sorted(before - ids):
        tx.do(delete(MEMBER).where(*mine, MEMBER.c.staff_id.in_(gone)))
    for each in sorted(ids - before):
        _put(tx, MEMBER, {"staff_id": each, "queue": code})
    return changed or before != ids


def _set_category(tx: Tx, code: str, given: CategoryGiven) -> bool:
    names = ("use", "name", "parent", "queue", "owner", "words")
    return _upsert(tx, CATEGORY, code, {name: getattr(given, name) for name in names})


def _upsert(tx: Tx, into: Table, code: str, values: Mapping[str, Any]) -> bool:
    mine = (into.c.company == tx.company, into.c.code == code)
    row = tx.row(select(into).where(*mine))
    if row is None:
        _put(tx, into, {"code": code, **values})
        return True
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    tx.do(update(into).where(*mine).values(**values))
    return True


def _put(tx: Tx, into: Table, values: Mapping[str, Any]) -> None:
    tx.do(insert(into), {"company": tx.company, **values})


def _all(tx: Tx, of: Table) -> Sequence[Row[Any]]:
    return tx.rows(select(of).where(of.c.company == tx.company).order_by(*of.primary_key))


def _latest(tx: Tx, of: Table) -> dict[str, Row[Any]]:
    """The latest versions of calendars or policies, by code."""
    last = select(of.c.code, func.max(of.c.version).label("version")).where(of.c.company == tx.company)
    newest = last.group_by(of.c.code).subquery()
    same = (of.c.code == newest.c.code) & (of.c.version == newest.c.version)
    rows = tx.rows(select(of).join(newest, same).where(of.c.company == tx.company).order_by(of.c.code))
    return {row.code: row for row in rows}


def _calendar(row: Row[Any]) -> Calendar:
    return calendar_of(json.loads(row.hours))


def _bare(calendar: Calendar) -> Calendar:
    return replace(calendar, name="", version=1)


def _plain(calendar: Calendar) -> dict[str, Any]:
    return {name: value for name, value in words_of(calendar).items() if name not in ("name", "version")}
