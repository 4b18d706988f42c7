"""The priority of a ticket from impact and urgency, and words that make it a matter of safety. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from csdesk.errors import Invalid
from csdesk.rules._exact import count
from csdesk.rules.text import words as words_of

HIGH, MEDIUM, LOW = 1, 2, 3
LEVELS = (HIGH, MEDIUM, LOW)


def priority(impact: int, urgency: int) -> int:
    """The priority, 1 the highest to 4, of impact and urgency, each 1 high, 2 medium, 3 low.

    Formula: min(4, impact + urgency - 1). Source: the matrix of ITIL service operation (2011), 4.2.5.4, its codes 4 and
    5 taken together. Refuses other levels.
    """
    for what, level in (("Impact", impact), ("Urgency", urgency)):
        if count(level, what) not in LEVELS:
            raise Invalid(f"{what} is 1 high, 2 medium or 3 low.", field=what.lower())
    return min(4, impact + urgency - 1)


def speaks_of_safety(text: str, words: Iterable[str]) -> str:
    """The first of some words that stands in a text as a word of its own; '' when none does.

    Rule: case and accents do not matter; a word ending in * stands for all that begin so (allerg*). Source: the desk's
    own.
    """
    said = words_of(text)
    for each in words:
        stem = each.rstrip("*")
        if any(word.startswith(stem) if each.endswith("*") else word == stem for word in said):
            return each
    return ""
