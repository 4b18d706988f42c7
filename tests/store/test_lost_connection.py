"""A lost Postgres connection is mended by the store: reads are tried again, writes by their request id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from csdesk.errors import Unavailable
from csdesk.services.tx import Tx, reads, writes
from csdesk.store import Store
from tests.support import databases, verbs

pytestmark = pytest.mark.parametrize("backend", ["postgres"], indirect=True)


def cut(store: Store) -> None:
    """Ends every connection of the store's database, as a restarted server would."""
    databases.the_server().run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{store.engine.url.database}' AND pid <> pg_backend_pid()"
    )


cuts: list[Callable[[], None]] = []


@writes()
def add_person_and_lose_the_line(tx: Tx, name: str) -> verbs.Made:
    """The first run loses its connection after its effect."""
    made = verbs.add_person(tx, name)
    while cuts:
        cuts.pop()()
    verbs.count_persons(tx)
    return made


@reads()
def count_and_lose_the_line(tx: Tx) -> int:
    """The first run loses its connection before it reads."""
    tx.value(text("SELECT 1"))
    while cuts:
        cuts.pop()()
    return verbs.count_persons(tx)


def test_idle_connections_that_died_are_not_noticed_by_anybody(store: Store) -> None:
    store.write_now(verbs.add_person, "Ann")
    cut(store)
    assert store.read_now(verbs.count_persons) == 1
    cut(store)
    store.write_now(verbs.add_person, "Bob")
    assert store.read_now(verbs.count_persons) == 2


@pytest.mark.parametrize("request_id", ["", "r1"])
def test_a_write_cut_in_the_middle_is_done_once(store: Store, request_id: str) -> None:
    cuts.append(lambda: cut(store))
    store.write_now(add_person_and_lose_the_line, "Ann", request_id=request_id)
    assert not cuts
    assert store.read_now(verbs.count_persons) == 1


def test_a_read_cut_in_the_middle_is_tried_again(store: Store) -> None:
    cuts.append(lambda: cut(store))
    assert store.read_now(count_and_lose_the_line) == 0
    assert not cuts


def test_a_write_that_landed_before_the_line_was_lost_is_not_done_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lose_the_answer_of_the_commit(store, monkeypatch)
    answer = store.write_now(verbs.add_person, "Ann", request_id="r1")
    assert store.read_now(verbs.count_persons) == 1
    assert store.write_now(verbs.add_person, "Ann", request_id="r1") == answer


def test_without_a_request_id_a_lost_commit_is_not_repeated(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _lose_the_answer_of_the_commit(store, monkeypatch)
    with pytest.raises(Unavailable, match="look whether it is there"):
        store.write_now(verbs.add_person, "Ann")
    assert store.read_now(verbs.count_persons) == 1


def _lose_the_answer_of_the_commit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next commit happens, but the line is cut before its answer arrives."""
    commit = Connection.commit
    lost: list[int] = []

    def commit_and_lose(connection: Connection) -> None:
        if not lost:
            lost.append(1)
            connection.exec_driver_sql("COMMIT")
            cut(store)
            connection.exec_driver_sql("SELECT 1")
        commit(connection)

    monkeypatch.setattr(Connection, "commit", commit_and_lose)


def test_a_server_that_is_away_is_said_in_one_sentence(store: Store) -> None:
    away = Store(str(store.engine.url.set(query={"host": "/nowhere"})))
    first = None
    for go in (lambda: away.read_now(verbs.count_persons), lambda: away.write_now(verbs.add_person, "Ann")):
        with pytest.raises(Unavailable, match="The database is away; what you typed is kept"):
            go()
        first = first or away.away_since
        assert away.away_since == first is not None
    away.engine = store.engine
    away.read_now(verbs.count_persons)
    assert away.away_since is None
    away.close()


def test_a_statement_that_takes_too_long_is_given_up(store: Store) -> None:
    @event.listens_for(store.engine, "begin")
    def shorten(connection: Any) -> None:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 20")

    with pytest.raises(Unavailable, match="did not answer in time"):
        store.read_now(sleep)


@reads()
def sleep(tx: Tx) -> None:
    """A slow statement."""
    tx.value(text("SELECT pg_sleep(10)"))


def test_a_copy_of_the_store_for_another_actor_is_mended_too(store: Store) -> None:
    other = store.acting(replace(store.actor, id=7, login="rep7"))
    cut(store)
    assert other.read_now(verbs.count_persons) == 0
