"""What people do with escalations: raise one by hand, acknowledge it with a next step and its time, do that, close it,
send it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Staff, Ticket, TicketItem, table
from csdesk.rules import callbacks as callback_rule
from csdesk.rules import escalation as rule
from csdesk.rules.escalation import HEAD, LEAD, SUPERVISOR, Called
from csdesk.services import audit, escalating, escalation_people, memory, reports_base, seeing
from csdesk.services import escalation_rows as rows
from csdesk.services.escalation_people import LEVEL_WORDS
from csdesk.services.tx import Tx, reads, writes

TICKET, STAFF, ITEM = table(Ticket), table(Staff), table(TicketItem)
MOST = 300


@dataclass(frozen=True)
class Done:
    """A step of an escalation: which one, its state now, and what was done in one sentence."""

    id: int
    ticket_id: int
    state: str
    words: str


@reads("customer.read")
def preview(tx: Tx, ticket_id: int, why: str) -> str:
    """What escalating by hand would do. Raises like the act."""
    row, found = _target(tx, seeing.one(tx, ticket_id), why)
    return f"escalates ticket {row.number} to {found.name} ({LEVEL_WORDS[found.level]}): {why.strip()}"


@writes("ticket.work")
def by_hand(tx: Tx, ticket_id: int, why: str, call_id: int | None = None) -> Done:
    """Escalates a ticket one may see to whoever is above the actor and on shift: a rep's to the lead, a lead's to the
    supervisor, else to the head.

    Raises Invalid without words, Refused for a void ticket, while one by hand waits there already, and while nobody
    above is on shift (saying from when).
    """
    row, _ = _target(tx, seeing.working(tx, ticket_id), why)
    call = Called("hand", _above(tx), f"hand:{row.version + 1}", tx.now, why.strip()[:MOST])
    after, words = escalating.raise_to(tx, row, call, tx.actor.id)
    made = next(each for each in reversed(rows.of_ticket(tx, row.id)) if each.epoch == call.epoch)
    rows.seen(tx, row.id, after.version)
    undo = {"do": "unescalate", "escalation": made.id, "ticket": row.id}
    sentence = f"Ticket {row.number} {words}"
    memory.remember(tx, call_id, "escalation_steps.by_hand", sentence, undo)
    audit.record(tx, "escalation_steps.by_hand", "escalation", made.id, None,
                 {**rows.told(made._asdict()), "ticket": row.number, "why": why.strip()})  # fmt: skip
    return Done(made.id, row.id, made.state, f"{sentence}.")


def _target(tx: Tx, row: Row[Any], why: str) -> tuple[Row[Any], escalation_people.Found]:
    """The ticket and whom it would go to. Raises as `by_hand`."""
    if not why.strip():
        raise Invalid("Say why: ! and the words, then Enter.", field="text")
    if row.base == "void":
        raise Refused(f"Ticket {row.number} is {row.state}; # on a call lists what is open of the customer's.")
    if row.base == "done":
        raise Refused(f"Ticket {row.number} is {row.state}; e and why opens it again, then ! escalates it.")
    money = escalation_people.money_blocks(tx, row)
    found = escalation_people.find(tx, row, _above(tx), money, tx.actor.id)
    if found is None:
        at = escalation_people.next_shift(tx, money).astimezone(reports_base.books(tx).zone)
        raise Refused(f"Nobody above you is on shift for ticket {row.number}; the roster names somebody {at:%a %H:%M}.")
    _not_twice(tx, row, found.level)
    return row, found


def _not_twice(tx: Tx, row: Row[Any], level: int) -> None:
    """Raises Refused while one by hand waits at a level already: pressed twice it is one."""
    for each in rows.of_ticket(tx, row.id):
        if (each.rule, each.level) == ("hand", level) and each.state in ("raised", "acknowledged"):
            name = tx.value(select(STAFF.c.name).where(STAFF.c.company == tx.company, STAFF.c.id == each.to_staff))
            has = f"is with {name or LEVEL_WORDS[level]} already"
            raise Refused(f"Ticket {row.number} {has} ({each.state}: {each.why}); a note (i) tells more.")


def _above(tx: Tx) -> int:
    """The level above the actor, by what he may do."""
    if not tx.actor.may(seeing.LEAD):
        return LEAD
    return HEAD if tx.actor.may(seeing.ALL) else SUPERVISOR


def take_back(tx: Tx, escalation_id: int) -> str:
    """Takes an escalation by hand back that nobody answered yet. Internal: undo."""
    each = rows.get(tx, escalation_id)
    row = rows.locked(tx, each.ticket_id, wait=True)
    each = rows.get(tx, escalation_id)
    if each.state != "raised" or row is None:
        raise Refused(f"This escalation is {each.state} already; say it to whoever has it.")
    rows.end(tx, each, "withdraw", rows.TAKEN_BACK)
    escalating.noted(tx, row, {"escalation": each.id, "step": "withdrawn"}, "escalation taken back")
    return f"the escalation of ticket {row.number} is taken back"


@reads("customer.read")
def preview_acknowledge(tx: Tx, escalation_id: int, when: str, words: str) -> str:
    """What acknowledging would note. Raises like the act."""
    row, _ = _held(tx, escalation_id, lock=False)
    at = _by(tx, when, words)
    return f"acknowledges it: {words.strip()}, by {_clock(tx, at)}; ticket {row.number} does not go up before"


@writes("customer.read")
def acknowledge(tx: Tx, escalation_id: int, when: str, words: str) -> Done:
    """Takes an escalation on, with the next step and until when: from now on that is a commitment, and the ladder
    stops; not taken by its time, it goes up.

    `when` is a time on the company's clock ("15:30", "mon10"). Raises Invalid for a time that is over or no step,
    Refused for one that is somebody else's and no lead's business.
    """
    row, each = _held(tx, escalation_id)
    at = _by(tx, when, words)
    state = rule.after(each.state, "acknowledge")
    step = words.strip()[:MOST]
    rows.change(tx, each.id, state=state, acknowledged_at=each.acknowledged_at or tx.now, next_step=step, next_at=at,
                to_staff=tx.actor.id if seeing.LEAD in tx.actor.duties else each.to_staff)  # fmt: skip
    return _stepped(tx, row, each, "acknowledge", state, f"acknowledged: {step}, by {_clock(tx, at)}")


@writes("customer.read")
def action(tx: Tx, escalation_id: int, words: str) -> Done:
    """The next step was taken, `words` saying what came of it: the commitment is kept; what is left is to close it."""
    row, each = _held(tx, escalation_id)
    _said(words, "d and what was done")
    state = rule.after(each.state, "action")
    rows.change(tx, each.id, state=state, next_at=None, outcome=words.strip()[:MOST],
                acknowledged_at=each.acknowledged_at or tx.now)  # fmt: skip
    return _stepped(tx, row, each, "action", state, f"done: {words.strip()[:MOST]}")


@reads("customer.read")
def preview_action(tx: Tx, escalation_id: int, words: str) -> str:
    """What noting that the step was taken would do. Raises like the act."""
    row, each = _held(tx, escalation_id, lock=False)
    _said(words, "d and what was done")
    rule.after(each.state, "action")
    return f"notes on ticket {row.number} that the next step was taken: {words.strip()}"


@reads("customer.read")
def preview_close(tx: Tx, escalation_id: int, words: str) -> str:
    """What closing would do. Raises like the act."""
    row, _ = _held(tx, escalation_id, lock=False)
    _said(words, "x and what came of it")
    return f"closes the escalation of ticket {row.number}: {words.strip()}"


@reads("customer.read")
def preview_up(tx: Tx, escalation_id: int, words: str) -> str:
    """To whom it would be sent. Raises like the act."""
    row, each = _held(tx, escalation_id, lock=False)
    _sent(each, words)
    found = escalating.whom(tx, row, each, each.level + 1, escalation_people.money_blocks(tx, row))
    if found is None:
        raise _nobody(row)
    return f"sends the escalation of ticket {row.number} up to {found.name} ({LEVEL_WORDS[found.level]}): {words}"


@writes("customer.read")
def close(tx: Tx, escalation_id: int, words: str) -> Done:
    """Closes an escalation with what came of it. Raises Invalid without words."""
    row, each = _held(tx, escalation_id)
    _said(words, "x and what came of it")
    rows.end(tx, each, "close", words.strip())
    return _stepped(tx, row, each, "close", "closed", f"closed: {words.strip()[:MOST]}")


@writes("customer.read")
def send_up(tx: Tx, escalation_id: int, words: str) -> Done:
    """Sends an escalation one level up, with the reason. Raises Invalid without one, Refused where nobody stands above
    or is on shift there."""
    row, each = _held(tx, escalation_id)
    _sent(each, words)
    said = escalating.up(tx, row, each, f"{tx.actor.name}: {words.strip()}")
    if not said:
        raise _nobody(row)
    audit.record(tx, "escalation_steps.send_up", "escalation", each.id, rows.told(each._asdict()),
                 rows.told(rows.get(tx, each.id)._asdict()))  # fmt: skip
    return Done(each.id, row.id, "passed", f"Ticket {row.number} {said}.")


def _sent(each: Row[Any], words: str) -> None:
    _said(words, "n and the reason")
    if each.level >= HEAD:
        raise Refused("Nobody stands above the head; acknowledge it with another step, or close it.")


def _nobody(row: Row[Any]) -> Refused:
    return Refused(f"Nobody above is on shift for ticket {row.number}; acknowledge it with the next step and a time.")


def _said(words: str, shape: str) -> None:
    if not words.strip():
        raise Invalid(f"Say what: {shape}, then Enter.", field="text")


def _held(tx: Tx, escalation_id: int, lock: bool = True) -> tuple[Row[Any], Row[Any]]:
    """The ticket and the escalation, for whoever it went to and for leads of its level or above who see the ticket.
    Raises NotFound, Refused for somebody else, and for one that has ended."""
    each = rows.get(tx, escalation_id)
    row = seeing.one(tx, each.ticket_id, lock)
    if lock:
        each = rows.get(tx, escalation_id)
    mine = each.to_staff == tx.actor.id or (each.to_staff is None and tx.actor.may(seeing.WORK))
    if not mine and not (tx.actor.may(seeing.LEAD) and escalation_people.stands(tx) >= each.level):
        name = tx.value(select(STAFF.c.name).where(STAFF.c.company == tx.company, STAFF.c.id == each.to_staff))
        raise Refused(
            f"The escalation of ticket {row.number} is {name or 'the queue'}'s; a note on the ticket reaches him."
        )
    if each.state not in rule.LIVE:
        raise Refused(f"The escalation of ticket {row.number} is {each.state} already; q shows those that wait.")
    return row, each


def _by(tx: Tx, when: str, words: str) -> datetime:
    if not words.strip():
        raise Invalid("Say the next step: y 15:30 and the words, then Enter.", field="text")
    zone: ZoneInfo = reports_base.books(tx).zone
    try:
        at = callback_rule.typed_window(when, tx.now, str(zone)).opens
    except Invalid:
        at = tx.now
    if at <= tx.now:
        here = tx.now.astimezone(zone)
        raise Invalid(f"'{when}' is over or no time, it is {here:%H:%M}; 15:30, mon10 or +1 9 is wanted.", field="when")
    return at


def _clock(tx: Tx, at: datetime) -> str:
    zone = reports_base.books(tx).zone
    local, today = at.astimezone(zone), tx.now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%a %d %b %H:%M}"


def _stepped(tx: Tx, row: Row[Any], each: Row[Any], verb: str, state: str, words: str) -> Done:
    after = escalating.noted(
        tx,
        row,
        {"escalation": each.id, "step": state, "words": words},
        f"{LEVEL_WORDS[each.level]}'s escalation {words}",
    )
    rows.seen(tx, row.id, after.version)
    audit.record(tx, f"escalation_steps.{verb}", "escalation", each.id, rows.told(each._asdict()),
                 rows.told(rows.get(tx, each.id)._asdict()))  # fmt: skip
    return Done(each.id, row.id, state, f"Escalation of ticket {row.number} {words}.")


@reads("customer.read")
def of_call(tx: Tx, call_id: int, customer_id: int) -> int:
    """The ticket that is meant on a call: the one spoken of last on it, else the customer's only one under way.

    Raises NotFound where there is none, Refused where there are several.
    """
    here = (ITEM.c.company == TICKET.c.company) & (ITEM.c.ticket_id == TICKET.c.id)
    spoken = select(TICKET.c.id).join(ITEM, here).where(seeing.visible(tx), ITEM.c.call_id == call_id)
    last = tx.value(spoken.order_by(ITEM.c.at.desc(), ITEM.c.id.desc()).limit(1))
    if last is not None:
        return int(last)
    under_way = select(TICKET.c.id).where(
        seeing.visible(tx), TICKET.c.customer_id == customer_id, TICKET.c.base.in_(("work", "wait"))
    )
    found = [row.id for row in tx.rows(under_way.limit(2))]
    if not found:
        raise NotFound("No ticket of this customer is under way; t opens one first.")
    if len(found) > 1:
        raise Refused("The customer has several tickets; # lists them: show one, then ! and the reason.")
    return int(found[0])
