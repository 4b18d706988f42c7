"""Search never trips over what is typed or stored, keeps companies apart, and follows changes."""

# ruff: noqa: F401, F811  (fixtures are imported)

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text, update

from csdesk import models as m
from csdesk.errors import Refused
from csdesk.models import search_ddl
from csdesk.services import search, search_index
from csdesk.services.tx import Actor, Tx, writes
from csdesk.store import Store
from tests.support.finder import Finder, add_customers, finder, own_finder, put
from tests.support.seed import HOSTILE_NAME

SYNTAX = ['"', '""', "*", "a*", '"har', "har OR deli", "har AND deli", "NOT har", "NEAR(har deli)", "har NEAR deli",
          "-har", "+har", "^har", "har:deli", "body:har", "{body}:har", "(har)", "har)", "%", "_", "har%", "\\", "';--",
          "\x00", "har\x00bour", "\ud800", "🎉", "[/x]", "a b c d e f g h i j k", "x" * 5000, "1" * 500]  # fmt: skip


@pytest.mark.parametrize("typed", SYNTAX, ids=[ascii(each[:14]) for each in SYNTAX])
def test_signs_of_query_languages_are_only_signs(finder: Finder, typed: str) -> None:
    finder.hits(typed)
    finder.products(typed)
    for customer in (None, 1):
        finder.store.read_now(search.documents, typed, customer_id=customer)
    assert len(finder.store.read_now(search.jump, typed)) <= 9


def test_syntax_does_not_change_what_is_found(finder: Finder) -> None:
    assert finder.codes('"harbour" view*') == finder.codes("harbour view") == ["20417"]
    assert finder.codes("harbour NOT view") == finder.codes("harbour OR view") == []
    assert finder.codes("harbour-view (deli)") == ["20417"]
    assert finder.codes("%") == finder.codes("***") == finder.codes("") == finder.codes(" \u202e ") == []


def test_hostile_texts_never_raise(finder: Finder) -> None:
    hostile = st.one_of(
        st.text(max_size=30), st.text(alphabet="har\"*'%_-() 0123456789\\:^{}\x00\u202e\ud800🎉é", max_size=20)
    )

    @settings(deadline=None, max_examples=100)
    @given(hostile)
    def check(typed: str) -> None:
        assert len(finder.hits(typed)) <= 9
        finder.products(typed, customer_id=1)
        finder.store.read_now(search.jump, typed)

    check()


def test_a_customer_with_a_hostile_name_is_found_by_it(own_finder: Finder) -> None:
    assert own_finder.only(HOSTILE_NAME).code == "50999"
    add_customers(own_finder.store, ((40, "L" * 40, "ﷺ" * 200, "x" * 100, "", "é" * 200, "no phone", ""),))
    own_finder.store.engine.dispose()
    system = Store(own_finder.store.url)
    system.write_now(search_index.reindex)
    assert own_finder.codes("l" * 40) == ["L" * 40]
    assert own_finder.codes("ﷺ") == ["L" * 40]
    system.close()


# Companies, duties, upkeep


def test_each_company_finds_its_own_only(own_finder: Finder) -> None:
    system = Store(own_finder.store.url, company=2)
    company = {"id": 2, "code": "TWO", "name": "Two", "country": "US", "currency": "USD"}
    fields = m.Company.model_fields.items()
    defaults = {name: info.get_default() for name, info in fields if not info.is_required()}
    with system.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(insert(m.table(m.Company)), {**defaults, **company})
    put(system, m.Terms, {"company": 2, "code": "NET30", "name": "30 days", "net_days": 30})
    add_customers(system, ((21, "20417", "Harbour View Other", "Hull", "1", "Jo", "+1 202 555 0142", ""),), company=2)
    assert system.write_now(search_index.reindex) == (1, 0)
    for typed in ("20417", "harbour view", "550142", "view harb", "arbou", "habrour view", "hull", "26000001", "tails"):
        assert {hit.name for hit in system.read_now(search.customers, typed)} <= {"Harbour View Other"}
        assert "Harbour View Other" not in {hit.name for hit in own_finder.hits(typed)}
    assert system.read_now(search.documents, "2600") == ()
    assert system.read_now(search.products, "oil") == ()
    assert [hit.name for hit in system.read_now(search.customers, "harbour view")] == ["Harbour View Other"]
    system.close()


def test_searching_needs_its_duty(finder: Finder) -> None:
    nobody = finder.store.acting(Actor(id=9, person_id=9, login="x", name="X"))
    with pytest.raises(Refused):
        nobody.read_now(search.customers, "harbour")


@writes("import.run")
def _index_some(tx: Tx, customers: list[int], products: list[int]) -> tuple[int, int]:
    return search_index.index_customers(tx, customers), search_index.index_products(tx, products)


def test_rows_follow_changes_and_a_second_run_changes_nothing(own_finder: Finder) -> None:
    system = Store(own_finder.store.url)
    assert system.write_now(search_index.reindex) == (0, 0)
    with system.engine.execution_options(desk_write=True).begin() as connection:
        customer, contact = m.table(m.Customer), m.table(m.Contact)
        connection.execute(update(customer).where(customer.c.id == 1).values(name="Quayside Kitchen"))
        connection.execute(update(contact).where(contact.c.customer_id == 2).values(name="Quentin Quill"))
    assert system.write_now(_index_some, [1, 2, 2, 999], [101]) == (2, 0)
    assert own_finder.codes("harbour view") == own_finder.codes("view deli") == own_finder.codes("iew") == []
    assert own_finder.codes("quayside") == own_finder.codes("kitchen") == own_finder.codes("itchen") == ["20417"]
    assert own_finder.codes("quill") == ["20418"]
    if not system.postgres:
        with system.engine.connect() as connection:
            for fts in (
                "customer_fts_words",
                "customer_fts_numbers",
                "product_fts_words",
                "product_fts_numbers",
                "word_fts",
            ):
                connection.execute(text(f"INSERT INTO {fts}({fts}, rank) VALUES ('integrity-check', 1)"))
    system.close()


def test_the_statements_for_a_database_can_be_run_again(own_finder: Finder) -> None:
    with own_finder.store.engine.execution_options(desk_write=True).begin() as connection:
        for statement in search_ddl.statements(connection.dialect.name):
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    assert own_finder.codes("view harbour") == ["20417"]


def test_every_index_of_the_statements_has_a_known_beginning() -> None:
    for dialect in ("sqlite", "postgresql"):
        made = [each.split("IF NOT EXISTS ")[1] for each in search_ddl.statements(dialect) if "IF NOT EXISTS" in each]
        assert all(each.startswith((*search_ddl.SHADOW_PREFIXES, "pg_trgm")) for each in made)
