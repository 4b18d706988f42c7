"""How the desk serves, set from words: whole or not at all, versioned, running clocks moved and no others."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.errors import DeskError, Invalid, Refused
from csdesk.models import (
    AuditEntry,
    ServiceCalendar,
    ServicePolicy,
    ServiceQueue,
    Staff,
    StaffQueue,
    Ticket,
    TicketCategory,
    TicketEvent,
)
from csdesk.services import serving, ticket_views, tickets
from csdesk.store import Store
from tests.services.conftest import Desk
from tests.services.talk import Talk

FILE = """
[calendar.desk]
zone = "America/Moncton"
mon = "08:00-12:00 13:00-17:00"
tue = "08:00-17:00"
country = "CA"
subdivision = "NB"
holidays = ["2026-12-24"]
hours = { "2026-12-31" = "08:00-12:00" }
[policy.standard]
calendar = "desk"
targets.resolution = { 1 = "2h", 2 = "8h", 3 = "2d", 4 = "5d" }
targets.first_response = { 1 = "30m", 3 = "4h" }
[queue.north]
name = "North"
policy = "standard"
team = "north"
staff = ["rep7", "lead3"]
reopen_days = 3
[category.frozen]
name = "Thawed"
parent = "delivery"
queue = "north"
words = ["thaw*", "melted"]
[cause.cause-cooling]
name = "Cooling"
owner = "transport"
"""


@pytest.fixture
def admin(desk: Desk) -> Store:
    """The desk as the system, which sets it up."""
    return desk.store


def told(text: str = FILE) -> dict[str, Any]:
    return tomllib.loads(text)


def test_a_file_sets_all_of_it_and_the_same_again_nothing(desk: Desk, admin: Store) -> None:
    words = admin.write_now(serving.load, told())
    assert words == (
        "Set: calendar desk version 2, policy standard version 2, queue north, 2 categories and causes; "
        "0 tickets with running clocks told."
    )
    assert [(each.code, each.version) for each in desk.rows(ServiceCalendar)] == [("desk", 1), ("desk", 2)]
    assert desk.rows(ServicePolicy)[-1].calendar_version == 2
    assert len(desk.rows(StaffQueue, queue="north")) == 2
    assert desk.row(TicketCategory, code="frozen").words == "thaw* melted"
    count = len(desk.rows(AuditEntry))
    assert admin.write_now(serving.load, told()) == serving.SAME
    again = admin.read_now(serving.shown)
    assert admin.write_now(serving.load, again.words) == serving.SAME
    assert len(desk.rows(AuditEntry)) == count
    assert again.versions == {("calendar", "desk"): 2, ("policy", "standard"): 2}


WRONG = [
    ("America/Moncton", "Mars/Base", "No time zone is called 'Mars/Base'"),
    ("12:00 13:00-17:00", "12:00 13:00-23:59", "write 24:00"),
    ('mon = "08:00-12:00 13:00-17:00"\ntue = "08:00-17:00"', "", "without any open hours"),
    ("08:00-12:00 13:00", "08:00-12:00 11:00", "overlaps"),
    ('country = "CA"', 'country = "XQ"', "calendar desk: "),
    ('subdivision = "NB"', 'sub = "NB"', "has no 'sub'"),
    ("2026-12-24", "24.12.2026", "A date is written 2026-12-24"),
    ('calendar = "desk"', 'calendar = "dusk"', "policy standard: there is no calendar 'dusk'; there are desk"),
    ("2h", "soon", "A target is written 4h"),
    ('"5d" }', '"5d", 7 = "1h" }', "there is no priority 7"),
    ("targets.resolution", "targets.solve", "No clock is called 'solve'"),
    ('policy = "standard"', 'policy = "gold"', "queue north: there is no policy 'gold'"),
    ('"lead3"', '"nobody"', "queue north: 'nobody' is nobody's login"),
    ('parent = "delivery"', 'parent = "frozen"', "lead back to 'frozen'"),
    ('parent = "delivery"', 'parent = "dairy"', "there is no category 'dairy'"),
    ('queue = "north"', 'queue = "east"', "category frozen: there is no queue 'east'"),
    ("reopen_days = 3", "reopen_days = true", "whole number from 0 to 365"),
    ("[cause.cause-cooling]", "[cause.frozen]", "is a category and a cause"),
    ("[queue.north]", "[queue.North]", "'North' is no code of a queue"),
    ("[cause.", "[couse.", "There is no 'couse' to set"),
    ('owner = "transport"', "", "it needs its owner"),
    ('name = "North"', "name = 7", "its name is a text"),
    ('2 = "8h"', '2 = "9999999h"', "10000 open hours at most"),
    ('2 = "8h"', '2 = "99999999999h"', "10000 open hours at most"),
    ('3 = "2d"', '3 = "1001d"', "1000 working days at most"),
    ('mon = "08:00-12:00 13:00-17:00"\ntue = "08:00-17:00"', 'mon = "08:00-08:01"', "do not come to 8h in ten years"),
]


def test_whatever_is_wrong_is_one_sentence_and_nothing_is_kept(desk: Desk, admin: Store) -> None:
    before = [desk.rows(each) for each in (ServiceCalendar, ServicePolicy, ServiceQueue, TicketCategory, StaffQueue)]
    said = []
    for old, new, _ in WRONG:
        assert old in FILE, old
        try:
            said.append(admin.write_now(serving.load, told(FILE.replace(old, new, 1))))
        except DeskError as error:
            said.append(error.message)
    assert [(a, b) for a, (_, _, b) in zip(said, WRONG, strict=True) if b not in a] == []
    with pytest.raises(Invalid, match="The file sets nothing"):
        admin.write_now(serving.load, {})
    assert before == [
        desk.rows(each) for each in (ServiceCalendar, ServicePolicy, ServiceQueue, TicketCategory, StaffQueue)
    ]
    with pytest.raises(Refused, match=r"service\.admin"):
        desk.rep.write_now(serving.load, told())


def test_only_running_clocks_move_and_each_ticket_is_told_once(desk: Desk, admin: Store, talk: Talk) -> None:
    running = talk.store.write_now(tickets.note, talk.call, "q", "when does the list begin")
    over = talk.store.write_now(tickets.note, talk.call, "q", "taken back")
    from csdesk.services import undo

    talk.store.write_now(undo.last, talk.call)
    before = {each.id: each for each in desk.rows(Ticket)}
    words = admin.write_now(serving.load, told())
    assert words.endswith("1 ticket with running clocks told.")
    row = desk.row(Ticket, id=running.id)
    assert (row.policy_version, row.version) == (2, before[running.id].version + 1)
    assert row.due_at != before[running.id].due_at
    assert desk.row(Ticket, id=over.id) == before[over.id]
    event = desk.rows(TicketEvent, ticket_id=running.id)[-1]
    assert (event.event, json.loads(event.data)) == (
        "policy", {"policy": "standard", "policy_version": 2, "edited": True},
    )  # fmt: skip
    view = desk.rep.read_now(ticket_views.whole, running.id)
    assert {each.policy_version for each in view.clocks if each.state == "running"} == {2}
    assert {each.policy_version for each in view.clocks if each.state == "met"} == {1}


def test_single_edits_change_what_they_name(desk: Desk, admin: Store) -> None:
    admin.write_now(serving.load, told())
    words = admin.write_now(
        serving.edit, "calendar", "desk",
        {"wed": "09:00-12:00", "holidays": ["2026-11-11"], "holidays-": ["2026-12-24"], "hours": {"2026-12-31": ""}},
    )  # fmt: skip
    assert words.startswith("Set: calendar desk version 3, policy standard version 3;")
    calendar = admin.read_now(serving.shown).words["calendar"]["desk"]
    assert calendar == {"zone": "America/Moncton", "mon": "08:00-12:00 13:00-17:00", "tue": "08:00-17:00",
                        "wed": "09:00-12:00", "country": "CA", "subdivision": "NB",
                        "holidays": ["2026-11-11"]}  # fmt: skip
    admin.write_now(serving.edit, "policy", "standard", {"targets": {"resolution": {"4": ""}, "reply": {"1": "1h"}}})
    targets = admin.read_now(serving.shown).words["policy"]["standard"]["targets"]
    assert (targets["resolution"], targets["reply"]) == ({"1": "2h", "2": "8h", "3": "2d"}, {"1": "1h"})
    admin.write_now(serving.edit, "queue", "north", {"staff-": ["lead3"]})
    assert admin.read_now(serving.shown).words["queue"]["north"]["staff"] == ["rep7"]
    with pytest.raises(DeskError, match="not among its staff"):
        admin.write_now(serving.edit, "queue", "north", {"staff-": ["lead3"]})
    assert [each.staff_id for each in desk.rows(StaffQueue, queue="north")] == [1]


def test_what_show_writes_load_takes(desk: Desk, admin: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if desk.store.engine.dialect.name != "sqlite":
        pytest.skip("the commands are asked once")
    admin.write_now(serving.load, told())
    from csdesk.commands import service

    shown = admin.read_now(serving.shown)
    text = "\n".join(
        line for part, codes in shown.words.items() for code, words in codes.items()
        for line in service._table(part, code, words, shown.versions.get((part, code)))
    )  # fmt: skip
    assert tomllib.loads(text) == shown.words
    file = tmp_path / "broken.toml"
    file.write_text("[calendar.desk\n")
    done = CliRunner().invoke(app, ["service", "load", str(file)])
    assert isinstance(done.exception, Invalid)
    assert "is no TOML" in done.exception.message


def test_a_disabled_colleague_stays_in_his_queue_until_taken_out(desk: Desk, admin: Store) -> None:
    admin.write_now(serving.load, told())
    desk.change(Staff, {"login": "rep7"}, disabled=True)
    assert admin.write_now(serving.load, admin.read_now(serving.shown).words) == serving.SAME
    assert admin.write_now(serving.edit, "queue", "north", {"reopen_days": 5}) == "Set: queue north."
    admin.write_now(serving.edit, "queue", "north", {"staff-": ["rep7"]})
    with pytest.raises(Invalid, match="queue north: 'rep7' is disabled"):
        admin.write_now(serving.edit, "queue", "north", {"staff": ["rep7"]})
