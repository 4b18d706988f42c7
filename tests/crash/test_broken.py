"""A fault of the program itself: what is typed is kept, the rep is told, the traceback is in the log alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.crash.rep import CUSTOMER, FIVE, Books, Desk


def test_an_act_that_fails_keeps_draft_and_line_and_the_desk_goes_on(
    desk: Callable[..., Desk], books: Books, log: Path
) -> None:
    with desk(
        typed=f"{CUSTOMER}\r4711 12\r4720 6\r", module="tests.crash.broken", environ={"FAULT": "line"}
    ) as terminal:
        terminal.wait(lambda: "Something went wrong inside; your draft is kept" in terminal.echo)
        assert "log" in terminal.echo
        assert terminal.prompt == "4720 6"
        assert terminal.pad == [FIVE[0]]
        terminal.type("\x034720 7\r")
        terminal.wait(lambda: terminal.pad == [FIVE[0], ("4720", 7)])
        assert b"Traceback" not in terminal.raw
    assert "ZeroDivisionError: broken on purpose" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0
    assert books.drafts() == [[FIVE[0], ("4720", 7)]]


def test_a_picture_that_fails_ends_the_desk_in_order(desk: Callable[..., Desk], books: Books, log: Path) -> None:
    with desk(typed=f"{CUSTOMER}\r4711 12\r", module="tests.crash.broken", environ={"FAULT": "paint"}) as terminal:
        terminal.wait(lambda: terminal.pad == [FIVE[0]])
        terminal.type("99boom")
        assert terminal.end() == 3
        assert b"Traceback" not in terminal.raw
        assert b"\x1b[?1049l" in terminal.raw
    assert "ZeroDivisionError: broken on purpose" in log.read_text()
    assert books.drafts() == [[FIVE[0]]]
    assert books.calls() == [(1, True, CUSTOMER, "99boom")]
