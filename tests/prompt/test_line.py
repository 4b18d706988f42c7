"""Line mode: the same grammar on plain lines, and exit codes a script can rely on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from csdesk.models import Draft, SalesOrder
from csdesk.prompt import line
from csdesk.prompt.desk import Desk
from csdesk.store import Store
from tests.prompt.seat import Seat
from tests.screens.tty import ROOT
from tests.services.conftest import Desk as Books
from tests.support.seed import Seeded


async def talk(store: Store, typed: list[str]) -> tuple[int, list[str]]:
    """Exit code and printed lines."""
    told: list[str] = []
    code = await line.run(Desk(store), typed, told.append)
    return code, told


async def test_a_call_from_the_first_line_to_the_last(books: Books) -> None:
    code, told = await talk(books.rep, ["550142", "4711 12", "4720 6", ".", "vo", "z"])
    assert code == 0
    assert told[0] == "20417 Harbour View Deli, Harbour"
    assert any(text.startswith("Order 26000003 placed: 2 lines") for text in told)
    order = books.row(SalesOrder, number="26000003")
    assert (order.status, order.call_id is None) == ("allocated", False)


async def test_what_is_refused_is_said_and_makes_the_exit_code_one(books: Books) -> None:
    code, told = await talk(books.rep, ["20417", "nosuch 5", "4711 1", "."])
    assert code == 1
    assert any("nosuch" in text for text in told)
    assert any("placed" in text for text in told), "the lines after a refused one are still taken"


async def test_a_question_is_answered_by_its_number(books: Books) -> None:
    code, told = await talk(books.rep, ["northfield", "2", "4711 1", "."])
    assert code == 0
    assert any("placed" in text for text in told)


async def test_function_keys_have_names(books: Books) -> None:
    code, _ = await talk(books.rep, ["20417", "4711 1", "<cancel>", "<list>", "<back>", "<end>"])
    assert code == 0
    assert [row.status for row in books.rows(Draft)] != ["open"]


async def test_a_form_asks_line_by_line(seat: Seat) -> None:
    await seat.sit()
    assert await line.enter(seat.desk, "x")
    assert seat.tone == "ask"
    assert await line.enter(seat.desk, "4c")
    assert seat.echo.endswith("(short: x4c)")


@pytest.mark.parametrize(("typed", "code"), [("20417\n4711 1\n.\n", 0), ("20417\nnosuch 5\n", 1)])
def test_the_command_reads_standard_input(
    store: Store, database_url: str, seeded: Seeded, typed: str, code: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "csdesk", "line", "--db", database_url, "--user", "rep7"],
        cwd=ROOT, env=os.environ, input=typed, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.startswith("20417 Harbour View Deli")
