"""The verbs of escalations, part of the verb table: by hand, on the one that is shown; and how it was, of a ticket."""

from __future__ import annotations

from csdesk.prompt.grammar import CALL, DRAFT, ESCALATION, TICKET, Verb
from csdesk.prompt.grammar import made as _verb
from csdesk.rules.callbacks import WHEN

SHOWN = frozenset({ESCALATION})
_TEXT = r"(?P<text>\S.*)"
ESCALATION_VERBS: tuple[Verb, ...] = (
    _verb(
        "escalate", "!", "! why", "escalates the ticket shown, or spoken of, to whoever is above and on shift",
        frozenset({TICKET, CALL, DRAFT}), rf"!\s*{_TEXT}", example="! wants to leave us", duty="ticket.work",
        guide=("text",), joins=(" ",), words=("escalate", "lead", "supervisor"), title="Escalate the ticket",
    ),
    _verb(
        "survey", "%", "%4  %4 9 text", "how it was, of a resolved ticket: 4 of 5, recommends 9 of 10, what was said",
        frozenset({TICKET}), r"%\s*(?P<score>[1-5])(?:\s+(?P<recommend>10|\d))?(?:\s+(?P<text>[^\d\s].*))?",
        example="%4 9 quick this time", duty="ticket.work", guide=("score", "recommend", "said"),
        joins=("", " ", " "), optional=("recommend", "text"), words=("survey", "score", "satisfaction"),
        title="How it was",
    ),
    _verb(
        "escalation-acknowledge", "y", "y15:30 text", "takes it on: next step by 15:30 (mon10, +1 9); else it goes up",
        SHOWN, rf"y\s*(?P<when>{WHEN})\s+{_TEXT}", example="y15:30 ring the carrier",
        guide=("next-when", "next-step"), joins=("", " "), words=("acknowledge", "take on", "next step"),
        title="Take it on",
    ),
    _verb(
        "escalation-done", "d", "d text", "the next step was taken: what came of it; x closes it then",
        SHOWN, rf"d\s+{_TEXT}", example="d carrier brings it at 4", guide=("text",), joins=(" ",),
        words=("done", "actioned"), title="The step was taken",
    ),
    _verb(
        "escalation-close", "x", "x text", "closes it: what came of it",
        SHOWN, rf"x\s+{_TEXT}", example="x delivered at noon", guide=("text",), joins=(" ",),
        words=("close",), title="Close it",
    ),
    _verb(
        "escalation-up", "n", "n text", "sends it one level up, with the reason",
        SHOWN, rf"n\s+{_TEXT}", example="n needs a credit above my limit", guide=("text",), joins=(" ",),
        words=("up", "higher"), title="Send it up",
    ),
    _verb(
        "escalation-take", "a", "a", "its ticket is yours from now on",
        SHOWN, r"a", example="a", duty="ticket.lead", words=("take", "mine"),
    ),
    _verb(
        "escalation-assign", "o", "o login", "gives its ticket to somebody else",
        SHOWN, r"o\s+(?P<login>\S+)", example="o rep7", duty="ticket.lead", words=("assign", "reassign"),
    ),
    _verb(
        "escalation-priority", "p", "p", "one priority higher for its ticket; its clocks are set anew",
        SHOWN, r"p(?:\s+(?P<text>\S.*))?", example="p their shop opens at 8", duty="ticket.lead",
        words=("priority", "raise"),
    ),
    _verb(
        "escalation-extend", "m", "m15:30", "moves what was promised to the customer (the callback); never a clock",
        SHOWN, rf"m\s*(?P<when>{WHEN})\s*(?P<wish>c)?", example="m15:30", duty="ticket.lead",
        words=("extend", "promise", "move"),
    ),
    _verb(
        "escalation-grant", "g", "g", "approves what is asked for its ticket, within your limit",
        SHOWN, r"g", example="g", duty="ticket.lead", words=("grant", "approve"),
    ),
)  # fmt: skip
