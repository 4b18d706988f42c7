"""The verbs of goods that come again and of corrective actions, part of the verb table: while a ticket is shown."""

from __future__ import annotations

from csdesk.prompt.grammar import TICKET, Verb
from csdesk.prompt.grammar import made as _verb

SHOWN = frozenset({TICKET})
_DAY = r"\+\d{1,3}|[a-z]{2,9}|\d{1,2}(?:[./]\d{1,2})?"
_TEXT = r"(?P<text>\S.*)"
GOODS_VERBS: tuple[Verb, ...] = (
    _verb(
        "ticket-replace", "b", "b  b2", "asks that the goods of its line (line 2) come again for nothing",
        SHOWN, r"b(?P<line>\d{0,3})", example="b", duty="credit.request",
        words=("replacement", "replace", "again", "free"),
    ),
    _verb(
        "corrective", "d", "d login +14 text",
        "a corrective action, who and until when; d lists them, d1=result: done",
        SHOWN,
        rf"d(?:\s*(?P<place>\d{{1,3}})\s*=\s*(?P<result>\S.*)|\s+(?P<login>[^\s+=]+)\s+(?P<day>{_DAY})\s+{_TEXT})?",
        example="d dock1 +14 weigh every pallet before loading", words=("corrective", "action", "prevent"),
    ),
)  # fmt: skip
