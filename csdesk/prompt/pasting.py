"""What is pasted at the desk: lines of orders are typed, anything else is text, and no line of a text acts.

Where text is being said (behind `<`, in the answer of a form) the ends of its lines are kept; on a page where letters
act on what is shown it stands in the prompt, the cursor in front of it, for the letter that says what it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from csdesk.prompt import helping
from csdesk.prompt.expansion_acts import at_hand
from csdesk.prompt.expansions import free_from
from csdesk.prompt.grammar import CALL, CALLING, DRAFT, IDLE, LINE_END
from csdesk.prompt.keyboard import Typing, put_in
from csdesk.prompt.page import Echo

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

TYPED_IN = frozenset({IDLE, CALL, DRAFT})  # where pasted lines are callers and orders, each with its Enter
_LETTERS = 2  # of a verb that is typed without the blank behind it: r, tq


def lines_of(text: str) -> list[str]:
    """The lines of a pasted text, what cannot be seen of them left out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return ["".join(letter for letter in line if letter.isprintable()) for line in plain.split("\n")]


def taken(desk: Desk, text: str) -> tuple[list[str], str]:
    """Puts a pasted text into the prompt; or gives the keys that it stands for, up to the first Enter, and the rest,
    which means what it means once they are pressed."""
    first, *rest = lines = lines_of(text)
    into = _free(desk)
    typed = into is None and desk.now.guide is None and desk.now.mode in TYPED_IN
    if typed or len("".join(lines)) <= 1:
        return [*first, *(["enter"] if rest else [])], "\n".join(rest)
    whole = LINE_END.join(line.rstrip() for line in lines).strip(f"{LINE_END} ")
    now, unsaid = desk.now, into is None and desk.now.guide is None
    now.keys = _with(now.keys, f"{into or ''}{whole}")
    now.choice = now.choice if now.guide is not None else None
    now.live = now.meant = None
    now.cursor = 0 if now.guide is None and now.mode in CALLING else now.cursor
    now.echo = Echo("Nothing is done yet: the letter in front says what it is, F4 lists them" if unsaid else "", "ask")
    helping.edited(desk)
    return [], ""


def _with(keys: Typing, text: str) -> Typing:
    """The prompt with a text put in. One of several lines with nothing typed yet waits behind a blank for its letter:
    a text that begins with a blank is no verb."""
    if LINE_END not in text or keys.text.strip() or keys.asking:
        return put_in(keys, text)
    return replace(put_in(replace(keys, text="", cursor=0), f" {text}"), cursor=0)


def _free(desk: Desk) -> str | None:
    """What stands between what is typed and a text that belongs to it: nothing, or a blank; None where no text is
    being said."""
    keys, known = desk.now.keys, at_hand(desk)
    if known.free is not None:
        return "" if known.free else None
    before = keys.text[: keys.cursor]
    for between in ("", " ") if len(before.strip()) <= _LETTERS else ("",):
        start = free_from(f"{before}{between}x", keys.mode, known) if before.strip() else None
        if start is not None and start <= len(before) + len(between):
            return between
    return None
