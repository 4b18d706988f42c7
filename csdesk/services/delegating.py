"""One person decides in another's place: asked for, approved like any controlled act, ended by revoking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import DelegationRow, table
from csdesk.money import show, typed_minor
from csdesk.rules.approvals import APPROVAL_DUTIES
from csdesk.rules.delegation import Delegation, delegation_fault
from csdesk.services import asking, audit, customers, lent_duties, rights, separating, staff
from csdesk.services.tx import Tx, writes

GIVEN = table(DelegationRow)
KIND, ALL = "delegation", "all"


@dataclass(frozen=True)
class Made:
    """A request that was made, in one sentence."""

    id: int
    number: str
    words: str


@writes()
def ask(
    tx: Tx, giver: str, taker: str, kinds: tuple[str, ...], starts: date | None, ends: date, reason: str, cap: str = ""
) -> Made:
    """Asks that the login `taker` may decide in place of the login `giver`; `kinds` of request or "all" the giver's,
    up to `cap` in the company's currency ('' = the giver's own limit), both days included, from today without `starts`.

    Everybody asks for himself, an administrator for anybody. Raises Invalid for an unknown kind, Refused with the
    sentence why it cannot be: it cannot be passed on, lasts at most 30 days, needs a reason, joins no duties
    in one person that are to be apart.
    """
    gives, takes = staff.named(tx, giver), staff.named(tx, taker)
    if gives.person_id != tx.actor.person_id:
        tx.need("staff.admin")
    if gives.disabled or takes.disabled:
        raise Refused(f"The login '{giver if gives.disabled else taker}' is disabled; name another.")
    currency = customers.company_currency(tx)
    own = _own_kinds(tx, gives.person_id)
    wanted = own if kinds == (ALL,) else frozenset(kinds)
    if unknown := wanted - set(APPROVAL_DUTIES):
        raise Invalid(f"'{min(unknown)}' is no kind of request; there are {', '.join(sorted(APPROVAL_DUTIES))}.")
    payload = {
        "from": gives.person_id, "to": takes.person_id, "kinds": sorted(wanted), "starts": starts or rights.today(tx),
        "ends": ends, "reason": reason.strip(), "cap": typed_minor(cap, currency) if cap else None,
        "currency": currency if cap else "",
    }  # fmt: skip
    if fault := _fault(tx, _rule(payload)):
        raise Refused(fault)
    told = _apart(tx, _rule(payload), taker)
    parties = tuple(sorted({gives.person_id, takes.person_id} - {tx.actor.person_id}))
    wish = asking.Wish(
        KIND, None, None, currency, payload["cap"] or 0, KIND, payload, note=reason.strip(), creators=parties
    )
    row = asking.submit(tx, wish)
    by = " then ".join(row["steps"].split()) or "nobody"
    names = {"number": row["number"], "giver": giver, "taker": taker, "conflicts": list(told)}
    audit.record(tx, "delegating.ask", "request", row["id"], None, {**payload, **names})
    words = f"Request {row['number']}: {_told(tx, _rule(payload))}; to be approved by {by}."
    return Made(row["id"], row["number"], " ".join((words, *told)))


@writes()
def revoke(tx: Tx, giver: str, taker: str) -> str:
    """Ends what one login lets another decide, at once. Raises Refused for anybody but the two and an administrator,
    NotFound when there is nothing to end."""
    gives, takes = staff.named(tx, giver), staff.named(tx, taker)
    if tx.actor.person_id not in (gives.person_id, takes.person_id):
        tx.need("staff.admin")
    live = (
        GIVEN.c.company == tx.company, GIVEN.c.from_person == gives.person_id, GIVEN.c.to_person == takes.person_id,
        GIVEN.c.ended_at.is_(None), GIVEN.c.ends_on >= rights.today(tx),
    )  # fmt: skip
    rows = tx.rows(select(GIVEN).where(*live).order_by(GIVEN.c.id))
    if not rows:
        raise NotFound(f"{giver} lets {taker} decide nothing; 'csdesk staff review' lists what there is.")
    tx.do(update(GIVEN).where(*live).values(ended_at=tx.now))
    told = {"giver": giver, "taker": taker, "kinds": " ".join(row.kinds for row in rows)}
    audit.record(tx, "delegating.revoke", "delegation", rows[0].id, told, {"ended_at": tx.now})
    return f"{taker} decides nothing in place of {giver} any more."


def recheck(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused when it cannot be any more: the giver lost the right, the taker got one that conflicts with what
    is lent, the days are over."""
    rule = _rule(asking.payload(row))
    if fault := _fault(tx, rule):
        raise Refused(fault)
    if rule.ends < rights.today(tx):
        raise Refused("Its last day is over; ask anew with later days.")
    _apart(tx, rule, staff.login_of(tx, rule.to_person))


def post(tx: Tx, row: Row[Any]) -> str:
    """The delegation stands as it was approved."""
    rule = _rule(asking.payload(row))
    made = {
        "company": tx.company, "id": new_id(), "from_person": rule.from_person, "to_person": rule.to_person,
        "kinds": " ".join(sorted(rule.kinds)), "cap": rule.cap, "currency": rule.currency, "starts_on": rule.starts,
        "ends_on": rule.ends, "reason": rule.reason[:300], "request_id": row.id, "made_at": tx.now,
        "made_by": row.maker_staff_id,
    }  # fmt: skip
    tx.do(insert(GIVEN), made)
    asking.change(tx, row.id, state="posted", posted_id=made["id"])
    audit.record(tx, "posting.post", "delegation", made["id"], None, {**made, "request": row.number})
    return f"Delegation of request {row.number} stands: {_told(tx, rule)}."


def facts(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    """Who lets whom decide what, for the approver."""
    rule = _rule(asking.payload(row))
    kinds = f"kinds: {', '.join(sorted(rule.kinds)).replace('_', ' ')}"
    return (_told(tx, rule), kinds, f"reason: {rule.reason}", *_conflicts(tx, rule))


def _apart(tx: Tx, rule: Delegation, login: str) -> tuple[str, ...]:
    """Warnings of conflicts between what is lent and what its taker has. Raises Refused for one that blocks and has no
    accepted control: what one may not be granted one is not lent either."""
    return separating.granted(tx, login, rule.to_person, lent_duties.of_kinds(rule.kinds))


def _conflicts(tx: Tx, rule: Delegation) -> tuple[str, ...]:
    try:
        return _apart(tx, rule, staff.login_of(tx, rule.to_person))
    except Refused as error:
        return (str(error),)


def _own_kinds(tx: Tx, person: int) -> frozenset[str]:
    """The kinds a person approves by his own duties; what he holds by delegation is not among them."""
    held = rights.of_person(tx, person).duties
    return frozenset(kind for kind, duty in APPROVAL_DUTIES.items() if duty in held)


def _rule(payload: dict[str, Any]) -> Delegation:
    starts, ends = (date.fromisoformat(str(payload[name])) for name in ("starts", "ends"))
    return Delegation(
        payload["from"], payload["to"], frozenset(payload["kinds"]), starts, ends, payload["reason"], payload["cap"],
        payload["currency"],
    )  # fmt: skip


def _fault(tx: Tx, rule: Delegation) -> str | None:
    return delegation_fault(rule, own_kinds=_own_kinds(tx, rule.from_person))


def _told(tx: Tx, rule: Delegation) -> str:
    names = rights.names(tx, (rule.from_person, rule.to_person))
    cap = f" up to {show(rule.cap, rule.currency)} {rule.currency}" if rule.cap is not None else ""
    kinds = f"{len(rule.kinds)} kind{'s' * (len(rule.kinds) != 1)} of request"
    return (
        f"{names.get(rule.to_person, '')} decides {kinds} in place of {names.get(rule.from_person, '')}{cap}, "
        f"{rule.starts:%d %b} to {rule.ends:%d %b %Y}"
    )
