"""Reasons a rep gives, by letter and use."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from csdesk.errors import Invalid
from csdesk.models import Reason, table
from csdesk.services.tx import Tx, reads

REASON = table(Reason)


@dataclass(frozen=True)
class ReasonView:
    """A reason a rep may give."""

    code: str
    letter: str
    name: str
    owner: str = ""


@reads()
def for_use(tx: Tx, use: str) -> tuple[ReasonView, ...]:
    """The reasons for a use (cancel, complaint, credit …) by letter."""
    rows = tx.rows(select(REASON).where(REASON.c.company == tx.company).order_by(REASON.c.letter))
    return tuple(ReasonView(row.code, row.letter, row.name, row.owner) for row in rows if use in row.uses.split())


def reason_of(tx: Tx, letter: str, use: str) -> ReasonView:
    """The reason a letter stands for. Raises Invalid with the letters that fit."""
    fits = for_use(tx, use)
    found = next((row for row in fits if row.letter == letter.lower()), None)
    if found is None:
        known = ", ".join(f"{row.letter} {row.name}" for row in fits)
        raise Invalid(f"'{letter}' is no reason here; there are: {known}.", field="reason")
    return found
