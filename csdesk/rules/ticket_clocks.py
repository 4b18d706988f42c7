"""The clocks of a ticket: a fold over its events, so that nothing is stored that cannot be recomputed. Pure.

* acknowledge: from opening to `acknowledged`, or to the first response. First response: to a message the customer sees
  or an answered call; no change of state meets it. Neither ever pauses.
* reply: from the first unanswered customer message to the next message or answered call, an epoch each.
* keep informed: from each message the customer sees to the next, an epoch each, until the ticket is resolved.
* resolution: to the decision about the last line told to the customer or to `resolved`, whichever is first; a line
  that comes later, and a remedy that is taken back once told, begin an epoch of their own.
* approval: from `credit`, `replace` or `approval_asked` to `approval_decided` or `approval_withdrawn` (by `request`).
* callback: from the promise to the end of its window, around the clock.

Rule: see each kind. A merge that was undone leaves no trace. Source: the desk's own service rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from csdesk.rules.clock import due
from csdesk.rules.ticket_decisions import TAKEN_BACK
from csdesk.rules.ticket_fold import OPENING, Fold
from csdesk.rules.ticket_lives import Clock, Wait, clock_of, spans_of
from csdesk.rules.ticket_policy import KINDS, Choice, Policies
from csdesk.rules.ticket_states import Event

_OVER = ("closed", "cancelled", "merged")


def clocks(events: Iterable[Event], policies: Policies, now: datetime) -> tuple[Clock, ...]:
    """Every clock of a ticket as of an instant, ended ones too, in order of start. Later events do not count yet.

    Refuses a policy that is not given. An event that is dated before the one ahead of it counts as that one's instant.

    Rule: the events in order of seq, each kind as the module says.
    """
    fold = _folded(events, policies, now)
    waits = fold.waits_at(now)
    found = [clock_of(life, waits, now) for life in fold.lives if life.term is not None]
    return tuple(sorted(found, key=lambda each: (each.started_at, KINDS.index(each.kind), each.epoch)))


def choices(events: Iterable[Event], policies: Policies, now: datetime) -> tuple[Choice, ...]:
    """What a ticket's targets are looked up by as of an instant: its own policy and priority, and those of tickets that
    were merged into it, each once.

    Rule: the events in order of seq.
    """
    return tuple(dict.fromkeys(_folded(events, policies, now).choices))


def _folded(events: Iterable[Event], policies: Policies, now: datetime) -> Fold:
    fold = Fold(policies)
    for each in _standing(events, now):
        handler = _HANDLERS.get(each.event)
        if handler is not None:
            handler(fold, each.at, each.data)
    return fold


def headline(clocks: Iterable[Clock]) -> Clock | None:
    """The clock that matters: the running one that is due first; None when none runs.

    Rule: earliest due, then the order of the kinds.
    """
    running = [each for each in clocks if each.state == "running" and each.due is not None]
    return min(running, key=lambda each: (each.due, KINDS.index(each.kind), each.epoch), default=None)


def thresholds(clock: Clock, percents: Sequence[int] = (75, 100, 150)) -> tuple[datetime | None, ...]:
    """When so many percent of a clock's open time are used up, in the order asked; each None while it is paused, and
    where a clock ended before it came to that.

    Formula: the due of target x percent / 100.
    """
    if clock.state == "paused":
        return (None,) * len(percents)
    end = clock.met_at or clock.stopped_at
    spans = spans_of(clock.pauses, clock.started_at)
    found = (due(clock.calendar, clock.started_at, clock.target * each // 100, spans) for each in percents)
    return tuple(None if end is not None and each > end else each for each in found)


def _standing(events: Iterable[Event], now: datetime) -> list[Event]:
    """The events up to an instant in order, without merges that were undone."""
    found: list[Event] = []
    last = None
    for each in sorted(events, key=lambda one: one.seq):
        if each.at > now:
            continue
        last = each.at if last is None else max(last, each.at)
        if each.event == "unmerged" and _take_out(found, "merged"):
            continue
        if each.event == "unmerged_out" and _take_out(found, "merged_in", each.data["ticket"]):
            continue
        found.append(each if each.at == last else replace(each, at=last))
    return found


def _take_out(events: list[Event], name: str, ticket: Any = None) -> bool:
    """Removes the last event of a name (with that ticket, when one is given); whether there was one."""
    for place in range(len(events) - 1, -1, -1):
        if events[place].event == name and ticket in (None, events[place].data.get("ticket")):
            del events[place]
            return True
    return False


def _opened(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    fold.choices = [Choice(data["policy"], data["policy_version"], data["priority"])]
    for kind in OPENING:
        fold.start(kind, at)


def _spoke(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    """The customer was told something: a message he sees, or a call that was answered."""
    fold.finish(at, True, "acknowledge", "first_response", "reply", "keep_informed")
    fold.unanswered, fold.spoken = None, at
    if not fold.done:
        fold.start("keep_informed", at)


def _call(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    if data.get("answered"):
        _spoke(fold, at, data)


def _told(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    """`last`: nothing else of the ticket waits for its decision; a log that does not say told all of it."""
    _spoke(fold, at, data)
    if data.get("last", True):
        fold.finish(at, True, "resolution")


def _open_again(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    """There is something to be decided again; a ticket that is resolved has to be reopened for it."""
    if not fold.done and not fold.running("resolution"):
        fold.start("resolution", at)


def _acknowledged(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    fold.finish(at, True, "acknowledge")


def _inbound(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    """A courtesy reply ("ok, thanks") wants no answer; what comes to a ticket that is over counts once reopened."""
    if data.get("courtesy"):
        return
    if fold.over:
        fold.unanswered = fold.unanswered or at
    elif not fold.running("reply"):
        fold.start("reply", at)


def _waiting(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    fold.resume(at)
    fold.waits.append(Wait(data["party"], at, None, data.get("question") or ""))
    fold.wake = fold.woken(data.get("wake"), at)


def _resumed(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    fold.resume(at)


def _resolved(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    fold.resume(at)
    fold.finish(at, True, "resolution")
    fold.finish(at, False, "keep_informed")
    fold.done = True


def _ended(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    fold.resume(at)
    fold.finish(at, False)
    fold.over = True


def _reopened(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    """Resolution and keep informed go on in the same epoch; the spell they had ended for is a pause."""
    fold.done = fold.over = False
    for kind in ("keep_informed", "resolution"):
        life = next((each for each in reversed(fold.lives) if each.kind == kind), None)
        if life is None or life.ended_at is None:
            continue
        if kind == "keep_informed" and fold.spoken is not None and fold.spoken > life.ended_at:
            fold.start(kind, at)
            continue
        life.spells.append(Wait("resolved", life.ended_at, at, "resolved"))
        life.ended_at, life.met = None, False
    if fold.unanswered is not None:
        fold.start("reply", fold.unanswered)
        fold.unanswered = None
    fold.choose_again(at)


def _chosen(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    """Another priority decides for the whole ticket, and so does another policy; an edited one only where it is in use,
    which those of tickets that came out again are not."""
    used = data.get("edited") or any(each.policy == data["policy"] for each in fold.choices)
    if "priority" in data or not used:
        priority = data.get("priority", fold.choices[0].priority)
        fold.choices = [Choice(data["policy"], data["policy_version"], priority)]
    else:
        fold.choices = [
            replace(each, version=data["policy_version"]) if each.policy == data["policy"] else each
            for each in fold.choices
        ]
    fold.choose_again(at)


def _merged_in(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    """`starts` are those of the clocks that ran on the merged one, by kind, and `pauses` what had paused them there; a
    log that does not say takes all that begins with a ticket as begun when that was opened."""
    own = [data["policy"], data["policy_version"], data["priority"]]
    fold.choices += [Choice(*each) for each in data.get("choices") or [own]]
    running = {kind: datetime.fromisoformat(since) for kind, since in data.get("starts", {}).items()}
    opened = datetime.fromisoformat(data["opened_at"])
    pauses = {kind: [_wait(*each) for each in spans] for kind, spans in data.get("pauses", {}).items()}
    fold.join(at, running, {} if "starts" in data else dict.fromkeys(OPENING, opened), pauses)


def _wait(party: str, start: str, end: str, reason: str) -> Wait:
    return Wait(party, datetime.fromisoformat(start), datetime.fromisoformat(end), reason)


def _asked(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    """Of a merged ticket it runs from when it was asked there."""
    since = min(datetime.fromisoformat(data["asked_at"]), at) if data.get("asked_at") else None
    fold.start("approval", at, str(data.get("request", "")), since)


def _decided(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    if life := fold.about("approval", str(data.get("request", ""))):
        life.end(at, met=True)


def _withdrawn(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    if life := fold.about("approval", str(data.get("request", ""))):
        life.end(at, met=False)


def _promised(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    window = datetime.fromisoformat(data["from"]) if data.get("from") else None
    since = datetime.fromisoformat(data["promised_at"]) if data.get("promised_at") else None
    fold.appoint(at, str(data["id"]), datetime.fromisoformat(data["until"]), window, since)


def _kept(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    if life := fold.about("callback", str(data["id"])):
        life.end(at, met=True)


def _cancelled(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    if life := fold.about("callback", str(data["id"])):
        life.end(at, met=False)


def _moved(fold: Fold, at: datetime, data: Mapping[str, Any]) -> None:
    """A callback we move once its window is open is a broken one."""
    if life := fold.about("callback", str(data["id"])):
        life.end(at, met=False)
        if not data.get("by_customer") and life.window is not None and life.window <= at:
            life.broken_at = at
        _promised(fold, at, data)


_HANDLERS: dict[str, Callable[[Fold, datetime, Mapping[str, Any]], None]] = {
    "opened": _opened, "acknowledged": _acknowledged, "outbound": _spoke, "call": _call, "told": _told,
    "inbound": _inbound, "waiting": _waiting, "resumed": _resumed, "resolved": _resolved, "reopened": _reopened,
    **dict.fromkeys(_OVER, _ended), "priority": _chosen, "policy": _chosen, "merged_in": _merged_in,
    **dict.fromkeys(("credit", "replace", "approval_asked"), _asked),
    "approval_decided": _decided, "approval_withdrawn": _withdrawn,
    "callback_promised": _promised, "callback_kept": _kept, "callback_cancelled": _cancelled,
    "callback_moved": _moved, **dict.fromkeys(("line", *TAKEN_BACK), _open_again),
}  # fmt: skip
