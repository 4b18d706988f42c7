"""The verb that shows a ticket's clocks, part of the verb table."""

from __future__ import annotations

from csdesk.prompt.grammar import TICKET, Verb
from csdesk.prompt.grammar import made as _verb

CLOCK_VERBS: tuple[Verb, ...] = (
    _verb(
        "ticket-clocks", "l", "l", "the ticket's clocks and what each has counted: hours, pauses, holidays",
        frozenset({TICKET}), r"l", example="l", duty="customer.read", words=("clocks", "due", "late"),
    ),
)  # fmt: skip
