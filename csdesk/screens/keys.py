"""The keys of the desk: every binding with an id, and how a terminal's key becomes a key of the prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import Binding
from textual.events import Key

from csdesk.errors import Invalid
from csdesk.screens.turns import CLEAR, QUIT


def _function_keys() -> list[Binding]:
    named = {1: ("help", "Help"), 3: ("back", "Back"), 4: ("list", "List"), 9: ("commit", "Commit")}
    named[12] = ("cancel", "Cancel")
    entries = [(number, *named.get(number, (f"f{number}", f"F{number}"))) for number in range(1, 13)]
    return [Binding(f"f{number}", f"feed('f{number}')", words, id=name) for number, name, words in entries]


BINDINGS = [
    *_function_keys(),
    Binding("ctrl+j", "feed('enter')", "Enter", id="enter"),
    Binding("ctrl+c,ctrl+u", f"feed('{CLEAR}')", "Clear what is typed", id="clear"),
    Binding("ctrl+q", f"feed('{QUIT}')", "Leave when no call is open", id="leave"),
    Binding("ctrl+p", "palette", "All commands", id="palette"),
    Binding("ctrl+l", "redraw", "Paint the window anew", id="redraw"),
]

PLAIN = frozenset({
    *("enter", "tab", "backspace", "delete", "escape", "left", "right", "up", "down"),
    *("home", "end", "pageup", "pagedown"),
})  # fmt: skip


def actions(remapped: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The action of each bound key after remapping (id -> key, several separated by commas).

    Raises Invalid for an id that no binding has.
    """
    wanted = dict(remapped)
    known = {binding.id or "": binding for binding in BINDINGS}
    for name in wanted:
        if name not in known:
            raise Invalid(f"'{name}' in the settings is no key of the desk; known are {', '.join(sorted(known))}.")
    usual = {key: each.action for each in BINDINGS if each.id not in wanted for key in each.key.split(",")}
    own = {key.strip().lower(): known[name].action for name, keys in wanted.items() for key in keys.split(",")}
    return {**usual, **own}


def labels(remapped: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """What the keys line must say instead of the usual name of a function key that was remapped: {"F9": "F5"}."""
    usual = {binding.id: binding.key for binding in BINDINGS}
    return {usual[name].split(",")[0].upper(): keys.split(",")[0].strip().upper() for name, keys in remapped}


def prompt_keys(event: Key) -> list[str]:
    """The prompt's names for a terminal key: none for a key the desk does not know.

    A terminal cannot tell Escape and then a letter from Alt and that letter; Alt is never used here: both keys count.
    """
    name = event.key
    if event.is_printable and event.character and not name.startswith("alt+"):
        return [event.character]
    if name.startswith("alt+") and event.character and event.character.isprintable():
        return ["escape", event.character]
    return [name] if name in PLAIN else []


def pasted_keys(text: str) -> list[str]:
    """The keys of a pasted text: line ends are Enter, other control characters are left out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return ["enter" if letter == "\n" else letter for letter in lines if letter == "\n" or letter.isprintable()]
