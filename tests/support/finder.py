"""A desk to search in: the small desk with customers that are hard to find, and the fixtures that give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import insert
from sqlmodel import SQLModel

from csdesk import models as m
from csdesk.rules import phones
from csdesk.services import search, search_index
from csdesk.services.search import CustomerHit
from csdesk.store import Store
from tests.support import databases
from tests.support.clock import Clock
from tests.support.seed import Seeded, acting
from tests.support.seed import seed as make_seed

# id, code, name, town, postcode, contact, phone, region of the phone
PEOPLE = (
    (21, "WWI-801", "Tailspin Toys (Sylvanite, MT)", "Sylvanite", "59935", "Ann O'Hara", "(308) 555-0100", "US"),
    (22, "WWI-802", "Tailspin Toys (Peeples Valley)", "Peeples Valley", "86332", "Lori Cîm", "+1 480 555 0123", ""),
    (23, "A/1", "Café Zoë & Söhne GmbH", "Köln", "50667", "Jürgen Groß", "0221 9999777", "DE"),
    (24, "21", "Smythe Bakery", "Leeds", "LS1 4AB", "Oliver Twist", "01632 550188", "GB"),
    (25, "2104", "Bakery of the Harbour", "Hull", "HU1 1AA", "Nancy Sikes", "01632 960777", "GB"),
    (26, "26000002", "Number Twins Ltd", "Hull", "HU1 1AA", "Bill Sikes", "01632 960778", "GB"),
    (27, "K27", "Москва Хлеб", "Москва", "101000", "Иван Петров", "+7 495 123 45 67", ""),
    (28, "K28", "東京ベーカリー", "東京", "100-0001", "", "n/a", "JP"),
)  # fmt: skip


@dataclass(frozen=True)
class Finder:
    """A desk to search in."""

    store: Store
    seeded: Seeded

    def codes(self, typed: str, **more: Any) -> list[str]:
        return [hit.code for hit in self.hits(typed, **more)]

    def hits(self, typed: str, **more: Any) -> tuple[CustomerHit, ...]:
        return self.store.read_now(search.customers, typed, **more)

    def only(self, typed: str) -> CustomerHit:
        """The hit that Enter takes: there is one, or it alone has the best rank."""
        hits = self.hits(typed)
        assert hits, f"nothing found for {typed!r}"
        assert len(hits) == 1 or hits[0].rank < hits[1].rank, f"{typed!r} is ambiguous: {hits}"
        return hits[0]

    def products(self, typed: str, **more: Any) -> list[tuple[str, int, str]]:
        return [(hit.code, hit.rank, hit.matched) for hit in self.store.read_now(search.products, typed, **more)]


def put(store: Store, model: type[SQLModel], *rows: Mapping[str, Any]) -> None:
    fields = model.model_fields.items()
    defaults = {name: info.get_default(call_default_factory=True) for name, info in fields if not info.is_required()}
    with store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(insert(m.table(model)), [{**defaults, "company": 1, **row} for row in rows])


def add_customers(store: Store, people: tuple[tuple[Any, ...], ...], company: int = 1) -> None:
    base = {"company": company, "currency": "USD"}
    put(store, m.CreditAccount, *({**base, "id": id_} for id_, *_ in people))
    put(store, m.Customer, *(
        {**base, "id": id_, "account_id": id_, "code": code, "name": name, "terms": "NET30"}
        for id_, code, name, *_ in people
    ))  # fmt: skip
    put(store, m.ShipTo, *(
        {"company": company, "id": id_, "customer_id": id_, "city": city, "postcode": postcode}
        for id_, _, _, city, postcode, *_ in people
    ))  # fmt: skip
    put(store, m.Contact, *(
        {"company": company, "id": id_, "customer_id": id_, "name": contact} for id_, *_, contact, _, _ in people
    ))  # fmt: skip
    put(store, m.ContactPhone, *(
        {"company": company, "id": id_, "customer_id": id_, "raw": raw, "e164": phones.e164(raw, region),
         "digits_rev": phones.key(raw, region)}
        for id_, *_, raw, region in people
    ))  # fmt: skip


def made_finder(store: Store, seeded: Seeded) -> Finder:
    """The small desk with some more customers, searched by a rep."""
    add_customers(store, PEOPLE)
    put(store, m.Product, {"id": 151, "code": "Ab-77/X", "code_key": "ab-77/x", "name": "Crème fraîche 30 % 1 l",
                           "tax_code": "S", "barcode": "5000112637922"})  # fmt: skip
    put(store, m.Product, {"id": 152, "code": "P-1", "code_key": "p-1", "name": "XYZ9000 Pump 100g", "tax_code": "S"})
    put(store, m.ProductGroup, {"product_id": 151, "group_code": "DAIRY"})
    store.write_now(search_index.reindex)
    return Finder(acting(store, "rep7"), seeded)


@pytest.fixture(scope="module", params=databases.BACKENDS)
def finder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finder]:
    """A desk that is only read; one for all tests of this module."""
    with databases.database(request.param, tmp_path_factory.mktemp("search")) as url:
        store = Store(url, clock=Clock())
        yield made_finder(store, make_seed(store))
        store.close()


@pytest.fixture
def own_finder(store: Store, seeded: Seeded) -> Finder:
    """A desk of the test's own."""
    return made_finder(store, seeded)
