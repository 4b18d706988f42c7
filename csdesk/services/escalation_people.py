"""Whom an escalation goes to: through the roster when it fires, one level up where nobody is on shift, and only to
people who may see the ticket. Internal to services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, or_, select

from csdesk.models import ApprovalRequest, ServiceQueue, Shift, Staff, StaffRole, Ticket, TicketLine, table
from csdesk.rules import escalation as rule
from csdesk.rules import rosters as roster_rule
from csdesk.rules.escalation import HEAD, LEAD, OWNER, SUPERVISOR
from csdesk.services import rosters, seeing, staff
from csdesk.services.ticket_steps import merged_in
from csdesk.services.tx import Actor, Tx

STAFF, ROLE, QUEUE, TICKET = table(Staff), table(StaffRole), table(ServiceQueue), table(Ticket)
LINE, REQUEST, SHIFT = table(TicketLine), table(ApprovalRequest), table(Shift)
LEVEL_WORDS = ("owner", "lead", "supervisor", "head")
# Where no roster is kept everybody counts as on shift: the roles that stand for a level then.
ROLES = {"lead": ("lead",), "supervisor": ("supervisor",), "operations": ("manager", "director"),
         "finance": ("finance", "controller")}  # fmt: skip
LOOKED_AHEAD = timedelta(days=7)
LAPSED = timedelta(days=7)


@dataclass(frozen=True)
class Found:
    """Whom it goes to, on which level, and the levels passed over with the reason."""

    staff_id: int | None
    level: int
    name: str
    passed: tuple[tuple[int, str], ...] = ()


def find(tx: Tx, row: Row[Any], level: int, money: bool, but: int | None = None) -> Found | None:
    """Somebody of a level or above who is on shift now and may see the ticket; the owner is asked whether on shift or
    not. None while nobody is on shift all the way up. `but` is passed over (who asks asks somebody else).

    A head need not see tickets otherwise: the escalation itself shows him this one, see `seeing.visible`.
    """
    if level == OWNER:
        name = _name(tx, row.owner_id) if row.owner_id is not None and may_see(tx, row.owner_id, row.id) else ""
        return Found(row.owner_id if name else None, OWNER, name)
    passed: list[tuple[int, str]] = []
    for rung in range(level, HEAD + 1):
        people = [each for each in _on_shift(tx, row, rule.shift_level(rung, money)) if each != but]
        turn = row.id % len(people) if people else 0
        for each in (*people[turn:], *people[:turn]):
            if rung == HEAD or may_see(tx, each, row.id):
                return Found(each, rung, _name(tx, each), tuple(passed))
        passed.append((rung, f"no {LEVEL_WORDS[rung]} on shift" + (" who may see it" if people else "")))
    return None


def _on_shift(tx: Tx, row: Row[Any], level: str) -> Sequence[int]:
    team = _team(tx, row)
    if _rostered(tx):
        return roster_rule.on_shift(rosters.duties(tx, tx.now, tx.now), team, level, tx.now)
    here = (STAFF.c.company == ROLE.c.company) & (STAFF.c.id == ROLE.c.staff_id)
    statement = (
        select(STAFF.c.id, STAFF.c.team)
        .join(ROLE, here)
        .where(STAFF.c.company == tx.company, STAFF.c.disabled.is_(False), ROLE.c.role.in_(ROLES[level]))
        .order_by(STAFF.c.id)
    )
    whole = level in roster_rule.WHOLE_DESK or not team
    return tuple(dict.fromkeys(each.id for each in tx.rows(statement) if whole or each.team in ("", team)))


def stands(tx: Tx) -> int:
    """The level the actor answers on: the highest of his roles, of the shift he is on, and of what he may do."""
    mine = select(ROLE.c.role).where(ROLE.c.company == tx.company, ROLE.c.staff_id == tx.actor.id)
    roles = {each.role for each in tx.rows(mine)}
    shifts = [each for each in rosters.duties(tx, tx.now, tx.now) if each.staff_id == tx.actor.id]
    on = {each.level for each in shifts if roster_rule.covers(each, tx.now)}
    for level in (HEAD, SUPERVISOR, LEAD):
        names = {rule.shift_level(level, money) for money in (False, True)}
        if names & on or any(roles & set(ROLES[each]) for each in names):
            return level
    if not tx.actor.may(seeing.LEAD):
        return OWNER
    return SUPERVISOR if tx.actor.may(seeing.ALL) else LEAD


def _rostered(tx: Tx) -> bool:
    """Whether a roster is kept: one that ended a week ago and was not gone on with is none, or nobody would be told."""
    lately = select(SHIFT.c.id).where(SHIFT.c.company == tx.company, SHIFT.c.ends_at > tx.now - LAPSED)
    return tx.value(lately.limit(1)) is not None


def _team(tx: Tx, row: Row[Any]) -> str:
    """The team of the ticket's queue, else of its owner."""
    of = select(QUEUE.c.team).where(QUEUE.c.company == tx.company, QUEUE.c.code == row.queue)
    mine = select(STAFF.c.team).where(STAFF.c.company == tx.company, STAFF.c.id == row.owner_id)
    return str(tx.value(of) or (tx.value(mine) if row.owner_id is not None else "") or "")


def next_shift(tx: Tx, money: bool = False) -> Any:
    """When somebody who can be escalated to comes on shift, as far as the roster tells; else a day from now."""
    levels = {rule.shift_level(level, money) for level in range(OWNER + 1, HEAD + 1)}
    ahead = rosters.duties(tx, tx.now, tx.now + LOOKED_AHEAD)
    starts = [each.starts_at for each in ahead if each.level in levels and each.starts_at > tx.now]
    return min(starts, default=tx.now + timedelta(days=1))


def may_see(tx: Tx, staff_id: int, ticket_id: int) -> bool:
    """Whether somebody may see a ticket by what he is; nobody disabled may."""
    who = tx.row(select(STAFF).where(STAFF.c.company == tx.company, STAFF.c.id == staff_id))
    if who is None or who.disabled:
        return False
    actor = Actor(who.id, who.person_id, who.login, who.name, who.team, staff.duties_of(tx, who.id))
    theirs = replace(tx, actor=actor, cache={})
    return theirs.value(select(TICKET.c.id).where(TICKET.c.id == ticket_id, seeing.visible(theirs))) is not None


def money_blocks(tx: Tx, row: Row[Any]) -> bool:
    """Whether it is money that holds the ticket up: a request about one of its lines, or those of a merged one,
    waits for a decision."""
    here = or_(REQUEST.c.id == LINE.c.request_id, REQUEST.c.id == LINE.c.replacement_request_id)
    asked = (REQUEST.c.company == LINE.c.company) & here
    ids = (row.id, *merged_in(tx, row.id))
    statement = (
        select(REQUEST.c.id)
        .join_from(LINE, REQUEST, asked)
        .where(LINE.c.company == tx.company, LINE.c.ticket_id.in_(ids), REQUEST.c.state == "in_approval")
        .limit(1)
    )
    return tx.value(statement) is not None


def _name(tx: Tx, staff_id: int | None) -> str:
    mine = select(STAFF.c.name).where(STAFF.c.company == tx.company, STAFF.c.id == staff_id)
    return str(tx.value(mine) or "")
