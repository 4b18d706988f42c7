"""What counts as one address: of IPv6 the first 64 bits, at the door, in the log and in the trail."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import pytest

from csdesk.server.front import Front
from csdesk.server.minute import SPAN, Minute
from csdesk.server.refusals import TOLD, Refusals
from csdesk.server.stay import SPARE, Stay
from csdesk.services.sessions import Coming


def a_front() -> Any:
    limits = SimpleNamespace(serve_half_open=5, serve_per_address=2, serve_grace=60, serve_per_login=1, serve_most=3)
    return SimpleNamespace(settings=limits, half_open=Counter(), inside=Counter())


async def test_connections_count_by_network_then_by_login_and_no_more_when_they_are_gone() -> None:
    front = a_front()
    stays = [Stay(cast(Front, front), lambda why, words: None) for _ in range(9)]
    assert [stays[n].connects(f"2001:db8::{n}") for n in range(3)] == [True, True, False]
    assert [stays[n].connects(f"2001:db8:0:{n}::1") for n in range(3, 7)] == [True, True, True, False]
    assert front.half_open.total() == 5
    assert all(stays[n].comes_in("rep7") for n in (0, 1, 3, 4, 5))
    assert front.half_open == {}
    assert front.inside == {"rep7": 1 + SPARE}
    assert stays[7].connects("2001:db8::7")
    assert not stays[7].comes_in("rep7")
    for each in stays:
        each.gone()
        each.gone()
    assert (front.half_open, front.inside) == ({}, {})


async def test_a_flood_from_one_network_is_written_so_often_and_said_to_go_on(caplog: pytest.LogCaptureFixture) -> None:
    written: list[str] = []

    async def write(verb: Any, login: str, address: str, method: str, why: str) -> None:
        written.append(address)

    metrics: Any = SimpleNamespace(refused=lambda: None)
    told = Refusals(cast(Any, SimpleNamespace(write=write)), metrics, asyncio.ensure_future)
    with caplog.at_level(logging.WARNING, "csdesk.server"):
        for number in range(TOLD):
            told.tell(Coming("rep7", f"2001:db8::{number}", "key"), "why")
        for number in range(100):
            told.password("rep7", f"2001:db8::{number:x}")
            told.turned_away(f"2001:db8::{number:x}")
        told.password("rep7", "2001:db8:0:1::1")
    await asyncio.sleep(0)
    assert written == [f"2001:db8::{number}" for number in range(TOLD)], "with the whole address"
    assert len(caplog.records) == TOLD + 2
    assert "more refusals of this address are not written" in caplog.text


def test_a_minute_forgets() -> None:
    now = [0.0]
    minute = Minute(2, lambda: now[0])
    assert [minute.over("a") for _ in range(4)] == [0, 0, 1, 2]
    now[0] = SPAN
    assert minute.over("a") == 0
