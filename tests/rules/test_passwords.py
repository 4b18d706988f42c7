"""Which passwords are taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.rules.passwords import LONGEST, SHORTEST, plain, weakness


@pytest.mark.parametrize(
    "password",
    ["the crate fell twice", "Vier Kisten Oliven!", "jx8-kqpw-33mz", "πέντε ελιές στο καράβι", "summer rain at sea",
     "password of my first boat", "920417553186"],
)  # fmt: skip
def test_long_ones_are_taken_whatever_they_are_made_of(password: str) -> None:
    assert weakness(password, "rep7") == ""


@pytest.mark.parametrize(
    ("login", "password", "words"),
    [
        ("rep7", "eleven sig.", "at least 12"), ("rep7", "", "at least 12"), ("rep7", "x" * 129, "at most 128"),
        ("rep7", "a word \x1b[31m and more", "no control signs"),
        ("robin.penn26", "robin.penn26", "not be the login"), ("rep7", "rep7rep7rep7", "not be the login"),
        ("robinpenn", "ROBIN.PENN-2026!", "not be the login"), ("robin.penn", "robinpenn12345", "not be the login"),
        ("rep7", "Password1234!", "among the first"), ("rep7", "passwordpassword", "among the first"),
        ("rep7", "welcome-welcome", "among the first"), ("rep7", "Summer2026!!!", "among the first"),
        ("rep7", "p a s s w o r d 1", "among the first"), ("rep7", "aaaaaaaaaaaaaaa", "a pattern"),
        ("rep7", "123456123456", "a pattern"), ("rep7", "123456789012", "a pattern"),
        ("007", "abcdefghijklm", "a pattern"), ("rep7", "zyxwvutsrqpon", "a pattern"),
        ("rep7", "1212121212122", "a pattern"),
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_not(login: str, password: str, words: str) -> None:
    assert words in weakness(password, login)


@given(st.text(max_size=200), st.text(min_size=1, max_size=60))
def test_any_text_gets_an_answer(password: str, login: str) -> None:
    if not weakness(password, login):
        assert SHORTEST <= len(plain(password)) <= LONGEST


def test_signs_that_look_the_same_are_the_same() -> None:
    assert plain("cafe\u0301 au lait noir") == plain("caf\u00e9 au lait noir")
