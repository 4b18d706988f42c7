"""Credit exposure and the limit check. Pure, minor units of the account's currency."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Exposure:
    """The parts of an account's exposure; each amount sits in exactly one of them, all are >= 0."""

    orders: int = 0
    delivered: int = 0
    billed: int = 0
    open_debit: int = 0
    open_credit: int = 0

    @property
    def total(self) -> int:
        """Orders + delivered not billed + billed not posted + open debits - open credits and unapplied cash."""
        return self.orders + self.delivered + self.billed + self.open_debit - self.open_credit

    @property
    def balance(self) -> int:
        """What the customer owes: open debit items less open credits."""
        return self.open_debit - self.open_credit


def headroom(limit: int | None, exposure: Exposure) -> int | None:
    """Credit left; None = unlimited; negative when over."""
    return None if limit is None else limit - exposure.total


def over_limit(limit: int | None, exposure: Exposure, document: int) -> bool:
    """Whether a document would be blocked: only if exposure *after* it exceeds the limit. A document that takes nothing
    (0 or less) is never blocked; limit None = unlimited, 0 = no credit."""
    return limit is not None and document > 0 and exposure.total + document > limit
