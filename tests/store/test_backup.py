"""Backups are consistent while others write, restore into an empty place only, and are never half there."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from csdesk.commands import copies
from csdesk.errors import Invalid, NotFound, Refused, Unavailable
from csdesk.migrations import roles, schema
from csdesk.services import care
from csdesk.store import Store
from tests.support import databases, verbs
from tests.support.seed import Seeded


@pytest.fixture(autouse=True)
def _programs_of_the_server(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump must not be older than the server."""
    if backend == "postgres":
        monkeypatch.setenv("PATH", databases.the_server().programs + os.pathsep + os.environ["PATH"])


@pytest.fixture
def empty(empty_url: str) -> Iterator[Store]:
    """Where a backup is put back."""
    made = Store(empty_url)
    yield made
    made.close()


def test_a_backup_taken_while_others_write_is_a_sound_desk(
    store: Store, seeded: Seeded, empty: Store, tmp_path: Path
) -> None:
    stop, started = threading.Event(), threading.Event()

    def keep_writing() -> None:
        while not stop.is_set():
            store.write_now(verbs.add_person, "Ann")
            started.set()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    assert started.wait(30)
    try:
        copies.write(store, tmp_path / "copy")
    finally:
        stop.set()
        writer.join()
    copies.put_back(empty, tmp_path / "copy")
    schema.require_current(empty)
    assert [each.name for each in empty.read_now(care.check) if each.offenders] == []
    assert 0 < empty.read_now(verbs.count_persons) <= store.read_now(verbs.count_persons)
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in tmp_path.iterdir() if "part" in each.name) == []


def test_triggers_and_search_come_back_too(store: Store, seeded: Seeded, empty: Store, tmp_path: Path) -> None:
    copies.write(store, tmp_path / "copy")
    copies.put_back(empty, tmp_path / "copy")
    with (
        pytest.raises(Exception, match="stand once they are written"),
        empty.engine.execution_options(desk_write=True).begin() as connection,
    ):
        connection.execute(text("DELETE FROM document"))


def test_nothing_is_ever_overwritten(store: Store, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("a letter")
    with pytest.raises(Refused, match="exists already; name another file"):
        copies.write(store, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "a letter"
    (tmp_path / "copy").unlink()
    copies.write(store, tmp_path / "copy")
    with pytest.raises(Refused, match="There is a desk in this database already"):
        copies.put_back(store, tmp_path / "copy")


def test_a_backup_that_cannot_be_written_leaves_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be written"):
        copies.write(store, tmp_path / "none" / "copy")
    assert not (tmp_path / "none").exists()


def test_what_is_no_backup_is_refused(empty: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        copies.put_back(empty, tmp_path / "none")
    (tmp_path / "letter").write_text("a letter")
    with pytest.raises(Invalid, match="is no backup of a desk"):
        copies.put_back(empty, tmp_path / "letter")
    other = b"PGDMP" if not empty.postgres else b"SQLite format 3\0"
    (tmp_path / "other").write_bytes(other + b"\0" * 4096)
    with pytest.raises(Invalid, match="name such a one with --db"):
        copies.put_back(empty, tmp_path / "other")
    assert schema.current(empty) is None


def test_a_damaged_backup_is_not_put_back(store: Store, empty: Store, tmp_path: Path) -> None:
    copies.write(store, tmp_path / "copy")
    content = (tmp_path / "copy").read_bytes()
    (tmp_path / "copy").write_bytes(content[: len(content) // 2])
    with pytest.raises(Unavailable):
        copies.put_back(empty, tmp_path / "copy")
    assert schema.current(empty) is None


@pytest.mark.parametrize("backend", ["postgres"], indirect=True)
def test_a_missing_program_is_named(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="pg_dump is not here"):
        copies.write(store, tmp_path / "copy")


@pytest.mark.parametrize("backend", ["postgres"], indirect=True)
def test_the_password_never_stands_on_a_command_line(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def look(command: list[str], env: dict[str, str], **_: object) -> subprocess.CompletedProcess[str]:
        seen.append([*command, env["PGPASSWORD"]])
        return subprocess.CompletedProcess(command, 1, "", "enough seen")

    monkeypatch.setattr(subprocess, "run", look)
    secret = Store(str(store.engine.url.set(password="quayside").render_as_string(hide_password=False)))
    with pytest.raises(Unavailable, match="enough seen"):
        copies.write(secret, Path("/tmp") / f"csdesk-never-{os.getpid()}")
    assert seen[0][-1] == "quayside"
    assert "quayside" not in " ".join(seen[0][:-1])
    secret.close()


@pytest.mark.parametrize("backend", ["postgres"], indirect=True)
def test_a_copy_is_put_back_on_a_server_without_the_desks_roles(store: Store, empty: Store, tmp_path: Path) -> None:
    role, programs = f"{store.engine.url.database}_gone", Path(databases.the_server().programs)
    databases.the_server().run(f"CREATE ROLE {role} LOGIN")
    store.write_now(roles.grant, role)
    copies.write(store, tmp_path / "copy")
    listed = subprocess.run([programs / "pg_restore", "--list", tmp_path / "copy"], capture_output=True, text=True)
    assert "TABLE public document " in listed.stdout
    assert " ACL " not in listed.stdout
    with_rights = [programs / "pg_dump", "-Fc", "-h", databases.the_server().folder, "-U", "desk", "-f"]
    subprocess.run([*with_rights, tmp_path / "other", str(store.engine.url.database)], check=True)
    with store.engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
    databases.the_server().run(f"DROP ROLE {role}")
    copies.put_back(empty, tmp_path / "other")
    schema.require_current(empty)


ONLY_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@ONLY_SQLITE
@pytest.mark.parametrize("left", ["-wal", "-shm", "-journal"])
def test_what_a_dead_desk_left_is_never_mixed_into_a_copy(
    store: Store, empty: Store, tmp_path: Path, left: str
) -> None:
    copies.write(store, tmp_path / "copy")
    target = Path(empty.engine.url.database or "")
    beside = target.with_name(target.name + left)
    beside.write_bytes(b"the last sales of the day")
    for _ in ("no file", "an empty file"):
        with pytest.raises(Refused, match=f"{beside} is left of a desk that stood here; move it to that one"):
            copies.put_back(empty, tmp_path / "copy")
        assert beside.read_bytes() == b"the last sales of the day"
        target.touch()
    beside.unlink()
    copies.put_back(empty, tmp_path / "copy")
    schema.require_current(empty)


@ONLY_SQLITE
def test_a_file_with_its_own_log_beside_it_is_read_with_it(store: Store, seeded: Seeded, empty: Store) -> None:
    store.write_now(verbs.add_person, "Ann")
    desk = Path(store.engine.url.database or "")
    assert desk.with_name(f"{desk.name}-wal").stat().st_size
    copies.put_back(empty, desk)
    assert empty.read_now(verbs.count_persons) == store.read_now(verbs.count_persons)
