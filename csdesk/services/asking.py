"""Requests for controlled acts: submitted with a frozen payload, routed by tier, read back as the rules see them.
Internal to services."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, insert, select, update

from csdesk.errors import NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import ApprovalMark, ApprovalRequest, ApprovalTier, Staff, table
from csdesk.money import show
from csdesk.rules import approvals, tiers
from csdesk.rules.payloads import canonical, payload_hash
from csdesk.rules.second_thoughts import Decision, standing
from csdesk.services import numbers, rights, separating, ticket_asks
from csdesk.services.separating import REQUEST_DUTIES, About
from csdesk.services.tx import Tx

REQUEST, MARK, TIER = table(ApprovalRequest), table(ApprovalMark), table(ApprovalTier)
STAFF = table(Staff)


@dataclass(frozen=True)
class Wish:
    """What is asked for: a controlled act on a customer's account, `amount` in minor units (gross)."""

    kind: str
    customer_id: int | None
    account_id: int | None
    currency: str
    amount: int
    reason: str
    payload: Mapping[str, Any]
    document_id: int | None = None
    order_id: int | None = None
    note: str = ""
    creators: tuple[int, ...] = ()


@dataclass(frozen=True)
class Change:
    """What an edit asks for instead: a quantity, or a value as typed; the line where there are several (0 = the only
    one), the reason's letter, a note."""

    letter: str
    quantity: Decimal | None = None
    value: str = ""
    line: int = 0
    note: str = ""


def rank(tx: Tx, staff_id: int) -> int:
    """The rank of a login: that of its highest role; 0 without one that ranks."""
    return rights.rank(tx, [staff_id])


def submit(tx: Tx, wish: Wish) -> dict[str, Any]:
    """Stores a request as submitted and routed to its tier; gives its row.

    The caller holds the customer's credit account locked, so that requests that count together see each other. Raises
    Refused when no tier covers the amount counted, and when the maker did something on the same order that must not go
    together with asking for this.
    """
    separating.refuse(tx, REQUEST_DUTIES.get(wish.kind, ""), [tx.actor.person_id], about(wish))
    number = numbers.next_number(tx, "request")
    row: dict[str, Any] = {
        "company": tx.company, "id": new_id(), "number": number, "version": 1,
        "account_id": wish.account_id, "document_id": wish.document_id,
        "order_id": wish.order_id, "maker_staff_id": tx.actor.id, "maker_person_id": tx.actor.person_id,
        "maker_rank": rights.of_person(tx, tx.actor.person_id).rank, "made_at": tx.now,
        "creators": " ".join(map(str, wish.creators)), **_routed(tx, wish, tx.actor.person_id),
    }  # fmt: skip
    tx.do(insert(REQUEST), row)
    return row


def resubmit(tx: Tx, row: Row[Any], wish: Wish) -> None:
    """A new version of a request after an edit by the actor: every approval is void, the tier is picked anew.

    Raises Refused when the request can be edited no more, and as `submit`.
    """
    rule = approvals.edited(as_rule(row, ()), tx.actor.person_id)
    separating.refuse(tx, REQUEST_DUTIES.get(wish.kind, ""), [tx.actor.person_id], about(wish))
    sign(tx, row, "edit", "editor")
    editors = sorted(rule.editors - {row.maker_person_id})
    change(
        tx, row.id, version=rule.version, editors=" ".join(map(str, editors)), decided_at=None, decided_by=None, why="",
        maker_rank=max(row.maker_rank, rights.of_person(tx, tx.actor.person_id).rank),
        **_routed(tx, wish, row.maker_person_id, row.id, rule.editors),
    )  # fmt: skip


def _routed(
    tx: Tx, wish: Wish, maker: int, request_id: int | None = None, editors: Set[int] = frozenset()
) -> dict[str, Any]:
    """What a wish becomes as it is submitted: content frozen, tier picked, the first step or approved at once."""
    counted = _counted(tx, wish, maker, editors, request_id)
    tier = tiers.tier_for(counted, _tiers(tx, wish.kind), kind=wish.kind, currency=wish.currency)
    return {
        "kind": wish.kind, "state": "in_approval" if tier.steps else "approved", "customer_id": wish.customer_id,
        "currency": wish.currency, "amount": wish.amount, "counted": counted,
        "reason": wish.reason, "note": wish.note[:2000], "payload": canonical(wish.payload),
        "payload_hash": payload_hash(wish.payload), "steps": " ".join(tier.steps), "step": 1 if tier.steps else 0,
        "submitted_at": tx.now, "post_after": None if tier.steps else tx.now,
    }  # fmt: skip


def about(request: Row[Any] | Wish) -> About:
    """The object a request is about, for the segregation of duties."""
    return About(request.order_id, request.customer_id, request.account_id)


def _counted(tx: Tx, wish: Wish | Row[Any], maker: int, editors: Set[int], request_id: int | None) -> int:
    """The amount that picks the tier of what is asked for now; what those who edited it asked for counts in too."""
    asked = tiers.Asked(
        maker, wish.customer_id or 0, wish.reason, wish.amount, tx.now, wish.currency, wish.kind, "submitted",
        request_id,
    )  # fmt: skip
    return tiers.counted_amount(asked, _earlier(tx, wish, maker, {maker, *editors}))


def _earlier(tx: Tx, wish: Wish | Row[Any], maker: int, hands: Set[int]) -> list[tiers.Asked]:
    """What may count in, by when it was last submitted: an edit asks anew, whenever the request was first made. Whoever
    edited a request asks for it as much as its maker does, so it counts for both; here it stands as the maker's."""
    rows = tx.rows(
        select(REQUEST).where(
            REQUEST.c.company == tx.company,
            REQUEST.c.customer_id == wish.customer_id,
            REQUEST.c.submitted_at >= tx.now - timedelta(hours=tiers.WINDOW_HOURS),
        )
    )
    return [
        tiers.Asked(maker, r.customer_id or 0, r.reason, r.amount, r.submitted_at, r.currency, r.kind, r.state, r.id)
        for r in rows
        if hands & {r.maker_person_id, *map(int, r.editors.split())}
    ]


def stands_again(tx: Tx, row: Row[Any]) -> int:
    """The amount counted for a request that had ended and is to count again, as if it were asked for now. Raises
    Refused when that outgrows the tier it was routed to: what was asked meanwhile counts in."""
    now = _counted(tx, row, row.maker_person_id, frozenset(map(int, row.editors.split())), row.id)
    counted = max(now, int(row.counted))
    if steps := _outgrown(tx, row, counted):
        value = f"{show(counted, row.currency)} {row.currency}"
        raise Refused(
            f"With what was asked meanwhile request {row.number} counts {value}, which is for {' then '.join(steps)}; "
            "its maker must ask anew."
        )
    return counted


def steps_of(tx: Tx, wish: Wish, row: Row[Any] | None = None) -> tuple[str, ...]:
    """The roles that would have to approve a wish of the actor's, as a new version of `row` where there is one. Raises
    Refused as `submit`; writes nothing."""
    separating.refuse(tx, REQUEST_DUTIES.get(wish.kind, ""), [tx.actor.person_id], about(wish))
    routed = _routed(tx, wish, row.maker_person_id, row.id) if row else _routed(tx, wish, tx.actor.person_id)
    return tuple(str(routed["steps"]).split())


def needs(tx: Tx, wish: Wish, row: Row[Any] | None = None) -> str:
    """Who would have to approve a wish, for the echo: "needs: lead then finance". Raises as `steps_of`."""
    return f"needs: {' then '.join(steps_of(tx, wish, row)) or 'nobody'}"


def outgrown(tx: Tx, row: Row[Any], more: int = 0) -> str | None:
    """Why the approvals of a request are not enough any more: its tier asks for a higher rank by now, or would with
    `more` minor units."""
    steps = _outgrown(tx, row, row.counted + more)
    return f"Its tier asks for {' then '.join(steps)} by now." if steps else None


def _outgrown(tx: Tx, row: Row[Any], counted: int) -> tuple[str, ...]:
    """The steps of the tier an amount falls in, when they are more than a request was routed to; () else."""
    tier = tiers.tier_for(counted, _tiers(tx, row.kind), kind=row.kind, currency=row.currency)
    had = tiers.Tier(row.kind, row.currency, None, tuple(row.steps.split()))
    enough = tiers.needed_rank(tier) <= tiers.needed_rank(had) and len(tier.steps) <= len(had.steps)
    return () if enough else tier.steps


def _tiers(tx: Tx, kind: str) -> list[tiers.Tier]:
    rows = tx.rows(select(TIER).where(TIER.c.company == tx.company, TIER.c.kind == kind))
    return [tiers.Tier(row.kind, row.currency, row.up_to, tuple(row.steps.split())) for row in rows]


def get(tx: Tx, request_id: int, lock: bool = False) -> Row[Any]:
    """A request's row; with `lock` nobody else decides about it until the commit. Raises NotFound."""
    statement = select(REQUEST).where(REQUEST.c.company == tx.company, REQUEST.c.id == request_id)
    row = tx.row(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound("This request no longer exists; q shows those that wait.")
    return row


def lapsed(tx: Tx) -> Select[Any]:
    """The ids of requests that waited too long: not to be approved any more, they hold nothing (`is_expired`)."""
    since = tx.now - timedelta(days=approvals.EXPIRY_DAYS)
    waiting = REQUEST.c.state.in_(("submitted", "in_approval"))
    return select(REQUEST.c.id).where(REQUEST.c.company == tx.company, waiting, REQUEST.c.submitted_at < since)


def marks(tx: Tx, request_id: int) -> Sequence[Row[Any]]:
    """The signatures of a request in their order."""
    statement = select(MARK).where(MARK.c.company == tx.company, MARK.c.request_id == request_id)
    return tx.rows(statement.order_by(MARK.c.id))


def marks_of(tx: Tx, request_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """The signatures of several requests, each list in its order."""
    found: dict[int, list[Row[Any]]] = {}
    statement = select(MARK).where(MARK.c.company == tx.company, MARK.c.request_id.in_(request_ids))
    for row in tx.rows(statement.order_by(MARK.c.id)) if request_ids else ():
        found.setdefault(row.request_id, []).append(row)
    return found


def as_rule(row: Row[Any], signed: Sequence[Row[Any]]) -> approvals.Request:
    """A stored request as the rules see it: a mark that was taken back counts no more."""
    live = (signed[place] for place in standing([decision(mark) for mark in signed]))
    given = tuple(
        approvals.Approval(m.version, m.payload_hash, m.step, m.person_id, m.role, m.at, m.on_behalf_of)
        for m in live
        if m.decision == "approve" and m.version == row.version
    )
    return approvals.Request(
        kind=row.kind, maker=row.maker_person_id, amount=row.amount, currency=row.currency, state=row.state,
        version=row.version, steps=tuple(row.steps.split()), step=row.step, maker_rank=row.maker_rank,
        editors=frozenset(map(int, row.editors.split())), creators=frozenset(map(int, row.creators.split())),
        payload_hash=row.payload_hash, approvals=given, submitted_at=row.submitted_at, counted=row.counted,
    )  # fmt: skip


def decision(mark: Row[Any]) -> Decision:
    """A mark as the rules of second thoughts see it."""
    return Decision(mark.decision, mark.version, mark.step, mark.person_id)


def payload(row: Row[Any]) -> dict[str, Any]:
    """The frozen content of a request."""
    found: dict[str, Any] = json.loads(row.payload)
    return found


def sign(tx: Tx, row: Row[Any], decision: str, role: str, reason: str = "", on_behalf_of: int | None = None) -> None:
    """Adds a signature; `on_behalf_of` is the person the actor stands in for."""
    tx.do(insert(MARK), {
        "company": tx.company, "id": new_id(), "request_id": row.id, "version": row.version,
        "payload_hash": row.payload_hash, "step": row.step, "decision": decision, "person_id": tx.actor.person_id,
        "staff_id": tx.actor.id, "role": role, "on_behalf_of": on_behalf_of, "reason": reason[:500],
        "at": tx.now,
    })  # fmt: skip


def change(tx: Tx, request_id: int, **values: Any) -> None:
    """Changes columns of a request; tickets it was made for are told of another state."""
    tx.do(update(REQUEST).where(REQUEST.c.company == tx.company, REQUEST.c.id == request_id).values(**values))
    if "state" in values:
        ticket_asks.followed(tx, request_id, values["state"])


def person_of(tx: Tx, staff_id: int | None) -> int | None:
    """The person behind a login."""
    if staff_id is None:
        return None
    found = tx.value(select(STAFF.c.person_id).where(STAFF.c.company == tx.company, STAFF.c.id == staff_id))
    return int(found) if found is not None else None
