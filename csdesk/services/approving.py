"""Deciding requests: approve, several at once, reject, take one's own decision back. Everything is checked again at
each approval."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select, update

from csdesk.errors import Invalid, Refused
from csdesk.models import Command, Company, table
from csdesk.money import show
from csdesk.rules import approvals, second_thoughts
from csdesk.rules.approvals import APPROVAL_DUTIES
from csdesk.services import (
    asking,
    audit,
    controlled,
    customers,
    memory,
    one_credit,
    rights,
    separating,
    ticket_resuming,
)
from csdesk.services.rights import Me
from csdesk.services.tx import Tx, writes

COMMAND, COMPANY = table(Command), table(Company)
MOST_AT_ONCE = 50


@dataclass(frozen=True)
class Decided:
    """What a decision did, in one sentence."""

    id: int
    state: str
    words: str


@writes("request.read")
def approve(tx: Tx, request_id: int, version: int | None = None) -> Decided:
    """Signs a request at its present step; after the last one it is approved and posts once its hold has passed.

    `version` is the one that was looked at. Raises Refused with the sentence why this person may not, why the request
    no longer fits, or that it was changed since it was looked at.
    """
    row = _locked(tx, request_id, version)
    _lock_accounts(tx, [row])
    return _sign(tx, row, rights.me(tx))


@writes("request.read")
def approve_all(tx: Tx, requests: tuple[tuple[int, int | None], ...]) -> Decided:
    """Approves several requests of one tier, each (id, version looked at) checked by itself and signed by itself.

    All or none. Raises Refused when kinds or tiers are mixed, and for the first that cannot be approved, naming it.
    """
    few_enough(requests)
    rows = [_locked(tx, request_id, version) for request_id, version in sorted(set(requests))]
    alike(rows)
    _lock_accounts(tx, rows)
    me, done = rights.me(tx), []
    for row in rows:
        try:
            done.append(_sign(tx, row, me, "approving.approve_all"))
        except Refused as error:
            raise Refused(f"Nothing was approved. Request {row.number}: {error.message}") from None
    total = sum(row.amount for row in rows)
    numbers = ", ".join(row.number for row in rows)
    words = f"{len(rows)} requests approved, {show(total, rows[0].currency)} {rows[0].currency}: {numbers}."
    return Decided(rows[0].id, done[0].state, words)


def few_enough(requests: Sequence[tuple[int, int | None]]) -> None:
    """Raises Invalid for no request, or more than are approved at once."""
    if not requests or len(requests) > MOST_AT_ONCE:
        raise Invalid(f"1 to {MOST_AT_ONCE} requests can be approved at once.", field="place")


def alike(rows: Sequence[Row[Any]]) -> None:
    """Raises Refused for requests of several kinds or tiers."""
    if len({(row.kind, row.currency, row.steps, row.step) for row in rows}) > 1:
        kinds = "; ".join(
            f"{row.number} is a {controlled.of(row).name} for {' then '.join(row.steps.split()) or 'nobody'}, "
            f"step {row.step}"
            for row in rows
        )
        raise Refused(f"Only requests of one kind and tier are approved together, these are not: {kinds}."[:400])


@writes("request.read")
def reject(tx: Tx, request_id: int, why: str, version: int | None = None) -> Decided:
    """Rejects a request with its reason; what it held is free again. Raises Invalid without a reason, Refused as
    `approve`."""
    if not why.strip():
        raise Invalid("Say why: n and the reason, then Enter.", field="reason")
    row = _locked(tx, request_id, version)
    _lock_accounts(tx, [row])
    who, barred = rights.approver(rights.me(tx), asking.as_rule(row, asking.marks(tx, row.id)))
    if barred:
        raise Refused(barred)
    separating.refuse(tx, APPROVAL_DUTIES.get(row.kind, ""), _persons(who), asking.about(row))
    state = approvals.move(row.state, "reject")
    asking.sign(tx, row, "reject", row.steps.split()[row.step - 1], why.strip(), _giver(who))
    asking.change(tx, row.id, state=state, why=why.strip()[:500], decided_at=tx.now, decided_by=tx.actor.id)
    controlled.of(row).free(tx, row)
    ticket_resuming.decided(tx, row.id)
    words = f"Request {row.number} rejected: {why.strip()}"
    remember(tx, row, "approving.reject", words)
    audit.record(tx, "approving.reject", "request", row.id, {"state": row.state}, {"state": state, "why": why.strip()})
    return Decided(row.id, state, f"{words}.")


@writes()
def take_back(tx: Tx) -> Decided:
    """Takes back the actor's own last decision on a request (approval, rejection, withdrawal) while its hold lasts.

    The mark stays and another one voids it; the request stands where it stood before, and holds again what it held.
    Raises Refused when there is none, when something came after it, when it is posted, or what it held is gone.
    """
    mine = (
        select(COMMAND)
        .where(COMMAND.c.company == tx.company, COMMAND.c.staff_id == tx.actor.id, COMMAND.c.call_id.is_(None))
        .where(COMMAND.c.undone_at.is_(None), COMMAND.c.verb.in_((*TAKEN_BACK, "changing.edit")))
        .order_by(COMMAND.c.id.desc())
    )
    last = tx.row(mine.limit(1))
    if last is None:
        raise Refused("You decided nothing here that could be taken back.")
    if last.verb not in TAKEN_BACK:
        raise Refused("An edit is not taken back: e edits the request again, x withdraws it.")
    before = json.loads(last.undo)
    row = asking.get(tx, before.pop("request"), lock=True)
    _lock_accounts(tx, [row])
    marks = [asking.decision(mark) for mark in asking.marks(tx, row.id)]
    if why := second_thoughts.why_not_taken_back(
        marks, tx.actor.person_id, number=row.number, state=row.state, version=row.version, until=last.hold_until,
        now=tx.now,
    ):  # fmt: skip
        raise Refused(why)
    _restore(tx, row, before)
    tx.do(update(COMMAND).where(COMMAND.c.company == tx.company, COMMAND.c.id == last.id).values(undone_at=tx.now))
    told = {"state": before["state"], "step": before["step"], "undone": last.words}
    audit.record(tx, "approving.take_back", "request", row.id, {"state": row.state, "step": row.step}, told)
    state = before["state"].replace("_", " ")
    return Decided(row.id, before["state"], f"Taken back: request {row.number} is {state} again.")


TAKEN_BACK = ("approving.approve", "approving.reject", "changing.withdraw")


def remember(tx: Tx, row: Row[Any], verb: str, words: str) -> None:
    """Stores a decision with the state before it, for `take_back`."""
    undo = {"do": "undecide", "request": row.id, "state": row.state, "step": row.step, "why": row.why}
    memory.remember(tx, None, verb, words, undo, hold_of(tx))


def hold_of(tx: Tx) -> int:
    """Seconds within which what was done can be taken back."""
    return int(tx.value(select(COMPANY.c.hold_seconds).where(COMPANY.c.id == tx.company)) or 0)


def _restore(tx: Tx, row: Row[Any], before: dict[str, Any]) -> None:
    """A request as it was before a decision: what that freed is taken again, if nobody else has it by now. One that did
    not count counts anew, with what was asked meanwhile."""
    anew = {}
    if row.state not in approvals.HOLDING and before["state"] in approvals.HOLDING:
        one_credit.stands_again(tx, row)
        anew = {"counted": asking.stands_again(tx, row)}
        controlled.of(row).hold(tx, row)
        controlled.of(row).recheck(tx, row)
    asking.sign(tx, row, second_thoughts.UNDO, "")
    asking.change(
        tx, row.id, state=before["state"], step=before["step"], why=before["why"], decided_at=None, decided_by=None,
        post_after=tx.now if before["state"] == "approved" else None, **anew,
    )  # fmt: skip


def _sign(tx: Tx, row: Row[Any], me: Me, verb: str = "approving.approve") -> Decided:
    """One approval of a request under lock, whatever it is checked for being as it must."""
    rule = asking.as_rule(row, asking.marks(tx, row.id))
    who, barred = rights.approver(me, rule)
    if barred:
        raise Refused(barred)
    after = approvals.approved(rule, who, asking.payload(row), tx.now, day=me.day, delegations=me.known)
    separating.refuse(tx, APPROVAL_DUTIES.get(row.kind, ""), _persons(who), asking.about(row))
    if outgrown := asking.outgrown(tx, row):
        raise Refused(f"{outgrown} Its maker must submit it anew (e, or x and ask again).")
    controlled.of(row).recheck(tx, row)
    asking.sign(tx, row, "approve", rule.steps[rule.step - 1], on_behalf_of=_giver(who))
    done = after.state == "approved"
    final = {"decided_at": tx.now, "decided_by": tx.actor.id,
             "post_after": tx.now + timedelta(seconds=hold_of(tx))} if done else {}  # fmt: skip
    asking.change(tx, row.id, state=after.state, step=after.step, **final)
    ticket_resuming.decided(tx, row.id)
    value = f", {show(row.amount, row.currency)} {row.currency}" if row.amount else ""
    words = f"Request {row.number} approved{value}" if done else f"Step {row.step} of request {row.number} approved"
    if who.acting_for is not None:
        words += f", for {rights.names(tx, [who.acting_for.person]).get(who.acting_for.person, 'somebody else')}"
    remember(tx, row, "approving.approve", words)
    audit.record(tx, verb, "request", row.id, {"state": row.state, "step": row.step},
                 {"state": after.state, "step": after.step, "on_behalf_of": _giver(who)})  # fmt: skip
    return Decided(row.id, after.state, f"{words}.")


def _giver(who: approvals.Approver) -> int | None:
    return who.acting_for.person if who.acting_for else None


def _persons(who: approvals.Approver) -> tuple[int, ...]:
    return (who.person, who.acting_for.person) if who.acting_for else (who.person,)


def _locked(tx: Tx, request_id: int, version: int | None) -> Row[Any]:
    """The request under lock, as it was looked at, not expired. Raises Refused: expiry never approves."""
    row = asking.get(tx, request_id, lock=True)
    if late := late_words(tx, row):
        raise Refused(late)
    if version is not None and row.version != version:
        raise Refused(
            f"Request {row.number} was changed since you looked at it (version {row.version} now); look again."
        )
    return row


def _lock_accounts(tx: Tx, rows: Sequence[Row[Any]]) -> None:
    """Locks the credit accounts the requests are about, in one order."""
    for _, customer_id in sorted((row.account_id or 0, row.customer_id) for row in rows if row.customer_id is not None):
        customers.trading(tx, customer_id, lock=True)


def late_words(tx: Tx, row: Row[Any]) -> str | None:
    """That a request waited too long; None while it is in time."""
    if approvals.is_expired(asking.as_rule(row, ()), tx.now):
        return f"Request {row.number} waited more than {approvals.EXPIRY_DAYS} days; its maker must ask anew."
    return None
