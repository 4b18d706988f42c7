"""Who has a ticket, how urgent it is and what it is about: take, release, assign, priority, category, cancel."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import ServiceQueue, Staff, TicketCategory, table
from csdesk.rules.text import squeezed
from csdesk.rules.ticket_priority import priority as priority_of
from csdesk.rules.ticket_replay import standing
from csdesk.services import (
    clocking,
    seeing,
    service_levels,
    staff,
    ticket_claims,
    ticket_drafts,
    ticket_log,
    ticket_money,
    ticket_resolving,
)
from csdesk.services.ticket_steps import Effects, Plan, Stepped, alive, foreseen, merged_in, step, wanted
from csdesk.services.tx import Tx, reads, writes

STAFF, QUEUE, CATEGORY = table(Staff), table(ServiceQueue), table(TicketCategory)
LEVELS = {1: "high", 2: "medium", 3: "low"}


def _owner_name(tx: Tx, staff_id: int) -> str:
    return str(tx.value(select(STAFF.c.name).where(STAFF.c.company == tx.company, STAFF.c.id == staff_id)))


def _take(tx: Tx, row: Row[Any], why: str) -> Plan:
    alive(row)
    busy, why = ticket_drafts.other(tx, row.id), why.strip()
    of_other = row.owner_id is not None and row.owner_id != tx.actor.id
    if of_other and not (tx.actor.may(seeing.QUEUES) or tx.actor.may(seeing.LEAD)):
        raise Refused(f"Ticket {row.number} is {_owner_name(tx, row.owner_id)}'s; ask a lead to assign it.")
    if (of_other or busy) and not why:
        holder = _owner_name(tx, row.owner_id) if of_other else busy
        raise Refused(f"{holder} has ticket {row.number}; t and a reason takes it over.", field="text")
    if row.owner_id == tx.actor.id and not busy:
        raise Refused(f"Ticket {row.number} is yours already.")
    data: dict[str, Any] = {"owner": tx.actor.id} | ({"from": row.owner_id, "why": why} if of_other or busy else {})

    def lease(tx: Tx, row: Row[Any]) -> Effects:
        if busy:
            ticket_drafts.take_over(tx, row.id, why)
        return []

    words = f"is yours{f', taken over: {why}' if of_other or busy else ''}"
    return Plan(words, (("claimed", data),), also=(lease,), told=data)


@reads("ticket.work")
def take_preview(tx: Tx, ticket_id: int, why: str = "") -> str:
    """What taking a ticket would do. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: _take(tx, row, why))


@writes("ticket.work")
def take(tx: Tx, ticket_id: int, why: str = "", call_id: int | None = None) -> Stepped:
    """Makes a ticket the actor's own. One that somebody else has, or is at work on, with a reason alone.

    Raises Refused for one that is the actor's already or is over.
    """
    return step(tx, "ticket_moves.take", ticket_id, lambda tx, row: _take(tx, row, why), call_id)


def _release(tx: Tx, row: Row[Any]) -> Plan:
    alive(row)
    if row.owner_id is None:
        raise Refused(f"Ticket {row.number} is nobody's; t takes it.")
    if row.owner_id != tx.actor.id and not tx.actor.may(seeing.LEAD):
        raise Refused(f"Ticket {row.number} is {_owner_name(tx, row.owner_id)}'s; only they or a lead release it.")
    return Plan(f"is free again, in queue {row.queue}", (("released", {"from": row.owner_id}),))


@reads("ticket.work")
def release_preview(tx: Tx, ticket_id: int) -> str:
    """What releasing a ticket would do. Raises like the act."""
    return foreseen(tx, ticket_id, _release)


@writes("ticket.work")
def release(tx: Tx, ticket_id: int, call_id: int | None = None) -> Stepped:
    """Gives a ticket back to its queue. Raises Refused for one that is somebody else's, unless a lead does it."""
    return step(tx, "ticket_moves.release", ticket_id, _release, call_id)


def _assign(tx: Tx, row: Row[Any], name: str) -> Plan:
    alive(row)
    plain = wanted(name, "To whom? o and a login, or the code of a queue.")
    queue = tx.row(select(QUEUE).where(QUEUE.c.company == tx.company, QUEUE.c.code == plain))
    if queue is not None:
        return _to_queue(tx, row, queue)
    person = _worker(tx, plain)
    if person.id == row.owner_id:
        raise Refused(f"Ticket {row.number} is {person.name}'s already.")
    data = {"owner": person.id, "queue": row.queue, "from": row.owner_id}
    return Plan(f"goes to {person.name}", (("assigned", data),), told=data)


def _worker(tx: Tx, login: str) -> Row[Any]:
    """Somebody who works tickets. Raises NotFound with the queues there are, Refused without the duty."""
    person = tx.row(select(STAFF).where(STAFF.c.company == tx.company, STAFF.c.login == login))
    if person is None:
        codes = ", ".join(row.code for row in tx.rows(select(QUEUE.c.code).where(QUEUE.c.company == tx.company)))
        raise NotFound(f"'{login}' is neither a login nor a queue; the queues are: {codes}.", field="text")
    if seeing.WORK not in staff.duties_of(tx, person.id):
        raise Refused(f"{person.name} does not work tickets; v and a question refers it to who investigates.")
    return person


def _to_queue(tx: Tx, row: Row[Any], queue: Row[Any]) -> Plan:
    """Into a queue, nobody's; its policy is that of the queue from now on."""
    if queue.code == row.queue and row.owner_id is None:
        raise Refused(f"Ticket {row.number} is in queue {queue.code} already.")
    data = {"owner": None, "queue": queue.code, "from": row.owner_id}
    events: list[tuple[str, dict[str, Any]]] = [("assigned", data)]
    if queue.policy != row.policy:
        policy, version = service_levels.current(tx, queue.policy)
        events.append(("policy", {"policy": policy, "policy_version": version}))
    return Plan(f"goes to queue {queue.code}", tuple(events), told=data)


@reads("ticket.lead")
def assign_preview(tx: Tx, ticket_id: int, name: str) -> str:
    """To whom a ticket would go. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: _assign(tx, row, name), seeing.LEAD)


@writes("ticket.lead")
def assign(tx: Tx, ticket_id: int, name: str, call_id: int | None = None) -> Stepped:
    """Gives a ticket to somebody by login, or into a queue by its code. Raises NotFound for a name that is neither."""
    return step(tx, "ticket_moves.assign", ticket_id, lambda tx, row: _assign(tx, row, name), call_id, seeing.LEAD)


def _priority(tx: Tx, row: Row[Any], impact: int, urgency: int, direct: int, why: str) -> Plan:
    alive(row)
    why = why.strip()
    if direct and not 1 <= direct <= 4:
        raise Invalid("A priority is 1, the highest, to 4.", field="priority")
    if direct and not why:
        raise Invalid("A priority that does not follow from impact and urgency wants a reason: p=2 and the words.",
                      field="text")  # fmt: skip
    now = direct or priority_of(impact, urgency)
    if now > row.priority:
        _lowering(tx, row, why)
    levels = {} if direct else {"impact": impact, "urgency": urgency}
    if now == row.priority and all(getattr(row, name) == level for name, level in levels.items()):
        raise Refused(f"Ticket {row.number} has priority {now} already.")
    queue = select(QUEUE.c.policy).where(QUEUE.c.company == tx.company, QUEUE.c.code == row.queue)
    policy, version = service_levels.current(tx, str(tx.value(queue) or row.policy))
    data = {**levels, "priority": now, "why": why, "policy": policy, "policy_version": version}
    how = f"impact {LEVELS[impact]}, urgency {LEVELS[urgency]}" if levels else why
    return Plan(f"has priority {now} ({how}), was {row.priority}", (("priority", data),), told=data)


def _lowering(tx: Tx, row: Row[Any], why: str) -> None:
    """Raises Refused for anybody but a lead; after a breach, by the clocks of this moment and whoever looked last, for
    anybody but a supervisor (a lead who reads all tickets), Invalid without a reason."""
    if not tx.actor.may(seeing.LEAD):
        raise Refused(f"Ticket {row.number} has priority {row.priority}; only a lead lowers it, u takes a step back.")
    clocks = clocking.of_events(tx, standing(ticket_log.events(tx, row.id)))
    if all(each.breached_at is None for each in clocks):
        return
    if not tx.actor.may(seeing.ALL):
        raise Refused(f"A clock of ticket {row.number} is breached; only a supervisor lowers its priority now.")
    if not why:
        raise Invalid("After a breach a priority is lowered with a reason alone: p33 and the words.", field="text")


@reads("ticket.work")
def priority_preview(tx: Tx, ticket_id: int, impact: int, urgency: int, direct: int = 0, why: str = "") -> str:
    """What another priority would be. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: _priority(tx, row, impact, urgency, direct, why))


@writes("ticket.work")
def priority(
    tx: Tx, ticket_id: int, impact: int, urgency: int, direct: int = 0, why: str = "", call_id: int | None = None
) -> Stepped:  # fmt: skip
    """Another priority: of impact and urgency (1 high to 3 low each), or `direct` (1 to 4) with a reason. Its clocks go
    by the new targets from now on, start and pauses stay.

    Raises Refused when a lower one is wanted by anybody but a lead, after a breach by anybody but a supervisor, Invalid
    without the reason wanted.
    """
    return step(tx, "ticket_moves.priority", ticket_id,
                lambda tx, row: _priority(tx, row, impact, urgency, direct, why), call_id)  # fmt: skip


def category_of(tx: Tx, typed: str, use: str = "category") -> Row[Any]:
    """The category (or "cause") that is meant: by its code, else by what its code or name begins with. Raises NotFound
    for none, Invalid for several, with what there is."""
    rows = tx.rows(select(CATEGORY).where(CATEGORY.c.company == tx.company, CATEGORY.c.use == use))
    key = squeezed(typed)
    exact = [row for row in rows if squeezed(row.code) == key]
    begun = exact or [row for row in rows if key and key in (squeezed(row.code)[: len(key)],
                                                             squeezed(row.name)[: len(key)])]  # fmt: skip
    if not begun:
        known = ", ".join(sorted(row.code for row in rows))
        raise NotFound(f"No category begins with '{typed.strip()}'; there are {known}.", field="text")
    if len(begun) > 1:
        fits = ", ".join(sorted(row.code for row in begun))
        raise Invalid(f"'{typed.strip()}' fits {fits}; type more of it.", field="text")
    return begun[0]


def category_plan(tx: Tx, row: Row[Any], typed: str) -> Plan:
    """What a ticket is about from now on. Internal, also part of a macro."""
    alive(row)
    found = category_of(tx, wanted(typed, "Which category? g and the beginning of its name; g alone lists them."))
    if found.code == row.category:
        raise Refused(f"Ticket {row.number} is in '{found.name}' already.")
    usual = f"; such tickets are in queue {found.queue}" if found.queue and found.queue != row.queue else ""
    return Plan(f"is about: {found.name}{usual}", (("category", {"category": found.code, "from": row.category}),))


@reads("ticket.work")
def category_preview(tx: Tx, ticket_id: int, typed: str) -> str:
    """Which category is meant. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: category_plan(tx, row, typed))


@writes("ticket.work")
def category(tx: Tx, ticket_id: int, typed: str, call_id: int | None = None) -> Stepped:
    """Says what a ticket is about, by the beginning of a category's code or name. Raises NotFound, Invalid."""
    return step(tx, "ticket_moves.category", ticket_id, lambda tx, row: category_plan(tx, row, typed), call_id)


def under_way(tx: Tx, row: Row[Any]) -> list[str]:
    """What of a ticket's money, and of those merged into it, somebody else is busy with: requests that wait, disputes
    that are open."""
    found = []
    for line in (line for each in (row.id, *merged_in(tx, row.id)) for line in ticket_money.lines_of(tx, each)):
        if (made := ticket_resolving.waiting_request(tx, line)) is not None:
            found.append(f"request {made.number} ({made.state.replace('_', ' ')})")
        found += [f"dispute {held.number}" for held in ticket_claims.disputes_of(tx, line, live=True)]
    return found


def _cancel(tx: Tx, row: Row[Any], why: str) -> Plan:
    plain = wanted(why, "Say why: x and the words.")
    if busy := under_way(tx, row):
        raise Refused(f"Ticket {row.number} has {', '.join(busy)} open; have that withdrawn or decided first.")
    return Plan(f"is cancelled: {plain}", (("cancelled", {"why": plain}),), told={"why": plain})


@reads("ticket.work")
def cancel_preview(tx: Tx, ticket_id: int, why: str) -> str:
    """What cancelling would do. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: _cancel(tx, row, why))


@writes("ticket.work")
def cancel(tx: Tx, ticket_id: int, why: str, call_id: int | None = None) -> Stepped:
    """Ends a ticket that should not have been: opened twice, by mistake. Raises Invalid without a reason, Refused
    while a request or dispute of it is open."""
    return step(tx, "ticket_moves.cancel", ticket_id, lambda tx, row: _cancel(tx, row, why), call_id)
