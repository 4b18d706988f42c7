"""What calls for escalations beside clocks and events, and when one's cause is gone. Internal to services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, String, case, cast, func, select

from csdesk.models import Callback, CallbackAttempt, Escalation, Ticket, table
from csdesk.rules import callbacks as callback_rule
from csdesk.rules import escalation as rule
from csdesk.rules.escalation import OF_A_CLOCK, TOLD_ONLY, Called, Promised
from csdesk.rules.ticket_lives import Clock
from csdesk.services import callback_rows
from csdesk.services import escalation_rows as rows
from csdesk.services.ticket_steps import merged_in
from csdesk.services.tx import Tx

ESCALATION, TICKET, CALLBACK = table(Escalation), table(Ticket), table(Callback)
ATTEMPT = table(CallbackAttempt)
# Rule -> why it is withdrawn once nothing calls for it any more.
_GONE = {"callback": "the call was made or is wanted no longer", "silence": "somebody wrote, or it waits no longer"}

# How often a callback was moved, less what was taken back, and the key of its escalation with it
# (`rules.escalation.Promised`).
_MOVES = (
    select(func.coalesce(func.sum(case((ATTEMPT.c.outcome == callback_rule.UNMOVED, -1), else_=1)), 0))
    .where(
        ATTEMPT.c.company == CALLBACK.c.company, ATTEMPT.c.callback_id == CALLBACK.c.id,
        ATTEMPT.c.outcome.in_((callback_rule.OURS, callback_rule.THEIRS, callback_rule.UNMOVED)),
    )
    .correlate(CALLBACK)
    .scalar_subquery()
)  # fmt: skip
_ONE = "callback:" + cast(CALLBACK.c.id, String)
_EPOCH = case((_MOVES == 0, _ONE), else_=_ONE + ":" + cast(_MOVES, String))


def unraised() -> Any:
    """The tickets of callbacks that were broken, are still owed and not escalated since they were moved; of a merged
    ticket the one that goes on."""
    own = select(CALLBACK.c.company, CALLBACK.c.id, CALLBACK.c.ticket_id).where(
        CALLBACK.c.done_at.is_(None), CALLBACK.c.state == "broken", CALLBACK.c.ticket_id.is_not(None)
    )
    went = own.cte("went", recursive=True)
    into = (TICKET.c.company == went.c.company) & (TICKET.c.id == went.c.ticket_id)
    went = went.union(
        select(went.c.company, went.c.id, TICKET.c.merged_into).join(TICKET, into).where(TICKET.c.state == "merged")
    )
    known = select(ESCALATION.c.id).where(
        ESCALATION.c.company == CALLBACK.c.company, ESCALATION.c.ticket_id == went.c.ticket_id,
        ESCALATION.c.rule == "callback", ESCALATION.c.epoch == _EPOCH,
    )  # fmt: skip
    return (
        select(went.c.ticket_id)
        .join(CALLBACK, (CALLBACK.c.company == went.c.company) & (CALLBACK.c.id == went.c.id))
        .join(TICKET, (TICKET.c.company == went.c.company) & (TICKET.c.id == went.c.ticket_id))
        # at most once a call: whoever is asked meanwhile cannot be found twice
        .where(TICKET.c.base != "void", ~known.exists())
    )


def called_here(tx: Tx, row: Row[Any], there: Sequence[Row[Any]]) -> list[Called]:
    """What is called for beside clocks and events: broken callbacks that are still owed, of merged tickets too; and
    what somebody escalated by hand, of a ticket that is under way again."""
    if row.base == "void":
        return []
    owed = callback_rows.waiting(tx, tx.now, CALLBACK.c.ticket_id.in_((row.id, *merged_in(tx, row.id))))
    broken = [
        Promised(each.id, callback_rows.window(each).end, each.about, moves)
        for each in owed
        if callback_rule.judged(each.state, callback_rows.window(each), tx.now) == "broken"
        for moves in [tx.value(select(_MOVES).where(CALLBACK.c.company == tx.company, CALLBACK.c.id == each.id))]
    ]
    if row.base == "done":
        return rule.of_callbacks(broken)
    hand = [
        each for each in there if each.rule == "hand" and each.state != "passed" and each.outcome != rows.TAKEN_BACK
    ]
    return [*rule.of_callbacks(broken), *(Called("hand", e.level, e.epoch, e.due_at, e.why) for e in hand)]


def gone(each: Row[Any], row: Row[Any], clocks: Mapping[str, Clock], come: Sequence[Called]) -> str:
    """Why nothing that has come by now calls for it any more; '' while something does."""
    if row.base == "void":
        return f"the ticket is {row.state}"
    if each.rule in OF_A_CLOCK:
        clock = clocks.get(each.epoch)
        name = each.epoch.partition(":")[0].replace("_", " ")
        if clock is None or clock.state in ("stopped", "met"):
            return f"{name} is met" if clock is not None and clock.met_at is not None else f"{name} runs no longer"
        if clock.state == "paused":
            return f"{name} is paused"
        late = OF_A_CLOCK if each.rule in TOLD_ONLY else OF_A_CLOCK - TOLD_ONLY
        return (
            "" if any(call.epoch == each.epoch and call.rule in late for call in come) else f"{name} is in time again"
        )
    if any((call.rule, call.epoch) == (each.rule, each.epoch) for call in come):
        return ""
    return _GONE.get(each.rule) or (
        f"the ticket is {row.state}" if row.base == "done" else "nothing calls for it any more"
    )
