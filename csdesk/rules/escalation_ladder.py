"""Which of the escalations that are called for are raised, and how one goes up the ladder. Pure.

Of the levels a clock has used up the highest one is raised and the lower ones are recorded as passed. What was
withdrawn is raised again, the same one, when its call stands again.

Rule: as each function says. Source: the desk's own service rules (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from csdesk.errors import Refused
from csdesk.rules.clock import Calendar, due
from csdesk.rules.escalation import BY_PERCENT, HEAD, LIVE, OF_A_CLOCK, TOLD_ONLY, Called, Standing

_SHARES = [rule for rule, _ in BY_PERCENT.values()]


def decided(
    called: Iterable[Called], standing: Sequence[Standing], now: datetime
) -> tuple[list[Called], list[tuple[Called, str]], list[Standing]]:
    """What is to be raised now, what is recorded as passed with the reason, and which of the standing ones are
    overtaken by it.

    Of a clock the highest level due is raised alone. It is passed as well where somebody has the clock in hand: it was
    acknowledged with a next step still ahead, or is with the same level or a higher one already.

    Rule: one for each key; the highest of each clock; one that was withdrawn and whose call stands once more.
    """
    known = {(each.rule, each.level, each.epoch) for each in standing}
    wanted = [found for each in called if each.at <= now and (found := _wanted(each, standing, known)) is not None]
    raised = [each for each in wanted if each.rule not in OF_A_CLOCK]
    passed: list[tuple[Called, str]] = []
    overtaken: list[Standing] = []
    for epoch in dict.fromkeys(each.epoch for each in wanted if each.rule in OF_A_CLOCK):
        mine = sorted((each for each in wanted if each.epoch == epoch), key=lambda each: each.level)
        live = [each for each in standing if each.epoch == epoch and each.rule in OF_A_CLOCK and each.state in LIVE]
        passed += [(each, "the next level was due already") for each in mine[:-1] if each.key not in known]
        if why := _in_hand(live, mine[-1].level, now):
            passed += [(each, why) for each in mine[-1:] if each.key not in known]
            continue
        raised.append(mine[-1])
        overtaken += [each for each in live if each.state == "raised" and each.level < mine[-1].level]
    return raised, passed, overtaken


def _wanted(call: Called, standing: Sequence[Standing], known: set[tuple[str, int, str]]) -> Called | None:
    """The call where there is none of its key yet, or at the level it was withdrawn at; None where it is with somebody,
    was closed, or was passed over on a ladder that somebody is on."""
    if call.key not in known:
        return call
    own = [each for each in standing if each.rule == call.rule and each.epoch == call.epoch]
    if any(each.state in LIVE or each.state == "closed" for each in own):
        return None
    ladder = [
        each for each in standing
        if each.epoch == call.epoch and each.state != "passed" and (each in own or _further(each.rule, call.rule))
    ]  # fmt: skip
    top = max(ladder, key=lambda each: (each.level, _share(each.rule)), default=None)
    withdrawn = [each.level for each in own if each.state == "withdrawn"]
    if top is None or top.state == "closed" or not (withdrawn or top.state == "withdrawn"):
        return None
    return replace(call, level=max(call.level, *withdrawn)) if withdrawn else call


def _further(rule: str, of: str) -> bool:
    """Whether a rule speaks of the same clock as another; that its owner was told says nothing to those above him."""
    return rule in OF_A_CLOCK and of in OF_A_CLOCK and (rule not in TOLD_ONLY or of in TOLD_ONLY)


def _share(rule: str) -> int:
    return _SHARES.index(rule) if rule in _SHARES else -1


def _in_hand(live: Sequence[Standing], level: int, now: datetime) -> str:
    for each in live:
        if each.rule in TOLD_ONLY:
            continue
        if each.level >= level:
            return "it is with this level already"
        if each.state == "actioned" or (
            each.state == "acknowledged" and each.next_at is not None and each.next_at > now
        ):
            return "somebody has it in hand"
    return ""


def climbed(
    level: int, due_at: datetime, spans: Mapping[int, timedelta], calendar: Calendar, now: datetime
) -> tuple[int, datetime, list[tuple[int, datetime]]]:
    """(level, since when it is called for, levels passed over with theirs) for an escalation whose time was over at
    `due_at`: the next level up, or the one after where the time of that is over too by now. Refuses the highest.

    Formula: since of a level = since of the one below + its time to acknowledge, in open time.
    """
    if level >= HEAD:
        raise Refused("Nobody stands above the head; close it or commit to another step.")
    passed: list[tuple[int, datetime]] = []
    here, since = level + 1, due_at
    while here < HEAD:
        over = due(calendar, since, spans[here])
        if over > now:
            break
        passed.append((here, since))
        here, since = here + 1, over
    return here, since, passed
