"""Building the sample: the same seed gives the same file, another seed and day give another sound desk."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

from csdesk.sample import build, copy
from csdesk.services import care
from csdesk.store import Store


def _dump(path):
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_another_build_is_equal_to_the_committed_one(tmp_path):
    second = tmp_path / "second.db"
    words = [sys.executable, "-m", "csdesk", "sample", "build", "--out", str(second)]
    other = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo"}
    done = subprocess.run(words, env=other, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert "every check holds" in done.stdout
    assert _dump(copy.place()) == _dump(second)
    assert [each.name for each in tmp_path.iterdir()] == ["second.db"]


def test_another_seed_and_day_make_another_sound_desk(tmp_path):
    made = build.build(tmp_path / "other.db", date(2027, 1, 17), 1)  # a Sunday, six weeks over the turn of the year
    assert (made.counts["customers"], made.counts["products"]) == (300, 400)
    assert made.size < 4_000_000
    store = Store(f"sqlite:///{made.file}")
    assert [each for each in store.read_now(care.check) if each.offenders] == []
    store.close()
