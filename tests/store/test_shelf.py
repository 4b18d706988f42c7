"""A folder of backups: names, how many are kept, and the drill that shows one can be put back."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from csdesk.commands import copies, shelf
from csdesk.commands.database import print_findings
from csdesk.errors import Invalid, NotFound
from csdesk.store import Store
from tests.support import databases
from tests.support.seed import Seeded

NOW = datetime(2026, 6, 9, 14, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _programs_of_the_server(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump must not be older than the server."""
    if backend == "postgres":
        monkeypatch.setenv("PATH", databases.the_server().programs + os.pathsep + os.environ["PATH"])


def test_the_newest_are_kept_and_other_files_never_touched(tmp_path: Path) -> None:
    made = [shelf.place(tmp_path, NOW + timedelta(days=day)) for day in range(5)]
    for each in made:
        each.write_bytes(b"x")
    (tmp_path / "desk-old.backup").write_bytes(b"x")
    os.utime(made[4], (0, 0))  # a copy from elsewhere: its name tells its age, not its date
    assert shelf.newest(tmp_path) == made[4]
    assert shelf.retire(tmp_path, 2) == [made[2], made[1], made[0]]
    assert sorted(each.name for each in tmp_path.iterdir()) == [made[3].name, made[4].name, "desk-old.backup"]
    with pytest.raises(Invalid, match="At least one"):
        shelf.retire(tmp_path, 0)


def test_a_file_is_its_own_place_and_an_empty_folder_holds_none(tmp_path: Path) -> None:
    assert shelf.place(tmp_path / "copy", NOW) == shelf.newest(tmp_path / "copy") == tmp_path / "copy"
    with pytest.raises(NotFound, match="no backup"):
        shelf.newest(tmp_path)


def test_a_drill_puts_the_newest_back_checks_it_and_leaves_nothing(
    store: Store, seeded: Seeded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copies.write(store, shelf.place(tmp_path, NOW))
    before = _databases(store)
    sound, words = shelf.drill(store, shelf.newest(tmp_path), print_findings)
    assert sound
    assert words.startswith("put back in ")
    assert "ok      audit" in capsys.readouterr().out
    assert _databases(store) == before


def test_a_drill_tells_what_does_not_hold(store: Store, seeded: Seeded, tmp_path: Path) -> None:
    copies.write(store, shelf.place(tmp_path, NOW))
    before = _databases(store)
    sound, _ = shelf.drill(store, shelf.newest(tmp_path), lambda copy: False)
    assert not sound
    assert _databases(store) == before


def _databases(store: Store) -> list[str]:
    if not store.postgres:
        return []
    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT datname FROM pg_database WHERE datname LIKE 'csdesk_drill%'"))
        return sorted(row.datname for row in rows)
