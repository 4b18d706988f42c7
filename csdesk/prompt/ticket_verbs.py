"""The verbs of tickets, part of the verb table: on a call, and while a ticket is shown."""

from __future__ import annotations

from csdesk.prompt.grammar import CALLING, DEDUCT, QUANTITY, TALKING, TICKET, Verb
from csdesk.prompt.grammar import made as _verb

SHOWN = frozenset({TICKET})
_TEXT = r"(?P<text>\S.*)"
TICKET_VERBS: tuple[Verb, ...] = (
    _verb(
        "complaint", "t", "t2.1d2 text", "complaint on the second latest delivery: line 1, reason d, 2 units",
        TALKING, rf"t\s*(?P<place>\d{{1,2}})\.(?P<line>\d{{1,3}})\s*(?P<reason>[a-z])\s*{QUANTITY}(?:\s+{_TEXT})?",
        example="t2.1d2 2 crushed, driver told", duty="ticket.work",
        guide=("delivery", "carried", "complaint-reason", "quantity", "said"), joins=("", ".", "", "", " "),
        optional=("text",), words=("complaint", "ticket", "damaged"), title="A complaint",
    ),
    _verb(
        "ticket", "t", "tq text", "a ticket about no line: tq a query, tr a request, tc a complaint",
        TALKING, rf"t\s*(?P<kind>[qrc])\s+{_TEXT}", example="tq when does the new list begin", duty="ticket.work",
        words=("query", "request", "ticket"),
    ),
    _verb(
        "tickets", "t", "t", "the tickets one may see; Enter shows one whole",
        CALLING - {DEDUCT}, r"t", example="t", duty="customer.read", words=("tickets",),
    ),
    _verb(
        "their-tickets", "#", "#", "the caller's tickets, those under way first; on a ticket back to the list",
        TALKING | SHOWN, r"#", example="#", at_once=True, words=("tickets", "list", "number"),
    ),
    _verb(
        "ticket-credit", "c", "c  c2", "asks the credit of its line (line 2): quantity, price, tax, reason are there",
        SHOWN, r"c(?P<line>\d{0,3})", example="c", duty="credit.request", words=("credit", "refund"),
    ),
    _verb(
        "ticket-dispute", "s", "s  s2", "holds what its line (line 2) claims in dispute on the invoice",
        SHOWN, r"s(?P<line>\d{0,3})", example="s", duty="dispute.open", words=("dispute",),
    ),
)  # fmt: skip
