"""Phone numbers in every notation they are written and typed in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.rules.phones import digits, e164, fragment, key, looks_like_phone, spellings


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("(308) 555-0100", "US", "+13085550100"),
        ("+1 308.555.0100", "", "+13085550100"),
        ("308-555-0100 x12", "us", "+13085550100"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("01632 550142", "GB", "+441632550142"),
        ("00 44 1632 550142", "GB", "+441632550142"),
        ("+44 (0)1632 550142", "", "+441632550142"),
        ("0308 5550100", "", ""),
        ("12", "US", ""),
        ("n/a", "US", ""),
        ("", "US", ""),
        ("+1 308 555 0100", "no region", "+13085550100"),
    ],
)
def test_e164(raw: str, region: str, expected: str) -> None:
    assert e164(raw, region) == expected


def test_the_key_is_reversed_and_knows_the_country_where_it_can() -> None:
    assert key("(308) 555-0100", "US") == "13085550100"[::-1]
    assert key("0308 5550100") == "03085550100"[::-1]
    assert key("00 44 1632 550142") == "441632550142"[::-1]
    assert digits("٣٤ 5六") == "345"


@given(st.text(), st.sampled_from(["", "US", "de", "ZZ", "nonsense"]))
def test_nothing_raises_whatever_the_text(raw: str, region: str) -> None:
    number = e164(raw, region)
    assert number == "" or (number[0] == "+" and number[1:].isdecimal())
    assert len(key(raw, region)) <= 40
    assert all(each.isdecimal() and 4 <= len(each) <= 40 for each in spellings(raw))


@pytest.mark.parametrize(
    ("typed", "stored", "region"),
    [
        ("550142", "+44 1632 550142", ""),
        ("0142", "+44 1632 550142", ""),
        ("55 01 42", "+44 1632 550142", ""),
        ("01632 550142", "+44 1632 550142", ""),
        ("01632/550142", "01632 550142", "GB"),
        ("00 44 1632 550142", "01632 550142", "GB"),
        ("0044 (0)1632 550142", "01632 550142", "GB"),
        ("+44 (0) 1632 550142", "01632 550142", "GB"),
        ("011 44 1632 550142", "01632 550142", "GB"),
        ("+1 (308) 555-0100", "(308) 555-0100", "US"),
        ("0308 5550100", "(308) 555-0100", "US"),
        ("308.555.0100", "(308) 555-0100", "US"),
        ("1-308-555-0100", "308 555 0100", ""),
        ("+1 308 555 0100", "308 555 0100", ""),
        ("8 495 123-45-67", "+7 495 123 45 67", ""),
        ("0308 5550100", "0308 5550100", ""),
    ],
)
def test_a_fragment_in_any_notation_is_a_beginning_of_the_key(typed: str, stored: str, region: str) -> None:
    assert any(key(stored, region).startswith(each) for each in fragment(typed))


def test_as_typed_comes_first_and_short_ones_not_at_all() -> None:
    assert spellings("0308 5550100") == ("03085550100", "3085550100")
    assert spellings("550142") == ("550142",)
    assert spellings("0142") == ("0142",)
    assert spellings("142") == spellings("smith 5501") == spellings("") == ()


def test_what_looks_like_a_phone() -> None:
    assert all(map(looks_like_phone, ["550142", "+1 (308) 555-0100", "01632/550142", "7"]))
    assert not any(map(looks_like_phone, ["", "+", "20417a", "smith", "4711*12", "x" * 200]))
