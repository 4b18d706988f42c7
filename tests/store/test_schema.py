"""Migrations: what they make is what the models say, on both databases; a wrong schema is named in one sentence."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from csdesk.errors import Refused, Unavailable
from csdesk.migrations import regenerate, schema, sql
from csdesk.models import ddl, metadata, search_ddl
from csdesk.services import care
from csdesk.store import Store
from tests.support.catalogue import catalogue


@pytest.fixture
def empty(empty_url: str) -> Iterator[Store]:
    """A store on a database without any table."""
    made = Store(empty_url)
    yield made
    made.close()


def test_migrations_make_exactly_what_the_models_say(store: Store, empty: Store) -> None:
    """Columns, keys, checks, indexes, triggers. After a change of the models: make migration."""
    with empty.engine.execution_options(desk_write=True).begin() as connection:
        metadata.create_all(connection)
        for statement in ddl.statements(connection.dialect.name):
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        wanted = catalogue(connection)
    with store.engine.connect() as connection:
        assert catalogue(connection) == wanted
    assert len(wanted) > 100


def test_alembic_finds_no_difference_either(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    def ours(name: str | None, kind: str, parents: object) -> bool:
        return not (name or "").startswith(search_ddl.SHADOW_PREFIXES) and name != schema.MARK

    caplog.set_level(logging.ERROR)
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_first_revision_is_fresh_and_always_written_alike() -> None:
    assert regenerate.stale() == [], "run 'make migration'"
    for name in regenerate.DIALECTS:
        assert regenerate.rendered(name) == regenerate.rendered(name)


def test_an_upgrade_of_an_empty_database_makes_a_desk_and_a_second_one_nothing(empty: Store) -> None:
    assert schema.current(empty) is None
    assert schema.upgrade(empty) == (None, schema.revisions()[-1])
    assert schema.upgrade(empty) == (schema.revisions()[-1], schema.revisions()[-1])
    schema.require_current(empty)
    assert empty.read_now(care.verify_audit) == (0, ())


def test_two_upgrades_at_once_make_one_desk(empty_url: str) -> None:
    stores = [Store(empty_url) for _ in range(3)]
    with ThreadPoolExecutor(len(stores)) as pool:
        results = list(pool.map(schema.upgrade, stores))
    newest = schema.revisions()[-1]
    assert {after for _, after in results} == {newest}
    assert sorted(str(before) for before, _ in results).count("None") == 1
    for each in stores:
        schema.require_current(each)
        each.close()


def test_a_failed_upgrade_leaves_nothing_behind(empty: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = [*sql.statements_of("0001", empty.engine.dialect.name)[:5], "CREATE TABLE nonsense ("]
    monkeypatch.setattr(sql, "statements_of", lambda *_: broken)
    with pytest.raises(Exception, match=r"(?i)syntax|incomplete"):
        schema.upgrade(empty)
    monkeypatch.undo()
    assert schema.current(empty) is None
    assert schema.upgrade(empty) == (None, schema.revisions()[-1])


@pytest.mark.parametrize(
    ("known", "found", "sentence"),
    [
        (("0001", "0002"), "0001", "older schema 0001, needed is 0002; run 'csdesk db upgrade'"),
        (("0001",), "0002", "newer schema 0002, this program knows 0001; update csdesk"),
        (("0001",), "3fa1c09be2d4", "belongs to another program"),
    ],
)
def test_another_schema_is_named(
    store: Store, monkeypatch: pytest.MonkeyPatch, known: tuple[str, ...], found: str, sentence: str
) -> None:
    mark(store, found)
    monkeypatch.setattr(schema, "revisions", lambda: known)
    with pytest.raises(Unavailable, match=sentence):
        schema.require_current(store)


@pytest.mark.parametrize("found", ["0002", "3fa1c09be2d4"])
def test_an_upgrade_never_touches_a_newer_schema_or_anothers(store: Store, found: str) -> None:
    mark(store, found)
    with pytest.raises(Unavailable, match=r"newer schema|another program"):
        schema.upgrade(store)
    assert schema.current(store) == found


def test_an_upgrade_refuses_a_database_with_other_tables(empty: Store) -> None:
    with empty.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(text("CREATE TABLE recipes (id INTEGER)"))
    with pytest.raises(Refused, match=r"tables of another program \(recipes"):
        schema.upgrade(empty)


def test_an_empty_database_holds_no_desk(empty: Store) -> None:
    with pytest.raises(Unavailable, match="holds no desk yet; run 'csdesk db upgrade'"):
        schema.require_current(empty)
    if not empty.postgres:
        assert not Path(str(empty.engine.url.database)).exists(), "asking must not make the file"


def mark(store: Store, revision: str) -> None:
    with store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(text(f"UPDATE {schema.MARK} SET version_num = '{revision}'"))
