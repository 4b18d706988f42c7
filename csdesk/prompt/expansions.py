"""Canned texts while typing: ';cd' and a blank, or Enter, becomes the text of cd. Pure, so that a burst of keys needs
no database.

What is known of the variables (the caller, who writes, the ticket shown) is put in at once; the rest stands there in
braces, and the echo says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from csdesk.errors import DeskError, Invalid
from csdesk.prompt.parse import parse
from csdesk.rules.canned_texts import VARIABLES, filled, named

MOST_TYPED = 20_000  # signs the prompt takes: as many as a draft of an answer keeps
SEARCHES = frozenset({"jump", "find"})  # their text is looked for, not said
# Of the forms: answers that are said or kept as they stand.
FREE_QUESTIONS = frozenset({"text", "said", "reply", "note-inside", "spoken", "written", "decision", "next-step",
                            "asked"})  # fmt: skip
_AT_END = re.compile(r"(?:^|(?<=\s));([a-z]*)$", re.IGNORECASE)
_NAMED = 12  # codes an echo has room for
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Canned:
    """The canned texts of a desk, one row each, by code; `titles` beside them. `values`: what the variables are here,
    `free`: the present question of a form takes any text."""

    texts: Mapping[str, str] = field(default_factory=lambda: _NONE)
    titles: Mapping[str, str] = field(default_factory=lambda: _NONE)
    values: Mapping[str, str] = field(default_factory=lambda: _NONE)
    free: bool | None = None  # None: no form is open
    stamp: str = ""


NOTHING = Canned()


def free_from(text: str, mode: str, known: Canned) -> int | None:
    """Where the free text of a typed line begins: the text of a verb, or an answer; None where there is none."""
    if known.free is not None:
        return 0 if known.free else None
    try:
        command = parse(text, mode)
    except DeskError:
        return None
    if command.verb.id in SEARCHES or "text" not in command.verb.pattern.groupindex:
        return None
    plain = text.strip()
    match = command.verb.pattern.fullmatch(plain)
    if match is None or match.start("text") < 0:
        return None
    return len(text) - len(text.lstrip()) + match.start("text")


def fragment(text: str, cursor: int, mode: str, known: Canned) -> str | None:
    """What is typed behind a ';' right before the cursor, in free text: a code or its beginning, perhaps ''."""
    if ";" not in text[:cursor]:
        return None
    found = _AT_END.search(text[:cursor])
    start = free_from(text, mode, known) if found else None
    return found[1].lower() if found and start is not None and found.start() >= start else None


def expanded(text: str, cursor: int, mode: str, known: Canned) -> tuple[str, int] | None:
    """The text with the code before the cursor replaced, and where the cursor is then; None when none stands there, or
    the whole would be longer than can be typed."""
    code = fragment(text, cursor, mode, known)
    if code is None or code not in known.texts:
        return None
    put = filled(known.texts[code], known.values)[0]
    begin = cursor - len(code) - 1
    made = text[:begin] + put + text[cursor:]
    return (made, begin + len(put)) if len(made) < MOST_TYPED else None


def whole(text: str, mode: str, known: Canned) -> str:
    """A line that was typed as a whole, every code in it replaced that one types a blank behind, or that ends it."""
    at = 0
    while (at := text.find(";", at)) >= 0:
        stop = next((n for n in range(at, len(text)) if text[n].isspace()), len(text))
        made = expanded(text, stop, mode, known)
        text, at = made or (text, at + 1)
    return text


def notice(text: str, cursor: int, mode: str, known: Canned) -> str:
    """What the echo says of canned texts: those a typed ';' may mean, that there is none such, what is not known."""
    if not known.texts:
        return ""
    behind = text[:cursor].endswith(" ")
    code = fragment(text, cursor - behind, mode, known)
    if code is not None and (not behind or code):
        if code in known.texts:
            return f";{code} is too long here" if behind else f"a blank puts in: {known.titles[code]}"
        meant = [each for each in known.texts if each.startswith(code)]
        return there_are(known, meant if not behind else ()) if meant and not behind else no_such(code, known)
    if "{" not in text:
        return ""
    start = free_from(text, mode, known)
    left = [name for name in named(text[start:]) if name in VARIABLES] if start is not None else []
    braced = ", ".join(f"{{{name}}}" for name in left)
    return f"{braced} {'is' if len(left) == 1 else 'are'} not known here; type it in its place" if left else ""


def no_such(code: str, known: Canned) -> str:
    """That there is no such code, and which there are."""
    return f"there is no canned text ;{code}; there are {', '.join([*known.texts][:_NAMED])}"


def there_are(known: Canned, codes: list[str] | tuple[str, ...]) -> str:
    """Codes with their titles."""
    return "; ".join(f"{code} {known.titles[code]}" for code in codes[:4]) + ("; F4 lists them" if codes else "")


def refuse_unknown(text: str, mode: str, known: Canned) -> None:
    """Raises Invalid for a line that ends in a code there is none of: sent like that it would be meant otherwise."""
    code = fragment(text, len(text), mode, known) if known.texts else None
    if code and code not in known.texts:
        raise Invalid(f"{no_such(code, known).capitalize()}. A blank behind keeps it as it is.", field="text")
