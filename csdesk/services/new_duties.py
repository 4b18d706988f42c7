"""Duties that a release brings, for companies that were founded before it: the usual roles get them, once."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import insert, select

from csdesk.models import AuditEntry, Company, Role, RoleDuty, table
from csdesk.services import audit, duties
from csdesk.services.tx import Tx, reads, writes

COMPANY, ROLE, HELD, TRAIL = table(Company), table(Role), table(RoleDuty), table(AuditEntry)
_SUBJECT = "role_duty"


@reads("staff.admin")
def companies(tx: Tx) -> tuple[int, ...]:
    """Every company of this database: a release is for all of them."""
    return tuple(row.id for row in tx.rows(select(COMPANY.c.id).order_by(COMPANY.c.id)))


@reads("staff.admin")
def missing(tx: Tx) -> dict[str, list[str]]:
    """Duty -> usual roles of the company that are to have it: of the duties that came later those no role here has and
    none was ever given, so that what a company took from a role on purpose stays taken."""
    held = {row.duty for row in tx.rows(select(HELD.c.duty).where(HELD.c.company == tx.company).distinct())}
    coming = [each for each in duties.LATER if each not in held]
    if not coming:
        return {}
    given = select(TRAIL.c.after).where(TRAIL.c.company == tx.company, TRAIL.c.subject == _SUBJECT)
    before = {duty for row in tx.rows(given) for duty in json.loads(row.after)}
    roles = {row.code for row in tx.rows(select(ROLE.c.code).where(ROLE.c.company == tx.company))}
    usual = {each: sorted(role for role in roles & set(duties.ROLES) if each in duties.ROLES[role][1])
             for each in coming if each not in before}  # fmt: skip
    return {duty: found for duty, found in usual.items() if found}


@writes("staff.admin")
def add(tx: Tx) -> str:
    """Gives the usual roles the duties that came later and the company never had; '' when there are none."""
    if tx.postgres:  # of two at once the second finds it done
        tx.row(select(COMPANY.c.id).where(COMPANY.c.id == tx.company).with_for_update())
    if not (found := missing(tx)):
        return ""
    rows = [{"company": tx.company, "role": role, "duty": duty} for duty, roles in found.items() for role in roles]
    tx.do(insert(HELD), rows)
    audit.record(tx, "new_duties.add", _SUBJECT, 0, None, found)
    return f"company {tx.company}: {_words(found)}"


def _words(found: Mapping[str, list[str]]) -> str:
    return "; ".join(f"{duty} is new and given to {', '.join(roles)}" for duty, roles in found.items())
