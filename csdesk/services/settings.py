"""What a company sets for itself: approval tiers by kind and currency, the rules of an account, conflicts of duties.

Each change is audited with what stood before. Nothing here decides a request: what waits is judged by the tiers of now.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import ApprovalTier, CreditAccount, DutyConflict, RoleDuty, table
from csdesk.money import show, typed_minor
from csdesk.rules import separation, tiers
from csdesk.rules.approvals import APPROVAL_DUTIES
from csdesk.rules.separation import LEVELS, Conflict
from csdesk.rules.tiers import Tier
from csdesk.services import audit, controlled, customers, dunning_levels, duties, granting, proposing, separating
from csdesk.services.tx import Tx, reads, writes

TIER, ACCOUNT, CONFLICT, ROLE_DUTY = table(ApprovalTier), table(CreditAccount), table(DutyConflict), table(RoleDuty)
ANY, NOBODY, NONE, USUAL = "any", "nobody", "-", "usual"
WITHOUT_APPROVAL = frozenset({"small_difference"})  # the only kind that may post with nobody's approval
MOST_DAYS = 3650


@dataclass(frozen=True)
class TierView:
    """A tier: up to and including `up_to` minor units (None = any amount) the roles approve, one after the other."""

    kind: str
    currency: str
    up_to: int | None
    steps: tuple[str, ...]


@reads("report.read")
def tiers_of(tx: Tx, kind: str = "") -> tuple[TierView, ...]:
    """The approval tiers, of one kind or of all, by kind, currency and rising edge."""
    rows = [each for each in _tiers(tx) if not kind or each.kind == _kind(kind)]
    rows.sort(key=lambda each: (each.kind, each.currency, each.up_to is None, each.up_to or 0))
    return tuple(TierView(each.kind, each.currency, each.up_to, each.steps) for each in rows)


@writes("settings.admin")
def tier(tx: Tx, kind: str, currency: str, up_to: str, roles: Sequence[str], remove: bool = False) -> str:
    """Sets who approves a kind of request up to an amount (major units as typed, "any" = without end), or removes that
    tier; gives the ladder as it is then, and says where it ends.

    Raises Invalid for a kind, currency, amount or role that is none, for a role nobody of which rank may approve it,
    and when a higher tier would ask for less than a lower one; NotFound to remove what is not there.
    """
    name, currency = _kind(kind), currency.upper()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Invalid(f"'{currency}' is no currency code; three letters are wanted, e.g. JPY.", field="currency")
    edge = None if up_to == ANY else typed_minor(up_to, currency)
    steps = () if remove else _steps(tx, name, roles)
    before = [each for each in _tiers(tx) if (each.kind, each.currency) == (name, currency)]
    old = next((each for each in before if each.up_to == edge), None)
    if remove and old is None:
        raise NotFound(f"There is no such tier; 'csdesk settings tiers {name}' lists them.", field="up-to")
    others = [each for each in before if each.up_to != edge]
    after = others if remove else [*others, Tier(name, currency, edge, steps)]
    if faults := tiers.tier_faults(after):
        raise Invalid(f"{faults[0][:1].upper()}{faults[0][1:]}", field="role")
    same = (TIER.c.company == tx.company, TIER.c.kind == name, TIER.c.currency == currency)
    at = TIER.c.up_to.is_(None) if edge is None else TIER.c.up_to == edge
    if remove:
        tx.do(delete(TIER).where(*same, at))
    elif old is not None:
        tx.do(update(TIER).where(*same, at).values(steps=" ".join(steps)))
    else:
        row = {"company": tx.company, "id": new_id(), "kind": name, "currency": currency, "up_to": edge}
        tx.do(insert(TIER), {**row, "steps": " ".join(steps)})
    words = f"{name.replace('_', ' ').capitalize()} in {currency}: {_ladder(after, currency)}"
    key = {"kind": name, "currency": currency}
    audit.record(tx, "settings.tier", "tier", 0, {**key, "tiers": _plain(before)}, {**key, "tiers": _plain(after)})
    return f"{words}{_nobodys(tx, currency)}"


def _tiers(tx: Tx) -> list[Tier]:
    rows = tx.rows(select(TIER).where(TIER.c.company == tx.company))
    return [Tier(row.kind, row.currency, row.up_to, tuple(row.steps.split())) for row in rows]


def _plain(rows: Sequence[Tier]) -> list[list[Any]]:
    return sorted(
        ([each.up_to, " ".join(each.steps)] for each in rows), key=lambda each: (each[0] is None, each[0] or 0)
    )


def _kind(typed: str) -> str:
    name = typed.strip().lower().replace("-", "_").replace(" ", "_")
    if name not in controlled.KINDS:
        known = ", ".join(sorted(controlled.KINDS))
        raise Invalid(f"'{typed}' is no kind of request; there are {known}.", field="kind")
    return name


def _steps(tx: Tx, kind: str, roles: Sequence[str]) -> tuple[str, ...]:
    steps = tuple(role.strip() for role in roles if role.strip())
    if steps == (NOBODY,) and kind in WITHOUT_APPROVAL:
        return ()
    if not steps or NOBODY in steps:
        raise Invalid(f"Somebody must approve a {kind.replace('_', ' ')}: name one role or more.", field="role")
    duty = APPROVAL_DUTIES[kind]
    held = select(ROLE_DUTY.c.role).where(ROLE_DUTY.c.company == tx.company, ROLE_DUTY.c.duty == duty)
    ranks = [tiers.RANKS.get(row.role, 0) for row in tx.rows(held)]
    for role in steps:
        granting.check_role(tx, role)
        if max(ranks, default=0) < tiers.rank_of(role):
            raise Invalid(f"No role of the rank of {role} or above holds the duty '{duty}'.", field="role")
    return steps


def _ladder(rows: Sequence[Tier], currency: str) -> str:
    """The tiers of a kind in words, and what no tier covers."""
    parts = []
    for each in sorted(rows, key=lambda each: (each.up_to is None, each.up_to or 0)):
        edge = "any amount" if each.up_to is None else f"up to {show(each.up_to, currency)}"
        parts.append(f"{edge} {' then '.join(each.steps) or NOBODY}")
    if not rows:
        return "nobody may approve any."
    top = max((each.up_to for each in rows if each.up_to is not None), default=0)
    open_end = all(each.up_to is not None for each in rows)
    gap = f" Above {show(top, currency)} {currency} nobody may approve; '{ANY}' sets that tier." if open_end else ""
    return f"{', '.join(parts)}.{gap}"


def _nobodys(tx: Tx, currency: str) -> str:
    kept = tx.value(
        select(ACCOUNT.c.id).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.currency == currency).limit(1)
    )
    own = currency == customers.company_currency(tx)
    return "" if own or kept is not None else f" No account is kept in {currency} yet."


@writes("settings.admin")
def account(
    tx: Tx,
    customer_code: str,
    *,
    procedure: str | None = None,
    oldest_days: str | None = None,
    highest_level: str | None = None,
    deduction_days: str | None = None,
) -> str:
    """Sets rules of the account a customer is billed on: its dunning procedure ("usual" for the usual one), the days an
    item may be late and the dunning level it may have before orders are held, the days to solve a deduction in; "-"
    takes a rule away, what is left out stays.

    Raises NotFound for the customer or procedure, Invalid for a figure that is none, Refused for a procedure with
    amounts in another currency.
    """
    who = customers.trading(tx, proposing.find(tx, customer_code), lock=True)
    row = tx.row(select(ACCOUNT).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == who.account.id))
    assert row is not None
    values: dict[str, Any] = {}
    if procedure is not None:
        values["dunning_procedure"] = _procedure(tx, procedure, row.currency)
    top = _highest(tx, values.get("dunning_procedure", row.dunning_procedure))
    figures = (("oldest_days", oldest_days, MOST_DAYS), ("highest_level", highest_level, top),
               ("deduction_days", deduction_days, MOST_DAYS))  # fmt: skip
    for name, typed, most in figures:
        if typed is not None:
            values[name] = _figure(name, typed, most)
    if not values:
        raise Invalid("Say what is to be set: --procedure, --oldest-days, --highest-level or --deduction-days.")
    before = {name: getattr(row, name) for name in values}
    mine = update(ACCOUNT).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == row.id)
    tx.do(mine.values(**values, version=row.version + 1))
    audit.record(tx, "settings.account", "account", row.id, before, values)
    told = ", ".join(
        f"{name.replace('_', ' ')} {_said(before[name])} -> {_said(each)}" for name, each in values.items()
    )
    return f"Account of {who.code} {who.name}: {told}."


def _said(value: object) -> str:
    return USUAL if value == "" else "no rule" if value is None else str(value)


def _figure(name: str, typed: str, most: int) -> int | None:
    if typed.strip() == NONE:
        return None
    plain = typed.strip()
    if not (plain.isascii() and plain.isdigit() and int(plain[:9]) <= most and len(plain) < 9):
        raise Invalid(f"{name.replace('_', ' ').capitalize()} is 0 to {most}, or - for no rule.", field=name)
    return int(plain)


def _procedure(tx: Tx, typed: str, currency: str) -> str:
    name, known = "" if typed == USUAL else typed, dunning_levels.procedures(tx)
    if name not in known:
        there = ", ".join(each or USUAL for each in sorted(known))
        raise NotFound(f"There is no dunning procedure '{typed}'; there are {there}.", field="procedure")
    of = dunning_levels.currency_of(tx, name)
    if of != currency and any(level.minimum_amount or level.fee for level in known[name][0].levels):
        raise Refused(
            f"The procedure '{typed}' has amounts in {of}, this account is kept in {currency}: "
            f"'csdesk dunning level' makes one in {currency}.",
            field="procedure",
        )
    return name


def _highest(tx: Tx, procedure: str) -> int:
    known = dunning_levels.procedures(tx).get(procedure)
    return max((level.number for level in known[0].levels), default=0) if known else 0


@reads("settings.admin")
def conflicts(tx: Tx) -> tuple[Conflict, ...]:
    """The conflicts of duties as they stand."""
    return separating.conflicts(tx)


@writes("settings.admin")
def conflict(
    tx: Tx, duty: str, other: str, level: str, risk: str, same_order: str = "", same_customer: str = ""
) -> str:
    """Sets how two duties conflict: block, warn or none when one person holds both, and, where given, when one person
    uses both on the same order or customer. What is not given stays; of a new conflict it is none.

    Raises NotFound for a duty that is none, Invalid for a level that is none or no risk, Refused to loosen a conflict
    of a duty the actor holds himself.
    """
    known = separating.conflicts(tx)
    named = {*duties.DUTIES, *(each for pair in known for each in (pair.duty_a, pair.duty_b))}
    for each in (duty, other):
        if each not in named:
            raise NotFound(f"There is no duty '{each}'; docs/duties.md lists them.", field="duty")
    if duty == other:
        raise Invalid("A duty does not conflict with itself.", field="duty")
    if not risk.strip():
        raise Invalid("Say the risk in one sentence; whoever is refused reads it.", field="risk")
    old = separation.conflict_between(duty, other, known)
    a, b = (old.duty_a, old.duty_b) if old else (duty, other)
    was = (old.level, old.same_order, old.same_customer) if old else ("", "", "")
    new = (
        _level(level),
        *(_level(typed) if typed else kept for typed, kept in ((same_order, was[1]), (same_customer, was[2]))),
    )
    mine = {duty, other} & tx.actor.duties
    if tx.actor.id and mine and any(LEVELS.index(n) < LEVELS.index(w) for n, w in zip(new, was, strict=True)):
        raise Refused(f"Nobody loosens a conflict of a duty he holds himself ('{min(mine)}').")
    if tx.value(select(CONFLICT.c.duty_a).where(CONFLICT.c.company == tx.company).limit(1)) is None:
        tx.do(insert(CONFLICT), separating.usual(tx.company))
    key = {"company": tx.company, "duty_a": a, "duty_b": b}
    tx.do(delete(CONFLICT).where(*(CONFLICT.c[name] == value for name, value in key.items())))
    names = ("level", "same_order", "same_customer")
    values = {**dict(zip(names, new, strict=True)), "risk": risk.strip()[:300]}
    tx.do(insert(CONFLICT), {**key, **values})
    before = {**dict(zip(names, was, strict=True)), "risk": old.risk if old else ""}
    audit.record(tx, "settings.conflict", "conflict", 0, {**key, **before}, {**key, **values})
    held, order, customer = (each or "none" for each in new)
    return f"'{a}' and '{b}': {held} when held, {order} on the same order, {customer} on the same customer."


def _level(typed: str) -> str:
    if typed not in ("block", "warn", "none"):
        raise Invalid(f"'{typed}' is no level; it is block, warn or none.", field="level")
    return "" if typed == "none" else typed
