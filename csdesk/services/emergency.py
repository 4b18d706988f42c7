"""Break-glass: a duty taken in an emergency, for hours, with its reason, and reviewed by somebody else afterwards.

The person takes it himself with his own login, at once: nobody can be asked at that moment, which is why it is loud
in the audit trail and stays in the access review until it was looked at. It never lends a duty that approves.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import BreakGlass, Staff, table
from csdesk.rules import separation
from csdesk.rules.approvals import APPROVAL_DUTIES
from csdesk.services import audit, lent_duties, separating, staff
from csdesk.services.duties import DUTIES
from csdesk.services.tx import Tx, writes

GLASS, STAFF = table(BreakGlass), table(Staff)
MOST_HOURS = 12
# What decides a request, gives roles, answers for conflicts, or takes in files that say what is owed is never lent.
NEVER = frozenset(APPROVAL_DUTIES.values()) - {"order.release", "cash.apply"} | {
    "staff.admin", "settings.admin", "conflict.accept", "import.run",
}  # fmt: skip


@writes()
def take(tx: Tx, duty: str, hours: int, reason: str) -> str:
    """Takes a duty for some hours at the next sign-in; gives one sentence.

    Raises Invalid for an unknown duty, hours or reason, Refused for a duty that approves and one that is held already.
    """
    if duty not in DUTIES:
        raise Invalid(f"'{duty}' is no duty; docs/duties.md lists them.", field="duty")
    if not 1 <= hours <= MOST_HOURS:
        raise Invalid(f"An emergency lasts 1 to {MOST_HOURS} hours.", field="hours")
    if len(reason.strip()) < 5:
        raise Invalid("Say in a few words what happened: somebody else reviews it.", field="reason")
    if not tx.actor.id:
        raise Refused("Only a person takes a duty in an emergency; say who you are with --user.")
    if duty in NEVER:
        raise Refused(f"The duty '{duty}' is never lent: whoever holds it could pass what nobody else checks.")
    if duty in staff.duties_of(tx, tx.actor.id):
        raise Refused(f"{tx.actor.login} holds the duty '{duty}' already.")
    held = separating.held(tx, tx.actor.person_id) | lent_duties.of(tx, tx.actor.person_id)
    met = separation.at_grant(held, frozenset({duty}), separating.conflicts(tx))
    row: dict[str, Any] = {
        "company": tx.company, "id": new_id(), "staff_id": tx.actor.id, "duty": duty, "reason": reason.strip()[:500],
        "began_at": tx.now, "until": tx.now + timedelta(hours=hours), "verdict": "",
    }  # fmt: skip
    tx.do(insert(GLASS), row)
    told = {"login": tx.actor.login, "duty": duty, "until": row["until"], "reason": row["reason"],
            "conflicts": [each.sentence for each in met]}  # fmt: skip
    audit.record(tx, "emergency.take", "alarm", row["id"], None, told)
    return f"ALARM: {tx.actor.login} holds '{duty}' for {hours} h from the next sign-in; it is to be reviewed."


@writes("review.read")
def review(tx: Tx, glass_id: int, verdict: str) -> str:
    """Says what came of an emergency, once. Raises Refused for one's own, NotFound, Invalid without words."""
    joined = (STAFF.c.company == GLASS.c.company) & (STAFF.c.id == GLASS.c.staff_id)
    row = tx.row(
        select(GLASS, STAFF.c.person_id, STAFF.c.login)
        .join_from(GLASS, STAFF, joined)
        .where(GLASS.c.company == tx.company, GLASS.c.id == glass_id)
    )
    if row is None:
        raise NotFound("There is no such emergency; 'csdesk staff review' lists them with their ids.")
    if not verdict.strip():
        raise Invalid("Say what came of it.", field="verdict")
    if row.person_id == tx.actor.person_id or not tx.actor.id:
        raise Refused("Nobody reviews his own emergency; somebody else must.")
    if row.reviewed_at is not None:
        raise Refused(f"This emergency of {row.login} was reviewed already: {row.verdict}")
    done = {"reviewed_at": tx.now, "reviewed_by": tx.actor.id, "verdict": verdict.strip()[:500]}
    tx.do(update(GLASS).where(GLASS.c.company == tx.company, GLASS.c.id == glass_id).values(**done))
    audit.record(tx, "emergency.review", "alarm", glass_id, {"login": row.login, "duty": row.duty}, done)
    return f"The emergency of {row.login} ('{row.duty}') is reviewed."
