"""Running clocks onto new versions of their policies: an event on each ticket that has one. Internal to services."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

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
    """Tells every ticket with a running clock of one of these policies its new version; gives how many it were.

    Start and pauses stay, what was late stays late (`rules.ticket_fold`). Raises Conflict when somebody works on one of
    them at this moment.
    """
    moved = 0
    live = select(TICKET.c.id).where(
        TICKET.c.company == tx.company, TICKET.c.policy.in_(sorted(versions)),
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
    told, changed = [], []
    for row in rows:
        found = clocking.of_events(tx, standing(logs[row.id]))
        if not any(each.state in _LIVE and each.policy == row.policy for each in found):
            continue
        event = _event(tx, row, versions[row.policy])
        told.append(event)
        changed.append(_figures(tx, row, [*logs[row.id], event]))
    if not told:
        return 0
    tx.do(insert(EVENT), [
        {"company": tx.company, "ticket_id": values["b_id"], "seq": each.seq, "event": each.event, "at": each.at,
         "by": each.by, "data": dump(each.data)}
        for each, values in zip(told, changed, strict=True)
    ])  # fmt: skip
    for values in changed:
        if tx.do(_UPDATE, values).rowcount != 1:
            raise Conflict("A ticket was changed at this moment; try again.")
    return len(told)


_UPDATE = (
    update(TICKET)
    .where(TICKET.c.company == bindparam("b_company"), TICKET.c.id == bindparam("b_id"),
           TICKET.c.version == bindparam("b_version"))
    .values({name: bindparam(f"v_{name}", type_=TICKET.c[name].type) for name in _MOVED})
)  # fmt: skip


def _event(tx: Tx, row: Row[Any], version: int) -> Event:
    return Event(row.version + 1, tx.now, "policy", tx.actor.id, {"policy": row.policy, "policy_version": version})


def _figures(tx: Tx, row: Row[Any], events: list[Event]) -> dict[str, Any]:
    values = {**row._asdict(), **replay(events)}
    values |= clocking.figures(tx, standing(events), values)
    own = {"b_company": tx.company, "b_id": row.id, "b_version": row.version}
    return own | {f"v_{name}": values[name] for name in _MOVED}
