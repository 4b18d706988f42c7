"""The commands of database care as an administrator runs them: what they print and their exit codes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from csdesk import cli
from csdesk.store import Store
from tests.store.test_schema import mark
from tests.support import databases
from tests.support.forge import forge
from tests.support.seed import Seeded


@dataclass
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def csdesk(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs the command line in this process."""

    def run(*words: str) -> Ran:
        monkeypatch.setattr("sys.argv", ["csdesk", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, *capfd.readouterr())

    return run


@pytest.fixture(autouse=True)
def _programs_of_the_server(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if backend == "postgres":
        monkeypatch.setenv("PATH", databases.the_server().programs + os.pathsep + os.environ["PATH"])


def test_from_nothing_to_a_checked_desk(csdesk: Run, empty_url: str) -> None:
    at = ("--db", empty_url)
    missing = csdesk("check", *at)
    assert (missing.code, missing.err) == (3, "This database holds no desk yet; run 'csdesk db upgrade'.\n")
    assert csdesk("db", "check", *at).code == 3
    assert csdesk("db", "upgrade", *at).out == "schema 0001: upgraded from nothing\n"
    assert csdesk("db", "upgrade", *at).out == "schema 0001: was there already\n"
    state = csdesk("db", "check", *at)
    assert state.code == 0
    told = [line for line in state.out.splitlines()[1:] if not line.startswith("warning   this login owns ")]
    assert told == ["schema    0001, current", "storage   ok"]
    assert csdesk("audit", "verify", *at).out == "ok: 0 entries, every link holds\n"


def test_check_prints_a_line_each_and_fails_when_something_does(
    csdesk: Run, database_url: str, store: Store, seeded: Seeded
) -> None:
    good = csdesk("check", "--db", database_url)
    assert good.code == 0
    assert all(line.startswith("ok ") for line in good.out.splitlines())
    forge(store, "UPDATE stock SET reserved = reserved + 1000 WHERE product_id = 101")
    bad = csdesk("check", "--db", database_url)
    assert bad.code == 1
    assert "FAILED  stock.reserved: what is reserved on stock is what orders hold of it" in bad.out
    assert "        product 4711 in MAIN: reserved 13, orders hold 12" in bad.out


def test_a_copy_can_be_tried_out_beside_the_desk(
    csdesk: Run, database_url: str, empty_url: str, seeded: Seeded, tmp_path: Path
) -> None:
    copy = str(tmp_path / "copy")
    saved = csdesk("db", "backup", copy, "--db", database_url)
    assert (saved.code, saved.out.split(" (")[0]) == (0, f"saved: {copy}")
    again = csdesk("db", "backup", copy, "--db", database_url)
    assert (again.code, again.err) == (1, f"{copy} exists already; name another file.\n")
    restored = csdesk("db", "restore", copy, "--check", "--db", empty_url)
    assert restored.code == 0
    assert "ok      audit.trail" in restored.out


def test_a_folder_that_is_not_there_is_no_place_to_keep_some_in(
    csdesk: Run, database_url: str, seeded: Seeded, tmp_path: Path
) -> None:
    away = csdesk("db", "backup", str(tmp_path / "disk"), "--keep", "2", "--db", database_url)
    assert (away.code, away.err) == (1, f"{tmp_path}/disk is no folder, and --keep is for one; is its disk there?\n")
    (tmp_path / "disk").mkdir()
    assert csdesk("db", "backup", str(tmp_path / "disk"), "--keep", "2", "--db", database_url).code == 0
    assert re.fullmatch(r"desk[\w]*-[0-9a-f]{6}-\w+Z\.backup", *(each.name for each in (tmp_path / "disk").iterdir()))


@pytest.mark.parametrize("revision", ["0000", "9999"])
def test_a_desk_is_saved_before_it_is_upgraded(
    csdesk: Run, database_url: str, store: Store, empty_url: str, tmp_path: Path, revision: str
) -> None:
    mark(store, revision)
    assert csdesk("db", "backup", str(tmp_path / "copy"), "--db", database_url).code == 0
    back = csdesk("db", "restore", str(tmp_path / "copy"), "--db", empty_url)
    assert (back.code, f"schema {revision}" in back.err) == (3, True)
    mark(store, "of another program")
    other = csdesk("db", "backup", str(tmp_path / "other"), "--db", database_url)
    assert (other.code, "belongs to another program" in other.err) == (3, True)


def test_restoring_a_forged_copy_fails_its_check(
    csdesk: Run, database_url: str, empty_url: str, store: Store, seeded: Seeded, tmp_path: Path
) -> None:
    forge(store, "UPDATE document SET gross = gross + 1")
    csdesk("db", "backup", str(tmp_path / "copy"), "--db", database_url)
    restored = csdesk("db", "restore", str(tmp_path / "copy"), "--check", "--db", empty_url)
    assert restored.code == 1
    assert "FAILED  document.totals" in restored.out


@pytest.mark.parametrize("words", [("db", "check"), ("db", "drill", "."), ("db", "backup", "none-here")])
def test_a_server_that_is_away_says_what_to_check(csdesk: Run, words: tuple[str, ...]) -> None:
    ran = csdesk(*words, "--db", "postgresql://desk@/none?host=/nowhere")
    assert (ran.code, ran.err) == (
        3,
        "The database does not answer; check --db or CSDESK_DB, and that its server runs.\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--country", "Great", "--currency", "GBP"), "'Great' is no country code"),
        (("--country", "GB", "--currency", "POUND"), "'POUND' is no currency code"),
    ],
)
def test_a_company_is_founded_with_codes_only(csdesk: Run, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    ran = csdesk("init", "--db", str(tmp_path / "new.db"), "--name", "Mill & Sons", *words)
    assert ran.code == 1
    assert said in ran.err
