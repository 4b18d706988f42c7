"""Search finds a caller by whatever piece of them is typed, on both databases, and never trips over what is typed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text, update
from sqlmodel import SQLModel

from bench import mass
from csdesk import models as m
from csdesk.errors import Refused
from csdesk.rules import phones
from csdesk.rules.text import words
from csdesk.services import search, search_index
from csdesk.services.search import CustomerHit
from csdesk.services.tx import Actor, Tx, writes
from csdesk.store import Store
from tests.support import databases
from tests.support.clock import Clock
from tests.support.seed import HOSTILE_NAME, Seeded, acting
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
def own(store: Store, seeded: Seeded) -> Finder:
    """A desk of the test's own."""
    return made_finder(store, seeded)


# Codes


@pytest.mark.parametrize("typed", ["20417", " 20417 "])
def test_an_exact_code_is_found_alone_at_the_top(finder: Finder, typed: str) -> None:
    hit = finder.only(typed)
    assert (hit.code, hit.rank, hit.matched) == ("20417", 0, "code")


@pytest.mark.parametrize("typed", ["WWI-801", "wwi-801", "wwi801", "WWI 801", "Wwi/801"])
def test_a_code_is_found_in_any_case_and_without_its_signs(finder: Finder, typed: str) -> None:
    assert finder.only(typed).code == "WWI-801"


def test_codes_are_found_by_their_beginning_and_by_their_pieces(finder: Finder) -> None:
    assert finder.codes("204") == ["20417", "20418"]
    assert finder.codes("wwi8") == ["WWI-802", "WWI-801"]  # by name
    assert finder.only("802").code == "WWI-802"


def test_an_exact_code_stands_before_longer_ones_and_before_a_document(finder: Finder) -> None:
    assert [(hit.code, hit.rank) for hit in finder.hits("21")][:2] == [("21", 0), ("2104", 2)]
    hits = finder.hits("26000002")  # also the number of an order of 20417
    assert [(hit.code, hit.rank, hit.matched) for hit in hits] == [("26000002", 0, "code"), ("20417", 1, "document")]


# Phones


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("550142", "20417"), ("0142", "20417"), ("5550142", "20417"), ("+1 (202) 555-0142", "20417"),
        ("202.555.0142", "20417"), ("0202 5550142", "20417"), ("001 202 555 0142", "20417"),
        ("1-202-555-0142", "20417"),
        ("+1 (308) 555-0100", "WWI-801"), ("0308 5550100", "WWI-801"), ("480/555-0123", "WWI-802"),
        ("00 44 1632 550188", "21"), ("01632 550188", "21"), ("+44 (0)1632 550188", "21"), ("011441632550188", "21"),
        ("550188", "21"), ("55 01 88", "21"), ("0221 9999777", "A/1"), ("+49 221 9999777", "A/1"), ("9999777", "A/1"),
        ("8 495 123-45-67", "K27"), ("٥٥٠١٨٨", "21"),
    ],
)  # fmt: skip
def test_a_phone_in_any_notation_identifies(finder: Finder, typed: str, code: str) -> None:
    hit = finder.only(typed)
    assert (hit.code, hit.matched) == (code, "phone")
    assert hit.rank <= 1
    assert phones.digits(hit.phone)[-4:] == phones.digits(typed)[-4:]


def test_a_whole_number_is_exact_an_ending_is_not(finder: Finder) -> None:
    assert finder.only("+12025550142").rank == 0
    assert finder.only("2025550142").rank == 1


def test_an_ending_that_several_have_is_ambiguous(own: Finder) -> None:
    put(own.store, m.ContactPhone, {"id": 900, "customer_id": 24, "raw": "550142", "digits_rev": "241055"})
    assert [(hit.code, hit.rank) for hit in own.hits("550142")] == [("20417", 1), ("21", 0)][::-1]
    assert [(hit.code, hit.rank) for hit in own.hits("50142")] == [("20417", 1), ("21", 1)]


def test_five_digits_are_found_inside_when_no_number_ends_with_them(finder: Finder) -> None:
    assert [(hit.rank, hit.matched) for hit in finder.hits("25550")] == [(3, "phone")] * 6
    assert [hit.rank for hit in finder.hits("63296077")] == [3, 3]
    assert finder.hits("6329") == ()


def test_a_number_stored_without_its_country_is_found_by_the_whole_number(own: Finder) -> None:
    put(own.store, m.ContactPhone, {"id": 901, "customer_id": 25, "raw": "7654 3210", "digits_rev": "01234567"})
    assert own.only("+47 7654 3210").code == "2104"


# Names, towns, contacts


@pytest.mark.parametrize(
    ("typed", "code", "rank", "matched"),
    [
        ("ha", "20417", 1, "name"),
        ("harbour view deli", "20417", 0, "name"),
        ("HARBOUR VIEW", "20417", 1, "name"),
        ("deli", "20417", 2, "name"),
        ("eli", "20417", 3, "name"),
        ("deli harb", "20417", 1, "name"),
        ("v d h", None, None, None),
        ("view d h", "20417", 1, "name"),
        ("smyt", "21", 1, "name"),
        ("hull sikes nancy", "2104", 2, "contact"),
        ("leeds", "21", 2, "town"),
        ("ls1 4ab", "21", 2, "town"),
        ("LS14AB", "21", 2, "town"),
        ("59935", "WWI-801", 2, "town"),
        ("twist", "21", 2, "contact"),
        ("o'hara", "WWI-801", 2, "contact"),
        ("ohara", "WWI-801", 2, "contact"),
        ("cafe zoe", "A/1", 1, "name"),
        ("CAFÉ ZOË & SÖHNE gmbh", "A/1", 0, "name"),
        ("sohne", "A/1", 2, "name"),
        ("gross", "A/1", 2, "contact"),
        ("koln", "A/1", 2, "town"),
        ("хлеб", "K27", 2, "name"),
        ("МОС", "K27", 1, "name"),
        ("東京", "K28", 1, "name"),
        ("ベーカリー", "K28", 3, "name"),
        ("peeples tail", "WWI-802", 1, "name"),
    ],
)
def test_pieces_of_names_towns_and_contacts(
    finder: Finder, typed: str, code: str | None, rank: int | None, matched: str | None
) -> None:
    if code is None:
        assert finder.hits(typed) == ()
        return
    hit = finder.only(typed)
    assert (hit.code, hit.rank, hit.matched) == (code, rank, matched)


def test_equal_hits_come_by_name_then_code(finder: Finder) -> None:
    assert finder.codes("tailspin") == ["WWI-802", "WWI-801"]
    hits = finder.hits("sikes")
    assert [hit.name for hit in hits] == ["Bakery of the Harbour", "Number Twins Ltd"]
    assert {hit.rank for hit in hits} == {2}


def test_the_name_stands_before_words_and_words_before_pieces(finder: Finder) -> None:
    assert [(hit.code, hit.rank) for hit in finder.hits("bak")] == [("2104", 1), ("21", 2)]
    assert [(hit.code, hit.rank) for hit in finder.hits("har")] == [("20417", 1)] + [
        (hit.code, 2) for hit in finder.hits("har")[1:]
    ]
    assert finder.codes("har", limit=2)[0] == "20417"
    assert len(finder.hits("har", limit=2)) == 2


def test_a_hit_tells_town_phone_payer_and_hold(own: Finder) -> None:
    branch = own.only("30101")
    assert (branch.town, branch.phone, branch.bill_to) == ("Harbour", "+12025550161", "Northfield Foods Head Office")
    assert not branch.on_hold
    with own.store.engine.execution_options(desk_write=True).begin() as connection:
        account = m.table(m.CreditAccount)
        connection.execute(update(account).where(account.c.id == 3).values(on_hold=True))
    assert own.only("30101").on_hold


# Documents


def test_an_order_or_invoice_number_finds_its_customer(finder: Finder) -> None:
    hit = finder.only("26000001")
    assert (hit.code, hit.rank, hit.matched) == ("20417", 0, "document")


def test_documents_by_beginning_and_inside_a_customer_by_ending(finder: Finder) -> None:
    def found(typed: str, **more: Any) -> list[tuple[str, str, int]]:
        hits = finder.store.read_now(search.documents, typed, **more)
        return [(hit.kind, hit.number, hit.rank) for hit in hits]

    assert found("26000002") == [("order", "26000002", 0)]
    assert set(found("26000001")) == {("order", "26000001", 0), ("invoice", "26000001", 0)}
    assert len(found("2600")) == 3
    assert found("002") == []
    assert found("002", customer_id=1) == [("order", "26000002", 1)]
    assert {kind for kind, *_ in found("1", customer_id=1)} == {"order", "invoice"}
    assert found("002", customer_id=2) == []
    assert found("26000002", customer_id=2) == []
    assert found("%", customer_id=1) == found("_", customer_id=1) == found("") == []


def test_documents_carry_what_a_list_shows(finder: Finder) -> None:
    order = finder.store.read_now(search.documents, "26000002")[0]
    assert (order.customer_code, order.customer_name, order.status) == ("20417", "Harbour View Deli", "allocated")
    assert (order.on.isoformat(), order.currency) == ("2026-03-02", "USD")


# One letter wrong


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("habrour view", "20417"), ("harbor view", "20417"), ("harbourr view", "20417"), ("arbour view deil", "20417"),
        ("tialspin peeples", "WWI-802"), ("tailspin peelpes", "WWI-802"), ("tailspn sylvanit", "WWI-801"),
        ("smihts", "20418"), ("smithz hotel", "20418"), ("smits hotle", "20418"), ("nrothfield west", "30101"),
        ("norhtfield west", "30101"), ("northfeild west", "30101"), ("olvier", "21"), ("хелб", "K27"),
        ("northfied wes", "30101"), ("habro vi", "20417"),
    ],
)  # fmt: skip
def test_a_word_with_one_letter_wrong_is_mended(finder: Finder, typed: str, code: str) -> None:
    hit = finder.only(typed)
    assert (hit.code, hit.rank) == (code, 4)


def misspelt(pick: random.Random, word: str) -> str:
    """One letter missing, extra, wrong, or two neighbours swapped."""
    at, letter = pick.randrange(len(word)), chr(pick.randrange(97, 123))
    kind = pick.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + letter + word[at:]
    if kind == 2:
        return word[:at] + letter + word[at + 1 :]
    at = min(at, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


@pytest.fixture
def crowd(store: Store, database_url: str) -> tuple[Store, list[dict[str, Any]]]:
    """Two thousand generated customers."""
    mass.fill_customers(database_url, 2000, seed=7)
    return store, list(mass.customers(2000, seed=7))


def test_every_name_is_found_with_any_one_letter_wrong(crowd: tuple[Store, list[dict[str, Any]]]) -> None:
    store, people = crowd
    bodies = [words(f"{row['name']} {row['code']} {row['city']} {row['contact']}") for row in people]

    @settings(deadline=None, max_examples=150)
    @given(st.sampled_from(range(len(people))), st.integers(0, 2**32))
    def check(at: int, seed: int) -> None:
        pick = random.Random(seed)
        name = list(words(people[at]["name"]))
        long = [n for n, word in enumerate(name) if len(word) >= 5 and word.isalpha()]
        if not long:
            return
        wrong = pick.choice(long)
        name[wrong] = misspelt(pick, name[wrong])
        if pick.random() < 0.5:
            pick.shuffle(name)
        typed = " ".join(name)
        as_typed = any(all(any(w.startswith(t) for w in body) for t in name) for body in bodies)
        hits = store.read_now(search.customers, typed)
        assert as_typed or people[at]["code"] in [hit.code for hit in hits], f"{typed!r} gave {hits}"

    check()


def test_every_letter_typed_of_a_name_or_a_phone_keeps_its_customer_or_fills_the_list(
    crowd: tuple[Store, list[dict[str, Any]]],
) -> None:
    store, people = crowd
    for row in random.Random(3).sample(people, 12):
        raw, e164 = row["phones"][0]
        typed = [row["name"][: n + 1] for n in range(len(row["name"]))]
        typed += [e164[-n:] for n in range(4, len(e164))] + [raw, row["code"], row["contact"], row["city"]]
        for text_ in typed:
            hits = store.read_now(search.customers, text_)
            assert len(hits) == 9 or row["code"] in [hit.code for hit in hits], f"{text_!r} lost {row}: {hits}"


# Hostile texts

SYNTAX = ['"', '""', "*", "a*", '"har', "har OR deli", "har AND deli", "NOT har", "NEAR(har deli)", "har NEAR deli",
          "-har", "+har", "^har", "har:deli", "body:har", "{body}:har", "(har)", "har)", "%", "_", "har%", "\\", "';--",
          "\x00", "har\x00bour", "\ud800", "🎉", "[/x]", "a b c d e f g h i j k", "x" * 5000, "1" * 500]  # fmt: skip


@pytest.mark.parametrize("typed", SYNTAX, ids=[ascii(each[:14]) for each in SYNTAX])
def test_signs_of_query_languages_are_only_signs(finder: Finder, typed: str) -> None:
    finder.hits(typed)
    finder.products(typed)
    for customer in (None, 1):
        finder.store.read_now(search.documents, typed, customer_id=customer)
    finder.store.read_now(search.jump, typed)


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


def test_a_customer_with_a_hostile_name_is_found_by_it(own: Finder) -> None:
    assert own.only(HOSTILE_NAME).code == "50999"
    add_customers(own.store, ((40, "L" * 40, "ﷺ" * 200, "x" * 100, "", "é" * 200, "no phone", ""),))
    own.store.engine.dispose()
    system = Store(own.store.url)
    system.write_now(search_index.reindex)
    assert own.codes("l" * 40) == ["L" * 40]
    assert own.codes("ﷺ") == ["L" * 40]
    system.close()


# Products


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("4711", ("4711", 0, "code")),
        ("ab-77/x", ("Ab-77/X", 0, "code")),
        ("AB77", ("Ab-77/X", 1, "code")),
        ("freight", ("FREIGHT", 0, "code")),
        ("frei", ("FREIGHT", 1, "name")),
        ("olive oil", ("4711", 1, "name")),
        ("oil oli", ("4711", 1, "name")),
        ("creme", ("Ab-77/X", 1, "name")),
        ("fraich", ("Ab-77/X", 2, "name")),
        ("raiche", ("Ab-77/X", 3, "name")),
        ("dairy", ("Ab-77/X", 2, "group")),
        ("5000112637922", ("Ab-77/X", 0, "barcode")),
        ("500011263", ("Ab-77/X", 3, "barcode")),
        ("basmtai", ("2208", 4, "name")),
        ("sunflwer oil", ("4720", 4, "name")),
    ],
)
def test_products(finder: Finder, typed: str, expected: tuple[str, int, str]) -> None:
    assert finder.products(typed)[0] == expected


def test_products_of_the_usual_list_come_first_within_a_rank(own: Finder) -> None:
    assert [code for code, *_ in own.products("oil")] == ["4711", "4720"]
    assert [code for code, *_ in own.products("capers")] == ["6002", "6001", "6003"]
    put(own.store, m.UsualItem, {"customer_id": 1, "position": 9, "product_id": own.seeded.products["6003"]})
    assert [code for code, *_ in own.products("capers", customer_id=1)] == ["6003", "6002", "6001"]
    hits = own.store.read_now(search.products, "capers", customer_id=1)
    assert [hit.usual for hit in hits] == [9, None, None]


def test_jump_mixes_customers_documents_and_products(finder: Finder) -> None:
    assert [(hit.kind, hit.code) for hit in finder.store.read_now(search.jump, "26000002")][:2] == [
        ("customer", "26000002"), ("order", "26000002"),
    ]  # fmt: skip
    assert ("product", "4711") in [(hit.kind, hit.code) for hit in finder.store.read_now(search.jump, "4711")]
    assert {hit.kind for hit in finder.store.read_now(search.jump, "2600")} == {"customer", "order", "invoice"}


# Companies, duties, upkeep


def test_each_company_finds_its_own_only(own: Finder) -> None:
    system = Store(own.store.url, company=2)
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
        assert "Harbour View Other" not in {hit.name for hit in own.hits(typed)}
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


def test_rows_follow_changes_and_a_second_run_changes_nothing(own: Finder) -> None:
    system = Store(own.store.url)
    assert system.write_now(search_index.reindex) == (0, 0)
    with system.engine.execution_options(desk_write=True).begin() as connection:
        customer, contact = m.table(m.Customer), m.table(m.Contact)
        connection.execute(update(customer).where(customer.c.id == 1).values(name="Quayside Kitchen"))
        connection.execute(update(contact).where(contact.c.customer_id == 2).values(name="Quentin Quill"))
    assert system.write_now(_index_some, [1, 2, 2, 999], [101]) == (2, 0)
    assert own.codes("harbour view") == own.codes("view deli") == own.codes("iew") == []
    assert own.codes("quayside") == own.codes("kitchen") == own.codes("itchen") == ["20417"]
    assert own.codes("quill") == ["20418"]
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
