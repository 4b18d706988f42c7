"""One key in, what it means out: the line editor and the meaning of keys by state. Pure, so that it can be fuzzed.

Keys are one printable character as itself or a name: enter tab backspace delete left right up down home end pageup
pagedown escape f1 … f12.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from csdesk.prompt.expansions import MOST_TYPED as MOST_TYPED
from csdesk.prompt.expansions import NOTHING, Canned, expanded
from csdesk.prompt.parse import completes_without_enter
from csdesk.prompt.verbs import CALL, DRAFT, IDLE, fires_at_once

Kind = Literal[
    "none", "edit", "submit", "fire", "commit", "move", "page", "row", "choose", "back", "cancel", "help", "list",
    "next-call", "end-call", "open",
]  # fmt: skip
COMMIT_KEYS = frozenset({".", ",", "+"})
COMMITTING = frozenset({DRAFT, CALL})  # elsewhere a draft may be open, but nobody sees what would be placed


@dataclass(frozen=True)
class Typing:
    """What the keyboard knows: the typed text with its cursor and in which state keys fall.

    `row`: the focused row of the pad and its new quantity as typed so far; `choices`: how many numbered choices are
    offered; `listed`: the view has a cursor that Up and Down move; `tail`: the verb that fired last, a digit may still
    belong to it (e140, a2, k2); `asking`: a form is open, so that every sign is part of an answer; `short`: a line of
    the draft is short and undecided; `lost`: how many signs the prompt had no room for, until something is deleted.
    """

    mode: str = "idle"
    text: str = ""
    cursor: int = 0
    row: int | None = None
    rows: int = 0
    typed: str = ""
    choices: int = 0
    listed: bool = False
    tail: str = ""
    asking: bool = False
    short: bool = False
    lost: int = 0


@dataclass(frozen=True)
class Effect:
    """What a key asks the desk to do; `text` or `number` say with what; `typed` is to accept first in `row`; `tail`
    tells that the text begins with a letter that has acted already."""

    kind: Kind
    text: str = ""
    number: int = 0
    row: int = 0
    typed: str = ""
    tail: bool = False


def press(state: Typing, key: str, known: Canned = NOTHING) -> tuple[Typing, Effect]:
    """The next state and what to do. Unknown keys do nothing. A blank or Enter behind the code of a canned text puts it
    in first."""
    if key in (" ", "enter") and state.row is None and not state.choices:
        made = expanded(state.text, state.cursor, state.mode, known)
        state = replace(state, text=made[0], cursor=made[1]) if made is not None else state
    if key == "f1":
        return state, Effect("help")
    if key in _FUNCTION:
        return _function(state, _FUNCTION[key])
    if state.lost and key in ("enter", "f9"):
        return state, Effect("none")  # what stands there is not all that was meant
    if key == "f9":
        return _commit(state)
    if state.choices:
        return _choosing(state, key)
    if state.row is not None:
        return _in_row(state, key)
    if key == "enter":
        more = state.tail in ("a", "k") and _one_digit(state.text)
        text = state.tail + state.text if more else state.text
        return replace(state, tail=""), Effect("submit", text, tail=more) if text.strip() else Effect("open")
    if len(key) == 1:
        return _typed(state, key)
    return _edited(state, key)


_FUNCTION: dict[str, Kind] = {"f3": "back", "f4": "list", "f6": "next-call", "f8": "end-call", "f12": "cancel",
                              "escape": "cancel"}  # fmt: skip


def _function(state: Typing, kind: Kind) -> tuple[Typing, Effect]:
    """A function key; a quantity typed into a row is taken before the call or the pad is left."""
    if kind in ("back", "next-call") and state.row is not None and state.typed:
        return replace(state, row=None, typed="", tail=""), Effect(kind, row=state.row, typed=state.typed)
    return state, Effect(kind)


def _one_digit(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.isdigit()


def _commit(state: Typing) -> tuple[Typing, Effect]:
    """F9, or a commit key: accepts what is typed first. In a form there is nothing to commit but the answer."""
    if state.asking:
        return state, Effect("submit", state.text) if state.text.strip() else Effect("none")
    if state.mode not in COMMITTING and state.mode != IDLE:
        return state, Effect("none")
    done = replace(state, row=None, typed="", tail="", choices=0)
    if state.row is not None:
        return done, Effect("commit", row=state.row, typed=state.typed)
    return done, Effect("commit", state.text)


def _choosing(state: Typing, key: str) -> tuple[Typing, Effect]:
    if len(key) == 1 and key.isascii() and key.isdigit() and 1 <= int(key) <= state.choices:
        return replace(state, choices=0), Effect("choose", number=int(key) - 1)
    if key == "enter":
        return replace(state, choices=0), Effect("choose", number=-1)
    if key in _MOVES:
        return state, Effect("move", number=_MOVES[key])
    if key in _PAGES:
        return state, Effect("page", number=_PAGES[key])
    if len(key) == 1 and key.isprintable():
        return _typed(replace(state, choices=0, text="", cursor=0), key)
    return state, Effect("none")


_MOVES = {"up": -1, "down": 1, "tab": 1}
_PAGES = {"pageup": -1, "pagedown": 1, "home": -9, "end": 9}
_BETWEEN = frozenset(" *-/=@")  # what stands between a code and its quantity, or a line and its new one or price


def _in_row(state: Typing, key: str) -> tuple[Typing, Effect]:
    """Keys while a row of the pad is edited: digits overwrite its quantity, Down goes on."""
    assert state.row is not None
    plain = len(key) == 1 and key.isascii()
    if plain and key.isdigit():
        if state.tail == "e" and not state.typed:
            return replace(state, row=None, tail="", text=f"e{key}", cursor=2), Effect("edit")
        return replace(state, typed=(state.typed + key)[:9], tail=""), Effect("edit")
    if key == "backspace":
        return replace(state, typed=state.typed[:-1], tail=""), Effect("edit")
    if state.typed and key in _BETWEEN:  # not a quantity but a code, or 3=0: it belongs to the prompt
        text = state.typed + key
        return replace(state, row=None, typed="", tail="", text=text, cursor=len(text)), Effect("edit")
    if key in COMMIT_KEYS:
        return _commit(state)
    if key in _MOVES or key == "enter":
        step = _MOVES.get(key, 0 if state.tail else 1)
        row = min(max(state.row + step, 0), max(state.rows - 1, 0))
        return replace(state, row=row, typed="", tail=""), Effect("row", row=state.row, typed=state.typed)
    if len(key) == 1 and key.isprintable():
        unsure = state.short or bool(state.typed)  # the quantity that was typed may make its line short
        after, effect = _typed(replace(state, row=None, typed="", tail="", short=unsure), key)
        return after, replace(effect, row=state.row, typed=state.typed)
    return state, Effect("none")


def _typed(state: Typing, key: str) -> tuple[Typing, Effect]:
    """A printable character at the prompt."""
    if not key.isprintable():
        return state, Effect("none")
    if key in COMMIT_KEYS and state.mode in COMMITTING and not state.asking:
        if not state.text:
            return replace(state, tail=""), Effect("commit")
        if state.cursor == len(state.text) and completes_without_enter(state.text, state.mode) and key != "+":
            return replace(state, tail=""), Effect("commit", state.text)
    if not state.text and not state.asking and (verb := fires_at_once(key, state.mode, state.short)):
        return replace(state, tail=verb.letter), Effect("fire", verb.letter)
    if len(state.text) >= MOST_TYPED:
        return replace(state, lost=state.lost + 1), Effect("edit")
    tail = state.tail if not state.text and key.isdigit() else ""
    text = state.text[: state.cursor] + key + state.text[state.cursor :]
    return replace(state, text=text, cursor=state.cursor + 1, tail=tail), Effect("edit")


def put_in(state: Typing, text: str) -> Typing:
    """The prompt with a text put in at its cursor; what it has no room for is counted."""
    kept = text[: max(MOST_TYPED - len(state.text), 0)]
    made = state.text[: state.cursor] + kept + state.text[state.cursor :]
    lost = state.lost + len(text) - len(kept)
    return replace(state, text=made, cursor=state.cursor + len(kept), tail="", choices=0, lost=lost)


def _edited(state: Typing, key: str) -> tuple[Typing, Effect]:
    """A named key at the prompt."""
    text, at = state.text, state.cursor
    if key == "backspace" and at > 0:
        return replace(state, text=text[: at - 1] + text[at:], cursor=at - 1, tail="", lost=0), Effect("edit")
    if key == "delete" and at < len(text):
        return replace(state, text=text[:at] + text[at + 1 :], lost=0), Effect("edit")
    places = {"left": max(0, at - 1), "right": min(len(text), at + 1), "home": 0, "end": len(text)}
    if key in places and text:
        return replace(state, cursor=places[key]), Effect("edit")
    if key in {"up", "down"}:
        if not text and state.mode == DRAFT and state.rows and not state.listed and not state.asking:
            row = 0 if key == "down" else state.rows - 1
            return replace(state, row=row, typed="", tail=""), Effect("edit")
        return replace(state, tail=""), Effect("move", number=_MOVES[key])
    if key in _PAGES:
        return state, Effect("page", number=_PAGES[key])
    return state, Effect("none")
