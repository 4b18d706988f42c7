"""Who may read a desk in a SQLite file: nobody but its owner, whatever the umask says."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import text

from csdesk.store import Store


def test_a_new_file_is_its_owners_alone_and_one_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        store = Store(f"sqlite:///{tmp_path / 'desk.db'}")
        with store.engine.execution_options(desk_write=True).begin() as connection:
            connection.execute(text("CREATE TABLE t (a INTEGER)"))
        modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir() if "gate" not in each.name}
        assert modes["desk.db"] == modes["desk.db-wal"] == 0o600
        assert set(modes.values()) == {0o600}
        store.close()
        (tmp_path / "desk.db").chmod(0o640)  # a group's, by somebody's will
        again = Store(f"sqlite:///{tmp_path / 'desk.db'}")
        with again.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 0
        again.close()
        assert (tmp_path / "desk.db").stat().st_mode & 0o777 == 0o640
    finally:
        os.umask(before)
