"""What is shown while something is typed: whatever it is, it is read, answered and never written.

A normal run looks at as many random lines as fit into some seconds; CSDESK_LONG=1 looks at a hundred thousand.
"""

from __future__ import annotations

import os
import random
import time

import pytest

from csdesk.prompt import faces
from csdesk.prompt.verbs import VERBS
from tests.prompt.books import digest
from tests.prompt.seat import WRONG_INSIDE, Seat
from tests.prompt.test_verbs import SIGNS
from tests.services.conftest import Desk as Books
from tests.support.seed import SHORT_CODE

LONG = os.environ.get("CSDESK_LONG") == "1"
LINES, SECONDS = (100_000, 3600.0) if LONG else (100_000, 1.5)
KNOWN = ["4711", SHORT_CODE, "napkins", "olive", "20417", "harb", "550142", "26000002", "northfield", "1", "12", "case"]
NAMED = ["left", "right", "home", "end", "backspace", "delete", "pageup", "pagedown", "f1"]


async def idle(seat: Seat) -> None:
    await seat.desk.start()


async def call(seat: Seat) -> None:
    await seat.sit()


async def draft(seat: Seat) -> None:
    await seat.sit()
    await seat.type(f"4711 1⏎{SHORT_CODE} 30⏎")


async def amendment(seat: Seat) -> None:
    await seat.sit()
    await seat.type("e⏎3=36⏎")


STATES = {state.__name__: state for state in (idle, call, draft, amendment)}


def some_line(dice: random.Random) -> str:
    kind = dice.random()
    if kind < 0.3:
        return "".join(dice.choices(SIGNS, k=dice.randint(1, 12)))
    if kind < 0.6:
        before = dice.choice(("", " ", "/", "i", "d", "x", "e", "m ", "?"))
        return before + dice.choice(KNOWN) + dice.choice(("", " 2", " 1,5 case", "=3", "c"))
    example = dice.choice(VERBS).example
    return example[: dice.randint(1, len(example))] + dice.choice(("", dice.choice(SIGNS)))


@pytest.mark.parametrize("state", STATES)
async def test_looking_at_anything_raises_nothing_and_writes_nothing(seat: Seat, books: Books, state: str) -> None:
    await STATES[state](seat)
    dice, before, began, done = random.Random(state), digest(books.store), time.perf_counter(), 0
    while done < LINES // len(STATES) and time.perf_counter() - began < SECONDS:
        seat.desk.sync_keys(some_line(dice))
        seat.desk.now.echo = type(seat.desk.now.echo)()
        for _ in range(dice.randint(0, 2)):
            await seat.desk.press(dice.choice(NAMED))
        await seat.desk.look()
        face = seat.desk.face
        assert face.echo.text or not face.prompt.strip()
        assert WRONG_INSIDE not in face.echo.text
        assert face.echo.tone in ("info", "wrong")
        done += 1
    assert digest(books.store) == before
    print(f"{done} lines looked at in {time.perf_counter() - began:.0f} s ({state})")
    assert done > 50


@pytest.mark.parametrize("state", STATES)
async def test_looking_twice_shows_the_same(seat: Seat, state: str) -> None:
    await STATES[state](seat)
    for text in (
        "4711 2",
        f"{SHORT_CODE} 30",
        " napk",
        "/northfield",
        "?date",
        "x4c",
        "e1",
        "d12",
        "3=1",
        "550142",
        "²",
        "² 5",
    ):
        seat.desk.sync_keys(text)
        await seat.desk.look()
        first = faces.face_of(seat.desk.now, seat.desk.store.actor, seat.desk.clock(), None)
        await seat.desk.look()
        assert faces.face_of(seat.desk.now, seat.desk.store.actor, seat.desk.clock(), None) == first


@pytest.mark.parametrize(
    ("state", "typed", "words"),
    [
        (idle, "h", "one more character and the hits appear"),
        (idle, "harb", "Enter: 20417 Harbour View Deli, Harbour"),
        (idle, "nobody at all", "nobody is found by 'nobody at all' yet"),
        (idle, "/", "Type any piece of it"),
        (idle, "/olive", "Enter: product 4711 Olive oil"),
        (call, "4711 12", "4711 Olive oil extra virgin 1 l  12 EA x 18.40 = 220.80 net  488 free"),
        (call, "4711 2 case", "4711 Olive oil extra virgin 1 l  2 CASE x 220.80 = 441.60 net  488 free"),
        (
            call,
            f"{SHORT_CODE} 30",
            f"{SHORT_CODE} Capers in salt 1 kg  30 EA x 9.80 = 294.00 net  !OUT 2 now, 24 on 10 Mar, 4 without",
        ),
        (call, "4711 0", "The quantity of 4711 must be above 0."),
        (call, "2 6", "4720 Sunflower oil 5 l  6 EA x 12.95 = 77.70 net  394 free"),
        (call, "napk", "Enter asks which one; or type a blank and the quantity"),
        (call, "basmati", "Enter takes 2208; or type a blank and the quantity"),
        (call, " basmati 6", "2208 Basmati rice 10 kg  6 EA x"),
        (call, "x2", "'x2' is not complete: x4c cancels line 4"),
        (call, "vc", "codes this call: complaint"),
        (call, "m back on friday", "notes on this call: back on friday"),
        (idle, "northfield", "Enter asks which one: 2 fit alike"),
        (idle, "k1", "parks this call"),
        (call, "4711 1,000", "1,000 may mean 1000 or 1; type it as it is meant."),
        (call, "4711 1.250", "1.250 may mean 1250 or 1.25; type it as it is meant."),
        (call, "4711 1,375", "1,375 may mean 1375 or 1.375; type it as it is meant."),
        (call, "4711 1.250.000", "1.250.000 may mean 1250000; type it as it is meant."),
        (call, "4711 -3", "'4711 -3' needs a quantity"),
        (call, "x4c", "cancels line 4 of order 26000002: 3 EA 2208 Basmati rice 10 kg  (Customer changed mind)"),
        (call, "x9c", "Order 26000002 has no line 9; it has 5."),
        (call, "x4z", "'z' is no reason here"),
        (call, "e2", "opens order 26000002, 5 lines, 420.66, to change it"),
        (call, "e77", "This customer has no open order that ends in 77"),
        (draft, "d12", "wanted for Thu 12 Mar 2026; the truck goes Thu 12 Mar"),
        (draft, "d99", "There is no day 99"),
        (draft, "1=5", "line 1 4711 Olive oil extra virgin 1 l: 1 -> 5 EA"),
        (draft, "1=0", "takes line 1 off: 4711 Olive oil extra virgin 1 l"),
        (draft, "7=1", "there is no line 7; the draft has 2"),
        (draft, "d", "Enter asks step by step; or type it at once: d12"),
    ],
    ids=lambda each: each.__name__ if callable(each) else each,
)
async def test_the_echo_says_what_enter_would_do(seat: Seat, state, typed: str, words: str) -> None:  # type: ignore[no-untyped-def]
    await state(seat)
    seat.desk.sync_keys(typed)
    await seat.desk.look()
    assert seat.echo.startswith(words)


async def test_an_answer_that_comes_too_late_is_dropped(seat: Seat) -> None:
    import asyncio

    await seat.desk.start()
    await seat.type("harb")
    looking = asyncio.create_task(seat.desk.look())
    await asyncio.sleep(0)
    await seat.type("x")
    assert await looking is False
    assert seat.desk.now.live is None


async def test_a_fault_stays_on_the_screen_until_a_key_is_pressed(seat: Seat) -> None:
    await seat.sit()
    await seat.type("4711 0⏎")
    assert await seat.desk.look() is False
    assert seat.tone == "wrong"
    await seat.type("⌫")
    assert seat.tone != "wrong"


async def test_the_lines_of_a_draft_stay_in_sight_while_the_next_product_is_typed(seat: Seat) -> None:
    await draft(seat)
    for key in " nap":
        await seat.desk.press(key)
    await seat.desk.look()
    page = seat.desk.face.page
    assert [row.cells[1] for row in page.rows] == ["4711", SHORT_CODE]
    assert any("napkins" in row.cells[0].lower() for row in page.foot)
    assert any("TOTAL" in row.cells[0] for row in page.foot)
    await seat.type("⌫⌫⌫⌫")
    assert any(SHORT_CODE in row.cells[0] and "!OUT" in row.cells[0] for row in seat.desk.face.page.foot)
