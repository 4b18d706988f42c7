"""Segregation of duties at work: the company's conflicts, what a person did before, who holds what.

The conflicts are rows of `duty_conflict`; a company without any has the usual ones. Persons count, not logins. What a
person did is read from what is stored of it: orders, releases, requests, approvals, allocations, returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, false, literal, or_, select

from csdesk.errors import Refused
from csdesk.models import (
    AcceptedConflict,
    Allocation,
    ApprovalMark,
    ApprovalRequest,
    Dispute,
    DisputeEvent,
    Document,
    DutyConflict,
    GoodsReturn,
    OpenItem,
    OrderHold,
    OrderRevision,
    RoleDuty,
    SalesOrder,
    Staff,
    StaffRole,
    table,
)
from csdesk.rules import separation
from csdesk.rules.approvals import APPROVAL_DUTIES
from csdesk.rules.separation import Act, Conflict, Found
from csdesk.services import lent_duties
from csdesk.services.tx import Tx

CONFLICT, ACCEPTED, STAFF = table(DutyConflict), table(AcceptedConflict), table(Staff)
STAFF_ROLE, ROLE_DUTY = table(StaffRole), table(RoleDuty)
ORDER, REVISION, HOLD, RETURN = table(SalesOrder), table(OrderRevision), table(OrderHold), table(GoodsReturn)
REQUEST, MARK, ALLOCATION = table(ApprovalRequest), table(ApprovalMark), table(Allocation)
ITEM, DOCUMENT, DISPUTE, STEP = table(OpenItem), table(Document), table(Dispute), table(DisputeEvent)
PAPER = (DOCUMENT.c.company == ITEM.c.company) & (DOCUMENT.c.id == ITEM.c.source_id) & (ITEM.c.source == "document")
DECISIONS = ("accept", "deny", "accept_part", "request", "bill_back")  # steps that settle what becomes of a deduction
MOST_ACTS = 2000  # of each kind: more than one person does for one customer in 90 days

# Kind of request -> the duty it is asked for by; a kind that is not named is asked for by none that conflicts.
REQUEST_DUTIES: dict[str, str] = {
    "credit_note": "credit.request", "goodwill_credit": "credit.request", "debit_note": "credit.request",
    "replacement": "credit.request",
    "write_off": "writeoff.request", "deduction_write_off": "writeoff.request", "provision": "writeoff.request",
    "small_difference": "cash.apply", "reversal": "reversal.request", "period_unlock": "period.close",
    "credit_limit": "limit.request", "terms": "limit.request", "dunning_block": "dunning.run",
    "order_release": "order.enter", "price_override": "order.enter", "override": "request.override",
}  # fmt: skip


@dataclass(frozen=True)
class About:
    """What an act is about: the order, the customer and the credit account, as far as there are any."""

    order: int | None = None
    customer: int | None = None
    account: int | None = None


def conflicts(tx: Tx) -> tuple[Conflict, ...]:
    """The company's conflicts; the usual ones where none are stored."""
    rows = tx.rows(select(CONFLICT).where(CONFLICT.c.company == tx.company))
    found = tuple(
        Conflict(row.duty_a, row.duty_b, row.level, row.risk, row.same_order, row.same_customer) for row in rows
    )
    return found or separation.CONFLICTS


def usual(company: int) -> list[dict[str, Any]]:
    """The usual conflicts as rows."""
    return [
        {"company": company, "duty_a": each.duty_a, "duty_b": each.duty_b, "level": each.level,
         "same_order": each.same_order, "same_customer": each.same_customer, "risk": each.risk}
        for each in separation.CONFLICTS
    ]  # fmt: skip


def met(tx: Tx, duty: str, person: int, about: About) -> tuple[Found, ...]:
    """Conflicts of using a duty now with what the person did before on the same order (whenever) and the same customer
    (in the last 90 days), blocking ones first."""
    known = conflicts(tx)
    others = {
        each.duty_b if each.duty_a == duty else each.duty_a for each in known if duty in (each.duty_a, each.duty_b)
    }
    if not person or not others or (about.order is None and about.customer is None):
        return ()
    acts = _acts(tx, person, about, others)
    return separation.at_request(
        duty, person, acts, day=tx.now.date(), order=about.order, customer=about.customer, conflicts=known
    )


def refuse(tx: Tx, duty: str, persons: Iterable[int], about: About) -> None:
    """Raises Refused when one of the persons used a duty on the same object that blocks this one."""
    for person in persons:
        if sentence := separation.blocks(met(tx, duty, person, about)):
            raise Refused(f"Somebody else must do this: {sentence}")


def _acts(tx: Tx, person: int, about: About, duties: set[str]) -> list[Act]:
    """What a person did on the object by one of the duties, as far as it is stored."""
    logins = [
        row.id for row in tx.rows(select(STAFF.c.id).where(STAFF.c.company == tx.company, STAFF.c.person_id == person))
    ]
    found = []
    for source_duties, rows in _SOURCES:
        if source_duties & duties:
            found += [each for each in rows(tx, person, logins, about) if each.duty in duties]
    return found


def _since(tx: Tx) -> datetime:
    return tx.now - timedelta(days=separation.CUSTOMER_DAYS + 1)  # a day more: the rule counts local days


def _act(person: int, duty: str, row: Row[Any]) -> Act:
    return Act(person, duty, row.at.date(), row.order_id, row.customer_id)


def _within(
    about: About, order: ColumnElement[Any], customer: ColumnElement[Any], at: ColumnElement[Any], tx: Tx
) -> Any:
    on_order = order == about.order if about.order is not None else false()
    return or_(on_order, (customer == about.customer) & (at >= _since(tx)))


def _entered(tx: Tx, person: int, logins: Sequence[int], about: About) -> list[Act]:
    """Orders the person placed or changed."""
    placed = (
        select(ORDER.c.id.label("order_id"), ORDER.c.customer_id, ORDER.c.placed_at.label("at"))
        .where(ORDER.c.company == tx.company, ORDER.c.placed_by.in_(logins) | ORDER.c.changed_by.in_(logins))
        .where(_within(about, ORDER.c.id, ORDER.c.customer_id, ORDER.c.placed_at, tx))
    )
    changed = (
        select(REVISION.c.order_id, ORDER.c.customer_id, REVISION.c.at)
        .join_from(REVISION, ORDER, (ORDER.c.company == REVISION.c.company) & (ORDER.c.id == REVISION.c.order_id))
        .where(REVISION.c.company == tx.company, REVISION.c.staff_id.in_(logins))
        .where(_within(about, ORDER.c.id, ORDER.c.customer_id, REVISION.c.at, tx))
    )
    return [_act(person, "order.enter", row) for each in (placed, changed) for row in _first(tx, each, about)]


def _released(tx: Tx, person: int, logins: Sequence[int], about: About) -> list[Act]:
    """Held orders the person released."""
    statement = (
        select(HOLD.c.order_id, ORDER.c.customer_id, HOLD.c.lifted_at.label("at"))
        .join_from(HOLD, ORDER, (ORDER.c.company == HOLD.c.company) & (ORDER.c.id == HOLD.c.order_id))
        .where(HOLD.c.company == tx.company, HOLD.c.lifted_by.in_(logins))
        .where(_within(about, ORDER.c.id, ORDER.c.customer_id, HOLD.c.lifted_at, tx))
    )
    return [_act(person, "order.release", row) for row in _first(tx, statement, about)]


def _asked(tx: Tx, person: int, logins: Sequence[int], about: About) -> list[Act]:
    """Requests the person made."""
    statement = (
        select(REQUEST.c.kind, REQUEST.c.order_id, REQUEST.c.customer_id, REQUEST.c.made_at.label("at"))
        .where(REQUEST.c.company == tx.company, REQUEST.c.maker_person_id == person)
        .where(REQUEST.c.kind.in_(sorted(REQUEST_DUTIES)))
        .where(_within(about, REQUEST.c.order_id, REQUEST.c.customer_id, REQUEST.c.made_at, tx))
    )
    return [
        _act(person, REQUEST_DUTIES[row.kind], row)
        for row in _first(tx, statement, about)
        if row.kind in REQUEST_DUTIES
    ]


def _approved(tx: Tx, person: int, logins: Sequence[int], about: About) -> list[Act]:
    """Approvals the person gave, or somebody gave in his place."""
    joined = (REQUEST.c.company == MARK.c.company) & (REQUEST.c.id == MARK.c.request_id)
    statement = (
        select(REQUEST.c.kind, REQUEST.c.order_id, REQUEST.c.customer_id, MARK.c.at)
        .join_from(MARK, REQUEST, joined)
        .where(MARK.c.company == tx.company, MARK.c.decision == "approve", REQUEST.c.version == MARK.c.version)
        .where((MARK.c.person_id == person) | (MARK.c.on_behalf_of == person))
        .where(REQUEST.c.kind.in_(sorted(APPROVAL_DUTIES)))
        .where(_within(about, REQUEST.c.order_id, REQUEST.c.customer_id, MARK.c.at, tx))
    )
    return [
        _act(person, APPROVAL_DUTIES[row.kind], row)
        for row in _first(tx, statement, about)
        if row.kind in APPROVAL_DUTIES
    ]


def _applied(tx: Tx, person: int, logins: Sequence[int], about: About) -> list[Act]:
    """Money the person set against items of the account."""
    debit = (ITEM.c.company == ALLOCATION.c.company) & (ITEM.c.id == ALLOCATION.c.debit_item_id)
    statement = (
        select(DOCUMENT.c.order_id, ITEM.c.customer_id, ALLOCATION.c.applied_on)
        .select_from(ALLOCATION.join(ITEM, debit).outerjoin(DOCUMENT, PAPER))
        .where(ALLOCATION.c.company == tx.company, ALLOCATION.c.made_by.in_(logins))
        .where(ITEM.c.account_id == about.account, ALLOCATION.c.reverses_id.is_(None))
        .order_by(ALLOCATION.c.applied_on.desc())
        .limit(MOST_ACTS)
    )
    return [Act(person, "cash.apply", row.applied_on, row.order_id, about.customer) for row in tx.rows(statement)]


def _took_back(tx: Tx, person: int, logins: Sequence[int], about: About) -> list[Act]:
    """Goods the person counted in."""
    joined = (DOCUMENT.c.company == RETURN.c.company) & (DOCUMENT.c.id == RETURN.c.document_id)
    statement = (
        select(DOCUMENT.c.order_id, DOCUMENT.c.customer_id, RETURN.c.received_at.label("at"))
        .join_from(RETURN, DOCUMENT, joined)
        .where(RETURN.c.company == tx.company, RETURN.c.received_by.in_(logins))
        .where(_within(about, DOCUMENT.c.order_id, DOCUMENT.c.customer_id, RETURN.c.received_at, tx))
    )
    return [_act(person, "return.receive", row) for row in _first(tx, statement, about)]


def _decided(tx: Tx, person: int, logins: Sequence[int], about: About) -> list[Act]:
    """What the person decided about deductions, and asked so that they are settled."""
    item = (ITEM.c.company == DISPUTE.c.company) & (ITEM.c.id == DISPUTE.c.item_id)
    step = (STEP.c.company == DISPUTE.c.company) & (STEP.c.dispute_id == DISPUTE.c.id)
    statement = (
        select(DOCUMENT.c.order_id, DISPUTE.c.customer_id, STEP.c.at)
        .select_from(DISPUTE.join(STEP, step).join(ITEM, item).outerjoin(DOCUMENT, PAPER))
        .where(DISPUTE.c.company == tx.company, DISPUTE.c.account_id == about.account, STEP.c.by.in_(logins))
        .where(STEP.c.event.in_(DECISIONS))
        .where(_within(about, DOCUMENT.c.order_id, DISPUTE.c.customer_id, STEP.c.at, tx))
    )
    return [_act(person, "dispute.resolve", row) for row in _first(tx, statement, about)]


def _first(tx: Tx, statement: Select[Any], about: About) -> Sequence[Row[Any]]:
    """The acts on the order itself first, then the latest ones: what is cut off is the oldest of the customer."""
    found = statement.subquery()
    on_order = case((found.c.order_id == about.order, 0), else_=1) if about.order is not None else literal(0)
    return tx.rows(select(found).order_by(on_order, found.c.at.desc()).limit(MOST_ACTS))


_SOURCES = (
    (frozenset({"order.enter"}), _entered),
    (frozenset({"order.release"}), _released),
    (frozenset(REQUEST_DUTIES.values()), _asked),
    (frozenset(APPROVAL_DUTIES.values()), _approved),
    (frozenset({"cash.apply"}), _applied),
    (frozenset({"return.receive"}), _took_back),
    (frozenset({"dispute.resolve"}), _decided),
)


# --- who holds what ---------------------------------------------------------------------------------------------


def held(tx: Tx, person: int) -> frozenset[str]:
    """The duties a person holds by the roles of all his logins that are not disabled."""
    statement = (
        select(ROLE_DUTY.c.duty)
        .join_from(
            ROLE_DUTY,
            STAFF_ROLE,
            (STAFF_ROLE.c.company == ROLE_DUTY.c.company) & (STAFF_ROLE.c.role == ROLE_DUTY.c.role),
        )
        .join(STAFF, (STAFF.c.company == STAFF_ROLE.c.company) & (STAFF.c.id == STAFF_ROLE.c.staff_id))
        .where(STAFF.c.company == tx.company, STAFF.c.person_id == person, STAFF.c.disabled.is_(False))
    )
    return frozenset(row.duty for row in tx.rows(statement))


def of_role(tx: Tx, role: str) -> frozenset[str]:
    """The duties of a role."""
    statement = select(ROLE_DUTY.c.duty).where(ROLE_DUTY.c.company == tx.company, ROLE_DUTY.c.role == role)
    return frozenset(row.duty for row in tx.rows(statement))


def accepted(tx: Tx, person: int | None = None) -> Mapping[tuple[int, str, str], str]:
    """Compensating controls by person and the two duties, of one person or of all."""
    statement = select(ACCEPTED).where(ACCEPTED.c.company == tx.company)
    if person is not None:
        statement = statement.where(ACCEPTED.c.person_id == person)
    return {(row.person_id, row.duty_a, row.duty_b): row.control for row in tx.rows(statement)}


def granted(tx: Tx, login: str, person: int, added: frozenset[str]) -> tuple[str, ...]:
    """What to say of duties a person is about to get, beside those of his roles and those he was lent: the warnings.
    Raises Refused for a conflict that blocks and for which no compensating control was accepted."""
    known = accepted(tx, person)
    told = []
    for each in separation.at_grant(held(tx, person) | lent_duties.of(tx, person), added, conflicts(tx)):
        a, b = each.conflict.duty_a, each.conflict.duty_b
        control = known.get((person, a, b)) or known.get((person, b, a))
        if each.level == separation.BLOCK and not control:
            way = f"'csdesk staff accept-conflict {login} {a} {b}' with a compensating control lets it through"
            raise Refused(f"{login} may not get this: {each.sentence} {way}.", field="role")
        told.append(f"{each.level}: {each.sentence}{f' Control: {control}' if control else ''}")
    return tuple(told)
