"""What must hold of how tickets are worked: waits, claims, owners, drafts. Joins the registry of `invariants`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, or_, select

from csdesk.models import (
    ApprovalRequest,
    CreditClaim,
    Dispute,
    Staff,
    Ticket,
    TicketEvent,
    TicketLine,
    TicketReply,
    table,
)
from csdesk.rules.approvals import HOLDING
from csdesk.rules.ticket_replay import standing
from csdesk.services import asking, clocking, ticket_claims, ticket_log
from csdesk.services.derived import NAMED, raw
from csdesk.services.invariants import checks
from csdesk.services.tx import Tx

TICKET, EVENT, LINE = table(Ticket), table(TicketEvent), table(TicketLine)
STAFF, REPLY = table(Staff), table(TicketReply)
REQUEST, CLAIM, DISPUTE = table(ApprovalRequest), table(CreditClaim), table(Dispute)


@checks("ticket.pauses", "the pauses of a ticket's clocks never overlap, or time is counted out twice")
def _pauses(tx: Tx) -> Sequence[str]:
    """Asked of tickets under way that have waited; what is over was asked while it was under way."""
    waited = select(EVENT.c.ticket_id).where(EVENT.c.company == tx.company, EVENT.c.event == "waiting")
    mine = select(TICKET).where(
        TICKET.c.company == tx.company, TICKET.c.base.in_(("work", "wait")), TICKET.c.id.in_(waited)
    )
    found = [f"ticket {row.number}: pauses of its {kind} clock overlap" for row in tx.rows(mine)
             if (kind := _overlapping(tx, row))]  # fmt: skip
    return found[:NAMED]


def _overlapping(tx: Tx, row: Row[Any]) -> str:
    """The kind of the first clock two pauses of which overlap; '' for none."""
    for clock in clocking.of_events(tx, standing(ticket_log.events(tx, row.id))):
        spans = sorted((each.start, each.end or tx.now) for each in clock.pauses)
        if any(end > start for (_, end), (start, _) in pairwise(spans)):
            return clock.kind
    return ""


@checks(
    "ticket.claims", "no more of a line is credited, replaced, written off and upheld together than is claimed of it"
)
def _claims(tx: Tx) -> Sequence[str]:
    """By the facts, each by itself: the parts that are shown are cut to the claim, so they always add up. Payments
    do not count: an invoice may be paid whole. What costs nothing claims nothing, and comes again at some worth. A
    claim a credit made smaller may have been disputed for more."""
    beyond = or_(raw(LINE.c.upheld) < 0, raw(LINE.c.claimed) < 0, raw(LINE.c.upheld) > raw(LINE.c.claimed))
    decided = or_(LINE.c.request_id.is_not(None), LINE.c.replacement_request_id.is_not(None),
                  LINE.c.dispute_id.is_not(None), LINE.c.upheld != 0)  # fmt: skip
    wrong = {(row.ticket_id, row.line) for row in tx.rows(select(LINE).where(LINE.c.company == tx.company, beyond))}
    for row in tx.rows(select(LINE).where(LINE.c.company == tx.company, decided)):
        facts = ticket_claims.facts_of(tx, row) | ({} if row.claimed else {"replaced": 0})
        of_desk = facts["credited"] + facts["replaced"] + row.upheld
        disputed = max((each.original for each in ticket_claims.disputes_of(tx, row)), default=0)
        whole = sum(value for name, value in facts.items() if name != "paid")
        noted_and_upheld = row.upheld > 0 and of_desk > row.claimed
        if noted_and_upheld or whole > max(row.claimed, disputed) or min(facts.values()) < 0:
            wrong.add((row.ticket_id, row.line))
    return [f"ticket {ticket_log.get(tx, ticket).number} line {line}: more became of it than is claimed"
            for ticket, line in sorted(wrong)[:NAMED]]  # fmt: skip


@checks(
    "ticket.asked", "what is asked or disputed for a line of a ticket is known to that line, or nobody is told of it"
)
def _asked(tx: Tx) -> Sequence[str]:
    """Of requests those that wait or hold what they were posted with, of disputes the open ones."""
    line = LINE.c.company == REQUEST.c.company
    known = select(LINE.c.line).where(
        line, or_(LINE.c.request_id == REQUEST.c.id, LINE.c.replacement_request_id == REQUEST.c.id)
    )
    noted = select(CLAIM.c.id).where(
        CLAIM.c.company == REQUEST.c.company, CLAIM.c.request_id == REQUEST.c.id, CLAIM.c.state == "posted"
    )
    waits = REQUEST.c.state.in_(sorted(HOLDING)) & REQUEST.c.id.not_in(asking.lapsed(tx))
    lost = select(REQUEST.c.number).where(REQUEST.c.company == tx.company, or_(waits, noted.exists()), ~known.exists())
    asked = _asked_on(tx)
    found = [f"request {row.number} of ticket {asked[row.number]} is named by no line of it"
             for row in tx.rows(lost) if row.number in asked]  # fmt: skip
    of = (LINE.c.company == DISPUTE.c.company) & (LINE.c.ticket_id == DISPUTE.c.ticket_id)
    its = select(LINE.c.line).where(of, LINE.c.line == DISPUTE.c.ticket_line, LINE.c.dispute_id.is_not(None))
    held = select(DISPUTE.c.number).where(
        DISPUTE.c.company == tx.company, DISPUTE.c.ticket_id.is_not(None), DISPUTE.c.closed_at.is_(None), ~its.exists()
    )
    return [*found, *(f"dispute {row.number} is known to no line of its ticket" for row in tx.rows(held))][:NAMED]


def _asked_on(tx: Tx) -> dict[str, str]:
    """By number the requests that were asked on tickets and not taken back, with the ticket's number."""
    mine = (TICKET.c.company == EVENT.c.company) & (TICKET.c.id == EVENT.c.ticket_id)
    rows = tx.rows(
        select(TICKET.c.number, EVENT.c.seq, EVENT.c.event, EVENT.c.data)
        .join(TICKET, mine)
        .where(EVENT.c.company == tx.company, EVENT.c.event.in_(("credit", "replace", "undone")))
    )
    gone = {(row.number, seq) for row in rows if row.event == "undone" for seq in json.loads(row.data)["seqs"]}
    stands = [row for row in rows if row.event != "undone" and (row.number, row.seq) not in gone]
    return {str(json.loads(row.data)["request"]): row.number for row in stands}


@checks("ticket.owner", "a ticket is with one person who works here, or with nobody")
def _owner(tx: Tx) -> Sequence[str]:
    there = (STAFF.c.company == TICKET.c.company) & (STAFF.c.id == TICKET.c.owner_id)
    lost = (
        select(TICKET.c.number)
        .outerjoin(STAFF, there)
        .where(TICKET.c.company == tx.company, TICKET.c.owner_id.is_not(None), STAFF.c.id.is_(None))
    )
    return [f"ticket {row.number}: nobody here is its owner" for row in tx.rows(lost.limit(NAMED))]


@checks("ticket.merged", "what is merged went into another ticket of the same customer, and nothing else did")
def _merged(tx: Tx) -> Sequence[str]:
    into = TICKET.alias()
    there = (into.c.company == TICKET.c.company) & (into.c.id == TICKET.c.merged_into)
    lost = (
        select(TICKET.c.number)
        .outerjoin(into, there)
        .where(
            TICKET.c.company == tx.company,
            or_(
                (TICKET.c.state == "merged") & (into.c.id.is_(None) | (into.c.id == TICKET.c.id)),
                (TICKET.c.state != "merged") & TICKET.c.merged_into.is_not(None),
                into.c.customer_id.is_distinct_from(TICKET.c.customer_id) & into.c.id.is_not(None),
            ),
        )
    )
    return [f"ticket {row.number} is not merged as it says" for row in tx.rows(lost.limit(NAMED))]


@checks("ticket.drafts", "a draft names a version of its ticket that there was")
def _drafts(tx: Tx) -> Sequence[str]:
    of = (TICKET.c.company == REPLY.c.company) & (TICKET.c.id == REPLY.c.ticket_id)
    lost = select(TICKET.c.number).join_from(REPLY, TICKET, of).where(
        REPLY.c.company == tx.company, REPLY.c.base_version > TICKET.c.version
    )  # fmt: skip
    return [f"ticket {row.number}: a draft of a version to come" for row in tx.rows(lost.limit(NAMED))]
