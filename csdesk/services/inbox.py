"""What waits for approval, where one's own requests stand, a request whole. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, select

from csdesk.errors import Refused
from csdesk.models import ApprovalRequest, Customer, Document, Reason, Staff, table
from csdesk.money import show
from csdesk.rules import separation
from csdesk.rules.approvals import APPROVAL_DUTIES, FINAL
from csdesk.rules.second_thoughts import standing
from csdesk.services import approving, asking, controlled, customers, rights, separating
from csdesk.services.crediting import RequestLine
from csdesk.services.rights import Me
from csdesk.services.tx import Tx, reads

REQUEST, CUSTOMER, STAFF = table(ApprovalRequest), table(Customer), table(Staff)
REASON, DOCUMENT = table(Reason), table(Document)
MOST = 5_000
SHOWN_DAYS = 7  # a request that has ended is shown to its maker so long


@dataclass(frozen=True)
class Waiting:
    """A request in a list: amount in minor units; `barred` says why this person may not decide it, '' if he may,
    `stands_in` for whom he would; `where` says where it stands and who is next."""

    id: int
    number: str
    kind: str
    customer: str
    amount: int
    currency: str
    reason: str
    maker: str
    submitted_at: datetime
    step: int
    steps: int
    barred: str
    version: int = 1
    stands_in: str = ""
    where: str = ""


@dataclass(frozen=True)
class RequestView:
    """A request whole: before and after, so that whoever approves sees what it does. Amounts in minor units."""

    head: Waiting
    document: str
    note: str
    lines: tuple[RequestLine, ...]
    facts: tuple[str, ...]
    counted: int
    balance: int
    after: int
    exposure: int
    left: int | None
    earlier: tuple[str, ...]
    signed: tuple[str, ...]
    state: str
    why: str
    own: bool = False
    edited: str = ""  # by what it may be edited: a "line" of its invoice, a "value" alone, or "" not at all


@reads("request.read")
def waiting(tx: Tx, limit: int = 200) -> tuple[Waiting, ...]:
    """Requests in approval, those this person may decide first, then by age; so many of them.

    Who may decide is known only when each was looked at: the oldest MOST are.
    """
    rows = tx.rows(_requests().where(REQUEST.c.company == tx.company, REQUEST.c.state == "in_approval").limit(MOST))
    me, signed = rights.me(tx), asking.marks_of(tx, [row.id for row in rows])
    found = [_view(tx, row, me, signed.get(row.id, ())) for row in rows]
    return tuple(sorted(found, key=lambda each: (bool(each.barred), each.submitted_at, each.id))[:limit])


@reads("customer.read")
def mine(tx: Tx, limit: int = 50) -> tuple[Waiting, ...]:
    """The actor's own requests, the latest first: those under way, and what ended in the last days."""
    since = tx.now - timedelta(days=SHOWN_DAYS)
    under_way = REQUEST.c.state.not_in(sorted(FINAL)) | (REQUEST.c.decided_at >= since)
    rows = tx.rows(
        _requests()
        .where(REQUEST.c.company == tx.company, REQUEST.c.maker_person_id == tx.actor.person_id, under_way)
        .order_by(None)
        .order_by(REQUEST.c.made_at.desc(), REQUEST.c.id.desc())
        .limit(limit)
    )
    me = rights.me(tx)
    return tuple(_view(tx, row, me, ()) for row in rows)


@reads("customer.read")
def request(tx: Tx, request_id: int) -> RequestView:
    """A request whole, with what stood before, what it asks and what would be left. Raises NotFound, and Refused for
    somebody else's without the duty to see those."""
    asking.get(tx, request_id)
    row = tx.row(_requests().where(REQUEST.c.company == tx.company, REQUEST.c.id == request_id))
    assert row is not None
    persons = {row.maker_person_id, *map(int, row.editors.split())}
    if tx.actor.person_id not in persons and not tx.actor.may("request.read"):
        raise Refused(f"Request {row.number} is somebody else's; seeing it needs the duty 'request.read'.")
    kind, balance, exposure, limit = controlled.of(row), 0, 0, None
    if row.customer_id is not None:
        account = customers.trading(tx, row.customer_id).account
        balance, exposure, limit = account.exposure.balance, account.exposure.total, account.credit_limit
    given = asking.marks(tx, row.id)
    document = tx.value(
        select(DOCUMENT.c.number).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.id == row.document_id)
    )
    head = _view(tx, row, rights.me(tx), given, objects=True)
    return RequestView(
        head, document or "", row.note, kind.lines(tx, row), (*kind.facts(tx, row), *_conflicts(tx, row)), row.counted,
        balance, balance + kind.owes * row.amount, exposure, None if limit is None else limit - exposure,
        _earlier(tx, row), _signed(tx, given), row.state, row.why, tx.actor.person_id == row.maker_person_id,
        "" if kind.edit is None else "line" if row.document_id is not None else "value",
    )  # fmt: skip


def _requests() -> Select[Any]:
    return (
        select(
            REQUEST, CUSTOMER.c.code.label("customer_code"), CUSTOMER.c.name.label("customer_name"),
            STAFF.c.login.label("maker_login"), REASON.c.name.label("reason_name"),
        )
        .outerjoin(CUSTOMER, (CUSTOMER.c.company == REQUEST.c.company) & (CUSTOMER.c.id == REQUEST.c.customer_id))
        .join(STAFF, (STAFF.c.company == REQUEST.c.company) & (STAFF.c.id == REQUEST.c.maker_staff_id))
        .outerjoin(REASON, (REASON.c.company == REQUEST.c.company) & (REASON.c.code == REQUEST.c.reason))
        .order_by(REQUEST.c.submitted_at, REQUEST.c.id)
    )  # fmt: skip


def _view(tx: Tx, row: Row[Any], me: Me, signed: Sequence[Row[Any]], objects: bool = False) -> Waiting:
    """A request in a list; with `objects` also what the actor did on its order and customer is asked."""
    customer = f"{row.customer_code} {row.customer_name}" if row.customer_code else ""
    who, fault = rights.approver(me, asking.as_rule(row, signed))
    barred = approving.late_words(tx, row) or fault or ""
    giver = who.acting_for.person if who.acting_for else None
    if objects and not barred:
        duty = APPROVAL_DUTIES.get(row.kind, "")
        sides = (who.person,) if giver is None else (who.person, giver)
        met = [each for person in sides for each in separating.met(tx, duty, person, asking.about(row))]
        barred = separation.blocks(met) or ""
    return Waiting(
        row.id, row.number, controlled.of(row).name, customer, row.amount, row.currency, row.reason_name or row.reason,
        row.maker_login, row.submitted_at, row.step, len(row.steps.split()), barred, row.version,
        rights.names(tx, [giver]).get(giver, "") if giver is not None else "", _where(row),
    )  # fmt: skip


def _where(row: Row[Any]) -> str:
    """Where a request stands and who is next."""
    if row.state == "in_approval":
        roles = row.steps.split()
        return f"waits for {roles[row.step - 1]} ({row.step} of {len(roles)})"
    if row.state == "approved":
        return "approved, posts by itself"
    return f"{row.state.replace('_', ' ')}{f': {row.why}' if row.why else ''}"


def _conflicts(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    """What the maker did before on the same order or customer that one should look at."""
    duty = separating.REQUEST_DUTIES.get(row.kind, "")
    found = separating.met(tx, duty, row.maker_person_id, asking.about(row)) if row.state == "in_approval" else ()
    return tuple(f"look at the maker: {each.sentence}" for each in found)


def _signed(tx: Tx, given: Sequence[Row[Any]]) -> tuple[str, ...]:
    """Each mark with its person, and the one he stood in for; what was taken back says so."""
    names = rights.names(tx, {each for m in given for each in (m.person_id, m.on_behalf_of) if each})
    live = set(standing([asking.decision(mark) for mark in given]))
    told = []
    for place, mark in enumerate(given):
        if mark.decision == "undo":
            continue
        behalf = f" for {names.get(mark.on_behalf_of, '')}" if mark.on_behalf_of else ""
        by = f" by {names[mark.person_id]}{behalf}" if mark.person_id in names else ""
        back = "" if place in live else " (taken back)"
        told.append(f"{mark.decision} step {mark.step} as {mark.role}{by}, {mark.at:%d %b %H:%M}{back}")
    return tuple(told)


def _earlier(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    """The customer's latest other requests."""
    if row.customer_id is None:
        return ()
    others = (
        select(REQUEST)
        .where(REQUEST.c.company == tx.company, REQUEST.c.customer_id == row.customer_id, REQUEST.c.id != row.id)
        .order_by(REQUEST.c.made_at.desc())
        .limit(3)
    )
    return tuple(
        f"{each.number} {show(each.amount, each.currency)} {each.reason} {each.state.replace('_', ' ')}, "
        f"{each.made_at:%d %b}"
        for each in tx.rows(others)
    )
