"""How a step on a ticket is done: planned once for the echo and for the act, then events, thread, memory and audit.

Internal to services. A plan is a function of the transaction and the ticket's row; it refuses what cannot be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Row, select

from csdesk.errors import Invalid, Refused
from csdesk.models import Company, Ticket, table
from csdesk.rules.ticket_replay import replay
from csdesk.rules.ticket_states import BACK, Event, moved
from csdesk.services import audit, memory, seeing, ticket_log, ticket_mail
from csdesk.services.tx import Tx

TICKET, COMPANY = table(Ticket), table(Company)
Effects = list[list[Any]]  # further rows a step wrote, as `ticket_effects` takes them back: name and arguments


@dataclass(frozen=True)
class Stepped:
    """A ticket after a step, and what was done in one sentence."""

    ticket_id: int
    words: str


@dataclass(frozen=True)
class Said:
    """A piece of the thread that comes with a step, beside its event `at`; with recipients it leaves as mail once the
    hold has passed."""

    kind: str
    body: str
    visible: bool = False
    recipients: tuple[str, ...] = ()
    subject: str = ""
    author: str = ""
    request: str = ""
    at: int = -1


@dataclass(frozen=True)
class Plan:
    """A step: what it does in words (after "Ticket 26000001 "), its events, its pieces of the thread, what it writes
    beside them, what the audit is told."""

    words: str
    events: tuple[tuple[str, Mapping[str, Any]], ...]
    said: tuple[Said, ...] = ()
    also: tuple[Callable[[Tx, Row[Any]], Effects], ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)


Planner = Callable[[Tx, Row[Any]], Plan]


def foreseen(tx: Tx, ticket_id: int, plan: Planner, duty: str = seeing.WORK) -> str:
    """What a step would do, in words. Raises like the step."""
    row = seeing.one(tx, ticket_id)
    seeing.allowed(tx, row, duty)
    return would(row, plan(tx, row))


def would(row: Row[Any], found: Plan) -> str:
    """What a plan does to a ticket, in words. Raises Refused for a move its state does not allow."""
    label = row.state
    for event, data in found.events:
        after = moved(label, event, data)
        label = label if after == BACK else after
    return found.words


def in_turn(tx: Tx, row: Row[Any], planners: Sequence[Planner]) -> tuple[Plan, ...]:
    """Plans that follow one another: each is made of the row as those before it would leave it, nothing is written.
    Raises what they raise, Refused for a move the state does not allow by then."""
    happened, made, stored = list(ticket_log.events(tx, row.id)), [], row._asdict()
    for plan in planners:
        found = plan(tx, row)
        for event, data in found.events:
            seq = happened[-1].seq + 1
            happened.append(Event(seq, tx.now, event, tx.actor.id, json.loads(audit.dump(data))))
        row = cast("Row[Any]", SimpleNamespace(**{**stored, **replay(happened)}))
        made.append(found)
    return tuple(made)


def joined(plans: Sequence[Plan]) -> Plan:
    """Plans as one step, done in their order and taken back together."""
    said: list[Said] = []
    events: list[tuple[str, Mapping[str, Any]]] = []
    told: dict[str, Any] = {}
    for each in plans:
        said += [replace(one, at=len(events) + one.at % len(each.events)) for one in each.said]
        events += each.events
        told |= each.told
    also = tuple(one for each in plans for one in each.also)
    return Plan(" · ".join(each.words for each in plans), tuple(events), tuple(said), also, told)


def step(
    tx: Tx, verb: str, ticket_id: int, plan: Planner, call_id: int | None = None, duty: str = seeing.WORK
) -> Stepped:  # fmt: skip
    """Does a step on a ticket that the actor may see and work. Raises NotFound, Refused, and what the plan raises."""
    return put(tx, verb, seeing.working(tx, ticket_id, duty), plan, call_id)


def put(tx: Tx, verb: str, row: Row[Any], plan: Planner, call_id: int | None = None) -> Stepped:
    """Does a step on a ticket's row that is held locked and that the actor may work."""
    found = plan(tx, row)
    after, seqs, at = row, [], []
    for event, data in found.events:
        after = ticket_log.append(tx, after, event, data)
        seqs.append(after.version)
        at.append(after)
    effects: Effects = []
    for each in found.said:
        effects += _say(tx, at[each.at], each, call_id)
    for also in found.also:
        effects += also(tx, after)
    words = f"Ticket {row.number} {found.words}"
    undo = {"do": "unticket-step", "ticket": row.id, "seqs": seqs, "effects": effects}
    memory.remember(tx, call_id, verb, words, undo, hold_seconds(tx))
    audit.record(tx, verb, "ticket", row.id, {"state": row.state, "version": row.version},
                 {"state": after.state, "events": [event for event, _ in found.events], **found.told})  # fmt: skip
    return Stepped(row.id, f"{words}.")


def _say(tx: Tx, row: Row[Any], said: Said, call_id: int | None) -> Effects:
    """The piece of the thread; what is mailed waits in the outbox."""
    item = ticket_log.say(
        tx, row, said.kind, said.body, visible=said.visible, recipients=said.recipients, call_id=call_id,
        subject=said.subject, author=said.author, request=said.request,
    )  # fmt: skip
    if not said.recipients:
        return []
    ticket_mail.post(tx, item, row.number, hold_seconds(tx))
    return [["mail", item]]


def hold_seconds(tx: Tx) -> int:
    """How long the company holds what can be taken back."""
    return int(tx.value(select(COMPANY.c.hold_seconds).where(COMPANY.c.id == tx.company)) or 0)


def alive(row: Row[Any]) -> None:
    """Raises Refused for a ticket that is not worked on any more, naming the way back."""
    if row.base in ("work", "wait"):
        return
    back = {"resolved": "e and why reopens it", "closed": "e and why reopens it",
            "merged": "work the ticket it went into, or m- takes the merge back"}  # fmt: skip
    raise Refused(f"Ticket {row.number} is {row.state}; {back.get(row.state, 'open another one instead')}.")


def going(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused for a ticket that is not worked on any more; the lines of a merged one are decided as long as the
    one it went into is worked on."""
    last = ticket_log.chain(tx, row.id)[-1]
    alive(row if last == row.id else ticket_log.get(tx, last))


def wanted(text: str, sentence: str) -> str:
    """A text without blanks around it. Raises Invalid with the sentence where there is none."""
    plain = text.strip()
    if not plain:
        raise Invalid(sentence, field="text")
    return plain


def merged_in(tx: Tx, ticket_id: int) -> tuple[int, ...]:
    """The tickets merged into one, and into those."""
    found: list[int] = []
    level: Sequence[int] = [ticket_id]
    while level:
        mine = select(TICKET.c.id).where(TICKET.c.company == tx.company, TICKET.c.merged_into.in_(level))
        level = [row.id for row in tx.rows(mine) if row.id not in found]
        found += level
    return tuple(found)
