"""Keys that were in the line before the program had started are not one too few, not one too many, and in order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.crash.rep import CUSTOMER, FIVE, ORDER, OTHER, Books, Desk

WHOLE = f"{CUSTOMER}\r{ORDER}."
WAYS = {
    "return": WHOLE,
    "line feed": WHOLE.replace("\r", "\n"),
    "pasted": f"\x1b[200~{WHOLE}\x1b[201~",
    "pasted with both": f"\x1b[200~{WHOLE.replace(chr(13), chr(13) + chr(10))}\x1b[201~",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_whole_call_in_one_burst_before_the_start_is_placed_exactly(
    desk: Callable[..., Desk], books: Books, way: str
) -> None:
    with desk(typed=WAYS[way]) as terminal:
        terminal.wait(lambda: "placed" in terminal.echo)
        assert terminal.prompt == ""
    assert list(books.orders().values()) == [list(FIVE)]
    assert books.drafts() == []
    assert books.calls() == [(1, True, CUSTOMER, "")]
    assert books.faults() == []


def test_two_calls_and_a_half_line_in_one_burst_arrive_as_typed(desk: Callable[..., Desk], books: Books) -> None:
    burst = f"{CUSTOMER}\r{ORDER}k{OTHER}\r4711 1\r4720 2\r3=7\x7f\x7f\x7f2=5\r1035 9"
    with desk(typed=burst) as terminal:
        terminal.wait(lambda: [call[3] for call in books.calls()] == ["", "1035 9"])
        terminal.wait(lambda: terminal.prompt == "1035 9")  # it is stored a moment before it is painted
    assert [call[:3] for call in books.calls()] == [(1, False, CUSTOMER), (2, True, OTHER)]
    assert books.drafts() == [list(FIVE), [("4711", 1), ("4720", 5)]]


def test_forty_lines_in_one_burst_are_forty_lines(desk: Callable[..., Desk], books: Books) -> None:
    with desk() as terminal:
        terminal.ready()
        terminal.type(f"{CUSTOMER}\r" + "".join(f"4711 {n}\r" for n in range(1, 41)))
        terminal.wait(lambda: "line 40: 40 EA" in terminal.echo)
    assert books.drafts() == [[("4711", n) for n in range(1, 41)]]
