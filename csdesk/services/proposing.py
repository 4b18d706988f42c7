"""Proposals about a debtor: another credit limit, other terms of payment, not to be reminded for a while. Each is a
request with what stands before and after; somebody else decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import CreditAccount, Customer, Terms, table
from csdesk.money import show
from csdesk.services import asking, audit, behaviour, customers, ledger
from csdesk.services.customers import Trading
from csdesk.services.tx import Tx, reads, writes

ACCOUNT, CUSTOMER, TERMS = table(CreditAccount), table(Customer), table(Terms)
LONGEST_BLOCK = 90  # days
VERBS = {"credit_limit": "limit", "terms": "terms", "dunning_block": "block"}  # kind -> the verb that asks for it


@dataclass(frozen=True)
class Asked:
    """A request that was made, in one sentence."""

    id: int
    number: str
    words: str


@reads("customer.read")
def find(tx: Tx, code: str) -> int:
    """The id of the customer with a code. Raises NotFound."""
    found = tx.value(select(CUSTOMER.c.id).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.code == code.strip()))
    if found is None:
        raise NotFound(
            f"There is no customer '{code}'; type the code as it stands on the first page.", field="customer"
        )
    return int(found)


@writes("limit.request")
def limit(tx: Tx, customer_id: int, amount: int, why: str) -> Asked:
    """Asks for another credit limit (minor units of the account's currency; 0 is no credit). Raises Invalid for a
    limit below 0 or no reason, Refused when it is that already."""
    who = _for(tx, customer_id, why)
    if amount < 0:
        raise Invalid("A credit limit is 0 (no credit) or more.", field="amount")
    if who.account.credit_limit == amount:
        raise Refused(f"The limit of {who.code} {who.name} is {show(amount, who.account.currency)} already.")
    content = {"account": who.account.id, "before": who.account.credit_limit, "after": amount}
    was, will = _money(who.account.credit_limit, who), _money(amount, who)
    return _submit(tx, "credit_limit", who, amount, content, why, f"limit of {who.code} {who.name} {was} -> {will}")


@writes("limit.request")
def terms(tx: Tx, customer_id: int, code: str, why: str) -> Asked:
    """Asks for other terms of payment of a customer. Raises NotFound for terms that are none, Invalid without a reason,
    Refused when they are that already."""
    who = _for(tx, customer_id, why)
    known = [row.code for row in tx.rows(select(TERMS.c.code).where(TERMS.c.company == tx.company))]
    if code not in known:
        raise NotFound(f"There are no terms '{code}'; there are {', '.join(sorted(known))}.", field="terms")
    if who.terms == code:
        raise Refused(f"The terms of {who.code} {who.name} are {code} already.")
    content = {"customer": who.id, "before": who.terms, "after": code}
    amount = max(0, who.account.exposure.total)
    return _submit(tx, "terms", who, amount, content, why, f"terms of {who.code} {who.name} {who.terms} -> {code}")


@writes("dunning.run")
def block(tx: Tx, customer_id: int, until: date, why: str) -> Asked:
    """Asks that the account of a customer is not reminded up to and including a day, at most LONGEST_BLOCK days on.

    Raises Invalid for a day that has passed or is too far, or no reason.
    """
    who = _for(tx, customer_id, why)
    days = (until - who.local(tx.now).date()).days
    if not 0 <= days <= LONGEST_BLOCK:
        raise Invalid(f"Reminders are held for at most {LONGEST_BLOCK} days from today on.", field="until")
    before = _account(tx, who.account.id).dunning_blocked_until
    content = {"account": who.account.id, "before": before.isoformat() if before else None, "after": until.isoformat()}
    amount = max(0, who.account.exposure.open_debit)
    words = f"no reminders to {who.code} {who.name} until {until:%d %b %Y}"
    return _submit(tx, "dunning_block", who, amount, content, why, words)


def _for(tx: Tx, customer_id: int, why: str) -> Trading:
    if not why.strip():
        raise Invalid("Say why; whoever decides reads it.", field="why")
    return customers.trading(tx, customer_id, lock=True)


def _money(amount: int | None, who: Trading) -> str:
    return "no limit" if amount is None else show(amount, who.account.currency)


def _submit(tx: Tx, kind: str, who: Trading, amount: int, content: Mapping[str, Any], why: str, words: str) -> Asked:
    wish = asking.Wish(
        kind, who.id, who.account.id, who.account.currency, amount, kind.replace("_", "-"), content, note=why.strip()
    )
    row = asking.submit(tx, wish)
    steps = " then ".join(row["steps"].split()) or "nobody"
    audit.record(tx, f"proposing.{VERBS[kind]}", "request", row["id"], None,
                 {"number": row["number"], "amount": amount, **content})  # fmt: skip
    return Asked(row["id"], row["number"], f"Request {row['number']}: {words}, to be approved by {steps}.")


def _account(tx: Tx, account_id: int) -> Row[Any]:
    row = tx.row(select(ACCOUNT).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == account_id))
    assert row is not None
    return row


def _stands(tx: Tx, request: Row[Any]) -> tuple[str, Any]:
    """What the request changes, and what stands there now; days as text, as the payload keeps them."""
    asked = asking.payload(request)
    if request.kind == "terms":
        statement = select(CUSTOMER.c.terms).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.id == asked["customer"])
        return "terms", tx.value(statement)
    row = _account(tx, asked["account"])
    if request.kind == "credit_limit":
        return "credit_limit", row.credit_limit
    until: date | None = row.dunning_blocked_until
    return "dunning_blocked_until", until.isoformat() if until else None


def recheck(tx: Tx, request: Row[Any]) -> None:
    """Raises Refused when what stands there is no longer what the request was made against."""
    name, now = _stands(tx, request)
    if now != asking.payload(request)["before"]:
        raise Refused(f"The {name.replace('_', ' ')} was changed since request {request.number}; ask anew.")


def post(tx: Tx, request: Row[Any]) -> str:
    """Changes the account or the customer as approved."""
    asked = asking.payload(request)
    name, before = _stands(tx, request)
    subject = asked["customer"] if request.kind == "terms" else asked["account"]
    target = CUSTOMER if request.kind == "terms" else ACCOUNT
    value: Any = date.fromisoformat(asked["after"]) if request.kind == "dunning_block" else asked["after"]
    mine = update(target).where(target.c.company == tx.company, target.c.id == subject)
    tx.do(mine.values({name: value, "version": target.c.version + 1}))
    asking.change(tx, request.id, state="posted", posted_id=subject)
    audit.record(tx, "posting.post", target.name, subject, {name: before},
                 {name: asked["after"], "request": request.number})  # fmt: skip
    return f"Request {request.number}: {name.replace('_', ' ')} is {_told(request, asked['after'])} now."


def _told(request: Row[Any], value: Any) -> str:
    return show(value, request.currency) if isinstance(value, int) else "no limit" if value is None else str(value)


def facts(tx: Tx, request: Row[Any]) -> tuple[str, ...]:
    """For whoever decides: before and after, exposure and its use, ageing, how the debtor pays and keeps promises."""
    who = customers.trading(tx, request.customer_id)
    today, asked = who.local(tx.now).date(), asking.payload(request)
    name, _ = _stands(tx, request)
    change = f"{name.replace('_', ' ')}: {_told(request, asked['before'])} -> {_told(request, asked['after'])}"
    return (change, *evidence(tx, who, today))


def evidence(tx: Tx, who: Trading, today: date) -> tuple[str, ...]:
    """Exposure, ageing and behaviour of a debtor in words."""
    currency, limited, used = who.account.currency, who.account.credit_limit, who.account.exposure.total
    use = f", {used * 100 // limited} % of the limit" if limited else ""
    aged = ledger.aged(tx, who.account.id, today)
    late = [f"{label} {show(part, currency)}" for label, part in zip(aged.labels, aged.buckets, strict=True) if part]
    late += [f"disputed {show(aged.disputed, currency)}"] if aged.disputed else []
    found = behaviour.of(tx, who.account.id, today)
    pays = "nothing paid in a year" if found.days_late is None else f"pays {found.days_late:.1f} days after due"
    kept = "no promise came due" if found.kept_percent is None else f"{found.kept_percent:.0f} % of promises kept"
    top = (
        f", highest balance {show(found.highest, currency)} on {found.highest_on:%d %b %Y}" if found.highest_on else ""
    )
    return (
        f"exposure {show(used, currency)}{use}{top}",
        f"past due: {', '.join(late) if late else 'nothing'}",
        f"{pays}, {kept}",
    )
