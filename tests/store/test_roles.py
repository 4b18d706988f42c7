"""Roles on Postgres: the desk works in the hands of one that can neither change nor unlock what is posted."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

import csdesk.services
from csdesk.engine import PG_SETTINGS
from csdesk.errors import Invalid, NotFound, Refused
from csdesk.migrations import roles
from csdesk.models import ddl
from csdesk.services.tx import SYSTEM, Tx, utc_now
from csdesk.store import Store
from tests.services.conftest import Desk, faults
from tests.services.papers import approve, ask, pieces, post_all
from tests.services.talk import Talk
from tests.support import databases
from tests.support.clock import Clock
from tests.support.seed import Seeded

ROLE = "desk_at_work"


@pytest.fixture
def at_work(store: Store, seeded: Seeded, clock: Clock) -> Iterator[Store]:
    """The small desk, opened by a role that owns nothing."""
    if not store.postgres:
        pytest.skip("only Postgres knows roles")
    databases.the_server().run(
        f"DO $$ BEGIN CREATE ROLE {ROLE} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    store.write_now(roles.grant, ROLE)
    made = Store(store.url.replace("//desk@", f"//{ROLE}@"), clock=clock)
    yield made
    made.close()


def test_the_desks_role_does_the_desks_work(at_work: Store, seeded: Seeded, clock: Clock) -> None:
    from csdesk.services import staff

    actors = [at_work.acting(at_work.read_now(staff.sign_in, login)) for login in ("rep7", "lead3")]
    desk = Desk(at_work, *actors, seeded, clock)
    talk = Talk.with_(desk.rep, seeded.customer)
    talk.order(("4711", 2))
    approve(desk, ask(talk, pieces(1, 2)))
    clock.pass_by(minutes=5)
    assert "Credit note 26000001 posted" in post_all(desk)[0]
    assert at_work.read_now(roles.owned) == ()
    assert faults(at_work) == []


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE document DISABLE TRIGGER keep_document",
        "DROP TRIGGER keep_document ON document",
        "UPDATE document SET gross = 0",
        "DELETE FROM ledger_entry",
        "TRUNCATE audit",
        "DELETE FROM approval_request",
        "CREATE OR REPLACE FUNCTION csdesk_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "SET session_replication_role = replica",
        "CREATE TEMP TABLE document (a int)",
        "CREATE TABLE mine (a int)",
    ],
)
def test_the_desks_role_unlocks_nothing(at_work: Store, statement: str) -> None:
    with at_work.engine.connect() as connection, pytest.raises(ProgrammingError, match=r"must be owner|permission"):
        connection.execute(text(statement))


def test_the_desks_role_has_time_limits_of_its_own(at_work: Store) -> None:
    parts = {"host": databases.the_server().folder, "user": ROLE, "dbname": str(at_work.engine.url.database)}
    with psycopg.connect(**parts) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in PG_SETTINGS]
    assert shown == [("20s",), ("15s",), ("1min",), ("off",)]


def test_who_may_not_have_the_desks_rights(store: Store, seeded: Seeded) -> None:
    if not store.postgres:
        with pytest.raises(Refused, match="Only Postgres knows roles"):
            store.write_now(roles.grant, ROLE)
        assert store.read_now(roles.owned) == ()
        return
    with pytest.raises(NotFound, match="no role 'nobody-here'"):
        store.write_now(roles.grant, "nobody-here")
    with pytest.raises(Refused, match="must be another one"):
        store.write_now(roles.grant, "desk")
    assert "document" in store.read_now(roles.owned)


def test_the_desk_deletes_only_where_its_role_may() -> None:
    found = set()
    for file in Path(csdesk.services.__file__).parent.glob("*.py"):
        for name in re.findall(r"(?<![.\w])delete\((\w+)\)", file.read_text("utf-8")):
            found.add(getattr(import_module(f"csdesk.services.{file.stem}"), name).name)
    assert found == set(roles.DELETED)
    assert len(ddl.keepers("postgresql")) == 2 * len(ddl.INSERT_ONLY)


# ---------------------------------------------------------------- db roles, shown with psql


class Psql:
    """psql on the database of a store, as the roles that `db roles` made: desk, reports, a group and a person."""

    def __init__(self, store: Store) -> None:
        server = databases.the_server()
        beside = Path(server.programs) / "psql"
        found = str(beside) if beside.exists() else shutil.which("psql")
        if found is None:
            words = "NO PSQL: that the roles hold is NOT shown here"
            (pytest.fail if os.environ.get("CI", "").lower() in {"1", "true"} else pytest.skip)(words)
        self.program, self.base, self.folder = str(found), str(store.engine.url.database), server.folder
        self.names = {kind: f"{self.base}_{kind}" for kind in ("app", "reader", "people", "person")}
        self.lines = provide(store, self.names)

    def __call__(self, kind: str, statement: str) -> str:
        """What a statement answers, its error too."""
        done = subprocess.run(
            [self.program, "-X", "-At", "-h", self.folder, "-U", self.names[kind], self.base, "-c", statement],
            capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        return (done.stdout + done.stderr).strip()


def provide(store: Store, names: dict[str, str]) -> tuple[str, ...]:
    return store.write_now(roles.provide, names["app"], names["reader"], names["people"], (names["person"],))


@pytest.fixture
def psql(store: Store, seeded: Seeded) -> Iterator[Psql]:
    """The roles of a desk with a posted document."""
    if not store.postgres:
        pytest.skip("only Postgres knows roles")
    made = Psql(store)
    yield made
    store.close()
    for name in made.names.values():
        databases.the_server().run(f"DROP DATABASE IF EXISTS {made.base} WITH (FORCE)")
        databases.the_server().run(f"DROP ROLE {name}")


POSTED = ("document", "ledger_entry", "audit")
DENIED = r"ERROR:  (permission denied|must be owner)"


def test_psql_as_the_desk_changes_nothing_that_is_posted(psql: Psql) -> None:
    assert int(psql("app", "SELECT count(*) FROM audit")) > 0
    for table in POSTED:
        for statement in (
            f"UPDATE {table} SET company = 2", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL", f"DROP TABLE {table} CASCADE",
            f"CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION csdesk_keep()",
        ):  # fmt: skip
            assert re.search(DENIED, psql("app", statement)), statement
    for statement in (
        "SET session_replication_role = replica", "CREATE TABLE mine (a int)", "CREATE TEMP TABLE document (a int)",
        "CREATE SCHEMA mine", "CREATE ROLE mine", "SET ROLE desk", "COPY audit TO PROGRAM 'cat'",
    ):  # fmt: skip
        assert "permission denied" in psql("app", statement), statement


def test_psql_as_the_reader_reads_figures_and_no_secret(psql: Psql) -> None:
    assert int(psql("reader", "SELECT count(*) FROM open_item")) >= 0
    with_force = "BEGIN; SET TRANSACTION READ WRITE; DELETE FROM customer"
    assert "permission denied" in psql("reader", with_force)
    assert "read-only transaction" in psql("reader", "INSERT INTO reason SELECT * FROM reason")
    for name in roles.UNREAD:
        assert f"permission denied for table {name}" in psql("reader", f"SELECT * FROM {name}")
    assert psql("reader", "SHOW statement_timeout") == "5min"
    limits = "SHOW statement_timeout; SHOW lock_timeout; SHOW idle_in_transaction_session_timeout"
    assert psql("app", limits).split() == psql("person", limits).split() == ["20s", "15s", "1min"]


def test_psql_as_a_person_gives_himself_nothing(psql: Psql) -> None:
    for statement in (
        "INSERT INTO staff_role SELECT * FROM staff_role", "UPDATE role_duty SET duty = 'finance'",
        "UPDATE approval_tier SET company = 1", "UPDATE price SET company = 1", "UPDATE deal SET company = 1",
        "UPDATE pack_unit SET company = 1", "DELETE FROM product_group", "UPDATE alternative SET company = 1",
        "UPDATE staff SET login = 'boss'",
        "SELECT * FROM staff_secret", "SELECT * FROM staff_key", "DELETE FROM audit", "UPDATE document SET gross = 0",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
    ):  # fmt: skip
        assert re.search(DENIED, psql("person", statement)), statement
    assert "violates foreign key" in psql("person", "UPDATE staff SET id = 999999 WHERE login = 'rep7'")
    assert psql("person", "UPDATE customer SET name = name WHERE id = -1") == "UPDATE 0"


def test_a_person_does_the_desks_work(psql: Psql, store: Store, seeded: Seeded, clock: Clock) -> None:
    from csdesk.services import staff

    own = Store(store.url.replace("//desk@", f"//{psql.names['person']}@"), clock=clock)
    actors = [own.acting(own.read_now(staff.sign_in, login)) for login in ("rep7", "lead3")]
    desk = Desk(own, *actors, seeded, clock)
    talk = Talk.with_(desk.rep, seeded.customer)
    talk.order(("4711", 2))
    approve(desk, ask(talk, pieces(1, 2)))
    clock.pass_by(minutes=5)
    assert "posted" in post_all(desk)[0]
    own.close()


def test_roles_are_provided_again_and_only_where_it_is_right(psql: Psql, store: Store) -> None:
    server, names = databases.the_server(), psql.names
    assert psql.lines[0].startswith("owner   desk: ")
    assert len(psql.lines) == 5
    assert provide(store, names) == psql.lines
    with store.engine.begin() as connection:
        connection.execute(text(f"GRANT UPDATE (gross) ON document TO {names['app']}"))
        connection.execute(text(f"GRANT ALL ON staff_secret TO {names['reader']}"))
    provide(store, names)
    assert "permission denied" in psql("app", "UPDATE document SET gross = 0")
    assert "permission denied" in psql("reader", "SELECT * FROM staff_secret")
    server.run(f"GRANT pg_read_all_data TO {names['reader']}")
    with pytest.raises(Refused, match=r"belongs to the role 'pg_read_all_data'"):
        provide(store, names)
    server.run(f"REVOKE pg_read_all_data FROM {names['reader']}")
    with pytest.raises(Refused, match="belong to 'desk'"):
        Store(store.url.replace("//desk@", f"//{names['app']}@")).write_now(roles.provide, names["app"])
    with pytest.raises(Invalid, match="each another one"):
        store.write_now(roles.provide, names["app"], names["app"])
    with pytest.raises(Refused, match="can log in"):
        store.write_now(roles.provide, "", "", names["app"])


MORE = (
    ("GRANT UPDATE (gross) ON document TO PUBLIC", "app", "UPDATE on document "),
    ("GRANT UPDATE ON staff TO PUBLIC", "people", "UPDATE on staff "),
    ("GRANT INSERT (seq) ON audit_head TO PUBLIC", "reader", "INSERT on audit_head "),
    ("GRANT REFERENCES ON document TO PUBLIC", "app", "REFERENCES on document "),
    ("GRANT UPDATE ON alembic_version TO PUBLIC", "app", "UPDATE on alembic_version "),
    ("GRANT pg_execute_server_program TO {app}", "app", "belongs to the role 'pg_execute_server_program'"),
    ("ALTER ROLE {person} NOINHERIT; GRANT pg_write_all_data TO {person}", "person", "the role 'pg_write_all_data'"),
    ("GRANT {app} TO {people}", "people", "belongs to the role"),
)


def test_what_a_role_has_by_another_way_is_found(psql: Psql, store: Store) -> None:
    for statement, kind, words in MORE:
        with store.engine.connect() as connection:
            connection.execute(text(statement.format(**psql.names)))
            tx, named = Tx(connection, 1, SYSTEM, utc_now()), {kind: psql.names[kind]}
            if kind == "person":
                named = {"people": psql.names["people"], "persons": [psql.names[kind]]}
            with pytest.raises(Refused, match=words) as refused:
                roles.provide(tx, **named)
            assert f"'{psql.names[kind]}'" in refused.value.message, statement
            connection.rollback()
    assert provide(store, psql.names) == psql.lines


def test_an_owner_who_may_make_no_roles_is_told_what_to_ask_for(psql: Psql, store: Store) -> None:
    owner = f"{psql.base}_owner"
    server = databases.the_server()
    server.run(f"CREATE ROLE {owner} LOGIN")
    with store.engine.begin() as connection:
        connection.execute(text(f"GRANT ALL ON SCHEMA public TO {owner}"))
        for name in (*roles.metadata.tables, roles.MARK):
            connection.execute(text(f'ALTER TABLE "{name}" OWNER TO {owner}'))
    own = Store(store.url.replace("//desk@", f"//{owner}@"))
    with pytest.raises(NotFound, match='CREATE ROLE "another_one_here" LOGIN;'):
        own.write_now(roles.provide, "another_one_here")
    lines = own.write_now(roles.provide, psql.names["app"])
    assert any("still to do, by the administrator: ALTER ROLE" in line for line in lines)
    assert "permission denied" in psql("app", "DELETE FROM audit")
    own.close()
    psql.names["owner"] = owner


def test_every_table_with_something_secret_is_kept_from_readers() -> None:
    secret = re.compile(r"passw|secret|totp|token|fingerprint|public")
    tables = roles.metadata.tables.items()
    assert {name for name, each in tables if any(map(secret.search, each.columns.keys()))} <= set(roles.SECRET)
    assert set(roles.UNREAD) | set(roles.GIVEN) <= set(roles.metadata.tables)
