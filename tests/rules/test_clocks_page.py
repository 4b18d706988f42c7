"""The worked cases of docs/clocks.md: what the page says is what the engine says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from csdesk.rules.clock import Calendar, due
from csdesk.rules.clock_text import calendar_of
from csdesk.rules.ticket_clocks import clocks
from csdesk.rules.ticket_policy import KINDS, Policy, target_of, target_text, targets_of
from csdesk.rules.ticket_states import Event

PAGE = (Path(__file__).parents[2] / "docs" / "clocks.md").read_text("utf-8")
FILES = [tomllib.loads(each) for each in re.findall(r"```toml\n(.*?)```", PAGE, re.S)]
CALENDARS = {name: calendar_of({**words, "name": name}) for name, words in FILES[0].items()}
POLICIES = {("p", 1): Policy("p", 1, CALENDARS["office"], targets_of(FILES[1]["targets"]))}
STORIES = re.split(r"^### ", PAGE.partition("\n## Tickets\n")[2], flags=re.M)[1:]


def rows(text: str, first: str) -> Iterator[list[str]]:
    """The cells of the rows of tables whose first column has a heading."""
    inside = False
    for line in text.splitlines():
        cells = [each.strip() for each in line.strip("|").split("|")] if line.startswith("|") else []
        if cells and cells[0] == first:
            inside = True
        elif not cells:
            inside = False
        elif inside and set(cells[0]) != {"-"}:
            yield cells


def instant(text: str, calendar: Calendar) -> datetime:
    found = datetime.strptime(text.split(" ", 1)[1], "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(calendar.zone))
    assert found.strftime("%a") == text[:3], f"{text} is a {found:%A}"
    return found.astimezone(UTC)


def told(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize("cells", rows(PAGE, "case"), ids=lambda cells: cells[0])
def test_a_worked_case(cells: list[str]) -> None:
    _, name, start, target, paused, found = cells
    calendar = CALENDARS[name]
    pauses = [tuple(instant(each, calendar) for each in paused.split(" to "))] if paused else []
    assert due(calendar, instant(start, calendar), target_of(target), pauses) == instant(found, calendar)  # type: ignore[arg-type]


def event(seq: int, cells: list[str]) -> Event:
    name, *words = cells[1].split()
    data: dict[str, Any] = dict(each.split("=", 1) for each in words)
    if name in ("opened", "priority", "merged_in"):
        data |= {"policy": "p", "policy_version": 1, "priority": int(data["priority"])}
    if "waited" in data:
        data |= {"starts": {"resolution": data["opened_at"]},
                 "pauses": {"resolution": [["customer", *data["waited"].split("/"), "photo?"]]}}  # fmt: skip
    return Event(seq, instant(cells[0], CALENDARS["office"]), name, 1, data)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.partition("\n")[0])
def test_a_worked_ticket(story: str) -> None:
    """Its events so far, as of each instant the page tells of."""
    parts = re.split(r"^As of (\w{3} [-\d]{10} [\d:]{5})", story, flags=re.M)
    events: list[Event] = []
    for before, as_of, after in zip(parts[:-1:2], parts[1::2], parts[2::2], strict=True):
        events += [event(len(events) + place, cells) for place, cells in enumerate(rows(before, "when"), 1)]
        found = [
            [each.kind, str(each.epoch), each.state, told(each.due), told(each.breached_at),
             target_text(each.late) if each.breached_at else ""]
            for each in sorted(clocks(events, POLICIES, instant(as_of, CALENDARS["office"])),
                               key=lambda one: (KINDS.index(one.kind), one.epoch))
        ]  # fmt: skip
        assert found == list(rows(after, "clock"))
        for each in found:
            assert each[5] == "" or target_of(each[5]) > timedelta(0)


def test_the_page_names_every_kind_of_clock_and_tells_stories() -> None:
    assert [cells[0] for cells in rows(PAGE.partition("\n## Calendars\n")[0], "clock")] == list(KINDS)
    assert len(STORIES) >= 7
    assert len(list(rows(PAGE, "case"))) >= 15
