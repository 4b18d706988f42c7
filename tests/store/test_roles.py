"""Two roles on Postgres: the desk works in the hands of one that can neither change nor unlock what is posted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

import csdesk.services
from csdesk.errors import NotFound, Refused
from csdesk.migrations import roles
from csdesk.models import ddl
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
    ],
)
def test_the_desks_role_unlocks_nothing(at_work: Store, statement: str) -> None:
    with at_work.engine.connect() as connection, pytest.raises(ProgrammingError, match=r"must be owner|permission"):
        connection.execute(text(statement))


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
