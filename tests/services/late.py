"""Debts of the past, payments and promises, for tests of collection."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from csdesk.models import Promise
from csdesk.services import applying, promise_keeping, promises
from tests.services.conftest import Desk
from tests.services.papers import bill
from tests.support.seed import TODAY


def debt(desk: Desk, id: int, days_late: int, amount: int = 10_000, **head: Any) -> int:
    """An invoice F-<id> of the customer with orders, so many days past due; gives the id of its item."""
    due = TODAY - timedelta(days=days_late)
    return bill(desk, ("2208", 1, amount, 0), id=id, due_on=due, **head)


def pay(desk: Desk, item: int, amount: int) -> int:
    """Money of the customer of today, set against an item at once; gives the id of the application."""
    cash = desk.as_("cash1")
    credit = cash.write_now(applying.receive, 1, amount, desk.clock().date()).id
    return cash.write_now(applying.apply, None, credit, item).id


def promise(desk: Desk, item: int, day: str = "+2", clock: str = "", login: str = "rep7") -> int:
    """A promise taken on the phone; gives its id."""
    talk = desk.talk(login=login)
    return talk.store.write_now(promises.take, talk.call, item, day, clock).id


def tick(desk: Desk) -> list[str]:
    """Judges the promises whose day has come."""
    told = [desk.store.write_now(promise_keeping.settle, each) for each in desk.store.read_now(promise_keeping.due)]
    return [words for words in told if words]


def state(desk: Desk, promise_id: int) -> tuple[str, int]:
    """What became of a promise, and what was paid of it."""
    row = desk.row(Promise, id=promise_id)
    return row.state, row.paid
