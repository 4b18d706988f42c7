"""A folder of backups: names, how many are kept, and the drill that shows one can be put back."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from csdesk.commands import copies, shelf
from csdesk.commands.database import print_findings
from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import AuditEntry, table
from csdesk.services import founding
from csdesk.store import Store
from tests.support import databases
from tests.support.seed import Seeded

NOW = datetime(2026, 6, 9, 14, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
DESK = "desk-f00ba2"


@pytest.fixture(autouse=True)
def _programs_of_the_server(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump must not be older than the server."""
    if backend == "postgres":
        monkeypatch.setenv("PATH", databases.the_server().programs + os.pathsep + os.environ["PATH"])


def test_the_newest_are_kept_and_other_files_never_touched(tmp_path: Path) -> None:
    made = [shelf.place(tmp_path, DESK, NOW + timedelta(days=day)) for day in range(5)]
    others = {shelf.place(tmp_path, "desk-0f0f0f", NOW - timedelta(days=9)), tmp_path / "desk-old.backup"}
    for each in (*made, *others):
        each.write_bytes(b"x")
    os.utime(made[4], (0, 0))  # a copy from elsewhere: its name tells its age, not its date
    assert shelf.newest(tmp_path, LATER, DESK) == made[4]
    assert shelf.retire(made[4], DESK, 2) == [made[2], made[1], made[0]]
    assert set(tmp_path.iterdir()) == {made[3], made[4], *others}
    with pytest.raises(Invalid, match="At least one"):
        shelf.retire(made[4], DESK, 0)


def test_a_clock_that_was_wrong_costs_no_backup(tmp_path: Path) -> None:
    early, now, late = (shelf.place(tmp_path, DESK, NOW + timedelta(days=day)) for day in (-1, 0, 400))
    for each in (early, now, late):
        each.write_bytes(b"x")
    assert shelf.retire(now, DESK, 1) == [early]
    assert set(tmp_path.iterdir()) == {now, late}
    with pytest.raises(Refused, match=f"{late} is named after an instant that has not come; .* name the file"):
        shelf.newest(tmp_path, NOW, DESK)


def test_which_of_several_desks_is_never_guessed(tmp_path: Path) -> None:
    mine, other = (shelf.place(tmp_path, each, NOW) for each in (DESK, "desk-0f0f0f"))
    other.write_bytes(b"x")
    assert shelf.newest(tmp_path, LATER, DESK) == other  # the only desk there is: its machine is gone
    mine.write_bytes(b"x")
    assert shelf.newest(tmp_path, LATER, DESK) == mine
    with pytest.raises(Refused, match=r"holds backups of 2 desks \(desk-0f0f0f, desk-f00ba2\); name one file"):
        shelf.newest(tmp_path, LATER)


def test_a_desk_is_known_by_its_database_and_where_that_is(store: Store, empty_url: str) -> None:
    other = Store(empty_url)
    names = [shelf.desk(each) for each in (store, store, other)]
    other.close()
    assert re.fullmatch(r"desk(_[0-9_]+)?-[0-9a-f]{6}", names[0])
    assert names[0] == names[1] != names[2]


def test_a_file_is_its_own_place_and_an_empty_folder_holds_none(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert shelf.place(copy, DESK, NOW) == shelf.newest(copy, NOW) == copy
    with pytest.raises(NotFound, match="no backup"):
        shelf.newest(tmp_path, NOW)


def test_a_drill_puts_the_newest_back_checks_it_and_leaves_nothing(
    store: Store, seeded: Seeded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.write_now(founding.add_staff, "rep99", "Test Rep", "rep")
    copies.write(store, shelf.place(tmp_path, DESK, NOW))
    before = _databases(store)
    sound, words = shelf.drill(store, shelf.newest(tmp_path, LATER), print_findings)
    assert sound
    assert words.startswith("put back in ")
    with store.engine.connect() as connection:
        last = connection.execute(select(func.max(table(AuditEntry).c.at))).scalar_one()
    assert words.endswith(f": {last.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
    assert "ok      audit" in capsys.readouterr().out
    assert _databases(store) == before


def test_a_drill_tells_what_does_not_hold(store: Store, seeded: Seeded, tmp_path: Path) -> None:
    copies.write(store, shelf.place(tmp_path, DESK, NOW))
    before = _databases(store)
    sound, words = shelf.drill(store, shelf.newest(tmp_path, LATER), lambda copy: False)
    assert not sound
    assert words.endswith("nothing was done in it yet")
    assert _databases(store) == before


def _databases(store: Store) -> list[str]:
    if not store.postgres:
        return []
    with store.engine.connect() as connection:
        rows = connection.execute(text(f"SELECT datname FROM pg_database WHERE datname LIKE '{shelf.scratch()}%'"))
        return sorted(row.datname for row in rows)
