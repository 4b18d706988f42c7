"""Standing in for an approver: who, for whom, for which kinds, up to how much, from when to when. Pure.

Rule: kinds, cap and dates bind; it is never passed on. Source: delegation of authority (COSO).
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date

from csdesk.money import show

MOST_DAYS = 30


@dataclass(frozen=True)
class Delegation:
    """`to_person` may approve in place of `from_person`: requests of `kinds`, up to `cap` minor units (inclusive, None
    = the giver's own limit), from `starts` to `ends`, both included. It hands on the giver's own right and no other."""

    from_person: int
    to_person: int
    kinds: frozenset[str]
    starts: date
    ends: date
    reason: str
    cap: int | None = None
    currency: str = ""

    def active(self, day: date) -> bool:
        """Whether the day lies within it."""
        return self.starts <= day <= self.ends


def delegation_fault(
    delegation: Delegation, *, own_kinds: Set[str] | None = None, max_days: int = MOST_DAYS
) -> str | None:
    """Why a delegation cannot be made; None if it can.

    `own_kinds` are those the giver approves in his own right (None = not checked): what one holds by delegation alone
    cannot be passed on.

    Switches: `max_days` - it lasts at most so many days, the first and the last included (default 30).
    """
    if delegation.from_person == delegation.to_person:
        return "Nobody can delegate to himself; name another person."
    if not delegation.reason.strip():
        return "A delegation needs a reason."
    if not delegation.kinds:
        return "A delegation names the kinds of request it is for."
    if delegation.ends < delegation.starts:
        return "A delegation cannot end before it starts."
    if (delegation.ends - delegation.starts).days + 1 > max_days:
        return f"A delegation lasts at most {max_days} days; give an earlier end."
    if delegation.cap is not None and delegation.cap < 0:
        return "The cap of a delegation cannot be below 0."
    if own_kinds is not None and (foreign := delegation.kinds - own_kinds):
        words = ", ".join(sorted(foreign)).replace("_", " ")
        return f"One can only delegate one's own right, and a delegation cannot be passed on: {words}."
    return None


def why_not_delegated(delegation: Delegation, *, kind: str, amount: int, currency: str = "", day: date) -> str | None:
    """Why a delegation does not cover an approval of `kind` and `amount` minor units on `day`; None if it does."""
    if not delegation.active(day):
        return f"The delegation runs from {delegation.starts} to {delegation.ends}."
    if kind not in delegation.kinds:
        return f"The delegation is not for a {kind.replace('_', ' ')}."
    if delegation.cap is None:
        return None
    if delegation.currency and delegation.currency != currency:
        return f"The delegation is capped in {delegation.currency}, the request is in {currency or 'another currency'}."
    if abs(amount) > delegation.cap:
        cap = f"{show(delegation.cap, currency)} {currency}" if currency else f"{delegation.cap} minor units"
        return f"The delegation is capped at {cap}."
    return None


def is_delegate_of(person: int, principal: int, delegations: Iterable[Delegation], day: date) -> bool:
    """Whether a person stands in for another on a day, for whatever kind."""
    return any(each.from_person == principal and each.to_person == person and each.active(day) for each in delegations)
