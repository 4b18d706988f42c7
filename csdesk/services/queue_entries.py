"""A thing that waits, as queues list it, and the hours its clock is counted in. Internal to the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import select

from csdesk.models import ServicePolicy, ServiceQueue, table
from csdesk.rules import ranking
from csdesk.rules.clock import ALWAYS, Calendar, Target, due, elapsed
from csdesk.rules.ranking import Item, Key
from csdesk.services import reports_base, service_levels
from csdesk.services.tx import Tx

POLICY, QUEUE = table(ServicePolicy), table(ServiceQueue)
DESK = ("", 0)  # the calendar of the desk's first queue
USUAL = 3  # the priority by whose target approvals are due


@dataclass(frozen=True)
class Entry:
    """A thing that waits: its kind (ticket, callback, request, held, promise, cash …), what Enter opens, what it is
    about, and what `rules.ranking` places it by.

    `amount` is in minor units (None: it has none) and, with a `cutoff_at`, the value at risk; `due_at` presses only
    with a `clock`; `policy` names the calendar of that; `label` is the kind as it is told, `owner` a login; `reason`
    is filled in when it is listed.
    """

    kind: str
    subject_id: int
    customer_id: int | None
    customer: str
    amount: int | None
    currency: str
    words: str
    since: datetime
    due_at: datetime | None = None
    clock: str = ""
    safety: bool = False
    callback: bool = False
    cutoff_at: datetime | None = None
    tier: str = ""
    label: str = ""
    number: str = ""
    owner: str = ""
    version: int = 1
    policy: tuple[str, int] = DESK
    reason: str = ""
    late: bool = False

    @property
    def item(self) -> Item:
        """What its place depends on."""
        return Item(
            self.kind, self.subject_id, self.since, self.due_at, self.clock, self.safety, self.callback,
            self.cutoff_at, self.amount or 0, self.currency, self.tier,
        )  # fmt: skip


class Hours:
    """The calendars of a company's policies at one instant: up to when a due presses, how much open time is left."""

    def __init__(self, tx: Tx, now: datetime) -> None:
        self.tx, self.now = tx, now
        self._desk: Calendar | None = None

    def calendar(self, policy: tuple[str, int]) -> Calendar:
        """The calendar of a policy by version; DESK is that of the first queue, open always where there is none."""
        if policy != DESK:
            return service_levels.policies(self.tx, [policy])[policy].calendar
        if self._desk is None:
            usual = desk_policy(self.tx)
            self._desk = ALWAYS if usual is None else self.calendar(usual)
        return self._desk

    def horizon(self, policy: tuple[str, int]) -> datetime:
        """The instant at which 30 more minutes of a calendar will have been open."""
        return _horizon(self.calendar(policy), self.now)

    def horizons(self) -> dict[datetime, list[tuple[str, int]]]:
        """The horizons of all policies, each with those it is of."""
        found: dict[datetime, list[tuple[str, int]]] = {}
        rows = self.tx.rows(select(POLICY.c.code, POLICY.c.version).where(POLICY.c.company == self.tx.company))
        for row in rows:
            found.setdefault(self.horizon((row.code, row.version)), []).append((row.code, row.version))
        return found

    def left(self, entry: Entry) -> timedelta | None:
        """The open time to its due, below zero what it is late by; None without a clock."""
        if not entry.clock or entry.due_at is None:
            return None
        calendar = self.calendar(entry.policy)
        if entry.due_at < self.now:
            return -elapsed(calendar, entry.due_at, self.now)
        return elapsed(calendar, self.now, entry.due_at)

    def key(self, entry: Entry) -> Key:
        """What it is ordered by."""
        return ranking.key(entry.item, self.now, self.horizon(entry.policy))

    def told(self, entry: Entry) -> Entry:
        """It with the reason for its place."""
        item, horizon = entry.item, self.horizon(entry.policy)
        words = ranking.reason(item, self.now, horizon, self.zone, self.left(entry))
        late = ranking.presses(item, horizon) and entry.due_at is not None and entry.due_at <= self.now
        return replace(entry, reason=words, late=late)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of the company's books, in which times of the list are told."""
        return reports_base.books(self.tx).zone

    def day_begins(self, day: date) -> datetime:
        """The instant a day of the books begins."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def by_target(self, clock: str, since: Sequence[datetime]) -> list[datetime | None]:
        """When what began at some instants is due by the usual target of a clock; None where there is no target."""
        usual = desk_policy(self.tx)
        target = None if usual is None else service_levels.policies(self.tx, [usual])[usual].target(clock, USUAL)
        return [None if target is None else _due(self.calendar(DESK), each, target) for each in since]


@lru_cache(maxsize=512)
def _horizon(calendar: Calendar, now: datetime) -> datetime:
    return due(calendar, now, ranking.SOON)


@lru_cache(maxsize=4096)
def _due(calendar: Calendar, since: datetime, target: Target) -> datetime:
    return due(calendar, since, target)


def desk_policy(tx: Tx) -> tuple[str, int] | None:
    """The policy, by its latest version, of the desk's first queue; None while there is no queue."""
    if "desk policy" not in tx.cache:
        first = tx.value(select(QUEUE.c.policy).where(QUEUE.c.company == tx.company).order_by(QUEUE.c.code).limit(1))
        tx.cache["desk policy"] = None if first is None else service_levels.current(tx, str(first))
    found: tuple[str, int] | None = tx.cache["desk policy"]
    return found
