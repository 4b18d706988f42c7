"""What every part of the build works with: the transaction at a moment, seeded chance, bulk inserts, the data files."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, Update, bindparam, insert, update
from sqlmodel import SQLModel

from csdesk.models import table
from csdesk.services.tx import Actor, Tx

COMPANY, CURRENCY, COUNTRY, ZONE, WAREHOUSE = 1, "CAD", "CA", "America/Moncton", "MAIN"
SOURCE = "sample"  # import_source keeps the sample's today under this name
WEEKS = 6
Keys = tuple[str, ...]
STAR, SECOND = "20417", "20418"  # the customers of the story


@dataclass(frozen=True)
class Item:
    """A product as the build needs it; `pack` pieces make a case, `unit` is what it is sold by."""

    id: int
    code: str
    name: str
    group: str
    price: Decimal
    pack: int
    unit: str
    tax_rate: Decimal
    stocked: bool
    steady: bool  # neither coming into the range nor leaving it


@dataclass(frozen=True)
class Client:
    """A customer as the build needs it. `visits` orders in the six weeks; `pays` is the manner of paying."""

    id: int
    code: str
    name: str
    segment: str
    account_id: int
    route_days: str
    terms_days: int
    contact: str
    visits: int
    pays: str
    minimum: int = 0


@dataclass
class Site:
    """The building site: one open transaction, moved through time and hands with `at`."""

    tx: Tx
    seed: int
    today: date
    actors: dict[str, Actor]

    def chance(self, part: str) -> random.Random:
        """The dice of one part of the build, so that a change in one leaves the others as they were."""
        return random.Random(f"{self.seed}:{part}")

    def at(self, moment: datetime, login: str = "system") -> Tx:
        """The transaction at a moment, in the hands of a login."""
        return replace(self.tx, now=moment, actor=self.actors[login])

    def put(self, model: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> None:
        """Bulk insert; what a row leaves out takes the model's default."""
        given = list(rows)
        if not given:
            return
        defaults = {
            name: info.get_default(call_default_factory=True)
            for name, info in model.model_fields.items()
            if not info.is_required()
        }
        company = {"company": COMPANY} if "company" in model.model_fields else {}
        self.tx.do(insert(table(model)), [{**defaults, **company, **row} for row in given])

    def change(
        self,
        model: type[SQLModel],
        rows: Iterable[Mapping[str, Any]],
        keys: tuple[str, ...] = ("id",),
        add: bool = False,
    ) -> None:
        """Bulk update: each row names its keys and the new values, or with `add` what is added to the old ones."""
        given = list(rows)
        if given:
            columns = tuple(name for name in given[0] if name not in keys)
            values = [{f"b_{name}": value for name, value in row.items()} for row in given]
            self.tx.do(_update(table(model), keys, columns, add), [{"b_company": COMPANY, **row} for row in values])


@cache
def _update(rows: Table, keys: Keys, columns: Keys, add: bool) -> Update:
    given = {name: bindparam(f"b_{name}", type_=rows.c[name].type) for name in columns}
    values = {name: rows.c[name] + value for name, value in given.items()} if add else given
    where = [rows.c[name] == bindparam(f"b_{name}") for name in ("company", *keys)]
    return update(rows).where(*where).values(values)


def moment(day: date, clock: str) -> datetime:
    """The instant of a local time of the company."""
    hours, minutes = clock.split(":")
    return datetime.combine(day, time(int(hours), int(minutes)), ZoneInfo(ZONE))


def working_days(first: date, last: date) -> list[date]:
    """Mondays to Fridays from `first` to `last`, both included."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.isoweekday() <= 5]


def working_day_before(day: date, count: int) -> date:
    """The working day `count` working days before `day`."""
    return working_days(day - timedelta(days=2 * count + 7), day - timedelta(days=1))[-count]


@cache
def texts(name: str) -> dict[str, Any]:
    """A data file of this package: "range" or "people"."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))
