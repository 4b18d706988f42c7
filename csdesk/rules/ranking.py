"""One order over all that waits for somebody: tickets, callbacks, approvals, held orders, promises, money. Pure.

Rule: safety; a clock that is breached or due within 30 open minutes; callbacks due; value at risk before the next truck
cut-off, the most first; the earliest due; the customer's tier; age. Each counts only where all before it are equal, the
kind of thing and its id part the rest. Source: the desk's own; earliest due date first as in scheduling (J. R. Jackson,
1955).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from csdesk.errors import Invalid
from csdesk.money import exponent
from csdesk.rules import _exact

SOON = timedelta(minutes=30)  # of open time: a clock that has no more left than this presses
NEXT_TRUCK = timedelta(hours=24)  # a cut-off within this is that of the next truck
FAR = datetime(9999, 1, 1, tzinfo=UTC)  # what has no due comes after all that has one
LAST = "\U0010ffff"  # so does a customer without a tier
HUNDRED_HOURS = 6_000  # minutes
DECIMALS = 3  # of the currency that has most
# Names of clocks as a rep speaks of them.
SPOKEN = {"acknowledge": "acknowledge", "first_response": "answer", "reply": "reply", "keep_informed": "tell",
          "resolution": "solve", "approval": "approve", "callback": "callback", "escalation": "escalation"}  # fmt: skip

Key = tuple[int, int, int, int, datetime, str, datetime, str, int]


@dataclass(frozen=True)
class Item:
    """A thing that waits, as far as its place goes.

    `due` is when something is due; only with a `clock` (its kind) can it press. `callback` tells that it is a call that
    is due. `cutoff` is the instant after which the next truck leaves without it, `value` what is lost then (minor units
    of `currency`), `tier` the customer's ("1" before "2"), `since` when it began to wait.
    """

    kind: str
    id: int
    since: datetime
    due: datetime | None = None
    clock: str = ""
    safety: bool = False
    callback: bool = False
    cutoff: datetime | None = None
    value: int = 0
    currency: str = ""
    tier: str = ""

    def __post_init__(self) -> None:
        _exact.whole(self, "value")
        for each in (self.since, self.due, self.cutoff):
            if each is not None and each.tzinfo is None:
                raise Invalid("What waits needs instants with their time zone.")


def weight(value: int, currency: str) -> int:
    """An amount in thousandths of the currency's major unit, so that amounts of all currencies are of one size.

    Rule: value x 10^(3 - decimals of the currency); no rate is asked, a hundred of any money is a hundred.
    """
    return value * int(10 ** (DECIMALS - exponent(currency)))


def presses(item: Item, horizon: datetime) -> bool:
    """Whether its clock is breached or due within 30 open minutes; `horizon` is the instant at which so much open time
    of its calendar will have passed from now on.

    Rule: due at or before the horizon. Out of hours the horizon lies behind the next opening.
    """
    return bool(item.clock) and item.due is not None and item.due <= horizon


def at_risk(item: Item, now: datetime) -> int:
    """What is lost unless it is done before the next truck's cut-off, as a `weight`; 0 when no truck waits for it, or
    when it has gone.

    Rule: the value, where its cut-off comes within 24 hours.
    """
    if item.cutoff is None or not now < item.cutoff <= now + NEXT_TRUCK:
        return 0
    return max(weight(item.value, item.currency), 0)


def key(item: Item, now: datetime, horizon: datetime) -> Key:
    """What things that wait are ordered by, the smallest first. Total: no two things have the same one."""
    return (
        0 if item.safety else 1, 0 if presses(item, horizon) else 1, 0 if item.callback else 1, -at_risk(item, now),
        item.due or FAR, item.tier or LAST, item.since, item.kind, item.id,
    )  # fmt: skip


def reason(item: Item, now: datetime, horizon: datetime, zone: tzinfo, left: timedelta | None = None) -> str:
    """Why it stands where it does, in one short phrase: "callback 10:30", "truck 14:00", "reply 22 min", "LATE solve
    3h10", "solve Tue 24 16:00", "since 12 Nov". `left` is the open time to its due, below zero what it is late by;
    times are those of `zone`.

    Rule: the first criterion that holds names it; safety stands in front of it.
    """
    words = _reason(item, now, horizon, zone, left)
    return f"SAFETY {words}" if item.safety else words


def _reason(item: Item, now: datetime, horizon: datetime, zone: tzinfo, left: timedelta | None) -> str:
    name = SPOKEN.get(item.clock, item.clock)
    if presses(item, horizon):
        assert item.due is not None
        if item.due <= now:
            return f"LATE {name}" + (f" {span_words(-left)}" if left is not None and left < timedelta(0) else "")
        return f"{name} {span_words(SOON if left is None else left)}"
    if item.callback and item.due is not None:
        return f"callback {_when(item.due, now, zone)}"
    if at_risk(item, now):
        assert item.cutoff is not None
        return f"truck {_when(item.cutoff, now, zone)}"
    if item.due is not None:
        what = "truck" if item.due == item.cutoff else name or "due"
        return f"{what} {_when(item.due, now, zone)}"
    return f"since {item.since.astimezone(zone):%d %b}"


def _when(at: datetime, now: datetime, zone: tzinfo) -> str:
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local:%a %d %H:%M}" if abs((local.date() - today).days) < 28 else f"{local:%d %b}"


def span_words(span: timedelta) -> str:
    """A span of open time as spoken: "22 min", "3h10", from a hundred hours on "120h"; rounded down."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    if minutes >= HUNDRED_HOURS:
        return f"{minutes // 60}h"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02d}"
