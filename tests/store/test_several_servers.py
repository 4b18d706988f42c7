"""Addresses of several servers and of a pooler, and a store that reached a server which is not the primary."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from csdesk.config import database_url
from csdesk.engine import make_engine
from csdesk.errors import Invalid, Unavailable
from csdesk.services.tx import Tx, writes
from csdesk.store import Store
from tests.support import verbs

postgres_only = pytest.mark.parametrize("backend", ["postgres"], indirect=True)
MANY = "desk:p%40ss@a:5433,[::1]:5434,c/shop?target_session_attrs=read-write"


def told(address: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the driver is given for an address."""
    found: dict[str, Any] = {}

    def connect(_conninfo: str = "", **given: Any) -> None:
        found.update(given)
        raise psycopg.OperationalError("no server here")

    monkeypatch.setattr(psycopg, "connect", connect)
    with pytest.raises(OperationalError):
        make_engine(database_url(address)).connect()
    return found


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_several_servers_are_named_as_postgres_own_programs_want_it(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = told(f"{scheme}://{MANY}", monkeypatch)
    assert (given["host"], given["port"]) == ("a,::1,c", "5433,5434,5432")
    assert (given["user"], given["password"], given["dbname"]) == ("desk", "p@ss", "shop")
    assert given["target_session_attrs"] == "read-write"
    assert "statement_timeout=20000" in given["options"]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u@h:1/d?sslmode=require",
        "postgresql://u@/d?host=/run/pg",
        "postgresql:///d",
        "sqlite:////x/a,b.db",
    ],
)
def test_other_addresses_stay_as_they_are(address: str) -> None:
    assert database_url(address).partition("://")[2] == address.partition("://")[2]


def test_servers_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(Invalid, match="write host:port,host:port"):
        database_url("postgresql://u@a:1:2,b/d")


def test_by_a_pooler_nothing_is_prepared_and_nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    given = told("postgresql://desk@h/d?pooler=transaction", monkeypatch)
    assert given["prepare_threshold"] is None
    assert not {"options", "pooler"} & set(given)


def test_an_unknown_pooler_is_refused() -> None:
    with pytest.raises(Invalid, match="the only pooler known is 'transaction'"):
        make_engine("postgresql+psycopg://desk@h/d?pooler=session")


def test_what_the_address_says_of_the_line_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    given = told("postgresql://desk@h/d?connect_timeout=2&options=-c%20jit%3Doff", monkeypatch)
    assert (given["connect_timeout"], given["options"]) == ("2", "-c jit=off")
    assert given["tcp_user_timeout"] == 25000


once: list[str] = []


@writes()
def add_person_and_fail(tx: Tx, name: str) -> verbs.Made:
    """The first run ends with an error of the state named in `once`."""
    made = verbs.add_person(tx, name)
    while once:
        tx.do(text(f"DO $$ BEGIN RAISE SQLSTATE '{once.pop()}'; END $$"))
    return made


@postgres_only
@pytest.mark.parametrize(("state", "connections"), [("25006", 2), ("08P01", 2), ("40001", 1), ("40P01", 1)])
def test_what_another_try_mends_is_tried_again_on_a_new_connection_where_the_old_is_no_good(
    store: Store, state: str, connections: int
) -> None:
    opened: list[object] = []
    store.engine.dispose()
    event.listen(store.engine, "connect", lambda *given: opened.append(given))
    once.append(state)
    store.write_now(add_person_and_fail, "Ann", request_id="r1")
    assert store.read_now(verbs.count_persons) == 1
    assert len(opened) == connections


@postgres_only
def test_an_answer_found_again_waits_until_it_is_safe(store: Store) -> None:
    sent: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda _c, _k, words, *_: sent.append(words))
    event.listen(store.engine, "commit", lambda _c: sent.append("COMMIT"))
    first = store.write_now(verbs.add_person, "Ann", request_id="r1")
    sent.clear()
    assert store.write_now(verbs.add_person, "Ann", request_id="r1") == first
    assert sent[-2].endswith("FOR UPDATE")  # what writes nothing to the log would wait for nobody
    assert sent[-1] == "COMMIT"


@postgres_only
@pytest.mark.parametrize("request_id", ["", "r1"])
def test_a_pooler_that_lost_the_server_at_the_commit_leaves_open_whether_it_happened(
    store: Store, monkeypatch: pytest.MonkeyPatch, request_id: str
) -> None:
    commit, lost = Connection.commit, [1]

    def commit_and_lose(connection: Connection) -> None:
        commit(connection)
        while lost:
            lost.pop()
            raise OperationalError("COMMIT", None, psycopg.errors.ProtocolViolation("server conn crashed?"))

    monkeypatch.setattr(Connection, "commit", commit_and_lose)
    if request_id:
        store.write_now(verbs.add_person, "Ann", request_id=request_id)
    else:
        with pytest.raises(Unavailable, match="look whether it is there"):
            store.write_now(verbs.add_person, "Ann")
    assert store.read_now(verbs.count_persons) == 1
