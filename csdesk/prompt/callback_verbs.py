"""The verbs of callbacks, promises and handing over, part of the verb table."""

from __future__ import annotations

from csdesk.prompt.grammar import CALL, CALLBACK, DRAFT, HANDOVER, IDLE, INBOX, TALKING, Verb
from csdesk.prompt.grammar import made as _verb
from csdesk.rules.callbacks import WHEN

SHOWN = frozenset({CALLBACK})
PACK = frozenset({HANDOVER})
_WHEN = rf"(?P<when>{WHEN})"
CALLBACK_VERBS: tuple[Verb, ...] = (
    _verb(
        "callback", "b", "b15 text", "promises a callback at 15:00 on the caller's clock; b15-16 bmon10",
        frozenset({CALL, DRAFT}), rf"b\s*{_WHEN}\s+(?P<about>[^\W\d_].*)", example="b15 invoice", duty="promise.take",
        guide=("callback-when", "callback-about"), joins=("", " "), words=("callback", "call back", "ring back"),
        title="A callback",
    ),
    _verb(
        "promised", "=", "=", "everything promised to the customer, kept and broken; what he promised us below",
        TALKING, r"=", example="=", words=("promised", "commitments", "kept", "broken"),
    ),
    _verb(
        "callback-spoke", "y", "y", "the customer was spoken to: the callback that is shown is done",
        SHOWN, r"y", example="y", words=("spoke", "done", "yes"),
    ),
    _verb(
        "callback-missed", "n", "n no answer", "nobody was reached: what follows is noted, it stays due",
        SHOWN, r"n\s+(?P<text>\S.*)", example="n no answer", guide=("text",), joins=(" ",),
        words=("missed", "no answer", "engaged"), title="Nobody was reached",
    ),
    _verb(
        "callback-move", "m", "m15  m15c", "moves it to 15:00, by us; m15c as the customer wishes",
        SHOWN, rf"m\s*{_WHEN}\s*(?P<wish>c)?", example="m15c", duty="promise.take", guide=("callback-when",),
        words=("move", "later", "reschedule"), title="Another time",
    ),
    _verb(
        "callback-cancel", "x", "x settled by mail", "cancels it: the call is wanted no longer, what follows says why",
        SHOWN, r"x\s+(?P<text>\S.*)", example="x settled by mail", duty="promise.take", guide=("text",), joins=(" ",),
        words=("cancel", "drop"), title="Cancel the callback",
    ),
    _verb(
        "handover", ">", ">", "what the shift before hands over to your team; a digit accepts a line",
        frozenset({IDLE, INBOX}), r">", example=">", words=("handover", "shift", "roster"),
    ),
    _verb(
        "handover-accept", "y", "y1-5  y2,4", "accepts lines 1 to 5, or 2 and 4: they are yours from now on",
        PACK, r"y\s*(?P<places>\d{1,3}(?:\s*[-,]\s*\d{1,3})*)", example="y1-5", words=("accept", "take over"),
    ),
    _verb(
        "handover-make", "m", "m  m text", "packs what is due in the next shift for your team, with a note",
        PACK, r"m(?:\s+(?P<text>\S.*))?", example="m truck 4 is late", duty="promise.take",
        words=("make", "pack", "note"),
    ),
    _verb(
        "handover-end", "e", "e", "ends your shift; refused while callbacks of yours are due and not handed over",
        PACK, r"e", example="e", words=("end shift", "go home"),
    ),
)  # fmt: skip
