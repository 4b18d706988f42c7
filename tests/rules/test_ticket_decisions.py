"""Which lines of a ticket are told: by their own note, by words, and anew after what was taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from csdesk.rules.ticket_decisions import untold
from csdesk.rules.ticket_states import Event

AT = datetime(2026, 6, 9, 9, tzinfo=UTC)
LINES = ("line", {"lines": [1, 2]})
ONE, ALL = ("told", {"line": 1, "last": False}), ("told", {"words": "both are granted"})


@pytest.mark.parametrize(
    ("happened", "left"),
    [
        ([LINES], {1, 2}),
        ([LINES, ONE], {2}),
        ([LINES, ALL], set()),
        ([LINES, ("told", {})], set()),
        ([LINES, ONE, ("upheld", {"line": 2})], {2}),
        ([LINES, ("upheld", {"line": 2}), ONE], {2}),
        ([LINES, ALL, ("line", {"lines": [3]})], {3}),
        ([LINES, ALL, ("upheld", {"line": 1})], {1}),
        ([LINES, ALL, ("unreplaced", {"line": 2})], {2}),
        ([LINES, ALL, ("unreplaced", {"line": 2}), ("replaced", {"line": 2})], set()),
        ([LINES, ALL, ("uncredited", {"line": 1})], {1}),
        ([LINES, ALL, ("reopened", {})], {1, 2}),
        ([LINES, ("told", {"line": 1, "via": 7})], {1, 2}),
        ([LINES, ALL, ("uncredited", {"line": 1, "via": 7})], set()),
    ],
)
def test_what_is_left_to_be_told(happened: list[tuple[str, dict[str, Any]]], left: set[int]) -> None:
    events = [Event(seq, AT, event, 1, data) for seq, (event, data) in enumerate(happened, 1)]
    there = {1, 2, 3} if any(3 in data.get("lines", ()) for _, data in happened) else {1, 2}
    assert untold(events, there) == left
