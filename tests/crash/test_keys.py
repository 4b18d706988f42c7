"""Keys that could end or empty a desk by mistake, and windows that change under a call."""

from __future__ import annotations

from collections.abc import Callable

from tests.crash.rep import CUSTOMER, FIVE, ORDER, Books, Desk


def test_clearing_and_leaving_keys_take_no_call_with_them(desk: Callable[..., Desk], books: Books) -> None:
    with desk(typed=f"{CUSTOMER}\r{ORDER}4711 9") as terminal:
        terminal.wait(lambda: terminal.prompt == "4711 9")
        terminal.type("\x03")
        terminal.wait(lambda: terminal.prompt == "")
        terminal.type("\x03\x11")
        terminal.wait(lambda: "A call is open" in terminal.echo)
        terminal.type("z")
        terminal.wait(lambda: "draft" in terminal.echo)
        assert books.calls() == [(1, True, CUSTOMER, "")]
        assert books.drafts() == [list(FIVE)]
        terminal.type(".")
        terminal.wait(lambda: "placed" in terminal.echo)
        terminal.type("z")
        terminal.wait(lambda: "ended" in terminal.echo)
        terminal.type("z\r")
        assert terminal.end() == 0
    assert books.calls() == []
    assert list(books.orders().values()) == [list(FIVE)]


def test_an_idle_desk_is_left_by_one_key(desk: Callable[..., Desk]) -> None:
    with desk() as terminal:
        terminal.ready()
        terminal.type("\x11")
        assert terminal.end() == 0


def test_a_window_that_changes_keeps_draft_and_typed_text(desk: Callable[..., Desk], books: Books) -> None:
    with desk(typed=f"{CUSTOMER}\r{ORDER}4720 8") as terminal:
        terminal.wait(lambda: terminal.prompt == "4720 8")
        for width, height in ((120, 40), (60, 20), (40, 10), (200, 60), (80, 24)):
            terminal.resize(width, height)
            seen = list(FIVE) if height >= 20 else []
            terminal.wait(lambda: terminal.prompt == "4720 8" and terminal.pad[: len(seen)] == seen)  # noqa: B023
        terminal.resize(120, 40)
        terminal.type("0\r")
        terminal.resize(60, 20)
        terminal.wait(lambda: "line 6: 80 EA" in terminal.echo)
    assert books.drafts() == [[*FIVE, ("4720", 80)]]
