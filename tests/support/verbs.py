"""Verbs that only tests run: the smallest services that read, write, draw numbers and fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, insert, select

from csdesk.errors import Refused
from csdesk.ids import new_id
from csdesk.models import Person, Request, Role, table
from csdesk.services import audit, numbers
from csdesk.services.tx import Tx, reads, writes
from csdesk.store import Store

PERSON, ROLE, REQUEST = table(Person), table(Role), table(Request)


@dataclass(frozen=True)
class Made:
    """An answer with the kinds of value that answers have."""

    id: int
    name: str
    at: datetime
    share: Decimal


@writes()
def add_person(tx: Tx, name: str) -> Made:
    """Each run makes another person, so a second effect shows."""
    made = Made(new_id(), name, tx.now, Decimal("1.50"))
    tx.do(insert(PERSON), {"company": tx.company, "id": made.id, "name": name})
    audit.record(tx, "verbs.add_person", "person", made.id, None, {"name": name})
    return made


@writes("staff.admin")
def add_role(tx: Tx, code: str) -> str:
    """Needs a duty, and collides with itself when it runs twice."""
    tx.do(insert(ROLE), {"company": tx.company, "code": code, "name": code})
    audit.record(tx, "verbs.add_role", "role", 0, None, {"code": code})
    return code


@writes()
def draw_number(tx: Tx, fail: bool = False) -> int:
    """Draws a number and, when told so, fails after it."""
    drawn = numbers.draw(tx, "test")
    if fail:
        raise Refused("This was meant to fail.")
    return drawn


@reads()
def count_persons(tx: Tx) -> int:
    """How many persons there are."""
    return int(tx.value(select(func.count()).select_from(PERSON)))


@reads("staff.admin")
def count_roles(tx: Tx) -> int:
    """How many roles there are; needs a duty."""
    return int(tx.value(select(func.count()).select_from(ROLE)))


@reads()
def requests(tx: Tx) -> list[str]:
    """The ids of answered requests."""
    return [row.id for row in tx.rows(select(REQUEST.c.id).order_by(REQUEST.c.id))]


def draw_many(url: str, count: int) -> list[int]:
    """What one of several processes does: draws numbers, each in its own transaction, every third one failing."""
    store = Store(url)
    drawn = []
    try:
        while len(drawn) < count:
            try:
                drawn.append(store.write_now(draw_number, fail=len(drawn) % 3 == 2 and drawn[-1] > 0))
            except Refused:
                drawn.append(store.write_now(draw_number))
    finally:
        store.close()
    return drawn
