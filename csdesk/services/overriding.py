"""Setting a rule aside once for a customer: asked for, decided by somebody else, used up by the next order it helps.

It lets one order go through that would be held, up to the value that was approved and until its day: what the order
grows by later is checked again. It never lets anybody decide his own request.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import Customer, RuleOverride, table
from csdesk.money import show, typed_minor
from csdesk.services import asking, audit, customers, rights
from csdesk.services.delegating import Made
from csdesk.services.tx import Tx, writes

RULE, CUSTOMER = table(RuleOverride), table(Customer)
KIND = "override"
MOST_DAYS = 30
# Rule -> the hold an order would get by it, and what is set aside.
RULES: dict[str, tuple[str, str]] = {
    "customer-hold": ("customer", "the customer's hold"),
    "credit-limit": ("credit", "the credit limit"),
    "minimum-order": ("minimum", "the minimum order"),
}
VALUED = frozenset({"customer-hold", "credit-limit"})  # each gives credit: an order may have it up to a value
Holds = Sequence[tuple[str, str]]


@writes("request.override")
def ask(tx: Tx, customer_code: str, rule: str, reason: str, days: int = 7, value: str = "") -> Made:
    """Asks that a rule is set aside for the next order of a customer within so many days, up to a gross `value` in the
    account's currency (major units, wanted where the rule gives credit); the value picks the tier.

    Raises Invalid for an unknown rule, no reason, days or a value that cannot be, NotFound for the customer.
    """
    if rule not in RULES:
        raise Invalid(f"'{rule}' is no rule that can be set aside; there are {', '.join(RULES)}.", field="rule")
    if not reason.strip():
        raise Invalid("Say why the rule is to be set aside.", field="reason")
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"A rule is set aside for 1 to {MOST_DAYS} days.", field="days")
    found = tx.row(select(CUSTOMER).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.code == customer_code))
    if found is None:
        raise NotFound(f"There is no customer '{customer_code}'; its code is wanted.", field="customer")
    who = customers.trading(tx, found.id, lock=True)
    until = rights.today(tx) + timedelta(days=days)
    currency = who.account.currency
    most = _most(rule, value, currency)
    payload = {"rule": rule, "customer": who.id, "until": until, "reason": reason.strip(), "value": most,
               "currency": currency}  # fmt: skip
    row = asking.submit(
        tx, asking.Wish(KIND, who.id, who.account.id, currency, most or 0, rule, payload, note=reason.strip())
    )
    by = " then ".join(row["steps"].split()) or "nobody"
    audit.record(tx, "overriding.ask", "request", row["id"], None, {**payload, "number": row["number"]})
    words = f"Request {row['number']}: {_told(payload)} {who.code} {who.name}; to be approved by {by}."
    return Made(row["id"], row["number"], words)


def _most(rule: str, value: str, currency: str) -> int | None:
    if rule not in VALUED:
        return None
    most = typed_minor(value, currency) if value else 0
    if most <= 0:
        raise Invalid(f"Say up to which value {RULES[rule][1]} is set aside: --up-to 5000", field="up-to")
    return most


def recheck(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused once its last day is over."""
    if _until(row) < rights.today(tx):
        raise Refused("Its last day is over; ask anew.")


def post(tx: Tx, row: Row[Any]) -> str:
    """The rule is set aside, for one order."""
    frozen = asking.payload(row)
    made = {
        "company": tx.company, "id": new_id(), "rule": frozen["rule"], "customer_id": row.customer_id,
        "until_on": _until(row), "value": frozen["value"], "reason": frozen["reason"][:300],
        "request_id": row.id, "made_at": tx.now,
    }  # fmt: skip
    tx.do(insert(RULE), made)
    asking.change(tx, row.id, state="posted", posted_id=made["id"])
    audit.record(tx, "posting.post", "override", made["id"], None, {**made, "request": row.number})
    return f"Override of request {row.number} stands: {_told(frozen)} this customer."


def facts(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    """What is set aside, for the approver."""
    frozen = asking.payload(row)
    return (f"{_told(frozen)} this customer", f"reason: {frozen['reason']}")


def spared(
    tx: Tx, customer_id: int, order_id: int, gross: int, holds: Holds, *, use: bool = True
) -> list[tuple[str, str]]:
    """The holds that are left of an order of `gross` once the rules set aside for it are; with `use` those are used up
    by it. What was used up by it before holds good until its day, and up to its value like any other.

    The caller holds the credit account locked, so that two orders never use the same one.
    """
    if not holds:
        return []
    free, own = RULE.c.order_id.is_(None), RULE.c.order_id == order_id
    in_time = (RULE.c.until_on >= rights.today(tx)) & (RULE.c.value.is_(None) | (RULE.c.value >= gross))
    mine = ((free | own) & in_time) | (own & RULE.c.value.is_(None))
    rows = tx.rows(
        select(RULE).where(RULE.c.company == tx.company, RULE.c.customer_id == customer_id, mine).order_by(RULE.c.id)
    )
    by_kind = {RULES[row.rule][0]: row for row in reversed(rows) if row.rule in RULES}
    for row in (by_kind[kind] for kind, _ in holds if kind in by_kind) if use else ():
        if row.order_id is None:
            same = update(RULE).where(RULE.c.company == tx.company, RULE.c.id == row.id)
            tx.do(same.values(order_id=order_id, used_at=tx.now))
    return [(kind, reason) for kind, reason in holds if kind not in by_kind]


def _until(row: Row[Any]) -> date:
    return date.fromisoformat(asking.payload(row)["until"])


def _told(payload: dict[str, Any]) -> str:
    until = date.fromisoformat(str(payload["until"]))
    most = f" up to {show(payload['value'], payload['currency'])} {payload['currency']}" if payload["value"] else ""
    return f"{RULES[payload['rule']][1]} is set aside once{most} until {until:%d %b %Y} for"
