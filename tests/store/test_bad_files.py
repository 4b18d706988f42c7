"""A database file that is missing, foreign, damaged, write-protected or full is named in one sentence each."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from csdesk.commands import copies
from csdesk.errors import Unavailable
from csdesk.migrations import schema
from csdesk.store import Store
from tests.support import databases, verbs

NOBODY = 65534


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A desk's file in a folder of its own."""
    folder = tmp_path / "desk"
    folder.mkdir()
    with databases.database("sqlite", folder, "seeded"):
        yield folder / "desk.db"


def sentence(file: Path, act: Callable[[Store], object]) -> str:
    """What a rep is told when `act` meets the file: exactly one line."""
    store = Store(f"sqlite:///{file}")
    try:
        with pytest.raises(Unavailable) as caught:
            act(store)
    finally:
        store.close()
    assert "\n" not in caught.value.message
    return caught.value.message


def read(store: Store) -> object:
    return store.read_now(verbs.count_persons)


def write(store: Store) -> object:
    return store.write_now(verbs.add_person, "Ann")


BOTH = pytest.mark.parametrize("act", [read, write, schema.require_current, schema.upgrade])


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be opened" in sentence(tmp_path / "none" / "desk.db", read)
    assert "no desk yet" in sentence(tmp_path / "none" / "desk.db", write)


@BOTH
def test_a_file_that_is_no_database(file: Path, act: Callable[[Store], object]) -> None:
    file.write_bytes(b"Dear reader, this is a letter and no database. " * 300)
    assert "no csdesk database" in sentence(file, act)


@pytest.mark.parametrize("act", [read, write])
def test_a_damaged_file(file: Path, act: Callable[[Store], object]) -> None:
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)  # the first page keeps the schema's root
    file.write_bytes(content)
    assert "damaged; restore the last backup" in sentence(file, act)


def test_a_damaged_desk_is_to_be_moved_away_before_a_copy_takes_its_place(file: Path) -> None:
    shutil.copy(file, file.with_name("copy"))
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    told = sentence(file, lambda store: copies.put_back(store, file.with_name("copy")))
    assert told.startswith(f"{file} is damaged; move it away, and what begins with its name (-wal, -shm)")
    assert told.endswith(", or name a new file with --db.")


def test_a_file_cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 3)
    assert "damaged; restore the last backup" in sentence(file, write)


def test_a_full_disk(file: Path) -> None:
    def write_much(store: Store) -> None:
        @event.listens_for(store.engine, "connect")
        def little_room(connection: object, _: object) -> None:
            connection.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined]  # never below its present size

        for _ in range(2000):
            store.write_now(verbs.add_person, "A" * 200)

    before = file.stat().st_size
    assert "disk is full; nothing was written" in sentence(file, write_much)
    store = Store(f"sqlite:///{file}")
    assert store.read_now(schema.integrity) == []
    store.close()
    assert file.stat().st_size == before


@contextmanager
def write_protected(file: Path) -> Iterator[Path]:
    """The file where its reader may not write, neither it nor its folder; root puts its powers aside for that."""
    place = Path("/tmp") / f"csdesk-{os.getpid()}-{file.parent.parent.name}"
    shutil.copytree(file.parent, place)
    (place / file.name).chmod(0o444)
    place.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield place / file.name
    finally:
        if root:
            os.seteuid(0)
        place.chmod(0o755)
        shutil.rmtree(place)


@pytest.mark.parametrize("act", [read, write, schema.upgrade])
def test_a_file_one_may_not_write(file: Path, act: Callable[[Store], object]) -> None:
    if act is schema.upgrade:
        mark_older(file)
    with write_protected(file) as protected:
        assert "read-only" in sentence(protected, act)


def test_a_copy_where_one_may_only_read_is_put_back(file: Path) -> None:
    copy = file.with_name("a copy?")
    desk = Store(f"sqlite:///{file}")
    copies.write(desk, copy)
    desk.close()
    with write_protected(copy) as protected, tempfile.TemporaryDirectory(dir="/tmp") as folder:
        other = Store(f"sqlite:///{folder}/desk.db")
        copies.put_back(other, protected)
        schema.require_current(other)
        other.close()
        assert [each.name for each in protected.parent.glob("a copy*")] == ["a copy?"]


def mark_older(file: Path) -> None:
    from tests.store.test_schema import mark

    store = Store(f"sqlite:///{file}")
    mark(store, "0000")
    store.close()
