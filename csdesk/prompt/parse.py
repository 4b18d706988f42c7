"""Typed text to a command, by the verb table. Pure; never raises anything but Invalid."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from csdesk.errors import Invalid
from csdesk.money import may_be_thousands, show_quantity
from csdesk.prompt.grammar import CALLING, DRAFT, IDLE, LINE_END, TALKING, TICKET, WHERE, Verb
from csdesk.prompt.verbs import BY_ID, VERBS, by_letter


@dataclass(frozen=True)
class Command:
    """A verb with its arguments; `ask` tells that it was typed alone and its guided form is wanted, `tail` that a digit
    was added to a letter that had acted already (a, then 2)."""

    verb: Verb
    args: dict[str, str] = field(default_factory=dict)
    text: str = ""
    ask: bool = False
    tail: bool = False

    def quantity(self) -> Decimal:
        """The quantity argument, comma or point. Raises Invalid for more than three decimals, and for one that may mean
        two things: 1,375 always, with a point only what no decimals need, so that 1.375 stays one: 1.250 is 1.25."""
        typed = self.args["quantity"]
        if typed.count(".") + typed.count(",") > 1 or (may_be_thousands(typed) and ("," in typed or typed[-1] == "0")):
            whole, part, *more = re.split("[.,]", typed)
            ways = "" if more else f" or {show_quantity(Decimal(f'{whole}.{part}'))}"
            words = f"{typed} may mean {re.sub('[.,]', '', typed)}{ways}; type it as it is meant."
            raise Invalid(words, field="quantity")
        value = Decimal(typed.replace(",", "."))
        if value != value.quantize(Decimal("0.001")):
            raise Invalid("A quantity has at most three decimals.", field="quantity")
        return value


def parse(text: str, mode: str) -> Command:
    """The command a whole typed line means in a mode. Raises Invalid with one sentence that says what to type.

    A letter alone asks for its form; else letter verbs are tried in table order, then text. A leading blank skips the
    letters.
    """
    plain = text.strip()
    if not plain:
        raise Invalid("Nothing is typed; ? shows what can be typed here.")
    escaped = text[:1].isspace()
    lone = None if escaped else by_letter(plain, mode)
    if lone is not None and lone.guide and mode in lone.where:
        return Command(lone, {}, text, ask=True)
    elsewhere = None
    for verb in VERBS:
        if escaped and verb.letter:
            continue
        match = verb.pattern.fullmatch(plain)
        if match and mode in verb.where:
            said = {key: (value or "").replace(LINE_END, "\n") for key, value in match.groupdict().items()}
            return Command(verb, said, text)
        if match and verb.letter and elsewhere is None:
            elsewhere = verb
    if escaped and mode == TICKET:
        raise Invalid("Text alone does nothing here: put < they wrote, r answer or i note in front.", field="verb")
    raise _fault(plain, mode, elsewhere or lone)


OPENING = frozenset({"complaint", "ticket"})  # their letter is another verb's on a ticket


def _fault(plain: str, mode: str, elsewhere: Verb | None) -> Invalid:
    near = by_letter(plain[:1], mode)
    begun = mode == TICKET and near is not None and mode in near.where  # there every letter is first the ticket's
    if mode == TICKET and elsewhere is not None and elsewhere.id in OPENING:
        what = "complaint" if elsewhere.id == "complaint" else "ticket"
        return Invalid(f"F3 first: a new {what} is opened from the customer's page, on a call.", field="verb")
    if elsewhere is not None and mode not in elsewhere.where and not begun:
        what = elsewhere.title.lower() or elsewhere.does.split(";")[0].split(" (")[0]
        first = IDLE in elsewhere.where and mode not in TALKING  # a page is shown; nobody may be on the line
        named = {**WHERE, IDLE: "on the first page"} if first else WHERE
        places = " or ".join(words for place, words in named.items() if place in elsewhere.where)
        back = "; F3 goes back" if first else ""
        return Invalid(f"'{elsewhere.letter}' ({what}) works {places}, not here{back}.", field="verb")
    if near is not None and mode in near.where and (len(plain) == 1 or begun or not plain[1:2].isalpha()):
        return Invalid(f"'{plain[:40]}' is not complete: {near.shape} {near.does}.", field="arguments")
    if mode == TICKET:
        return Invalid(f"'{plain[:40]}' is no verb of a ticket; F4 lists them, F3 goes back.", field="verb")
    if mode in CALLING:
        return Invalid("Type a phone number, a name, a code or a document number.", field="text")
    return Invalid(
        f"'{plain[:40]}' needs a quantity: CODE QTY adds a line (4711 12); ? shows the rest.", field="quantity"
    )


def names_a_caller(text: str, mode: str = IDLE) -> bool:
    """Whether text typed while nobody is on the line looks for a caller: at least two signs, and no command."""
    return mode in CALLING and len(text.strip()) >= 2 and parse(text, mode).verb.id == "find"


def names_a_product(text: str, mode: str) -> bool:
    """Whether text that is no command may name a product: after a blank anything, else a word that is no verb with
    figures behind it (x2 lacks its reason)."""
    plain = text.strip()
    if mode in CALLING or mode == TICKET or len(plain) < 2:
        return False
    verb = by_letter(plain[0], mode)
    unfinished = verb is not None and mode in verb.where and not plain[1].isalpha()
    return text[:1].isspace() or (plain.replace(" ", "").isalnum() and not unfinished)


def completes_without_enter(text: str, mode: str) -> bool:
    """Whether a commit key after this text accepts it first: only a typed date, whose text cannot hold a point."""
    return mode == DRAFT and bool(_DATE.pattern.fullmatch(text.strip()))


_DATE = BY_ID["date"]
