"""Corrective actions that are past their day, as the queue lists them. Internal to the queue."""

from __future__ import annotations

from csdesk.services import corrective, seeing
from csdesk.services.queue_entries import Entry, Hours
from csdesk.services.queue_tickets import TEAM
from csdesk.services.tx import Tx

MOST = 50


def waiting(tx: Tx, whose: str, hours: Hours) -> list[Entry]:
    """The reader's own overdue actions; in the team's list, for whoever leads, everybody's."""
    every = whose == TEAM and tx.actor.may(seeing.LEAD)
    found = [each for each in corrective.still_open(tx, MOST) if each.late] if every else corrective.overdue(tx, MOST)
    return [
        Entry("corrective", each.id, None, each.customer, None, "", f"{each.action}, due {each.due_on:%d %b}",
              hours.day_begins(each.due_on), label="corrective", number=each.ticket, owner=each.owner)
        for each in found
    ]  # fmt: skip
