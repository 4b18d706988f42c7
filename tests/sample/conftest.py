"""Private copies of the committed sample, standing at their own today or moved."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from csdesk.models import metadata
from csdesk.sample import copy, shift
from csdesk.sample.build import TODAY
from csdesk.sample.site import COMPANY, moment
from csdesk.services import knowledge_index, staff
from csdesk.services.tx import SYSTEM, Tx
from csdesk.store import Store


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Store]:
    """The committed sample, on the morning of its today, as the system."""
    path = tmp_path / "sample.db"
    shutil.copyfile(copy.place(), path)
    store = Store(f"sqlite:///{path}", clock=lambda: moment(TODAY, "9:05"))
    yield store
    store.close()


@pytest.fixture
def rep(sample: Store) -> Store:
    """The same in the hands of rep7."""
    return sample.acting(sample.read_now(staff.sign_in, "rep7"))


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Callable[[date], Store]]:
    """A copy moved to a day; its clock stands at nine of that day."""
    made: list[Store] = []

    def move(day: date) -> Store:
        path = copy.fresh(tmp_path / f"{day}.db", day)
        made.append(Store(f"sqlite:///{path}", clock=lambda: moment(day, "9:05")))
        return made[-1]

    yield move
    for store in made:
        store.close()


@pytest.fixture
def moved_anywhere(sample: Store, store: Store) -> Callable[[date], Store]:
    """The same in SQLite and in Postgres, where the rows of the sample are copied to."""

    def move(day: date) -> Store:
        with sample.engine.connect() as reading, store.engine.begin() as writing:
            for table in metadata.sorted_tables:
                rows = [dict(row) for row in reading.execute(select(table)).mappings()]
                if rows:
                    writing.execute(insert(table), rows)
            knowledge_index.rebuild(Tx(writing, COMPANY, SYSTEM, store.clock()))  # full text is no table of the models
        shift.shift(store, day)
        return store

    return move


def rows(store: Store, statement: Any) -> Sequence[Any]:
    """All rows of a statement."""
    with store.engine.connect() as connection:
        return connection.execute(statement).all()
