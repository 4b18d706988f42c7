"""The verbs of the queue, part of the verb table: show it, take what is next, let a ticket pass."""

from __future__ import annotations

from csdesk.prompt.grammar import ANY, IDLE, INBOX, TICKET, Verb
from csdesk.prompt.grammar import made as _verb

QUEUE_VERBS: tuple[Verb, ...] = (
    _verb(
        "queue", "q", "q", "what waits, ranked, the reason beside each row; a digit shows one; q again: the team's",
        ANY, r"q", example="q", at_once=True,
        words=("queue", "approvals", "inbox", "callbacks", "held", "tickets", "team"),
    ),
    _verb(
        "next", "n", "n", "takes the unassigned ticket that is next in your queues and shows it",
        frozenset({IDLE, INBOX}), r"n", example="n", duty="ticket.work", words=("next", "claim", "take"),
    ),
    _verb(
        "skip", "n", "n reason", "lets the ticket that is shown pass, the lead sees why, and takes the next one",
        frozenset({TICKET}), r"n\s+(?P<text>\S.*)", example="n needs somebody who speaks French", duty="ticket.work",
        guide=("text",), joins=(" ",), words=("skip", "pass", "next"), title="Let this ticket pass",
    ),
)  # fmt: skip
