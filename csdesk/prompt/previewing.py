"""What typed money verbs would do, in words: one function a verb, each raising like its act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from csdesk.prompt import (
    approval_words,
    callback_acts,
    cash_words,
    dispute_acts,
    escalation_acts,
    handover_acts,
    macro_acts,
    money_acts,
    order_words,
    price_acts,
    queue_acts,
    ticket_acts,
    ticket_goods_acts,
    ticket_work_acts,
)
from csdesk.prompt.parse import Command

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {
    **order_words.WORDS,
    **dispute_acts.WORDS,
    **approval_words.WORDS,
    **callback_acts.WORDS,
    **handover_acts.WORDS,
    **escalation_acts.WORDS,
    "unapply": cash_words.unapply_words,
    "bounce": cash_words.bounce_words,
    "identify": cash_words.identify_words,
    "credit": money_acts.credit_words,
    "debit": money_acts.credit_words,
    "as-of": money_acts.as_of_words,
    "promise": money_acts.promise_words,
    "short": money_acts.short_words,
    "goodwill": cash_words.goodwill_words,
    "write-off": cash_words.write_off_words,
    "apply": cash_words.apply_words,
    "receive": cash_words.receive_words,
    **price_acts.WORDS,
    **ticket_acts.WORDS,
    **ticket_work_acts.WORDS,
    **queue_acts.WORDS,
    **ticket_goods_acts.WORDS,
    **macro_acts.WORDS,
}
