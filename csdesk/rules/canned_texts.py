"""Variables in braces in a text: which it names, and the text with what is known of them put in.

Rule: {name} stands for a value; one that is not known stays as it is and is told. Source: the desk's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Name -> what it stands for.
VARIABLES: dict[str, str] = {
    "customer": "the customer's name",
    "contact": "whom one speaks with",
    "ticket": "the ticket's number",
    "order": "the order it is about",
    "invoice": "the invoice it is about",
    "product": "the product it is about",
    "due": "when the ticket's next clock is due",
    "rep": "who writes",
    "company": "our company",
    "today": "this day",
}
UNFILLED = "variable"  # the field of a fault about one that is not filled in
_BRACES = re.compile(r"\{([^\W\d_]{1,20})\}")


def named(text: str) -> tuple[str, ...]:
    """The variables a text names, each once, in any case; also such as there are none."""
    return tuple(dict.fromkeys(name.lower() for name in _BRACES.findall(text)))


def unknown(text: str) -> tuple[str, ...]:
    """Names in braces that are no variables."""
    return tuple(name for name in named(text) if name not in VARIABLES)


def left(text: str) -> tuple[tuple[str, ...], int]:
    """The variables that stand in a text still, and where the first of them begins (-1: none does). Braces around
    anything else are text."""
    found = [each for each in _BRACES.finditer(text) if each[1].lower() in VARIABLES]
    return tuple(dict.fromkeys(each[1].lower() for each in found)), found[0].start() if found else -1


def filled(text: str, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The text with the values that are known, and the variables left in it. A value is put in as it is."""
    missing = tuple(name for name in named(text) if name in VARIABLES and not values.get(name))
    return _BRACES.sub(lambda each: values.get(each[1].lower()) or each[0], text), missing
