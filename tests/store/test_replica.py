"""Figures from a standby: how old they are is said, a standby that is away is said, and nobody acts on an old one."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from typer.testing import CliRunner

from csdesk import opening, replica
from csdesk.cli import app
from csdesk.config import Settings
from csdesk.errors import Invalid, Unavailable
from csdesk.importing import exporting
from csdesk.migrations import roles, schema
from csdesk.services import closing, reports, reports_base, reports_lists
from csdesk.services.reports_base import REPORTS, Books
from csdesk.services.tx import READING_VERBS, SYSTEM, Stand, Tx
from csdesk.store import Store
from tests.support import databases, postgres, standby
from tests.support.clock import NOW
from tests.support.seed import seed

READER = "figures"
AS_OF = r"as of (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d, "
FRESH = AS_OF + r"(up to date|\d s behind)"  # another process of the server may write something at that moment


def _fill(server: postgres.Server) -> None:
    for base in (standby.BASE, "another"):
        server.run(f"CREATE DATABASE {base}")
    server.run(f"ALTER DATABASE {standby.BASE} SET synchronous_commit = local")
    store = Store(server.url(standby.BASE))
    schema.upgrade(store)
    seed(store)
    store.write_now(roles.provide, "", READER)
    store.close()


@pytest.fixture(scope="module")
def pair() -> Iterator[standby.Pair]:
    """A filled primary and its standby."""
    run = postgres.new_run()
    try:
        with standby.pair(run, _fill) as made:
            yield made
    finally:
        shutil.rmtree(run, ignore_errors=True)


@pytest.fixture
def urls(pair: standby.Pair) -> Iterator[tuple[str, str]]:
    """Addresses of a primary and of its standby by the role of reports; it is level."""
    pair.level()
    yield pair.primary.url(standby.BASE), pair.standby.url(standby.BASE).replace("desk@", f"{READER}@")
    pair.resume()


@pytest.fixture
def desk(urls: tuple[str, str]) -> Iterator[Store]:
    """A desk whose reports are read from the standby."""
    made = Store(urls[0], read_url=urls[1])
    yield made
    made.close()


def rename(store: Store, name: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE customer SET name = :name WHERE code = '20417'"), {"name": name})


def names(store: Store) -> tuple[str, str]:
    """(name of a customer in a list, how old the list is)."""
    page = store.read_now(reports_lists.page, "customers")
    return next(str(row[page.columns.index("name")]) for row in page.rows if "20417" in row), page.stands


def behind(stands: str) -> int:
    return int(re.fullmatch(AS_OF + r"(\d+) s behind", stands)[2])  # type: ignore[index]


def test_what_is_behind_says_so(desk: Store, pair: standby.Pair) -> None:
    rename(desk, "Before")
    pair.level()
    name, stands = names(desk)
    assert (name, bool(re.fullmatch(FRESH, stands))) == ("Before", True)
    pair.pause()
    rename(desk, "After")
    name, stands = names(desk)
    assert name == "Before"
    assert behind(stands) >= 1, "rounded up: it is behind"
    made = desk.read_now(reports.run, "receivables")
    assert behind(made.stands) >= 1
    pair.resume()
    pair.level()
    name, stands = names(desk)
    assert (name, bool(re.fullmatch(FRESH, stands))) == ("After", True)


def test_who_acts_reads_what_was_written(desk: Store, pair: standby.Pair) -> None:
    """Only figures go aside; everything else reads the primary while the standby stands still."""
    pair.pause()
    desk.write_now(closing.lay_out, 2031)
    assert any(each.starts_on.year == 2031 for each in desk.read_now(closing.every))
    aside = {name for name, verb in READING_VERBS.items() if verb.replica and verb.__module__.startswith("csdesk.")}  # type: ignore[attr-defined]
    assert aside == {"reports.run", "reports_lists.page", "reports_tickets.flow"}


def test_all_reports_are_the_same_by_the_role_of_reports(desk: Store, urls: tuple[str, str]) -> None:
    """Every report and every list: what it reads the role may read, or the primary would be asked."""
    plain = Store(urls[0])
    for name in sorted(REPORTS):
        made = desk.read_now(reports.run, name)
        assert re.fullmatch(FRESH, made.stands), f"{name}: {made.stands}"
        expected = plain.read_now(reports.run, name)
        assert (made.rows, made.total, expected.stands) == (expected.rows, expected.total, ""), name
    for name in reports_lists.LISTS:
        assert re.fullmatch(FRESH, desk.read_now(reports_lists.page, name).stands), name
    plain.close()


def test_a_standby_that_is_away_is_no_reason_to_go_without(urls: tuple[str, str], tmp_path: Path) -> None:
    desk = Store(urls[0], read_url=f"{urls[1]}{tmp_path}")
    tried: list[object] = []
    event.listen(desk.replica._engine, "do_connect", lambda *_: tried.append(1))  # type: ignore[union-attr]
    for _ in range(2):
        made = desk.read_now(reports.run, "receivables")
        assert re.fullmatch(AS_OF + "from the primary: the replica does not answer", made.stands)
        assert made.rows
    said: list[str] = []
    _, rows = exporting.exported(desk, "customers", tell=said.append)
    assert (bool(list(rows)), "from the primary" in said[0], len(said)) == (True, True, 1)
    assert len(tried) == 1, "one that does not answer is left alone for a while"
    desk.close()


def test_one_that_refuses_is_named_and_the_primary_asked(desk: Store, pair: standby.Pair) -> None:
    with desk.engine.begin() as connection:
        connection.execute(text(f"REVOKE SELECT ON customer FROM {READER}"))
    try:
        pair.level()
        assert "from the primary: the replica refused (permission denied for table customer" in names(desk)[1]
    finally:
        with desk.engine.begin() as connection:
            connection.execute(text(f"GRANT SELECT ON customer TO {READER}"))
    pair.level()
    assert re.fullmatch(FRESH, names(desk)[1])


def test_what_takes_too_long_is_not_asked_of_the_primary(desk: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "LONGEST", 1)
    with pytest.raises(Unavailable, match="did not answer in time"):
        [desk.read_now(reports.run, name) for name in REPORTS]


def test_a_primary_that_is_away_does_not_hide_how_old_it_is(
    desk: Store, pair: standby.Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the last commit it has replayed is all that is known."""
    names(desk)
    monkeypatch.setattr(desk.replica, "_written", lambda: None)
    assert re.fullmatch(AS_OF + r"\d+ s behind", names(desk)[1])


def test_another_database_is_no_replica(pair: standby.Pair, urls: tuple[str, str]) -> None:
    for wrong in (pair.standby.url("another"), databases.the_server().url("postgres")):
        desk = Store(urls[0], read_url=wrong)
        with pytest.raises(Invalid, match="names another database, not a standby"):
            names(desk)
        desk.close()


def test_the_command_says_it_in_the_head_and_beside_the_file(
    urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSDESK_DB", urls[0])
    monkeypatch.setenv("CSDESK_READ_DB", urls[1])
    shown = CliRunner().invoke(app, ["report", "receivables"])
    assert re.search(rf"^receivables as of .*; read {FRESH}$", shown.stdout, re.MULTILINE), shown.output
    out = CliRunner().invoke(app, ["export", "customers"])
    assert re.search(rf"^read {FRESH}$", out.stderr, re.MULTILINE)
    assert "as of" not in out.stdout


@pytest.mark.parametrize(
    ("stand", "words"),
    [
        (Stand(NOW - timedelta(seconds=119), 119), "119 s behind"),
        (Stand(NOW - timedelta(minutes=119), 119 * 60), "119 min behind"),
        (Stand(NOW - timedelta(hours=26), 26 * 3600 + 60), "26 h 1 min behind"),
        (Stand(NOW), "up to date"),
    ],
)
def test_how_old_it_is_in_words(stand: Stand, words: str) -> None:
    from zoneinfo import ZoneInfo

    tx = Tx(None, 1, SYSTEM, NOW, stand=stand)  # type: ignore[arg-type]
    said = reports_base.stands(tx, Books("EUR", ZoneInfo("UTC"), "half_up", "best"))
    assert said.endswith(f", {words}")
    assert bool(re.match(r"as of \d{4}-", said)) == (stand.at.date() != NOW.date())


def test_on_a_file_there_is_no_replica(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="read_db needs Postgres on both sides"):
        opening.open_store(Settings(db=str(tmp_path / "a.db"), read_db=str(tmp_path / "b.db")))
    assert not os.listdir(tmp_path)
