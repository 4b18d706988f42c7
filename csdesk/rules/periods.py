"""Accounting periods: open, soft-closed (a supervisor with a reason still posts), locked. Pure: days and states in.

Rule: open, soft-closed, locked. Source: accounting periods of the vendors' ledgers (SAP, Oracle).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from csdesk.errors import Refused
from csdesk.rules._exact import day as plain_day
from csdesk.rules._exact import one_of

OPEN, SOFT_CLOSED, LOCKED = "open", "soft_closed", "locked"
STATES = (OPEN, SOFT_CLOSED, LOCKED)
# State -> event -> next state. A locked period is opened again only by an approved request.
MOVES: dict[str, dict[str, str]] = {
    OPEN: {"soft_close": SOFT_CLOSED},
    SOFT_CLOSED: {"reopen": OPEN, "lock": LOCKED},
    LOCKED: {"unlock": SOFT_CLOSED},
}
CLOSED_REVERSALS = ("first_open_day", "today")


@dataclass(frozen=True)
class Period:
    """A period with its first and last day, both in it."""

    start: date
    end: date
    state: str = OPEN


def move(state: str, event: str) -> str:
    """The state of a period after an event. Raises Refused, naming the events that are possible."""
    events = MOVES.get(state, {})
    if event not in events:
        raise Refused(f"A period that is {state.replace('_', ' ')} cannot take '{event}'; it can: {', '.join(events)}.")
    return events[event]


def period_of(day: date, periods: Iterable[Period]) -> Period | None:
    """The period a day lies in; None when there is none."""
    plain_day(day)
    return next((each for each in periods if each.start <= day <= each.end), None)


def why_not_post(day: date, periods: Iterable[Period], supervisor: bool = False, reason: str = "") -> str | None:
    """Why nothing may be posted on a day; None if it may.

    Open: anybody. Soft-closed: a supervisor with a reason. Locked, or no period at all: nobody.

    Source: open and closed posting periods with an authorization group for the closing ones, SAP Financial Accounting.

    Rule: open: anybody; soft-closed: a supervisor with a reason; locked or no period: nobody.
    """
    period = period_of(day, periods)
    if period is None:
        return f"There is no period for {day:%d %b %Y}; open one first."
    if period.state == OPEN:
        return None
    if period.state == LOCKED:
        return f"The period of {day:%d %b %Y} is locked; post into an open one."
    if not supervisor:
        return f"The period of {day:%d %b %Y} is closing; only a supervisor posts there, with a reason."
    return None if reason.strip() else f"The period of {day:%d %b %Y} is closing; a posting there needs a reason."


def may_post(day: date, periods: Iterable[Period], supervisor: bool = False, reason: str = "") -> bool:
    """Whether something may be posted on a day; `why_not_post` says why not."""
    return why_not_post(day, periods, supervisor, reason) is None


def posting_date(day: date, periods: Sequence[Period], supervisor: bool = False, reason: str = "") -> date:
    """The first day, from `day` on, on which something may be posted. Raises Refused when no period is open."""
    plain_day(day)
    for period in sorted(periods, key=lambda each: each.start):
        if period.end >= day and may_post(first := max(day, period.start), [period], supervisor, reason):
            return first
    raise Refused(f"No period from {day:%d %b %Y} on is open; open one first.")


def reversal_date(
    posted_on: date,
    periods: Sequence[Period],
    *,
    today: date | None = None,
    closed: str = "first_open_day",
    supervisor: bool = False,
    reason: str = "",
) -> date:
    """The day the reversal of an item is posted on: the item's own while its period is open, else the first open day
    after it.

    Raises Refused when no period is open.

    Switches: `closed` - for an item in a closed period "first_open_day" (default) or "today" (needs `today`; the first
    open day from it on); `supervisor` with `reason` reaches a soft-closed period.

    Source: SAP reversal: posting date of the original, or of the current period when that one is closed.

    Rule: the item's own day while one may post on it; else the first open day after it, or from today on.
    """
    if may_post(posted_on, periods, supervisor, reason):
        return posted_on
    if one_of(closed, CLOSED_REVERSALS, "closed") == "today" and today is not None:
        return posting_date(max(today, posted_on), periods, supervisor, reason)
    return posting_date(posted_on + timedelta(days=1), periods, supervisor, reason)


def why_not_lock(
    period: Period,
    sub_ledger: int | Mapping[str, int],
    control_account: int | Mapping[str, int],
    *,
    periods: Iterable[Period] = (),
    unposted: int = 0,
) -> str | None:
    """Why a period cannot be locked; None if it can.

    The sub-ledger must equal its control account at the period's end, in every currency (minor units; a figure, or
    figures by currency); earlier periods are locked before; no document waits to be posted; and it is soft-closed.

    Switches: `periods` - the others, for the order (none given = not checked); `unposted` documents (default 0).
    """
    if "lock" not in MOVES.get(period.state, {}):
        return f"The period is {period.state.replace('_', ' ')}; only a soft-closed one is locked."
    earlier = next((each for each in periods if each.end < period.start and each.state != LOCKED), None)
    if earlier is not None:
        return f"The period from {earlier.start:%d %b %Y} comes first; lock it before."
    if unposted:
        return f"{unposted} documents of the period are not posted yet."
    ledger, control = _by_currency(sub_ledger), _by_currency(control_account)
    for currency in sorted({*ledger, *control}):
        a, b = ledger.get(currency, 0), control.get(currency, 0)
        if a != b:
            of = f" in {currency}" if currency else ""
            return f"The sub-ledger is {a} and its control account {b} minor units{of}; find the difference of {a - b}."
    return None


def _by_currency(figure: int | Mapping[str, int]) -> Mapping[str, int]:
    return figure if isinstance(figure, Mapping) else {"": figure}
