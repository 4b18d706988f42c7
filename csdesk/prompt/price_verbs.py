"""The verbs of prices on a line of the draft, part of the verb table."""

from __future__ import annotations

from csdesk.prompt.grammar import DRAFT, VALUE, Verb
from csdesk.prompt.grammar import made as _verb

PRICE_VERBS: tuple[Verb, ...] = (
    _verb(
        "price", "", "2@17.50p", "asks 17.50 for line 2, reason p (m e v); 2@17.50p +14 text: for two weeks",
        frozenset({DRAFT}), rf"(?P<line>\d{{1,3}})\s*@\s*{VALUE}\s*(?P<reason>[a-z])"
        r"(?:\s+(?P<day>\+\d{1,2}|\d{1,2}/\d{1,2}))?(?:\s+(?P<text>\S.*))?", example="2@17.50p",
        duty="order.enter", words=("price", "override", "discount", "match"), title="Ask for another price",
    ),
    _verb(
        "reprice", "", "2@", "prices line 2 of an order under change anew: an approved price counts",
        frozenset({DRAFT}), r"(?P<line>\d{1,3})\s*@", example="2@", duty="order.enter",
        words=("price", "approved"), title="Price a line anew",
    ),
)  # fmt: skip
