"""Numbers: written and read back the same, and no gap or second use goes unseen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.numbering import GapReport, NumberParts, document_number, duplicates, gap_report, gaps, number_parts
from csdesk.services.numbers import order_number


@pytest.mark.parametrize(
    ("series", "pattern", "digits", "number"),
    [
        ("INV", "{series}{yy}{sequence}", 6, "INV26000140"),
        ("", "{series}{yy}{sequence}", 6, "26000140"),
        ("CN", "{series}-{yyyy}-{sequence}", 4, "CN-2026-0140"),
        ("R1", "{yyyy}/{series}/{sequence}", 3, "2026/R1/140"),
        ("X", "{series}{sequence}", 2, "X140"),  # never cut
    ],
)
def test_a_number_is_written_and_read_back(series: str, pattern: str, digits: int, number: str) -> None:
    assert document_number(series, 2026, 140, pattern=pattern, digits=digits) == number
    year = 2026 if "{yy" in pattern else 0
    assert number_parts(number, series, pattern=pattern, digits=digits) == NumberParts(series, year, 140)


def test_an_order_number_is_such_a_number() -> None:
    assert document_number("", 2026, 140) == order_number(2026, 140)


@pytest.mark.parametrize(
    "number", ["", "CN26000140", "INV26", "INV26000000", "INV2600014", "INV260000140", "INV26٠٠٠١٤٠"]
)
def test_what_is_no_number_of_the_series(number: str) -> None:
    assert number_parts(number, "INV") is None


@pytest.mark.parametrize(
    ("year", "sequence", "pattern"),
    [
        (2026, 0, "{sequence}"), (2026, -1, "{sequence}"), (26, 1, "{sequence}"), (2026, 1, "{series}"),
        (2026, 1, "{sequence}{sequence}"), (2026, 1, "{sequence}{month}"), (2026, 1.5, "{sequence}"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_number(year: int, sequence: int, pattern: str) -> None:
    with pytest.raises(Invalid):
        document_number("A", year, sequence, pattern=pattern)


@pytest.mark.parametrize(
    ("used", "last", "missing"),
    [
        ([], None, []),
        ([], 0, []),
        ([], 3, [(1, 3)]),
        ([1, 2, 3], None, []),
        ([1, 2, 3], 3, []),
        ([1, 2, 3], 5, [(4, 5)]),
        ([3, 1, 6, 6], 6, [(2, 2), (4, 5)]),
        ([2, 9], 4, [(1, 1), (3, 4)]),
        ([0, -1, 1], None, []),
    ],
)
def test_gaps_by_hand(used: list[int], last: int | None, missing: list[tuple[int, int]]) -> None:
    assert gaps(used, last=last) == missing


def test_duplicates_by_hand() -> None:
    assert duplicates([3, 1, 3, 2, 1]) == [1, 3]
    assert duplicates(["A1", "B1", "A1"]) == ["A1"]
    assert duplicates([]) == []


def test_the_report_is_empty_when_counters_and_documents_agree() -> None:
    drawn = {("INV", 2026): 3, ("CN", 2026): 0}
    assert gap_report(drawn, [("INV", 2026, n) for n in (1, 2, 3)]) == []
    used = [("INV", 2026, 1), ("INV", 2026, 1), ("INV", 2026, 4), ("DN", 2025, 1)]
    assert gap_report(drawn, used) == [
        GapReport("DN", 2025, beyond=(1,)),
        GapReport("INV", 2026, missing=((2, 3),), twice=(1,), beyond=(4,)),
    ]
    assert gap_report({("INV", 2026): 1003}, [("INV", 2026, 1001), ("INV", 2026, 1003)], first=1001) == [
        GapReport("INV", 2026, missing=((1002, 1002),))
    ]


@given(st.sets(st.integers(1, 60)), st.integers(0, 60))
def test_used_and_missing_make_up_every_number(used: set[int], last: int) -> None:
    missing = {n for first, end in gaps(used, last=last) for n in range(first, end + 1)}
    assert missing == set(range(1, last + 1)) - used


@given(st.text(max_size=4), st.integers(2000, 2099), st.integers(1, 10**9), st.integers(1, 8))
def test_every_number_reads_back(series: str, year: int, sequence: int, digits: int) -> None:
    number = document_number(series, year, sequence, digits=digits)
    assert number_parts(number, series, digits=digits) == NumberParts(series, year, sequence)
