"""What waits for one person, or for the team, as one ranked list: tickets, callbacks, approvals, held orders, broken
promises, money without an owner; each source gated by the duty of the reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from csdesk.errors import Invalid, Refused
from csdesk.models import Customer, table
from csdesk.rules.ranking import Key
from csdesk.services import (
    audit,
    callback_lists,
    callbacks,
    corrective_lists,
    escalation_lists,
    inbox,
    queue_sources,
    queue_tickets,
    seeing,
)
from csdesk.services.callback_lists import CallbackView
from csdesk.services.inbox import Waiting
from csdesk.services.queue_entries import Entry as Entry
from csdesk.services.queue_entries import Hours
from csdesk.services.queue_sources import Source
from csdesk.services.queue_tickets import MINE, TEAM
from csdesk.services.tx import Tx, reads, writes

CUSTOMER = table(Customer)
PAGE = 200
SKIPS_SHOWN = timedelta(hours=24)
MOST_SKIPS = 3

SOURCES: tuple[Source, ...] = (
    escalation_lists.waiting, queue_sources.callbacks, queue_sources.requests, queue_sources.held,
    queue_sources.promises, queue_sources.money, corrective_lists.waiting,
)  # fmt: skip


@dataclass(frozen=True)
class Having:
    """How many tickets under way somebody has ('' is nobody), and how many of them are past their due."""

    login: str
    many: int
    late: int


@dataclass(frozen=True)
class Passed:
    """A ticket somebody let pass, and why."""

    number: str
    login: str
    why: str
    at: datetime


@dataclass(frozen=True)
class Listed:
    """A page of the list, ranked as of `now`; with `after` another one follows behind it.

    On the last page `barred` are the requests this person may not decide, `own` his own. For the team: who has how
    many, and what was let pass in the last day.
    """

    whose: str
    now: datetime
    entries: tuple[Entry, ...]
    after: Key | None = None
    barred: tuple[Waiting, ...] = ()
    own: tuple[Waiting, ...] = ()
    having: tuple[Having, ...] = ()
    passed: tuple[Passed, ...] = ()


@reads("customer.read")
def entries(tx: Tx, whose: str = MINE) -> tuple[Entry, ...]:
    """What waits for the reader, or with "team" for all whose tickets he may see, the first PAGE in the order of
    `rules.ranking`. Raises like `listed`."""
    return listed(tx, whose).entries


@reads("customer.read")
def listed(
    tx: Tx, whose: str = MINE, after: Key | None = None, now: datetime | None = None, limit: int = PAGE
) -> Listed:  # fmt: skip
    """A page of what waits: the first one, or the one behind a key of the list ranked at an instant.

    Raises Refused for the team's list without the duty 'ticket.lead', Invalid for any other list.
    """
    if whose not in (MINE, TEAM):
        raise Invalid(f"There is no list '{whose}'; there are mine and team.", field="whose")
    if whose == TEAM and not tx.actor.may(seeing.LEAD):
        raise Refused(f"{tx.actor.name} sees his own queue; the team's needs the duty '{seeing.LEAD}'.")
    hours = Hours(tx, now or tx.now)
    others = _tiered(tx, (entry for source in SOURCES for entry in source(tx, whose, hours)))
    keyed = [(hours.key(each), each) for each in others]
    found = [each for each in keyed if after is None or each[0] > after]
    found += [(hours.key(each), each) for each in queue_tickets.page(tx, hours, whose, after, limit + 1)]
    found.sort(key=lambda each: each[0])
    page, more = found[:limit], len(found) > limit
    shown = Listed(whose, hours.now, tuple(hours.told(each) for _, each in page), page[-1][0] if more else None)
    if not more:
        barred = tuple(each for each in queue_sources.waiting(tx) if each.barred)
        shown = replace(shown, barred=barred, own=inbox.mine(tx))
    return replace(shown, having=_having(tx, hours), passed=_passed(tx, hours)) if whose == TEAM else shown


def _tiered(tx: Tx, found: Iterable[Entry]) -> list[Entry]:
    """Entries with the tier of their customer."""
    each_one = list(found)
    wanted = sorted({each.customer_id for each in each_one if each.customer_id is not None})
    mine = select(CUSTOMER.c.id, CUSTOMER.c.tier).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.id.in_(wanted))
    tiers = {row.id: row.tier for row in tx.rows(mine)} if wanted else {}
    return [
        each if each.customer_id is None or each.tier else replace(each, tier=tiers.get(each.customer_id, ""))
        for each in each_one
    ]


def _having(tx: Tx, hours: Hours) -> tuple[Having, ...]:
    return tuple(Having(row.login or "", row.many, int(row.late)) for row in queue_tickets.per_owner(tx, hours))


def _passed(tx: Tx, hours: Hours) -> tuple[Passed, ...]:
    rows = queue_tickets.skips(tx, hours.now - SKIPS_SHOWN, MOST_SKIPS)
    return tuple(Passed(row.number, row.login or "", row.why, row.at) for row in rows)


@reads("customer.read")
def most_urgent(tx: Tx, customer_id: int) -> Entry | None:
    """The ticket of a customer that comes first, of those under way the reader may see, with its reason; None without
    one."""
    hours = Hours(tx, tx.now)
    found = queue_tickets.most_urgent(tx, hours, customer_id)
    return None if found is None else hours.told(found)


@reads("customer.read")
def callback(tx: Tx, callback_id: int) -> CallbackView:
    """A call to make, whole. Raises NotFound."""
    return callback_lists.whole(tx, callback_id)


@writes("customer.read")
def called(tx: Tx, callback_id: int) -> str:
    """The call was made: the callback is done. Done already, nothing changes."""
    words = callbacks.keep(tx, callback_id).words
    audit.record(tx, "queue.called", "callback", callback_id)
    return words


@writes("customer.read")
def missed(tx: Tx, callback_id: int, why: str) -> str:
    """Nobody was reached: it stands in the contact log, the callback stays due. Raises Invalid without a reason."""
    words = callbacks.attempt(tx, callback_id, why).words
    audit.record(tx, "queue.missed", "callback", callback_id)
    return words
