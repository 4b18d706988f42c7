"""Escalations raised, taken back and sent up by the clock: each once, whoever looks, to people who may see the ticket.

Everything is judged at the instant it was due; a tick that did not run for a weekend raises the highest level due and
records the lower ones as passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select, update

from csdesk.models import Callback, Escalation, Ticket, table
from csdesk.rules import escalation as rule
from csdesk.rules import escalation_ladder as ladder
from csdesk.rules.escalation import HEAD, LEAD, LIVE, Called
from csdesk.rules.ticket_lives import Clock
from csdesk.rules.ticket_replay import standing
from csdesk.services import (
    audit,
    clocking,
    escalation_causes,
    escalation_people,
    reports_base,
    service_settings,
    ticket_log,
)
from csdesk.services import escalation_rows as rows
from csdesk.services.escalation_people import LEVEL_WORDS, Found
from csdesk.services.tx import Tx, reads, writes

ESCALATION, TICKET, CALLBACK = table(Escalation), table(Ticket), table(Callback)


@reads("posting.run")
def due(tx: Tx, limit: int = 500) -> tuple[int, ...]:
    """Tickets to look at: their next instant has come, a callback of theirs was broken, or something happened since
    their live escalations were looked at."""
    come = select(TICKET.c.id).where(TICKET.c.company == tx.company, TICKET.c.next_at <= tx.now)
    found = [row.id for row in tx.rows(come.order_by(TICKET.c.next_at, TICKET.c.id).limit(limit))]
    found += [
        row.ticket_id
        for row in tx.rows(escalation_causes.unraised().where(CALLBACK.c.company == tx.company).limit(limit))
    ]
    found += [row.ticket_id for row in rows.listed(tx, ESCALATION.c.seq < TICKET.c.version, limit=limit)]
    made = select(CALLBACK.c.id).where(
        CALLBACK.c.company == ESCALATION.c.company, CALLBACK.c.ticket_id == ESCALATION.c.ticket_id,
        CALLBACK.c.done_at.is_not(None),
    )  # fmt: skip
    found += [row.ticket_id for row in rows.listed(tx, ESCALATION.c.rule == "callback", made.exists(), limit=limit)]
    return tuple(dict.fromkeys(found))


@writes("posting.run")
def review(tx: Tx, ticket_id: int) -> str:
    """Does what is due about a ticket's escalations: raises, takes back, notes when to look next. '' when nothing was,
    or somebody else is at it. Gives one sentence."""
    row = rows.locked(tx, ticket_id)
    if row is None:
        return ""
    said = follow(tx, row)
    if not said:
        return ""
    audit.record(tx, "escalating.review", "ticket", row.id, None, {"number": row.number, "done": said})
    return f"Ticket {row.number}: {'; '.join(said)}."


def follow(tx: Tx, row: Row[Any]) -> list[str]:
    """What `review` does, as part of an act that holds the ticket locked and is audited itself. Internal."""
    events = standing(ticket_log.events(tx, row.id))
    clocks = clocking.of_events(tx, events)
    there = rows.of_ticket(tx, row.id)
    called = [*clocking.called(tx, events, clocks, row._asdict()), *escalation_causes.called_here(tx, row, there)]
    said = _withdrawn(tx, row, there, clocks, called)
    raised, passed, overtaken = ladder.decided(called, rows.standing(rows.of_ticket(tx, row.id)), tx.now)
    for call, why in passed:
        rows.put(tx, row, call, "passed", outcome=why)
    later: datetime | None = None
    told: set[str] = set()
    for call in raised:
        row, words = raise_to(tx, row, call)
        if words:
            said.append(words)
            told.add(call.epoch)
        else:
            later = escalation_people.next_shift(tx, escalation_people.money_blocks(tx, row))
            said += _nobody(row, call)
    for each in overtaken:
        if each.epoch in told:
            rows.end(tx, each, "pass", "the next level was told")
    _look_again(tx, row, called, later)
    rows.seen(tx, row.id, row.version)
    return said


def _nobody(row: Row[Any], call: Called) -> list[str]:
    """Said once, when it was called for; the ticks until somebody is on shift are silent."""
    return [f"nobody is on shift to escalate to ({call.why})"] if row.next_at is None or call.at >= row.next_at else []


def _look_again(tx: Tx, row: Row[Any], called: Sequence[Called], later: datetime | None) -> None:
    at = clocking.ahead(called, row._asdict(), tx.now, after=True)
    at = min((each for each in (at, later) if each is not None), default=None)
    mine = update(TICKET).where(TICKET.c.company == tx.company, TICKET.c.id == row.id)
    tx.do(mine.values(next_at=at))


def raise_to(tx: Tx, row: Row[Any], call: Called, but: int | None = None) -> tuple[Row[Any], str]:
    """Raises one to whoever the roster names now; the row of the ticket after it and what was done, '' when nobody is
    on shift all the way up. The caller holds the ticket locked. Internal."""
    found = escalation_people.find(tx, row, call.level, escalation_people.money_blocks(tx, row), but)
    if found is None:
        return row, ""
    for level, why in found.passed:
        _pass_over(tx, row, replace(call, level=level), why)
    told = replace(call, level=found.level)
    there = {(each.rule, each.level, each.epoch): each for each in rows.of_ticket(tx, row.id)}
    before = there.get(told.key)
    if before is None:
        escalation = rows.put(tx, row, told, "raised", found.staff_id)
    elif before.state in ("withdrawn", "passed"):
        escalation = rows.again(tx, row, before, told, found.staff_id)
    else:
        return row, f"{call.why}: {found.name} was told already"
    words = f"escalated to {_whom(found)}: {call.why}{_since(tx, call)}"
    data = {"escalation": escalation, "step": "raised", "rule": told.rule, "level": told.level, "to": found.staff_id,
            "why": call.why, "since": call.at}  # fmt: skip
    return noted(tx, row, data, words), words


def _pass_over(tx: Tx, row: Row[Any], call: Called, why: str) -> None:
    there = {(each.rule, each.level, each.epoch) for each in rows.of_ticket(tx, row.id)}
    if call.key not in there:
        rows.put(tx, row, call, "passed", outcome=why)


def noted(tx: Tx, row: Row[Any], data: dict[str, Any], words: str) -> Row[Any]:
    """A step of an escalation in the log and, for those inside, in the thread; gives the row after it."""
    after = ticket_log.append(tx, row, "escalated", data)
    ticket_log.say(tx, after, "system", f"{words[:1].upper()}{words[1:]}.")
    return after


def _whom(found: Found) -> str:
    level = LEVEL_WORDS[found.level]
    return f"{found.name} ({level})" if found.name else "the queue, it has no owner"


def _since(tx: Tx, call: Called) -> str:
    """Since when, where it is told late."""
    if (tx.now - call.at).total_seconds() < 60:
        return ""
    here: ZoneInfo = reports_base.books(tx).zone
    return f", since {call.at.astimezone(here):%a %d %b %H:%M}"


def _withdrawn(
    tx: Tx, row: Row[Any], there: Sequence[Row[Any]], clocks: Sequence[Clock], called: Sequence[Called]
) -> list[str]:
    """Takes back those whose cause is gone, saying why."""
    said = []
    by_epoch = {rule.epoch_of(each): each for each in clocks}
    come = [each for each in called if each.at <= tx.now]
    for each in there:
        if each.state not in LIVE:
            continue
        why = escalation_causes.gone(each, row, by_epoch, come)
        if why:
            rows.end(tx, each, "withdraw", why)
            said.append(f"{LEVEL_WORDS[each.level]}'s escalation withdrawn, {why}")
    return said


@reads("posting.run")
def unanswered(tx: Tx, limit: int = 500) -> tuple[int, ...]:
    """Escalations whose time is over: nobody acknowledged them, or the next step they were acknowledged with was not
    taken by its time."""
    return tuple(row.id for row in rows.listed(tx, ESCALATION.c.next_at <= tx.now, limit=limit))


@writes("posting.run")
def climb(tx: Tx, escalation_id: int) -> str:
    """Sends an escalation one level up whose time is over, once; over levels whose time is over by now too. '' when
    there is nothing to do (yet or any more), or somebody else is at it. Gives one sentence."""
    row = rows.locked(tx, rows.get(tx, escalation_id).ticket_id)
    if row is None:
        return ""
    each = rows.get(tx, escalation_id)
    if each.state not in LIVE or each.next_at is None or each.next_at > tx.now:
        return ""
    words = up(tx, row, each, "")
    if words:
        audit.record(tx, "escalating.climb", "escalation", each.id, rows.told(each._asdict()),
                     rows.told(rows.get(tx, each.id)._asdict()))  # fmt: skip
    return f"Ticket {row.number}: {words}." if words else ""


def whom(tx: Tx, row: Row[Any], each: Row[Any], level: int, money: bool) -> escalation_people.Found | None:
    """To whom one would go up: where nobody is on shift so high up, as high as there is somebody above whoever has it;
    None where nobody is. Internal."""
    rungs = (max(rung, LEAD) for rung in range(level, each.level, -1))
    people = (escalation_people.find(tx, row, rung, money, each.to_staff) for rung in rungs)
    return next((one for one in people if one is not None), None)


def up(tx: Tx, row: Row[Any], each: Row[Any], by: str) -> str:
    """Sends one up, because its time is over or (`by`) somebody says so; what was done. The caller holds the ticket
    locked. Internal."""
    over = each.next_at if not by and each.next_at is not None else tx.now
    kept = "" if each.state != "acknowledged" else f"the next step was not taken: {each.next_step}"
    if each.level >= HEAD:
        rows.change(tx, each.id, next_at=None, outcome=kept[:300])
        return kept
    outcome = by or kept or "not acknowledged in time"
    calendar = clocking.calendar_of(tx, row._asdict())
    spans = {level: service_settings.span(tx, name) for level, name in rows.TIMES.items()}
    level, since, skipped = (each.level + 1, tx.now, []) if by else ladder.climbed(
        each.level, over, spans, calendar, tx.now
    )  # fmt: skip
    why = f"{each.why}; {outcome}"
    money = escalation_people.money_blocks(tx, row)
    found = whom(tx, row, each, level, money)
    if found is None:
        rows.change(tx, each.id, next_at=escalation_people.next_shift(tx, money))
        return ""
    rows.end(tx, each, "pass", outcome)
    since = dict(skipped).get(found.level, since)
    level = min(level, found.level)
    for rung, at in skipped:
        if rung < level:
            _pass_over(tx, row, Called(each.rule, rung, each.epoch, at, why[:300]), "its time was over too")
    after, words = raise_to(tx, row, Called(each.rule, level, each.epoch, since, why[:300]), each.to_staff)
    rows.seen(tx, row.id, after.version)
    return words
