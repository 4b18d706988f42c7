"""Type-ahead: keys that arrive in one burst end in the same rows as the same keys with a look and a pause after each.

And the guided form of a verb ends in the same rows as its short form.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from csdesk.prompt.desk import Desk
from csdesk.prompt.grammar import CALLBACK, ESCALATION, HANDOVER, OPENED, TICKET
from csdesk.prompt.verbs import VERBS
from csdesk.store import Store
from tests.prompt.books import story
from tests.prompt.seat import WRONG_INSIDE, Seat, keys_of
from tests.services.conftest import faults
from tests.support import databases
from tests.support.clock import Clock
from tests.support.seed import SHORT_CODE, acting

SESSIONS = {
    "five lines": "550142⏎4711 12⏎4720 6⏎1035 24⏎2208 3⏎3319 10⏎.",
    "five lines at start-up, faults on the way": "20417⏎4711 12⏎nope 6⏎<f12>4720 0⏎⌫3⏎.",
    "repeat": "20417⏎r↓8↓↓↓4.",
    "amend": "20417⏎e↓↓36d12.",
    "amend by ending, cancel a line": "20417⏎e002⏎3=36⏎x4c⏎.",
    "short lines": f"20417⏎{SHORT_CODE} 5⏎a2⏎{SHORT_CODE} 30⏎b{SHORT_CODE} 3⏎w.",
    "undo all the way": f"20417⏎4711 1⏎.u4720 2⏎uu{SHORT_CODE} 5⏎auu",
    "two calls": "20417⏎4711 1⏎k20418⏎4720 1⏎k1⏎.k2⏎.zk1⏎vqz",
    "calls with f6 and half-typed text": "20417⏎k20418⏎47<f6>12 <f6>11 3⏎<f6><f12>4720 2⏎",
    "arrows on live hits": "harb↓⏎<f3>northfield↓⏎4711 1⏎",
    "choose from a list": "northfield⏎2 napkins 3⏎1.",
    "typed over a list": "northfield⏎20418⏎ napkins 3⏎4711 2⏎m over it⏎",
    "a form": "20417⏎x⏎4c",
    "a form typed": "20417⏎x⏎4u⏎",
    "a form left and taken back": "20417⏎x⏎4<f3>3<f12>4711 1⏎d⏎urgent⏎<f12>d⏎12⏎",
    "history and back": "20417⏎h↓⏎<f3>4711 1⏎<f1>⌫<f3>.",
    "jump": "/northfield↓⏎4711 1⏎./20418⏎4720 1⏎.",
    "jump with text on the other call": "20417⏎/20418⏎<f6>4711 1⏎",
    "rows taken off": "20417⏎r0↓0↓9⏎↑↑0⏎.",
    "a row that cannot be": "20417⏎e0↓<f12>.",
    "cursor in the middle": "arb⇱h⏎471⇱→→→1 2⏎",
    "cursor in the middle of a line": "20417⏎711 2⇱4⏎.",
    "deleted to nothing": "harb⌫⌫⌫⌫20417⏎4711 1⌫⌫⌫⌫⌫⌫4720 1⏎.",
    "letters that fire by mistake": "20417⏎uhabw.<f9><f12>ke20418⏎z",
    "info and notes": "20417⏎i4711⏎<f3>m called about the oil⏎vc",
    "commit with text": "20417⏎4711 1⏎4720 2<f9>r1<f9>",
    "f9 on a question": "20417⏎4711 1⏎ napkins 2<f9>1<f9>",
    "verbs of the list": "20417⏎<f4>↓↓↓⏎4711 3⏎<f4>1",
    "nothing at all": "⏎⏎<f3><f6><f12>.u",
}


@contextmanager
def a_desk(backend: str, folder: Path) -> Iterator[Store]:
    folder.mkdir()
    with databases.database(backend, folder, "seeded") as url:
        store = Store(url, clock=Clock())
        try:
            yield acting(store, "rep7")
            assert faults(store.acting(store.actor)) == []
        finally:
            store.close()


async def burst(seat: Seat, keys: list[str]) -> None:
    for key in keys:
        await seat.desk.press(key)


async def paced(seat: Seat, keys: list[str]) -> None:
    for key in keys:
        await seat.desk.look()
        await seat.desk.press(key)
        await seat.desk.look()
        await seat.desk.pause()
        assert WRONG_INSIDE not in seat.echo


async def told(store: Store, way: Callable[[Seat, list[str]], Awaitable[None]], keys: list[str]) -> str:
    """What the books say after these keys, the desk left properly."""
    seat = Seat(Desk(store))
    await seat.desk.start()
    await way(seat, keys)
    assert WRONG_INSIDE not in seat.echo
    await seat.desk.stop()
    return story(store)


async def same(backend: str, folder: Path, keys: list[str]) -> None:
    with a_desk(backend, folder / "burst") as store:
        one = await told(store, burst, keys)
    with a_desk(backend, folder / "paced") as store:
        other = await told(store, paced, keys)
    assert one == other


BOTH = ("five lines", "amend by ending, cancel a line", "short lines", "undo all the way", "two calls")


@pytest.mark.parametrize(
    ("backend", "name"), [*(("sqlite", name) for name in SESSIONS), *(("postgres", name) for name in BOTH)]
)
async def test_a_burst_ends_in_the_same_rows(backend: str, tmp_path: Path, name: str) -> None:
    await same(backend, tmp_path, keys_of(SESSIONS[name]))


@pytest.mark.parametrize("seed", range(6))
async def test_a_burst_of_anything_ends_in_the_same_rows(tmp_path: Path, seed: int) -> None:
    """Pieces of sessions thrown together, with keys lost and doubled as a hurried rep does."""
    dice = random.Random(seed)
    keys = [*keys_of("20417⏎")]
    for _ in range(12):
        piece = keys_of(dice.choice(list(SESSIONS.values())))
        start = dice.randrange(len(piece))
        keys += [
            key for key in piece[start : start + dice.randint(1, 12)] for _ in range(dice.choice((0, 1, 1, 1, 1, 2)))
        ]
    await same("sqlite", tmp_path, keys)


# ---------------------------------------------------------------- forms


FORMS = [
    ("date", "4711 1⏎", "d12⏎", "d⏎12⏎"),
    ("date", "4711 1⏎", "d+1⏎", "d⏎⏎"),
    ("date", "4711 1⏎", "dfri⏎", "d⏎↓↓↓↓↓⏎"),
    ("cancel", "", "x4c⏎", "x⏎4c⏎"),
    ("cancel", "", "x4u⏎", "x⏎4u⏎"),
    ("line", "", " 4720 6⏎", "<f4>{line}4720 6⏎"),
    ("cancel", "", "x2l⏎", "x⏎22⏎"),
    ("cancel", "e", "x2l⏎", "x⏎2l⏎"),
    ("credit", "", "c26000001.1 2d⏎", "c⏎⏎12⏎d⏎"),
    ("credit", "", "c001.2 1q⏎", "c⏎001⏎21⏎q⏎"),
    ("debit", "", "n001.1 2p⏎", "n⏎001⏎12⏎p⏎"),
    ("goodwill", "", "g25.50g⏎", "g⏎25.50⏎g⏎"),
    ("promise", "", "p26000001 19 c14⏎", "p⏎⏎19⏎14⏎"),
    ("promise", "", "p01 fri⏎", "p⏎01⏎fri⏎-⏎"),
    ("info", "", "i4720⏎", "i⏎↓⏎"),
    ("info", "", "i1035⏎", "i⏎1035⏎"),
    ("info", "", "i7007⏎", "i⏎7007⏎"),
    ("note", "", "m urgent, wants a call. now⏎", "m⏎urgent, wants a call. now⏎"),
    ("note", "4711 1⏎", "m back on friday⏎", "m⏎back on friday⏎"),
    ("wrap-up", "", "vc⏎", "v⏎c⏎"),
    ("wrap-up", "", "va⏎", "v⏎2⏎"),
    ("jump", "", "/20418⏎", "/⏎20418⏎"),
    ("line", "", " 4720 6⏎", "<f4>{line}↓⏎6⏎"),
    ("line", "4711 1⏎", " 7007 6⏎", "<f4>{line}7007⏎6⏎"),
]


@pytest.mark.parametrize(("verb", "before", "short", "form"), FORMS)
async def test_a_form_ends_in_the_same_rows_as_the_short_line(
    tmp_path: Path, verb: str, before: str, short: str, form: str
) -> None:
    mode = "draft" if before else "call"
    offered = [each.id for each in VERBS if mode in each.where and each.id not in {"find", "usual", "set"}]
    row = "↓" * offered.index("line") + "⏎"
    rows, last = [], ""
    for way, typed in (("short", short), ("form", form.replace("{line}", row))):
        with a_desk("sqlite", tmp_path / way) as store:
            seat = Seat(Desk(store))
            await seat.sit()
            await seat.type(before)
            last = await seat.type(typed)
            assert seat.tone == "done"
            assert (seat.desk.now.guide, seat.desk.now.choice, seat.prompt) == (None, None, "")
            await seat.desk.stop()
            rows.append(story(store))
    assert rows[0] == rows[1]
    assert last.endswith(f"(short: {short.strip().removesuffix('⏎').strip()})")


def test_every_verb_with_a_form_is_tried() -> None:
    # the tests of their own try them: they want a request, a short payment, another login, or write nothing
    elsewhere = {"reject", "edit", "short", "write-off", "as-of", "deduction-code", "deduction-write-off", "complaint"}
    shown = {TICKET, CALLBACK, OPENED, HANDOVER, ESCALATION}  # what is done with a thing that is shown: test_tickets …
    forms = {verb.id for verb in VERBS if verb.guide and not verb.where <= shown} - {"callback", "escalate"}
    assert {verb for verb, *_ in FORMS} == forms - elsewhere | {"line"}
