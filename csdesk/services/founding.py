"""What a company needs before its desk can work: itself, a warehouse, roles with their duties, reasons, people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, insert, select

from csdesk.errors import Conflict, Invalid
from csdesk.ids import new_id
from csdesk.models import (
    ApprovalTier,
    Company,
    DunningLevel,
    DutyConflict,
    Person,
    Reason,
    Role,
    RoleDuty,
    Staff,
    StaffRole,
    Warehouse,
    table,
)
from csdesk.money import to_minor
from csdesk.services import audit, duties, founding_service, granting, new_duties, separating, staff
from csdesk.services.tx import Tx, writes

# letter, code, name, owner, uses, UNTDID 4465, X12 426 ('' where neither list has the thing itself)
REASONS = (
    ("c", "changed-mind", "Customer changed mind", "customer", "cancel", "", ""),
    ("u", "duplicate-order", "Ordered twice", "customer", "cancel", "", ""),
    ("o", "out-of-stock", "Cannot be supplied", "warehouse", "cancel", "", ""),
    ("d", "damaged", "Damaged", "transport", "complaint credit short", "3", "04"),
    ("w", "wrong-item", "Wrong item", "warehouse", "cancel complaint credit short", "14", "07"),
    ("l", "late", "Late", "transport", "cancel complaint credit short", "33", "41"),
    ("p", "price-wrong", "Price wrong", "sales", "cancel complaint credit short", "5", "01"),
    ("s", "short-delivery", "Short delivery", "warehouse", "complaint credit short", "4", "06"),
    ("n", "not-delivered", "Not delivered", "transport", "complaint credit short", "32", "59"),
    ("q", "quality", "Quality", "quality", "complaint credit short", "2", "05"),
    ("g", "goodwill", "Goodwill", "desk", "credit goodwill", "", ""),
    ("r", "refused", "Refused at the door", "customer", "complaint credit short", "29", "25"),
    ("b", "returned", "Returned", "customer", "credit short", "35", ""),
    ("t", "terms", "Terms of payment", "sales", "credit short", "50", "09"),
    ("f", "freight", "Freight", "transport", "credit short", "40", "54"),
    ("x", "tax", "Tax", "finance", "credit short", "26", "55"),
    ("k", "bank-charge", "Bank charge", "finance", "short", "11", ""),
    ("y", "duplicate-billing", "Billed twice", "finance", "credit short", "53", "19"),
    ("i", "invoice-missing", "Invoice not received", "finance", "short", "36", ""),
    ("e", "invoice-error", "Invoice error", "finance", "credit short", "9", ""),
    ("v", "proof-asked", "Proof of delivery asked", "transport", "short", "6", ""),
    ("z", "unidentified", "Unidentified", "finance", "short", "43", ""),
    ("h", "bonus", "Bonus or rebate", "sales", "goodwill", "", ""),
    ("a", "insolvent", "Debtor is insolvent", "finance", "write-off", "", ""),
    ("j", "not-worth", "Not worth pursuing", "finance", "write-off", "", ""),
    ("p", "price-promised", "Price promised", "sales", "price", "", ""),
    ("m", "price-match", "Price match", "sales", "price", "", ""),
    ("e", "price-our-error", "Our error", "sales", "price", "", ""),
    ("v", "price-volume", "Volume", "sales", "price", "", ""),
    ("m", "small-difference", "Small difference", "finance", "difference write-off", "", ""),
)
# kind, upper edge in major units of the company's currency ('' = unlimited), roles that approve one after the other
TIERS = (
    ("credit_note", "250", "lead"), ("credit_note", "2500", "supervisor"), ("credit_note", "", "supervisor manager"),
    ("goodwill_credit", "100", "supervisor"), ("goodwill_credit", "", "supervisor manager"),
    ("replacement", "250", "lead"), ("replacement", "2500", "supervisor"), ("replacement", "", "supervisor manager"),
    ("debit_note", "1000", "lead"), ("debit_note", "", "supervisor manager"),
    ("small_difference", "5", ""),
    ("write_off", "100", "finance"), ("write_off", "", "finance manager"),
    ("deduction_write_off", "100", "finance"), ("deduction_write_off", "", "finance manager"),
    ("provision", "", "finance"),
    ("order_release", "5000", "lead"), ("order_release", "25000", "supervisor"), ("order_release", "", "manager"),
    ("credit_limit", "", "manager"), ("terms", "", "manager"), ("dunning_block", "", "manager"),
    ("delegation", "", "manager"), ("period_unlock", "", "controller"), ("override", "", "manager"),
    ("reversal", "", "finance"),
    ("price_override", "50", "lead"), ("price_override", "500", "supervisor"),
    ("price_override", "", "supervisor manager"),
)  # fmt: skip
# level, days late, channel, text: the usual dunning procedure; no fee and no interest until the company sets them
DUNNING = (
    (1, 7, "mail", "Perhaps our invoice escaped your notice: the amounts below are past due."),
    (2, 21, "mail", "The amounts below are still open. Please pay them within seven days, or call us."),
    (3, 35, "letter", "This is our last reminder before the account goes to collection. Please pay now."),
)
_REASON_FIELDS = ("letter", "code", "name", "owner", "uses", "untdid_4465", "x12_426")


@writes("staff.admin")
def found(tx: Tx, name: str, country: str, currency: str, timezone: str) -> str:
    """Founds the company of this transaction. Raises Conflict when it is there, Invalid for an unknown zone."""
    if tx.value(select(table(Company).c.id).where(table(Company).c.id == tx.company)) is not None:
        raise Conflict(f"Company {tx.company} is there already; add people with 'csdesk staff add'.")
    _zone(timezone)
    if not re.fullmatch(r"[A-Za-z]{2}", country):
        raise Invalid(f"'{country}' is no country code; two letters are wanted, e.g. GB.", field="country")
    if not re.fullmatch(r"[A-Za-z]{3}", currency):
        raise Invalid(f"'{currency}' is no currency code; three letters are wanted, e.g. GBP.", field="currency")
    row = {
        "id": tx.company, "code": name.split()[0].upper()[:20] if name.split() else "DESK", "name": name,
        "country": country.upper(), "currency": currency.upper(), "timezone": timezone,
    }  # fmt: skip
    tx.do(insert(table(Company)), row)
    prepare(tx)
    audit.record(tx, "founding.found", "company", tx.company, None, row)
    return f"Company {tx.company} {name} is founded."


def _zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Invalid(f"'{name}' is no time zone; an IANA name is wanted, e.g. Europe/London.", field="zone") from None


def prepare(tx: Tx) -> None:
    """Adds what is missing of the usual warehouse, roles with their duties, and reasons; what is there stays as it is.
    A role that is there gets a duty only when a release brought it (`services.new_duties`)."""
    home = tx.value(select(table(Company).c.usual_warehouse).where(table(Company).c.id == tx.company))
    _add_missing(tx, table(Warehouse), ("code",), [{"code": home or "MAIN", "name": ""}])
    there = {row.code for row in tx.rows(select(table(Role).c.code).where(table(Role).c.company == tx.company))}
    usual = {code: made for code, made in duties.ROLES.items() if code not in there}
    _add_missing(tx, table(Role), ("code",), [{"code": code, "name": made[0]} for code, made in usual.items()])
    held = [{"role": role, "duty": duty} for role, (_, every) in usual.items() for duty in sorted(every)]
    _add_missing(tx, table(RoleDuty), ("role", "duty"), held)
    new_duties.add(tx)
    reasons = [dict(zip(_REASON_FIELDS, row, strict=True)) for row in REASONS]
    _add_missing(tx, table(Reason), ("code",), reasons)
    add_tiers(tx)
    add_dunning(tx)
    founding_service.add(tx)
    if tx.value(select(table(DutyConflict).c.duty_a).where(table(DutyConflict).c.company == tx.company)) is None:
        tx.do(insert(table(DutyConflict)), separating.usual(tx.company))


def add_dunning(tx: Tx) -> None:
    """The usual dunning procedure, for a company that has none."""
    level = table(DunningLevel)
    if tx.value(select(level.c.level).where(level.c.company == tx.company).limit(1)) is None:
        names = ("level", "days_late", "channel", "text")
        rows = [{**dict(zip(names, row, strict=True)), "company": tx.company, "procedure": ""} for row in DUNNING]
        tx.do(insert(level), rows)


def add_tiers(tx: Tx) -> None:
    """The usual approval tiers in the company's currency, for each kind that has none."""
    currency = tx.value(select(table(Company).c.currency).where(table(Company).c.id == tx.company)) or ""
    tier = table(ApprovalTier)
    there = {row.kind for row in tx.rows(select(tier.c.kind).where(tier.c.company == tx.company).distinct())}
    missing = [
        {"company": tx.company, "id": place, "kind": kind, "currency": currency,
         "up_to": to_minor(edge, currency) if edge else None, "steps": steps}
        for place, (kind, edge, steps) in enumerate(TIERS, 1) if kind not in there
    ]  # fmt: skip
    if missing:
        tx.do(insert(tier), missing)


def _add_missing(tx: Tx, target: Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    columns = [target.c[name] for name in key]
    there = {tuple(row) for row in tx.rows(select(*columns).where(target.c.company == tx.company))}
    missing = [{"company": tx.company, **row} for row in rows if tuple(row[name] for name in key) not in there]
    if missing:
        tx.do(insert(target), missing)


@writes("staff.admin")
def add_staff(tx: Tx, login: str, name: str, role: str, team: str = "", person_of: str = "") -> str:
    """Adds a login with a role, and the person behind it, or for the person who has the login `person_of` already.

    Raises NotFound for the role, Conflict for a taken login, Refused for a further login of one's own and when the
    person would hold duties that must not go together; a warning is part of the sentence.
    """
    prepare(tx)
    granting.check_role(tx, role)
    taken = select(table(Staff).c.id).where(table(Staff).c.company == tx.company, table(Staff).c.login == login)
    if tx.value(taken) is not None:
        raise Conflict(f"The login '{login}' is taken; choose another.", field="login")
    if not login.strip() or len(login) > 60:
        raise Invalid("A login has 1 to 60 characters.", field="login")
    new = new_id()
    person = staff.named(tx, person_of).person_id if person_of else new
    granting.never_to_oneself(tx, person)
    if person == new:
        tx.do(insert(table(Person)), {"company": tx.company, "id": person, "name": name or login})
    told = separating.granted(tx, login, person, separating.of_role(tx, role))
    row = {"company": tx.company, "id": new, "person_id": person, "login": login, "name": name or login, "team": team}
    tx.do(insert(table(Staff)), row)
    tx.do(insert(table(StaffRole)), {"company": tx.company, "staff_id": new, "role": role})
    audit.record(tx, "founding.add_staff", "staff", new, None, {"login": login, "name": name, "role": role})
    return " ".join((f"{login} may work as {role}.", *told))
