"""One key in, its meaning out: never an error, never a cursor outside the text, whatever is pressed."""

from __future__ import annotations

import os
import random
import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csdesk.prompt.keyboard import COMMIT_KEYS, MOST_TYPED, Effect, Typing, press
from csdesk.prompt.verbs import BY_LETTER, CALL, DRAFT, IDLE, by_letter

LONG = os.environ.get("CSDESK_LONG") == "1"
NAMED = (
    "enter tab backspace delete left right up down home end pageup pagedown escape "
    + " ".join(f"f{n}" for n in range(1, 13))
).split()
SIGNS = [*string.printable, "ä", "漢", "🙂", "\u202e", "\x00", "\x1b", "½", "²", "٣"]
KEYS = st.sampled_from([*NAMED * 3, *SIGNS, "unknown-key", ""])
MODES = (IDLE, CALL, DRAFT)
STATES = st.builds(
    lambda mode, text, at, row, rows, typed, choices, listed, tail, asking: Typing(
        mode, text, min(at, len(text)), None if row is None or not rows else min(row, rows - 1), rows,
        typed if row is not None and rows else "", choices, listed, tail, asking,
    ),
    st.sampled_from(MODES), st.text("ab12 .=/k", max_size=6), st.integers(0, 6), st.none() | st.integers(0, 4),
    st.integers(0, 5), st.text("0123456789", max_size=9), st.integers(0, 9), st.booleans(),
    st.sampled_from(("", "a", "k", "e", "r")), st.booleans(),
)  # fmt: skip


def look_at(state: Typing, key: str) -> tuple[Typing, Effect]:
    """Presses a key and looks at what must always hold."""
    after, effect = press(state, key)
    assert 0 <= after.cursor <= len(after.text) <= MOST_TYPED
    assert after.text.isprintable()
    assert after.row is None or 0 <= after.row < max(after.rows, 1)
    assert len(after.typed) <= 9
    assert after.typed == "" or after.typed.isdecimal()
    assert after.row is not None or not after.typed
    assert after.mode == state.mode
    if effect.kind == "fire":
        assert effect.text in BY_LETTER
        assert not state.asking
        verb = by_letter(effect.text, state.mode)
        assert verb is not None
        assert verb.at_once
    if effect.kind == "commit":
        assert key in COMMIT_KEYS or key == "f9"
        assert not state.asking
    if effect.kind == "choose":
        assert -1 <= effect.number < state.choices
    if effect.typed:
        assert state.row == effect.row
        assert effect.typed == state.typed
    return after, effect


@settings(max_examples=10_000 if LONG else 700, deadline=None)
@given(STATES, st.lists(KEYS, max_size=12))
def test_any_keys_in_any_state(state: Typing, keys: list[str]) -> None:
    for key in keys:
        state, _ = look_at(state, key)


def test_a_hundred_thousand_keys_in_a_row() -> None:
    dice, state = random.Random(7), Typing()
    for _ in range(100_000):
        key = dice.choice(NAMED) if dice.random() < 0.4 else dice.choice(SIGNS)
        state, effect = look_at(state, key)
        if dice.random() < 0.05 or effect.kind in {"fire", "submit", "choose"}:  # the desk sets the state anew
            rows = dice.randint(0, 4)
            row = dice.randint(0, rows - 1) if rows and dice.random() < 0.3 else None
            mode, choices = dice.choice(MODES), dice.choice((0, 0, 3))
            state = Typing(mode, "", 0, row, rows, "", choices, dice.random() < 0.3, dice.choice(("", "e", "a")))


@given(st.text(st.characters(exclude_categories=("C",)), max_size=40).filter(str.isprintable))
def test_what_is_typed_stands_there_as_typed(text: str) -> None:
    state = Typing(IDLE)
    for key in text:
        state, _ = look_at(state, key)
    assert (state.text, state.cursor) == (text, len(text))
    for _ in text:
        state, _ = look_at(state, "backspace")
    assert state.text == ""


@given(st.text("abc", min_size=1, max_size=9), st.lists(st.sampled_from(("left", "right", "home", "end")), max_size=9))
def test_letters_go_where_the_cursor_is(text: str, moves: list[str]) -> None:
    state = Typing(IDLE, text, len(text))
    at = len(text)
    for key in moves:
        state, _ = look_at(state, key)
        at = {"left": max(0, at - 1), "right": min(len(text), at + 1), "home": 0, "end": len(text)}[key]
        assert state.cursor == at
    state, _ = look_at(state, "x")
    assert state.text == f"{text[:at]}x{text[at:]}"
    state, _ = look_at(state, "backspace")
    state, _ = look_at(state, "delete")
    assert state.text == text[:at] + text[at + 1 :]


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x07", "\n", "\t", "\u202e", "\u200b", "\ud800", "\x9b"])
def test_signs_that_cannot_be_seen_are_not_typed(sign: str) -> None:
    for state in (Typing(IDLE), Typing(DRAFT, row=0, rows=2), Typing(CALL, choices=3)):
        after, effect = press(state, sign)
        assert (after.text, effect.kind) == ("", "none")


def test_a_text_grows_no_longer_than_can_be_kept() -> None:
    state = Typing(IDLE, "x" * MOST_TYPED, 5)
    after, effect = look_at(state, "y")
    assert (after, effect.kind) == (replace(state, lost=1), "edit")
    for key in ("enter", "f9"):
        assert look_at(after, key) == (after, Effect("none")), "what stands there is not all that was meant"
    for key, less in (("backspace", 4), ("delete", 5)):
        shorter, _ = look_at(after, key)
        assert (len(shorter.text), shorter.cursor, shorter.lost) == (MOST_TYPED - 1, less, 0)


# ---------------------------------------------------------------- meanings by state


@pytest.mark.parametrize(
    ("state", "key", "kind", "text"),
    [
        (Typing(CALL), "r", "fire", "r"),
        (Typing(CALL), "R", "fire", "r"),
        (Typing(IDLE), "k", "edit", ""),  # names begin with letters too
        (Typing(CALL, " ", 1), "r", "edit", ""),
        (Typing(CALL), "d", "edit", ""),  # needs a day
        (Typing(DRAFT), ".", "commit", ""),
        (Typing(DRAFT), ",", "commit", ""),
        (Typing(DRAFT), "+", "commit", ""),
        (Typing(CALL), ".", "commit", ""),
        (Typing(DRAFT, "d12", 3), ".", "commit", "d12"),
        (Typing(DRAFT, "d12", 2), ".", "edit", ""),  # not at the end
        (Typing(DRAFT, "d", 1), "+", "edit", ""),
        (Typing(DRAFT, "4711 1", 6), ".", "edit", ""),
        (Typing(DRAFT, "4711 1", 6), "f9", "commit", "4711 1"),
        (Typing(DRAFT, asking=True), ".", "edit", ""),
        (Typing(DRAFT, asking=True), "w", "edit", ""),
        (Typing(DRAFT, "no", 2, asking=True), "f9", "submit", "no"),
        (Typing(DRAFT, asking=True), "f9", "none", ""),
        (Typing(CALL), "enter", "open", ""),
        (Typing(CALL, "  ", 2), "enter", "open", ""),
        (Typing(CALL, "x", 1), "enter", "submit", "x"),
        (Typing(DRAFT, "2", 1, tail="a"), "enter", "submit", "a2"),
        (Typing(IDLE, "2", 1, tail="k"), "enter", "submit", "k2"),
        (Typing(DRAFT, "2", 1, tail="h"), "enter", "submit", "2"),
        (Typing(DRAFT, "²", 1, tail="a"), "enter", "submit", "²"),
        (Typing(CALL, choices=3), "3", "choose", ""),
        (Typing(CALL, choices=3), "4", "edit", ""),
        (Typing(CALL, choices=3), "enter", "choose", ""),
        (Typing(CALL, choices=3), "u", "fire", "u"),
        (Typing(CALL, choices=3, asking=True), "u", "edit", ""),
        (Typing(DRAFT, row=0, rows=2, typed="8"), ".", "commit", ""),
        (Typing(DRAFT, row=0, rows=2, typed="8"), "f9", "commit", ""),
        (Typing(DRAFT, row=0, rows=2, typed="8"), "f6", "next-call", ""),
        (Typing(IDLE), "f1", "help", ""),
        (Typing(IDLE), "escape", "cancel", ""),
        (Typing(IDLE), "f7", "none", ""),
    ],
)  # fmt: skip
def test_a_key_means(state: Typing, key: str, kind: str, text: str) -> None:
    _, effect = look_at(state, key)
    assert (effect.kind, effect.text) == (kind, text)


def test_digits_after_e_belong_to_the_order_and_after_a_move_to_the_row() -> None:
    opened = Typing(DRAFT, row=0, rows=5, tail="e")
    after, _ = press(opened, "1")
    assert (after.text, after.row) == ("e1", None)
    below, _ = press(opened, "down")
    after, _ = press(below, "1")
    assert (after.row, after.typed) == (1, "1")
    same, _ = press(opened, "enter")
    after, _ = press(same, "1")
    assert (after.row, after.typed) == (0, "1")


def test_rows_are_walked_between_the_first_and_the_last() -> None:
    state = Typing(DRAFT, rows=3)
    seen = []
    for key in ("down", "up", "down", "down", "down", "enter", "up", "tab"):
        state, _ = look_at(state, key)
        seen.append(state.row)
    assert seen == [0, 0, 1, 2, 2, 2, 1, 2]
    state, _ = press(Typing(DRAFT, rows=3), "up")
    assert state.row == 2


def test_nine_digits_are_the_most_a_row_takes() -> None:
    state = Typing(DRAFT, row=0, rows=1)
    for key in "1234567890123":
        state, _ = look_at(state, key)
    assert state.typed == "123456789"
