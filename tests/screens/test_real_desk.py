"""The whole desk: real keys in the app, rows in the database, on both databases; terminals that die and come back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select
from textual.events import Key
from textual.pilot import Pilot

from csdesk.app import DeskApp
from csdesk.config import Settings
from csdesk.models import Call, Draft, OrderLine, Product, Ringing, SalesOrder, table
from csdesk.prompt.desk import Desk
from csdesk.server import bell
from csdesk.services import calls
from csdesk.store import Store
from tests.screens.test_app import lines, settled
from tests.screens.tty import Terminal
from tests.support.seed import ORDER_CODES, Seeded, acting

QUANTITIES = ("12", "6", "24", "3", "10")
ORDER = [f"{code} {quantity}" for code, quantity in zip(ORDER_CODES, QUANTITIES, strict=True)]
NAMES = {"\r": "enter", "↓": "down", ".": "full_stop", " ": "space"}


@asynccontextmanager
async def at_desk(store: Store, login: str = "rep7") -> AsyncIterator[tuple[DeskApp, Pilot[None]]]:
    """The app on the seeded desk."""
    desk = Desk(acting(store, login))

    async def opening() -> Desk:
        return desk

    app = DeskApp(Settings(user=login), opening, list)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        yield app, pilot


async def burst(app: DeskApp, pilot: Pilot[None], keys: str) -> None:
    """Keys as fast as a program can post them; then waits until the desk rests."""
    for key in keys:
        app.post_message(Key(NAMES.get(key, key), key if key != "↓" else None))
    await pilot.pause()
    await settled(app, pilot)


def ordered(store: Store) -> list[tuple[str, int]]:
    """Code and quantity of each line of the latest order typed at the desk."""
    o, line, p = table(SalesOrder), table(OrderLine), table(Product)
    with store.engine.connect() as connection:
        latest = select(o.c.id).where(o.c.source == "desk").order_by(o.c.id.desc()).limit(1).scalar_subquery()
        rows = connection.execute(
            select(p.c.code, line.c.quantity)
            .join_from(line, p, (p.c.company == line.c.company) & (p.c.id == line.c.product_id))
            .where(line.c.order_id == latest)
            .order_by(line.c.line)
        ).all()
    return [(code, int(quantity)) for code, quantity in rows]


def one(store: Store, model: type, **where: Any) -> Any:
    """The only row with these values."""
    made = table(model)
    with store.engine.connect() as connection:
        statement = select(made).where(*[made.c[name] == value for name, value in where.items()])
        return connection.execute(statement).one()


async def test_a_call_an_order_and_its_repetition_in_bursts_of_keys(store: Store, seeded: Seeded) -> None:
    async with at_desk(store) as (app, pilot):
        await burst(app, pilot, "550142\r" + "\r".join(ORDER) + "\r.")
        assert ordered(store) == list(zip(ORDER_CODES, map(int, QUANTITIES), strict=True))
        assert "placed" in lines(app)[-3]
        await burst(app, pilot, "r↓8↓↓↓4.")
        assert [quantity for _, quantity in ordered(store)] == [12, 8, 24, 3, 4]
        call = one(store, Call, staff_id=seeded.staff["rep7"])
        assert (call.customer_id, call.active, call.ended_at) == (seeded.customer, True, None)


async def test_a_short_line_takes_its_alternative_with_one_key(store: Store, seeded: Seeded) -> None:
    async with at_desk(store) as (app, pilot):
        await burst(app, pilot, "550142\r6001 5\r")
        assert any("!OUT" in line for line in lines(app))
        await burst(app, pilot, "a")
        [line] = json.loads(one(store, Draft, status="open").lines)
        assert (line["product_id"], line["substituted_for"]) == (seeded.products["6002"], seeded.products["6001"])


async def test_a_wrong_line_stays_with_a_reason_and_nothing_is_written(store: Store, seeded: Seeded) -> None:
    async with at_desk(store) as (app, pilot):
        await burst(app, pilot, "550142\rnosuch 5\r")
        assert lines(app)[-2] == "> nosuch 5"
        assert lines(app)[-3].startswith("! ") or lines(app)[-4].startswith("! ")
        with store.engine.connect() as connection:
            assert connection.execute(select(table(Draft).c.id)).all() == []


async def test_a_ringing_call_is_taken_by_enter_at_an_empty_prompt(store: Store, seeded: Seeded) -> None:
    async with at_desk(store) as (app, pilot):
        await asyncio.to_thread(store.write_now, calls.ring, "rep7", "+12025550142")
        assert await asyncio.to_thread(bell.poke, 1, "rep7", "+12025550142") == 1
        await settled(app, pilot)
        assert "RINGING" in lines(app)[0]
        assert lines(app)[2].startswith("── READY")
        await burst(app, pilot, "\r")
        assert one(store, Ringing).taken_at is not None
        assert one(store, Call).phone == "+12025550142"


async def test_names_that_mean_harm_are_shown_as_text(store: Store, seeded: Seeded) -> None:
    async with at_desk(store) as (app, pilot):
        await burst(app, pilot, "50999\r")
        assert lines(app)[1].startswith("50999 [/x] [31m")


async def test_what_is_typed_is_there_again_in_the_next_session(store: Store, seeded: Seeded) -> None:
    async with at_desk(store) as (app, pilot):
        await burst(app, pilot, "550142\r4711 12\r4720")
        app.hang_up()
        assert app._serving is not None
        await asyncio.wait_for(app._serving, 20)
    async with at_desk(store) as (app, _):
        assert lines(app)[-2] == "> 4720"
        assert any("Olive oil" in line for line in lines(app))
        assert lines(app)[1].startswith("20417 Harbour View Deli")


@pytest.fixture
def start(database_url: str, seeded: Seeded) -> Any:
    """Starts the program on the seeded database in a terminal."""

    def starting(**more: Any) -> Terminal:
        return Terminal(["-m", "csdesk", "run", "--db", database_url, "--user", "rep7"], **more)

    return starting


def test_an_order_typed_before_the_program_started_is_in_the_database(start: Any, store: Store) -> None:
    with start(typed=b"550142\r") as terminal:
        terminal.type("\r".join(ORDER) + "\r.")
        terminal.until("placed")
        assert terminal.lines[-2] == ">"
    assert ordered(store) == list(zip(ORDER_CODES, map(int, QUANTITIES), strict=True))


@pytest.mark.parametrize("how", ["kill", "hang up", "signal"])
def test_a_terminal_that_dies_brings_everything_back(start: Any, store: Store, how: str) -> None:
    with start() as terminal:
        terminal.type("550142\r4711 12\r4720 6\r103")
        terminal.until(lambda: terminal.lines[22] == "> 103" and "4720 " in terminal.text)
        if how == "kill":
            while one(store, Call, active=True).prompt != "103":
                assert terminal.process.poll() is None
            os.kill(terminal.process.pid, signal.SIGKILL)
        elif how == "hang up":
            terminal.hang_up()
        else:
            os.kill(terminal.process.pid, signal.SIGHUP)
        terminal.process.wait(15)
    with start() as terminal:
        terminal.until(lambda: terminal.lines[22] == "> 103")
        assert "4711 " in terminal.text
        assert "4720 " in terminal.text
        terminal.type("5 24\r.")
        terminal.until("placed")
    assert ordered(store) == [("4711", 12), ("4720", 6), ("1035", 24)]


def test_an_unknown_login_is_told_in_one_sentence(database_url: str, seeded: Seeded) -> None:
    with Terminal(["-m", "csdesk", "run", "--db", database_url, "--user", "nobody"]) as terminal:
        assert terminal.end() == 1
        assert "Nobody has the login 'nobody'" in terminal.text
        assert "Traceback" not in terminal.text


def test_a_database_without_a_desk_is_told_in_one_sentence(empty_url: str) -> None:
    with Terminal(["-m", "csdesk", "run", "--db", empty_url, "--user", "rep7"]) as terminal:
        assert terminal.end() == 3
        assert "csdesk db upgrade" in terminal.text
        assert "Traceback" not in terminal.text
