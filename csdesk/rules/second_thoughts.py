"""Taking one's own decision on a request back while its hold lasts: what it may be, and when. Pure.

Rule: only by who decided, while nothing came after it. Source: the desk's own (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

# A decision -> the states it may have led to; in any other one something came after it.
LEADS_TO: dict[str, frozenset[str]] = {
    "approve": frozenset({"in_approval", "approved"}),
    "reject": frozenset({"rejected"}),
    "withdraw": frozenset({"withdrawn"}),
}
UNDO = "undo"


@dataclass(frozen=True)
class Decision:
    """A mark on a request: what was decided, on which version and step, by whom."""

    what: str
    version: int
    step: int
    person: int


def standing(marks: Sequence[Decision]) -> tuple[int, ...]:
    """The places of the marks that still stand, oldest first: an undo voids the latest one before it of its person."""
    found: list[int] = []
    for place, mark in enumerate(marks):
        if mark.what != UNDO:
            found.append(place)
            continue
        same = [n for n in found if (marks[n].person, marks[n].version) == (mark.person, mark.version)]
        found = [n for n in found if n != max(same, default=-1)]
    return tuple(found)


def why_not_taken_back(
    marks: Sequence[Decision], person: int, *, number: str, state: str, version: int, until: datetime, now: datetime
) -> str | None:
    """Why a person cannot take his decision back; None if he can.

    It must be the last thing done to the request, of its present version, by the same person, and not later than
    `until`. What is posted is never taken back.
    """
    left = standing(marks)
    last = marks[left[-1]] if left else None
    if state == "posted":
        return f"Request {number} is posted already; only the opposite document corrects it."
    if last is None or (last.person, last.version) != (person, version) or state not in LEADS_TO.get(last.what, ()):
        return f"Request {number} is {state.replace('_', ' ')} by now; what you decided cannot be taken back any more."
    if now > until:
        return f"Too late to take back what you decided on request {number}: its hold is over."
    return None
