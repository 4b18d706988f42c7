"""What a verb of the prompt is, and the places verbs work in."""

from __future__ import annotations

import re
from dataclasses import dataclass

IDLE, CALL, DRAFT, INBOX, OPENED = "idle", "call", "draft", "inbox", "opened"
DEDUCT = "deduct"  # deductions listed, or one shown
TICKET = "ticket"  # tickets listed, or one shown
CALLBACK, HANDOVER = "callback", "handover"  # a callback shown; what is handed over listed
ESCALATION = "escalation"  # one shown
# How a place is told, in refusals, help and docs.
WHERE = {
    IDLE: "while nobody is on the line", CALL: "on a call", DRAFT: "in a draft", INBOX: "in the queue",
    OPENED: "in a request", DEDUCT: "among deductions", TICKET: "among tickets", CALLBACK: "on a callback",
    HANDOVER: "at handover", ESCALATION: "on an escalation",
}  # fmt: skip
ANY = frozenset(WHERE)
CALLING = frozenset({IDLE, INBOX, OPENED, CALLBACK, HANDOVER, ESCALATION, DEDUCT})  # where text is a caller
TALKING = frozenset({CALL, DRAFT})
LINE_END = "⏎"  # stands for the end of a line in a text that was pasted
QUANTITY = r"(?P<quantity>[0-9]{1,9}(?:[.,][0-9]{1,6})*)"
# Whatever somebody may mean as an amount, marks between thousands too: what is read of it is for `money.typed_minor`.
VALUE = r"(?P<value>[0-9]{1,15}(?:[.,][0-9]{1,6})*)"


@dataclass(frozen=True)
class Verb:
    """One verb: `pattern` matches the whole typed text; `at_once` verbs act on the letter itself without Enter.

    `shape` is how it is typed, `does` one sentence, `example` what is shown in help and tried by the tests; `guide`
    names the questions of the guided form when the letter is typed alone, `title` what the form is called.
    """

    id: str
    letter: str
    shape: str
    does: str
    where: frozenset[str]
    pattern: re.Pattern[str]
    example: str
    duty: str = "customer.read"
    at_once: bool = False
    guide: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    title: str = ""
    joins: tuple[str, ...] = ()  # what stands before each answer of the form in the short line
    optional: tuple[str, ...] = ()  # arguments that may be left out, in the form only by saying so
    if_short: bool = False  # acts at once only while a line of the draft is short and undecided


def made(id: str, letter: str, shape: str, does: str, where: frozenset[str], pattern: str, **more: object) -> Verb:
    """A verb of the table; its pattern is read without regard to case."""
    return Verb(id, letter, shape, does, where, re.compile(pattern, re.IGNORECASE), **more)  # type: ignore[arg-type]
