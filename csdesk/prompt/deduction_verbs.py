"""The verbs of a deduction clerk, part of the verb table: where deductions are listed, or one is shown whole."""

from __future__ import annotations

from csdesk.prompt.grammar import CALLING, DEDUCT, QUANTITY, VALUE, Verb
from csdesk.prompt.grammar import made as _verb

WORKING = frozenset({DEDUCT})
DEDUCTION_VERBS: tuple[Verb, ...] = (
    _verb(
        "deductions", "s", "s", "the deductions that are worked on, the nearest deadline first; Enter shows one whole",
        CALLING, r"s", example="s", words=("deductions", "disputes", "short payments"),
    ),
    _verb(
        "deduction-take", "t", "t", "takes the deduction that is shown into research, in your hands",
        WORKING, r"t", example="t", duty="dispute.resolve", at_once=True, words=("take", "research"),
    ),
    _verb(
        "deduction-code", "r", "rd", "gives it the reason d", WORKING, r"r\s*(?P<reason>[a-z])", example="rd",
        duty="dispute.resolve", guide=("short-reason",), words=("recode", "reason"), title="The reason of a deduction",
    ),
    _verb(
        "deduction-valid", "y", "y  y 20", "it is valid; y 20: 20.00 of it are",
        WORKING, rf"y(?:\s*{VALUE})?", example="y 20", duty="dispute.resolve",
        words=("valid", "accept", "part"),
    ),
    _verb(
        "deduction-invalid", "n", "n  n text", "it is not valid; what follows is noted",
        WORKING, r"n(?:\s+(?P<text>\S.*))?", example="n signed for", duty="dispute.resolve", words=("invalid", "deny"),
    ),
    _verb(
        "deduction-evidence", "e", "e pod 123 text", "evidence: a kind (pod mail photo letter call other), its number",
        WORKING, r"e\s+(?P<kind>[a-z]+)\s+(?P<reference>\S+)(?:\s+(?P<text>\S.*))?", example="e pod 123 signed",
        duty="dispute.resolve", words=("evidence", "proof", "photo"),
    ),
    _verb(
        "deduction-credit", "c", "c1 2  c1 =9.50", "asks the credit of 2 of line 1 of its invoice, for its reason",
        WORKING, rf"c\s*(?P<line>\d{{1,3}})\s+(?:=\s*{VALUE}|"
        rf"{QUANTITY})(?:\s+(?P<text>\S.*))?", example="c1 2", duty="dispute.resolve", words=("credit",),
    ),
    _verb(
        "deduction-attach", "a", "a26000004", "credit request 26000004, made already, settles it",
        WORKING, r"a\s*(?P<number>\d{3,20})", example="a26000004", duty="dispute.resolve", words=("link", "request"),
    ),
    _verb(
        "deduction-bill", "b", "b  b text", "bills back what is open of it: due again, out of dispute",
        WORKING, r"b(?:\s+(?P<text>\S.*))?", example="b", duty="dispute.resolve", words=("bill back", "due again"),
    ),
    _verb(
        "deduction-write-off", "w", "wj", "asks to write off what is open of it, reason j",
        WORKING, r"w\s*(?P<reason>[a-z])(?:\s+(?P<text>\S.*))?", example="wj", duty="dispute.resolve",
        guide=("write-off-reason",), words=("write off",), title="Write a deduction off",
    ),
)  # fmt: skip
