"""Moves a copy of the sample to another day: every date and instant by whole days, so that its today is that day.

Only for a private copy: posted rows are rewritten, so their triggers are taken off and put back, and the audit trail
is chained anew. Instants keep their local time of day. What lies ahead of open orders comes to rest on days the
customer's truck goes, whichever weekday the move leads to.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Connection, Date, Table, UniqueConstraint, bindparam, func, select, text, update

from csdesk import models as m
from csdesk.errors import Refused
from csdesk.models import ddl, table
from csdesk.models.orders import OPEN
from csdesk.models.types import UtcInstant
from csdesk.rules.delivery import next_route_day
from csdesk.rules.ticket_replay import standing
from csdesk.sample.site import SOURCE
from csdesk.services import audit, clocking, ticket_log
from csdesk.services.customers import holidays_of
from csdesk.services.tx import SYSTEM, Tx
from csdesk.store import Store

# Texts that hold dates; the audit trail's are moved while it is chained anew.
TEXTS: dict[str, tuple[str, ...]] = {
    "order_revision": ("summary", "before", "after"), "outbox": ("payload",), "draft": ("lines",),
    "command": ("words", "undo"), "ticket_event": ("data",),
}  # fmt: skip
AWAY = 36_524  # days, a century
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
_DATE = re.compile(r"(?<![\d-])\d{4}-\d\d-\d\d(?![\dT-])")
_SPOKEN = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b")
_TRIGGER = re.compile(r"CREATE TRIGGER (\w+) .*? ON (\w+)", re.DOTALL)
A, H, SOURCES, COMPANY = table(m.AuditEntry), table(m.AuditHead), table(m.ImportSource), table(m.Company)
ORDER, LINE, CUSTOMER, TICKET = table(m.SalesOrder), table(m.OrderLine), table(m.Customer), table(m.Ticket)


@dataclass(frozen=True)
class _Move:
    """By how many days, on whose clock; `old` is the sample's today before."""

    days: int
    zone: ZoneInfo
    old: date

    def day(self, value: date) -> date:
        return value + timedelta(days=self.days)

    def instant(self, value: datetime) -> datetime:
        """The same local time of day, `days` days on."""
        local = value.astimezone(self.zone)
        return (local + timedelta(days=self.days)).astimezone(UTC)

    def words(self, value: str) -> str:
        """A text with its dates moved: ISO dates and instants, and days as a rep reads them ("Thu 11 Jun")."""
        value = _INSTANT.sub(lambda found: audit.stamp(self.instant(datetime.fromisoformat(found[0]))), value)
        value = _DATE.sub(lambda found: self.day(date.fromisoformat(found[0])).isoformat(), value)
        return _SPOKEN.sub(self._spoken, value)

    def _spoken(self, found: re.Match[str]) -> str:
        """The year is not said: it is the one in which that day lies nearest to the sample's today."""
        years = (self.old.year - 1, self.old.year, self.old.year + 1)
        read = [datetime.strptime(f"{found[0][4:]} {year}", "%d %b %Y").date() for year in years]  # noqa: DTZ007
        nearest = min(read, key=lambda each: abs(each - self.old))
        return f"{self.day(nearest):%a %d %b}"


def shift(store: Store, to_day: date | None = None) -> int:
    """Moves the sample in `store` to `to_day` (the company's today if not given); how many days it went.

    Raises Refused when the database is no sample. All or nothing.
    """
    with store.engine.execution_options(desk_write=True).begin() as connection:
        old = connection.execute(
            select(SOURCES.c.today).where(SOURCES.c.company == store.company, SOURCES.c.source == SOURCE)
        ).scalar()
        if old is None:
            raise Refused("This desk is not the sample; only a copy of the sample can be moved to another day.")
        company = connection.execute(select(COMPANY).where(COMPANY.c.id == store.company)).one()
        zone = ZoneInfo(company.timezone)
        move = _Move(((to_day or store.clock().astimezone(zone).date()) - old).days, zone, old)
        if move.days:
            with _without_triggers(connection):
                _move_columns(connection, move)
                _move_texts(connection, move)
                _chain_anew(connection, move)
            _settle_promises(connection, company.country)
            _clocks_anew(Tx(connection, store.company, SYSTEM, store.clock()))
    return move.days


@contextmanager
def _without_triggers(connection: Connection) -> Iterator[None]:
    """Takes the triggers off the posted tables and puts them back."""
    postgres = connection.dialect.name == "postgresql"
    made = [statement for statement in ddl.statements(connection.dialect.name) if _TRIGGER.match(statement)]
    for statement in made:
        found = _TRIGGER.match(statement)
        assert found is not None
        connection.exec_driver_sql(f"DROP TRIGGER {found[1]}{f' ON {found[2]}' if postgres else ''}")
    yield
    for statement in made:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _move_columns(connection: Connection, move: _Move) -> None:
    """Every date and instant of every table but the audit trail's."""
    for each in m.metadata.sorted_tables:
        columns = [column for column in each.columns if isinstance(column.type, Date | UtcInstant)]
        if not columns or each is A:
            continue
        alone = any(set(one.columns) & set(columns) for one in each.constraints if isinstance(one, UniqueConstraint))
        # Row by row a day would meet the next one of the same person: out of the way first, then back.
        for part in (replace(move, days=move.days + AWAY), replace(move, days=-AWAY)) if alone else (move,):
            day, instant = _expressions(connection, part)
            values = {one.name: (day if isinstance(one.type, Date) else instant)(one) for one in columns}
            connection.execute(update(each).values(values))


def _expressions(
    connection: Connection, move: _Move
) -> tuple[Callable[[Column[Any]], Any], Callable[[Column[Any]], Any]]:
    """How a date and an instant are moved in SQL."""
    if connection.dialect.name == "postgresql":
        interval, zone = text(f"interval '{move.days} days'"), move.zone.key
        return (
            lambda column: column + move.days,
            lambda column: func.timezone(zone, func.timezone(zone, column).op("+")(interval)),
        )
    driver = connection.connection.driver_connection
    assert driver is not None

    def moved(stored: str | None) -> str | None:
        if stored is None:
            return None
        found = move.instant(datetime.fromisoformat(stored).replace(tzinfo=UTC))
        return f"{found:%Y-%m-%d %H:%M:%S.%f}"

    driver.create_function("csdesk_moved", 1, moved, deterministic=True)
    return (
        lambda column: func.date(column, f"{move.days:+d} days", type_=Date()),
        lambda column: func.csdesk_moved(column),
    )


def _move_texts(connection: Connection, move: _Move) -> None:
    for name, columns in TEXTS.items():
        each = m.metadata.tables[name]
        keys = list(each.primary_key.columns)
        rows = connection.execute(select(*keys, *(each.c[column] for column in columns))).mappings().all()
        changed = [_changed(row, keys, columns, move) for row in rows]
        if changed:
            where = [key == bindparam(f"k_{key.name}") for key in keys]
            values: dict[str, Any] = {column: bindparam(f"v_{column}") for column in columns}
            connection.execute(update(each).where(*where).values(values), changed)


def _changed(row: Any, keys: list[Column[Any]], columns: tuple[str, ...], move: _Move) -> dict[str, Any]:
    new = {f"v_{column}": move.words(row[column]) for column in columns}
    return new | {f"k_{key.name}": row[key.name] for key in keys}


def _chain_anew(connection: Connection, move: _Move) -> None:
    """Every lane of the audit trail with its instants and texts moved and its links made again."""
    heads: dict[tuple[int, int], tuple[int, str]] = {}
    hashes: dict[tuple[int, int | None, int | None], str] = {}
    changed = []
    rows = connection.execute(select(A).order_by(A.c.company, A.c.lane, A.c.seq)).mappings().all()
    for row in _cited_first([dict(row) for row in rows]):
        lane = (row["company"], row["lane"])
        cited = hashes.get((row["company"], row["witness_lane"], row["witness_seq"]), "")
        entry = row | {
            "at": move.instant(row["at"]), "before": _json(row["before"], move), "after": _json(row["after"], move),
            "previous": heads[lane][1] if lane in heads else audit.GENESIS, "witness_hash": cited[: audit.WITNESS],
        }  # fmt: skip
        entry["hash"] = audit.link_hash(entry)
        heads[lane] = (entry["seq"], entry["hash"])
        hashes[row["company"], row["lane"], row["seq"]] = entry["hash"]
        changed.append({f"n_{name}": entry[name] for name in ("company", "lane", "seq", *_CHAINED)})
    if not changed:
        return
    same = (A.c.company == bindparam("n_company"), A.c.lane == bindparam("n_lane"), A.c.seq == bindparam("n_seq"))
    new: dict[str, Any] = {name: bindparam(f"n_{name}") for name in _CHAINED}
    connection.execute(update(A).where(*same).values(new), changed)
    for (company, number), (seq, hash_) in heads.items():
        connection.execute(update(H).where(H.c.company == company, H.c.lane == number).values(seq=seq, hash=hash_))


_CHAINED = ("at", "before", "after", "previous", "witness_hash", "hash")


def _cited_first(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Entries lane by lane, each after the entry of another lane it cites; given by company, lane and place."""
    lanes: dict[tuple[int, int], deque[dict[str, Any]]] = {}
    for row in rows:
        lanes.setdefault((row["company"], row["lane"]), deque()).append(row)
    told: set[tuple[int, int | None, int | None]] = set()
    while any(lanes.values()):
        before = len(told)
        for waiting in lanes.values():
            while waiting:
                company, lane, place = (waiting[0][name] for name in ("company", "witness_lane", "witness_seq"))
                if lane is not None and (company, lane, place) not in told:
                    break
                row = waiting.popleft()
                told.add((row["company"], row["lane"], row["seq"]))
                yield row
        assert len(told) > before, "no entry cites a later one"


def _json(stored: str, move: _Move) -> str:
    return audit.dump(json.loads(move.words(stored)))


def _clocks_anew(tx: Tx) -> None:
    """What the rows of tickets keep of their clocks, reckoned again: other weekdays are open, other days holidays."""
    for row in tx.rows(select(TICKET).where(TICKET.c.company == tx.company)):
        values = {**row._asdict(), "next_at": None}
        found = clocking.figures(tx, standing(ticket_log.events(tx, row.id)), values)
        tx.do(update(TICKET).where(TICKET.c.company == tx.company, TICKET.c.id == row.id).values(**found))


def _settle_promises(connection: Connection, country: str) -> None:
    """Promised days of open orders onto days the customer's truck goes."""
    same = (CUSTOMER.c.company == ORDER.c.company) & (CUSTOMER.c.id == ORDER.c.customer_id)
    found = connection.execute(
        select(ORDER.c.company, ORDER.c.id, ORDER.c.promised_on, CUSTOMER.c.delivery_days)
        .join(CUSTOMER, same)
        .where(ORDER.c.status.in_(OPEN))
    ).all()
    for order in found:
        days = {int(each) for each in order.delivery_days}
        _settle(connection, ORDER, (ORDER.c.company == order.company, ORDER.c.id == order.id), days, country)
        _settle(connection, LINE, (LINE.c.company == order.company, LINE.c.order_id == order.id), days, country)


def _settle(connection: Connection, rows: Table, where: tuple[Any, ...], days: set[int], country: str) -> None:
    names = [name for name in ("promised_on", "original_promised_on") if name in rows.c]
    for name in names:
        column = rows.c[name]
        for (day,) in connection.execute(select(column).where(*where, column.is_not(None)).distinct()).all():
            truck = next_route_day(day, days, holidays_of(country, day.year))
            if truck != day:
                connection.execute(update(rows).where(*where, column == day).values({name: truck}))
