"""Typed amounts: exact, never ambiguous, never more than a document can have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.money import MOST, show, to_minor, typed_minor


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("250", "USD", 25_000), ("2,5", "USD", 250), ("9.50", "USD", 950), ("250", "JPY", 250), ("1,250", "KWD", 1_250)],
)
def test_typed(text: str, currency: str, minor: int) -> None:
    assert typed_minor(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "said"),
    [
        ("1,250", "USD", "1,250 may mean 1250"), ("1.250", "USD", "1.250 may mean 1250"),
        ("1.250.000", "USD", "may mean 1250000"),
        ("1.000", "JPY", "1.000 may mean 1000"), ("1.250.000", "KWD", "may mean 1250000"),
        ("12.345,6", "USD", "is no amount"), ("0.125", "USD", "USD has two decimals"), ("1_000", "USD", "is no amount"),
        ("1e3", "USD", "is no amount"), ("\u0661\u0662", "USD", "is no amount"),
        ("250.5", "JPY", "JPY has no decimals"), ("1" * 40, "USD", "more than an amount can be"),
        ("x", "USD", "is no amount"), ("", "USD", "is no amount"), (".5", "USD", "is no amount"),
    ],
)  # fmt: skip
def test_what_may_mean_two_things_is_asked(text: str, currency: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        typed_minor(text, currency)


@pytest.mark.parametrize("text", ["1e30", "9" * 30, "-1e99"])
def test_no_number_is_a_fault_inside(text: str) -> None:
    with pytest.raises(Invalid, match="more than an amount can be"):
        to_minor(text, "USD")


@given(st.integers(0, MOST), st.sampled_from(["USD", "JPY", "KWD"]))
def test_what_is_shown_can_be_typed(minor: int, currency: str) -> None:
    assert typed_minor(show(minor, currency), currency) == minor
