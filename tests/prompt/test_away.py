"""The database goes away just when half-typed text is to be kept: what the last key came to is still to be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from csdesk.errors import Unavailable
from csdesk.models import AuditEntry
from csdesk.prompt import keeping
from csdesk.store import AWAY
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books


async def test_what_a_line_came_to_is_told_again_once_the_database_is_back(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: Any) -> None:
        raise Unavailable(AWAY)

    await seat.sit()
    told = await seat.type("4711 2⏎")
    with monkeypatch.context() as away:
        away.setattr(keeping, "keep", nothing)
        for _ in range(2):
            await seat.desk.pause()
            assert (seat.echo, seat.desk.away) == (AWAY, True)
    await seat.desk.pause()
    assert (seat.echo, seat.desk.away) == (told, False)
    with monkeypatch.context() as away:
        away.setattr(keeping, "keep", nothing)
        await seat.desk.pause()
    said = await seat.type("4720 1⏎")
    await seat.desk.pause()
    assert seat.echo == said != told


async def test_it_says_since_when_by_the_clock_on_the_wall(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: Any) -> None:
        raise Unavailable(AWAY)

    await seat.sit("20417")
    monkeypatch.setattr(keeping, "keep", nothing)
    monkeypatch.setattr(seat.desk.store, "away_since", datetime(2026, 7, 1, 12, 2, tzinfo=UTC), raising=True)
    seat.desk.now.zone = ZoneInfo("Europe/Berlin")
    await seat.desk.pause()
    assert seat.echo == "The database is away since 14:02; what you typed is kept."


async def test_a_caller_is_found_once_however_often_the_key_is_tried(
    seat: Seat, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to the commit is lost: pressed again, the same key finds that it had landed."""
    await seat.sit("20417")
    store, write, lost = seat.desk.store, seat.desk.store.write, []

    async def landed_unanswered(verb: Any, *args: Any, **more: Any) -> Any:
        made = await write(verb, *args, **more)
        if verb.__name__ == "identify" and not lost:
            lost.append(verb)
            raise Unavailable(AWAY)
        return made

    before = len(books.rows(AuditEntry, verb="calls.identify"))
    await seat.type("k")
    monkeypatch.setattr(type(store), "write", lambda self, *args, **more: landed_unanswered(*args, **more))
    await seat.type("20417")
    await seat.desk.press("enter")
    assert (lost != [], seat.desk.away) == (True, True)
    await seat.desk.press("enter")
    assert not seat.desk.away
    assert len(books.rows(AuditEntry, verb="calls.identify")) == before + 1
