"""What typed money verbs would do, in words: one function a verb, each raising like its act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from csdesk.prompt import cash_acts, money_acts, price_acts
from csdesk.prompt.parse import Command

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {
    "credit": money_acts.credit_words,
    "debit": money_acts.credit_words,
    "as-of": money_acts.as_of_words,
    "promise": money_acts.promise_words,
    "short": money_acts.short_words,
    "goodwill": cash_acts.goodwill_words,
    "write-off": cash_acts.write_off_words,
    "apply": cash_acts.apply_words,
    "receive": cash_acts.receive_words,
    **price_acts.WORDS,
}
