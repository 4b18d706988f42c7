"""What each verb does at the desk: one function a verb, through the store, then the echo and the view."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from csdesk.prompt import (
    approval_acts,
    article_acts,
    call_acts,
    callback_acts,
    cash_acts,
    collect_acts,
    dispute_acts,
    escalation_acts,
    handover_acts,
    macro_acts,
    money_acts,
    pad_acts,
    price_acts,
    queue_acts,
    ticket_acts,
    ticket_clock_looks,
    ticket_goods_acts,
    ticket_work_acts,
)
from csdesk.prompt.acting import show
from csdesk.prompt.call_acts import identify, park, take_ringing
from csdesk.prompt.pad_acts import leave_draft, set_row
from csdesk.prompt.parse import Command

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

__all__ = ["ACTS", "identify", "leave_draft", "park", "run", "set_row", "show", "take_ringing"]


async def run(desk: Desk, command: Command) -> None:
    """Runs a command; the echo says what was done afterwards and the prompt is empty, unless the act raises or puts
    text there itself (that of the call it goes to)."""
    now = desk.now
    before, tail = now.keys, now.keys.tail
    now.live, now.guide, now.choice = None, None, None
    await ACTS[command.verb.id](desk, command)
    now.meant = None
    if now.choice is None and now.keys.row is None:
        text = "" if now.keys is before else now.keys.text
        desk.sync_keys(text, tail=tail if command.text == tail and not text else "")


ACTS: dict[str, Callable[[Desk, Command], Awaitable[None]]] = {
    "find": call_acts.find, "line": pad_acts.line, "usual": pad_acts.line, "set": pad_acts.set_, "date": pad_acts.date,
    "alternative": pad_acts.alternative, "part": pad_acts.part, "wait": pad_acts.wait, "repeat": pad_acts.repeat,
    "amend": pad_acts.amend, "commit": pad_acts.commit, "cancel": pad_acts.cancel, "history": call_acts.history_,
    "info": call_acts.info, "note": call_acts.note, "wrap-up": call_acts.wrap_up, "park": call_acts.park,
    "undo": call_acts.undo_, "end": call_acts.end, "jump": call_acts.jump, "help": call_acts.help_,
    "ledger": money_acts.ledger_, "credit": money_acts.credit,
    "collections": collect_acts.collections,
    "promise": money_acts.promise,
    "as-of": money_acts.as_of, "debit": money_acts.debit, "goodwill": cash_acts.goodwill_,
    "write-off": cash_acts.write_off, "cash": cash_acts.cash, "receive": cash_acts.receive,
    "unapply": cash_acts.unapply, "bounce": cash_acts.bounce, "identify": cash_acts.identify, "apply": cash_acts.apply,
    "short": money_acts.short, "approve": money_acts.approve, "reject": money_acts.reject,
    **dispute_acts.ACTS, **price_acts.ACTS, **callback_acts.ACTS, **handover_acts.ACTS,
    **ticket_work_acts.ACTS, **ticket_clock_looks.ACTS,
    **escalation_acts.ACTS, **ticket_acts.ACTS, **queue_acts.ACTS, **ticket_goods_acts.ACTS, **article_acts.ACTS,
    **macro_acts.ACTS,
    "approve-all": approval_acts.approve_all, "edit": approval_acts.edit, "withdraw": approval_acts.withdraw,
}  # fmt: skip
