"""The tick and a desk at leisure: what is refused or broken is said, and never stops what comes after it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from csdesk.errors import Refused, Unavailable
from csdesk.prompt import leisure
from csdesk.services import ticking
from csdesk.services.ticking import Step


class Runs:
    """A store that runs steps as they are, now and without a wait."""

    read_only = False

    def acting(self, actor: object) -> Runs:
        return self

    def read_now(self, verb: Callable[..., Any], *args: Any) -> Any:
        return verb(*args)

    write_now = read_now

    async def read(self, verb: Callable[..., Any], *args: Any) -> Any:
        return verb(*args)

    write = read


def act(number: int) -> str:
    done.append(number)
    if number == 1:
        raise Refused("One is refused.")
    if number == 2:
        raise RuntimeError("two is a bug")
    return f"{number} is done." if number > 3 else ""


def aside(number: int) -> str:
    done.append(-number)
    raise Refused(f"{number} cannot be set aside.")


def unlisted() -> tuple[int, ...]:
    raise ZeroDivisionError("no list")


done: list[int] = []


@pytest.fixture(autouse=True)
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    done.clear()
    every = (Step(lambda: (1, 2, 3, 4), act, aside), Step(unlisted, act), Step(lambda: (5,), act))
    monkeypatch.setattr(ticking, "STEPS", every)


def test_one_that_is_refused_or_broken_never_stops_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    assert list(ticking.run(Runs())) == [
        ("One is refused.", False),
        ("1 cannot be set aside.", False),
        ("test_ticking.act of 2 broke: RuntimeError: two is a bug", False),
        ("4 is done.", True),
        ("test_ticking.unlisted broke: ZeroDivisionError: no list", False),
        ("5 is done.", True),
    ]
    assert [each.exc_info is not None for each in caplog.records] == [True, True], "a bug leaves its traceback"


async def test_at_leisure_neither(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "csdesk.leisure")
    await leisure.tick(Runs(), lambda: False)  # type: ignore[arg-type]
    assert done == [1, -1, 2, 3, 4, 5]
    told = [each.getMessage() for each in caplog.records]
    assert told[:2] == ["One is refused.", "1 cannot be set aside."]
    assert [each.exc_info is not None for each in caplog.records] == [False, False, True, True]


async def test_without_the_database_nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> tuple[int, ...]:
        raise Unavailable("The database is away.")

    monkeypatch.setattr(ticking, "STEPS", (Step(away, act), *ticking.STEPS))
    with pytest.raises(Unavailable):
        list(ticking.run(Runs()))
    await leisure.tick(Runs(), lambda: False)  # type: ignore[arg-type]
    assert done == []
