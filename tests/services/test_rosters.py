"""Rosters taken in from files, and who is on shift by them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.errors import Invalid, Refused
from csdesk.models import Shift, Staff
from csdesk.services import rosters
from csdesk.services.rosters import Line
from tests.services.conftest import Desk


def load(desk: Desk, *lines: Line, login: str = "boss1") -> str:
    return desk.as_(login).write_now(rosters.load, lines)


def test_a_roster_stands_for_the_days_it_names_and_what_has_begun_stays(desk: Desk) -> None:
    said = load(desk, Line(2, "rep7", "2026-03-03 08:00", "16:00"), Line(3, "rep7", "2026-03-04 08:00", "16:00"),
                Line(4, "LEAD3", "2026-03-03 09:00", "17:00", "South", "Lead"))  # fmt: skip
    assert said == "Roster taken in: 3 shifts of 2 people, 3 new."
    assert [(row.staff_id, row.team, row.level) for row in desk.rows(Shift)] == [
        (1, "North", ""), (1, "North", ""), (2, "South", "lead"),
    ]  # fmt: skip
    said = load(desk, Line(2, "rep7", "2026-03-03 08:00", "15:00"), Line(3, "rep7", "2026-03-04 10:00", "18:00"))
    assert said == "Roster taken in: 2 shifts of 1 people, 1 new."
    spans = sorted((row.staff_id, row.starts_at.hour, row.ends_at.hour) for row in desk.rows(Shift))
    assert spans == [(1, 13, 20), (1, 15, 23), (2, 14, 22)]
    assert load(desk, Line(2, "rep7", "2026-03-04 10:00", "18:00")).endswith("1 new.")
    assert len(desk.rows(Shift)) == 3


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((Line(2, "nobody", "2026-03-03 08:00", "16:00"),), "Row 2: 'nobody' is nobody's login here."),
        ((Line(2, "rep7", "tomorrow", "16:00"),), "Row 2: 'tomorrow' is no local time"),
        ((Line(2, "rep7", "2026-03-03 08:00", "16:00", "", "boss"),), "Row 2: 'boss' is no level"),
        ((Line(2, "rep7", "2026-03-04 08:00", "16:00"), Line(3, "rep7", "2026-03-04 15:00", "18:00")),
         "Rows 2 and 3: rep7"),
        ((Line(2, "rep7", "2026-03-03 10:00", "16:00"),), "Row 2: rep7 is on a shift since 03 Mar 08:00 already"),
        ((), "The roster has no lines"),
    ],
)  # fmt: skip
def test_a_roster_is_taken_in_whole_or_not_at_all(desk: Desk, lines: tuple[Line, ...], said: str) -> None:
    load(desk, Line(2, "rep7", "2026-03-03 08:00", "16:00"))
    before = desk.rows(Shift)
    with pytest.raises(Invalid, match=said):
        load(desk, Line(1, "lead3", "2026-03-05 08:00", "16:00"), *lines) if lines else load(desk)
    assert desk.rows(Shift) == before


def test_a_rep_takes_no_roster_in_and_a_disabled_login_is_on_no_shift(desk: Desk) -> None:
    line = Line(2, "rep7", "2026-03-03 08:00", "16:00")
    with pytest.raises(Refused, match=r"service\.admin"):
        load(desk, line, login="rep7")
    load(desk, line, login="admin1")
    assert desk.rep.read_now(rosters.on_shift, "North", "", desk.clock()) == (1,)
    assert desk.rep.read_now(rosters.whom, "North", "", desk.clock()) == (1, "")
    desk.change(Staff, {"id": 1}, disabled=True)
    assert desk.lead.read_now(rosters.whom, "North", "", desk.clock()) is None
    with pytest.raises(Invalid, match="is disabled"):
        load(desk, line)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_roster_file_is_read_from_csv_and_workbook(desk: Desk, database_url: str, tmp_path: Path, kind: str) -> None:
    day = desk.clock().date() + timedelta(days=700)  # the commands have a clock of their own
    head, row = ("Login", "start", "END", "level"), ("rep7", f"{day} 00:00", "08:30", "lead")
    file = tmp_path / f"roster.{kind}"
    if kind == "csv":
        file.write_text("\n".join(",".join(each) for each in (head, row, ("", "", "", ""))), "utf-8")
    else:
        book = Workbook()
        book.active.append(head)
        book.active.append(("rep7", day, "08:30", "lead"))
        book.save(file)
    args = ["--db", database_url, "--user", "boss1"]
    done = CliRunner().invoke(app, ["roster", "load", str(file), *args])
    assert done.output == "Roster taken in: 1 shifts of 1 people, 1 new.\n"
    shift = desk.row(Shift)
    assert (shift.team, shift.level, shift.ends_at - shift.starts_at) == ("North", "lead", timedelta(hours=8.5))
    shown = CliRunner().invoke(app, ["roster", "show", "--days", "4000", *args])
    assert shown.output.split()[-3:] == ["rep7", "lead", "North"]
    assert "on no shift now" in str(CliRunner().invoke(app, ["roster", "end", *args]).exception)
