"""Running clocks onto new versions of their policies: an event on each ticket that has one. Internal to services."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, exists, insert, or_, select, update

from csdesk.errors import Conflict
from csdesk.models import Ticket, TicketEvent, table
from csdesk.rules.ticket_replay import replay, standing
from csdesk.rules.ticket_states import Event
from csdesk.services import clocking
from csdesk.services.audit import dump
from csdesk.services.loading_put import batches
from csdesk.services.tx import Tx

TICKET, EVENT = table(Ticket), table(TicketEvent)
_LIVE = frozenset({"running", "paused"})
# What of a ticket's row a policy may move; the rest stays.
_MOVED = ("version", "policy", "policy_version", "due_at", "due_kind", "breaches", "next_at")


def move(tx: Tx, versions: Mapping[str, int]) -> int:
    """Tells every ticket that has a running clock and goes by one of these policies, its own or that of one merged into
    it, the new version; gives how many it were.

    Start and pauses stay, what was late stays late (`rules.ticket_fold`). Raises Conflict when somebody works on one of
    them at this moment.
    """
    moved = 0
    joined = exists().where(EVENT.c.company == TICKET.c.company, EVENT.c.ticket_id == TICKET.c.id,
                            EVENT.c.event == "merged_in")  # fmt: skip
    live = select(TICKET.c.id).where(
        TICKET.c.company == tx.company, or_(TICKET.c.policy.in_(sorted(versions)), joined),
        TICKET.c.state.in_(("new", "open", "waiting_customer", "waiting_internal", "waiting_third", "resolved")),
    )  # fmt: skip
    for some in batches([row.id for row in tx.rows(live.order_by(TICKET.c.id))], 500):
        moved += _move(tx, some, versions)
    return moved


def _move(tx: Tx, ids: Any, versions: Mapping[str, int]) -> int:
    mine = select(TICKET).where(TICKET.c.company == tx.company, TICKET.c.id.in_(ids)).order_by(TICKET.c.id)
    rows = tx.rows(mine.with_for_update() if tx.postgres else mine)
    logs: dict[int, list[Event]] = defaultdict(list)
    every = select(EVENT).where(EVENT.c.company == tx.company, EVENT.c.ticket_id.in_(ids))
    for each in tx.rows(every.order_by(EVENT.c.ticket_id, EVENT.c.seq)):
        logs[each.ticket_id].append(Event(each.seq, each.at, each.event, each.by, json.loads(each.data)))
    told: dict[int, list[Event]] = {}
    changed = []
    for row in rows:
        if codes := _edited(tx, standing(logs[row.id]), versions):
            told[row.id] = _events(tx, row, {code: versions[code] for code in codes})
            changed.append(_figures(tx, row, [*logs[row.id], *told[row.id]]))
    if not told:
        return 0
    tx.do(insert(EVENT), [
        {"company": tx.company, "ticket_id": ticket_id, "seq": each.seq, "event": each.event, "at": each.at,
         "by": each.by, "data": dump(each.data)}
        for ticket_id, events in told.items() for each in events
    ])  # fmt: skip
    for values in changed:
        if tx.do(_UPDATE, values).rowcount != 1:
            raise Conflict("A ticket was changed at this moment; try again.")
    return len(told)


def _edited(tx: Tx, events: Sequence[Event], versions: Mapping[str, int]) -> list[str]:
    """The edited policies a ticket goes by, none when no clock of it runs; a callback goes by what was promised."""
    codes = sorted({code for code, _, _ in clocking.choices_of(tx, events)} & set(versions))
    if codes and any(each.state in _LIVE and each.policy for each in clocking.of_events(tx, events)):
        return codes
    return []


_UPDATE = (
    update(TICKET)
    .where(TICKET.c.company == bindparam("b_company"), TICKET.c.id == bindparam("b_id"),
           TICKET.c.version == bindparam("b_version"))
    .values({name: bindparam(f"v_{name}", type_=TICKET.c[name].type) for name in _MOVED})
)  # fmt: skip


def _events(tx: Tx, row: Row[Any], versions: Mapping[str, int]) -> list[Event]:
    """One a policy; `edited` says that it counts only where that policy is in use."""
    return [
        Event(seq, tx.now, "policy", tx.actor.id, {"policy": code, "policy_version": version, "edited": True})
        for seq, (code, version) in enumerate(versions.items(), row.version + 1)
    ]


def _figures(tx: Tx, row: Row[Any], events: list[Event]) -> dict[str, Any]:
    values = {**row._asdict(), **replay(events)}
    values |= clocking.figures(tx, standing(events), values)
    own = {"b_company": tx.company, "b_id": row.id, "b_version": row.version}
    return own | {f"v_{name}": values[name] for name in _MOVED}
