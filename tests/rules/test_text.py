"""Text as it is searched and painted, whatever it holds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from csdesk.rules.text import (
    normalised,
    one_edit_apart,
    prefix_one_edit,
    printable,
    run_together,
    squeezed,
    words,
)

HOSTILE = st.one_of(
    st.text(),
    st.text(alphabet="aé\u0301\u202e\u200b\u200d\x00\x1b[]/*\"'%_\\\t\n🎉👨‍👩‍👧🇩🇪日İßﷺ", max_size=200),
    st.text(min_size=200, max_size=400),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Harbour View  DELI", "harbour view deli"),
        ("Café Ñandú Ångström", "cafe nandu angstrom"),
        ("Straße Øresund Łódź Ærø", "strasse oresund lodz aero"),
        ("İstanbul ISPARTA ıspanak", "istanbul isparta ispanak"),
        ("O'Brien & Sons, Inc.", "o brien sons inc"),
        ("[/x] \x1b[31mred", "x 31mred"),
        ("a\u202eb\u200bc\u00add\ufeff", "abcd"),
        ("tab\tline\nend", "tab line end"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ ２", "full width 2"),
        ("🎉 Party 🎉 Shop", "party shop"),
        ("москва ΑΘΗΝΑ 東京", "москва αθηνα 東京"),
        ("", ""),
        ("***", ""),
    ],
)
def test_normalised(text: str, expected: str) -> None:
    assert normalised(text) == expected


@given(HOSTILE)
def test_normalised_text_holds_letters_digits_and_single_blanks_only(text: str) -> None:
    made = normalised(text)
    assert normalised(made) == made
    assert made == made.strip()
    assert "  " not in made
    assert all(sign == " " or unicodedata.category(sign)[0] in "LN" for sign in made)
    assert words(text) == tuple(made.split(" ")) if made else words(text) == ()


@given(HOSTILE, HOSTILE)
def test_case_does_not_matter_and_a_blank_parts_words(a: str, b: str) -> None:
    assert normalised(a.upper().lower()) == normalised(a.upper())
    assert normalised(f"{a} {b}") == f"{normalised(a)} {normalised(b)}".strip()


@given(st.text())
def test_the_short_way_for_ascii_gives_what_the_long_way_gives(text: str) -> None:
    text = text.encode("ascii", "ignore").decode()
    assert normalised(text) == normalised(text + "\u0301")


def test_codes_compare_without_case_blanks_and_signs() -> None:
    assert squeezed("WWI-20417") == squeezed(" wwi 20417") == "wwi20417"
    assert squeezed(" *** \x00") == "***"
    assert squeezed("\ud800") == "�"


def test_words_with_punctuation_inside_have_a_second_spelling() -> None:
    assert run_together("O'Brien & Wal-Mart, A.B.C. Foods M&S") == ("obrien", "walmart", "abc", "ms")
    assert run_together("Plain Name (Town), Inc.") == ()


def edits(word: str, letters: str = "abxyz") -> set[str]:
    """Every text one edit away from a word."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    made = {a + b[1:] for a, b in cuts if b} | {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    made |= {a + c + b for a, b in cuts for c in letters} | {a + c + b[1:] for a, b in cuts if b for c in letters}
    return made


LETTERS = st.text(alphabet="abxyz", max_size=8)


@given(LETTERS, LETTERS)
def test_one_edit_apart_is_what_editing_says(a: str, b: str) -> None:
    assert one_edit_apart(a, b) == one_edit_apart(b, a) == (a == b or b in edits(a))


@given(LETTERS)
def test_every_edit_is_one_edit_apart(word: str) -> None:
    assert all(one_edit_apart(word, other) for other in edits(word))


@given(LETTERS, LETTERS)
def test_prefix_one_edit_looks_at_every_beginning(query: str, word: str) -> None:
    expected = any(one_edit_apart(query, word[:cut]) for cut in range(len(word) + 1))
    assert prefix_one_edit(query, word) == expected


@given(HOSTILE, st.none() | st.integers(0, 60))
def test_printable_keeps_to_its_row_and_width(text: str, width: int | None) -> None:
    made = printable(text, width)
    kinds = {unicodedata.category(sign) for sign in made}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Me"}
    made.encode()
    if width is not None:
        assert cell_len(made) <= width
    assert printable(made, width) == made


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("Harbour View Deli", 20, "Harbour View Deli"),
        ("Harbour View Deli", 10, "Harbour V…"),
        ("Harbour", 7, "Harbour"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("a\tb\r\nc", None, "a b  c"),
        ("[/x] \x1b[31m", None, "[/x] [31m"),
        ("\u202egnp.exe\u2066", None, "gnp.exe"),
        ("\u0301Z\u0335\u0336\u0337\u0338a", None, "Z\u0335\u0336a"),
        ("👨‍👩‍👧", None, "👨👩👧"),
        ("🇩🇪", None, "DE"),
        ("\udcff\ue000", None, "��"),
        ("  padded  ", None, "  padded  "),
    ],
)
def test_printable(text: str, width: int | None, expected: str) -> None:
    assert printable(text, width) == expected
