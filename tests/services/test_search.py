"""Search finds a caller by whatever piece of them is typed, on both databases."""

# ruff: noqa: F401, F811  (fixtures are imported)

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from csdesk import models as m
from csdesk.rules import phones
from csdesk.services import search
from tests.support.finder import Finder, finder, own_finder, put

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


def test_an_ending_that_several_have_is_ambiguous(own_finder: Finder) -> None:
    put(own_finder.store, m.ContactPhone, {"id": 900, "customer_id": 24, "raw": "550142", "digits_rev": "241055"})
    assert [(hit.code, hit.rank) for hit in own_finder.hits("550142")] == [("20417", 1), ("21", 0)][::-1]
    assert [(hit.code, hit.rank) for hit in own_finder.hits("50142")] == [("20417", 1), ("21", 1)]


def test_five_digits_are_found_inside_when_no_number_ends_with_them(finder: Finder) -> None:
    assert [(hit.rank, hit.matched) for hit in finder.hits("25550")] == [(3, "phone")] * 6
    assert [hit.rank for hit in finder.hits("63296077")] == [3, 3]
    assert finder.hits("6329") == ()


def test_a_number_stored_without_its_country_is_found_by_the_whole_number(own_finder: Finder) -> None:
    put(own_finder.store, m.ContactPhone, {"id": 901, "customer_id": 25, "raw": "7654 3210", "digits_rev": "01234567"})
    assert own_finder.only("+47 7654 3210").code == "2104"


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
        ("v d h", "20417", 1, "name"),
        ("x y z", None, None, None),
        ("view d h", "20417", 1, "name"),
        ("smyt", "21", 1, "name"),
        ("hull sikes nancy", "2104", 2, "contact"),
        ("leeds", "21", 2, "town"),
        ("ls1 4ab", "21", 2, "town"),
        ("LS14AB", "21", 2, "town"),
        ("LS14A", "21", 2, "town"),
        ("100-0001", "K28", 2, "town"),
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


def test_a_hit_tells_town_phone_payer_and_hold(own_finder: Finder) -> None:
    branch = own_finder.only("30101")
    assert (branch.town, branch.phone, branch.bill_to) == ("Harbour", "+12025550161", "Northfield Foods Head Office")
    assert not branch.on_hold
    with own_finder.store.engine.execution_options(desk_write=True).begin() as connection:
        account = m.table(m.CreditAccount)
        connection.execute(update(account).where(account.c.id == 3).values(on_hold=True))
    assert own_finder.only("30101").on_hold


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
        ("pump xyz", ("P-1", 1, "name")),
        ("pump xyz90", ("P-1", 1, "name")),
        ("xyz9000 pump", ("P-1", 1, "name")),
        ("pump 100", ("P-1", 1, "name")),
        ("pump 100g", ("P-1", 1, "name")),
        ("100g", ("P-1", 2, "name")),
        ("pmup xyz", ("P-1", 4, "name")),
        ("basmtai", ("2208", 4, "name")),
        ("sunflwer oil", ("4720", 4, "name")),
    ],
)
def test_products(finder: Finder, typed: str, expected: tuple[str, int, str]) -> None:
    assert finder.products(typed)[0] == expected


def test_products_of_the_usual_list_come_first_within_a_rank(own_finder: Finder) -> None:
    assert [code for code, *_ in own_finder.products("oil")] == ["4711", "4720"]
    assert [code for code, *_ in own_finder.products("capers")] == ["6002", "6001", "6003"]
    put(
        own_finder.store,
        m.UsualItem,
        {"customer_id": 1, "position": 9, "product_id": own_finder.seeded.products["6003"]},
    )
    assert [code for code, *_ in own_finder.products("capers", customer_id=1)] == ["6003", "6002", "6001"]
    hits = own_finder.store.read_now(search.products, "capers", customer_id=1)
    assert [hit.usual for hit in hits] == [9, None, None]


def test_jump_mixes_customers_documents_and_products(finder: Finder) -> None:
    assert [(hit.kind, hit.code) for hit in finder.store.read_now(search.jump, "26000002")][:2] == [
        ("customer", "26000002"), ("order", "26000002"),
    ]  # fmt: skip
    assert ("product", "4711") in [(hit.kind, hit.code) for hit in finder.store.read_now(search.jump, "4711")]
    assert {hit.kind for hit in finder.store.read_now(search.jump, "2600")} == {"customer", "order", "invoice"}
