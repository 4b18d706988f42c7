"""Help at the desk: it lies over what is shown, which stays as it is, with what is typed and any form that is open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from csdesk.prompt.grammar import TICKET
from csdesk.prompt.pages.help import help_page

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

_STEPS = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -10_000, "end": 10_000}
_LEAVES = frozenset({"f3", "f12", "escape"})


def lay(desk: Desk, about: str = "") -> None:
    """Lays help for where the rep is over the view."""
    desk.now.help = help_page(desk.now.mode, about)


def pressed(desk: Desk, key: str) -> bool:
    """What a key does to the help that is open: arrows walk it; F3, F12 and Enter with nothing typed leave it, and so
    does a digit that would choose a row nobody sees. True when that was all."""
    now, keys = desk.now, desk.now.keys
    page = now.help
    assert page is not None
    if key in _STEPS and not (keys.text and key in {"home", "end"}):
        now.help = replace(page, cursor=min(max((page.cursor or 0) + _STEPS[key], 0), len(page.rows) - 1))
        return True
    blind = bool(keys.choices) and key.isdecimal()
    if key in _LEAVES or (key == "enter" and not keys.text.strip()) or blind:
        now.help = None
        return True
    if keys.row is not None:
        now.help = None  # the quantity that is typed must be seen
    return False


def edited(desk: Desk) -> None:
    """The text has changed: help stays beside the answer of a form and the line of a ticket; where what is typed is
    looked for its hits are wanted."""
    now = desk.now
    looking = now.keys.text.lstrip()[:1] in ("/", "?")
    if now.guide is None and (now.mode != TICKET or looking):
        now.help = None
