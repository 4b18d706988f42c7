"""Event logs of tickets for tests: written by hand in a line each, or random ones the table of moves allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from csdesk.rules.clock import Calendar
from csdesk.rules.ticket_policy import Policy, targets_of
from csdesk.rules.ticket_states import BACK, MOVES, PARTIES, Event

SHOP = ((480, 720), (780, 1020))
OFFICE = Calendar("Europe/Berlin", (SHOP,) * 5 + ((), ()), name="office")
ROUND = Calendar("America/New_York", (((0, 1440),),) * 7, name="round")
TARGETS = targets_of({
    "acknowledge": {"1": "30m", "2": "1h", "3": "2h"}, "first_response": {"1": "1h", "2": "2h", "3": "4h"},
    "reply": {"1": "2h", "2": "3h", "3": "4h"}, "keep_informed": {"1": "4h", "2": "1d"},
    "resolution": {"1": "8h", "2": "10h", "3": "2d"}, "approval": {"1": "1h", "2": "2h", "3": "4h"},
})  # fmt: skip
POLICIES = {
    ("std", 1): Policy("std", 1, OFFICE, TARGETS),
    ("std", 2): Policy("std", 2, OFFICE, {**TARGETS, ("resolution", 3): timedelta(hours=6)}),
    ("std", 3): Policy("std", 3, OFFICE, {each: target for each, target in TARGETS.items() if each[0] != "reply"}),
    ("gold", 1): Policy("gold", 1, ROUND, TARGETS),
    ("none", 1): Policy("none", 1, OFFICE, {}),
}
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    """An instant of June 2026 from its local time in Berlin: "15 08:30" (the 15th is a Monday)."""
    return datetime.strptime(f"2026-06-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=BERLIN).astimezone(UTC)


def log(*lines: tuple[str, str] | tuple[str, str, dict[str, Any]]) -> list[Event]:
    """Events from (local time, name, data); opened without data is priority 3 of "std" by mail."""
    found = []
    for seq, (when, name, *rest) in enumerate(lines, 1):
        data: dict[str, Any] = dict(rest[0]) if rest else {}
        if name in ("opened", "priority", "merged_in"):
            data = {"priority": 3, "policy": "std", "policy_version": 1, "channel": "mail", **data}
        found.append(Event(seq, at(when), name, 1, data))
    return found


STEPS = (
    "outbound", "inbound", "call", "missed", "note", "told", "acknowledged", "claimed", "assigned", "released",
    "waiting", "waiting", "resumed", "resolved", "reopened", "closed", "cancelled", "priority", "policy", "merged_in",
    "unmerged_out", "merged", "unmerged", "approval_asked", "approval_decided", "callback_promised", "callback_kept",
    "callback_moved", "courtesy",
)  # fmt: skip
GAPS = st.integers(0, 240) | st.integers(0, 60 * 30) | st.just(0)
CHOICES = st.sampled_from(tuple(POLICIES))


@st.composite
def logs(draw: st.DrawFn, steps: Sequence[str] = STEPS, most: int = 14) -> list[Event]:
    """A random log: only moves the table allows, whole minutes apart."""
    now = datetime(2026, 3, 27, 6, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 5 * 1440)))
    policy, version = draw(CHOICES)
    opened = {"priority": draw(st.integers(1, 3)), "policy": policy, "policy_version": version, "channel": "mail"}
    events = [Event(1, now, "opened", 1, opened)]
    label, before, inside = "new", "new", 0
    for _ in range(draw(st.integers(0, most))):
        name = draw(st.sampled_from(steps))
        now += timedelta(minutes=draw(GAPS))
        data = _data(draw, name, now, events[0].at, inside)
        name = {"missed": "call", "courtesy": "inbound"}.get(name, name)
        step = f"waiting_{data['party']}" if name == "waiting" else name
        if step in {each for moves in MOVES.values() for each in moves}:
            if step not in MOVES[label]:
                continue
            before = label if step == "merged" else before
            label = before if MOVES[label][step] == BACK else MOVES[label][step]
        if name == "unmerged_out" and not inside:
            continue
        inside += {"merged_in": 1, "unmerged_out": -1}.get(name, 0)
        if name in ("outbound", "told", "claimed") and label == "new":
            label = "open"
        events.append(Event(len(events) + 1, now, name, 1, data))
    return events


def _data(draw: st.DrawFn, name: str, now: datetime, opened: datetime, inside: int) -> dict[str, Any]:
    if name in ("call", "missed"):
        return {"answered": name == "call"}
    if name == "courtesy":
        return {"courtesy": True}
    if name == "waiting":
        wake = draw(st.sampled_from((None, "date", "instant")))
        then = now + timedelta(minutes=draw(st.integers(1, 6000)))
        text = {None: "", "date": then.date().isoformat(), "instant": then.isoformat()}[wake]
        return {"party": draw(st.sampled_from(PARTIES)), "question": "?", "wake": text}
    if name in ("priority", "policy", "merged_in"):
        policy, version = draw(CHOICES)
        data: dict[str, Any] = {"policy": policy, "policy_version": version}
        if name != "policy":
            data["priority"] = draw(st.integers(1, 3))
        elif draw(st.booleans()):
            data["edited"] = True
        if name == "merged_in":
            data |= {"ticket": inside + 1, **_joined(draw, now, opened)}
        return data
    if name == "unmerged_out":
        return {"ticket": inside}
    if name.startswith("approval"):
        return {"request": draw(st.integers(1, 2))}
    if name.startswith("callback"):
        then = now + timedelta(minutes=draw(st.integers(0, 3000)))
        opens = then - timedelta(minutes=60)
        return {"id": draw(st.integers(1, 2)), "from": opens.isoformat(), "until": then.isoformat(),
                "by_customer": draw(st.booleans())}  # fmt: skip
    return {"category": "x"} if name == "resolved" else {"owner": 1} if name in ("claimed", "assigned") else {}


def _joined(draw: st.DrawFn, now: datetime, opened: datetime) -> dict[str, Any]:
    """When a merged ticket was opened; half of them say too which of its clocks ran and what had paused them."""
    since = opened + timedelta(minutes=draw(st.integers(-3000, 3000)))
    if draw(st.booleans()):
        return {"opened_at": since.isoformat()}
    since = min(since, now)
    kinds = draw(st.sets(st.sampled_from(("acknowledge", "reply", "keep_informed", "resolution"))))
    edges = sorted(since + (now - since) * draw(st.integers(0, 10)) / 10 for _ in range(4))
    spans = [["third", start.isoformat(), end.isoformat(), "?"] for start, end in (edges[:2], edges[2:])]
    return {"opened_at": since.isoformat(), "starts": dict.fromkeys(sorted(kinds), since.isoformat()),
            "pauses": dict.fromkeys(sorted(kinds - {"acknowledge"}), spans)}  # fmt: skip


LABEL_ONLY = tuple(each for each in STEPS if not each.startswith(("merged", "unmerged", "callback", "approval")))
