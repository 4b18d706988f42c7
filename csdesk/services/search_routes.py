"""Which lookups a typed text is routed to, and how well what they find fits.

Lookups come in rising cost until the list is full: code, number and name by b-tree, then words by prefix, then pieces
inside words, then words mended by one letter. Each looks at a bounded number of rows, so a list of nine out of ten
thousand equal hits is the first ones of the index; more letters narrow it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Row

from csdesk.rules import phones
from csdesk.rules.text import normalised, squeezed
from csdesk.services import search_documents, search_lookup, search_mend
from csdesk.services.search_index import HEAD
from csdesk.services.search_lookup import CUSTOMERS, GRAM, PRODUCTS, Wanted
from csdesk.services.search_sql import ENOUGH, Searched
from csdesk.services.tx import Tx

Ranges = Mapping[str, Sequence[Row[Any]]]

# Ranks: how well a hit fits. Two first hits of one rank are a choice for the rep.
EXACT, NAME, WORD, INSIDE, MENDED = 0, 1, 2, 3, 4
LONGEST = 200  # signs of a typed text that are looked at
MOST_WORDS = 8
NATIONAL = 7  # digits that make a whole number without its country
LAST = 1 << 31  # place of a product that is not on the usual list


@dataclass(frozen=True, order=True)
class Hit:
    """A record found: ordered by rank, place on the usual list, name and code."""

    rank: int
    place: int
    head: str
    code: str
    owner: int
    matched: str
    phone: str


class Typed:
    """A typed text and what can be read from it."""

    def __init__(self, text: str) -> None:
        self.text = text[:LONGEST]
        self.words = tuple(normalised(self.text).split()[:MOST_WORDS])
        self.head = " ".join(self.words)[:HEAD]
        self.code = squeezed(self.text)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The phone digits it may stand for, the likeliest first; empty when it is no number."""
        return phones.spellings(self.text)

    @property
    def wanted(self) -> list[Wanted]:
        """What is looked for as words: one long enough, several, or a number written in groups as one."""
        if len(self.words) > 1 and phones.looks_like_phone(self.text):
            return [Wanted(self.code)]
        return [Wanted(word) for word in self.words] if len(self.head) >= GRAM else []

    @property
    def piece(self) -> str:
        """What is looked for inside words: one word, of digits one long enough for a number; else nothing."""
        piece = self.numbers[0] if self.numbers else self.words[0] if len(self.words) == 1 else ""
        return piece if len(piece) >= (phones.INSIDE if piece.isdigit() else GRAM) else ""


class Found:
    """The hits so far: each record once, with its best rank."""

    def __init__(self, limit: int, places: Mapping[int, int] | None = None) -> None:
        self.limit = limit
        self.places = places or {}
        self.hits: dict[int, Hit] = {}

    def add(self, row: Row[Any], rank: int, matched: str, phone: str = "") -> None:
        """Takes a search row, unless it is there with this rank or a better one."""
        if row.owner not in self.hits or self.hits[row.owner].rank > rank:
            place = self.places.get(row.owner, LAST)
            self.hits[row.owner] = Hit(rank, place, row.head, row.code, row.owner, matched, phone)

    @property
    def best(self) -> int:
        """The best rank found."""
        return min((hit.rank for hit in self.hits.values()), default=MENDED + 1)

    @property
    def exact(self) -> int:
        """The rank of an exact match now: one of a lookup before it stays alone at the top."""
        return NAME if self.best == EXACT else EXACT

    @property
    def full(self) -> bool:
        """Whether what a further lookup finds would no longer be seen."""
        return len(self.hits) >= self.limit

    def ranked(self) -> list[Hit]:
        """The best ones in order."""
        return sorted(self.hits.values())[: self.limit]


def customers(tx: Tx, typed: Typed, limit: int) -> list[Hit]:
    """The customers a text fits, in order."""
    found = Found(limit)
    ranges = _by_code(tx, CUSTOMERS, typed, found)
    _by_document(tx, typed, found)
    _by_phone(tx, typed, found)
    _by_text(tx, CUSTOMERS, typed, found, ranges)
    return found.ranked()


def products(tx: Tx, typed: Typed, limit: int, usual: Mapping[int, int]) -> list[Hit]:
    """The products a text fits, in order; those of the usual list are looked at whatever else there is."""
    found = Found(limit, usual)
    ranges = _by_code(tx, PRODUCTS, typed, found)
    if typed.words:
        for row in search_lookup.by_owner(tx, PRODUCTS, list(usual)):
            if row.head.startswith(typed.head):
                found.add(row, NAME, "name")
            elif all(f" {word}" in row.body for word in typed.words):
                found.add(row, WORD, _part(PRODUCTS, row, typed.words))
    _by_text(tx, PRODUCTS, typed, found, ranges)
    return found.ranked()


def _by_code(tx: Tx, what: Searched, typed: Typed, found: Found) -> Ranges:
    """Takes the exact code, and gives what else the b-trees found at the same time."""
    if not typed.code:
        return {}
    ranges = search_lookup.by_range(tx, what, typed.code, typed.head, found.limit)
    for row in ranges["code"]:
        found.add(row, EXACT, "code")
    return ranges


def _by_document(tx: Tx, typed: Typed, found: Found) -> None:
    """The customers of the documents with this number; behind the customer whose code it is."""
    rank = found.exact
    for row in search_lookup.by_owner(tx, CUSTOMERS, search_documents.owners(tx, typed.text)):
        found.add(row, rank, "document")


def _by_phone(tx: Tx, typed: Typed, found: Found) -> None:
    """Customers with a phone that ends with what is typed: the first spelling that one ends with counts.

    When none does: customers whose stored number lacks a country or trunk that was typed.
    """
    exact = found.exact
    for digits in typed.numbers:
        rows = search_lookup.by_phone(tx, digits[::-1])
        if rows:
            for row in rows:
                found.add(row, exact if row.digits_rev == digits[::-1] else NAME, "phone", row.raw)
            return
    cuts = [digits[::-1][:cut] for digits in typed.numbers[:1] for cut in range(NATIONAL, len(digits))]
    for row in search_lookup.by_whole_phone(tx, cuts):
        found.add(row, NAME, "phone", row.raw)


def _by_text(tx: Tx, what: Searched, typed: Typed, found: Found, ranges: Ranges) -> None:
    if not typed.words:
        return
    phone = any(hit.matched == "phone" for hit in found.hits.values())
    exact = found.exact
    for row in ranges["head"]:
        found.add(row, exact if row.head == typed.head else NAME, "name")
    if not found.full:
        for row in ranges["start"]:
            found.add(row, what.code_start, "code")
    if not found.full and typed.wanted:
        _by_words(tx, what, typed.wanted, found, WORD)
    if not found.full and typed.piece and not phone:
        _by_piece(tx, what, typed.piece, found)
    if not found.full and found.best > WORD and any(map(search_mend.mendable, typed.words)):
        _by_words(tx, what, [_mended(tx, what, word) for word in typed.words], found, MENDED)


def _by_words(tx: Tx, what: Searched, wanted: Sequence[Wanted], found: Found, rank: int) -> None:
    """Several words that are all in the name fit better, where every row that holds them has been seen."""
    terms = [term for each in wanted for term in each.terms()]
    rows = search_lookup.by_words(tx, what, wanted)
    raised = rank == WORD and len(wanted) > 1 and len(rows) < ENOUGH
    for row in rows:
        in_name = raised and all(f" {term}" in row.body.partition("|")[0] for term in terms)
        found.add(row, NAME if in_name else rank, _part(what, row, terms))


def _by_piece(tx: Tx, what: Searched, piece: str, found: Found) -> None:
    """Words that hold a piece inside, then codes and numbers that do."""
    for row in search_lookup.by_inside(tx, what, piece) if piece.isalpha() else ():
        parts = (name for name, part in zip(what.parts, row.body.split("|"), strict=False) if piece in part)
        found.add(row, INSIDE, next(parts))
    if not found.full:
        for row in search_lookup.by_numbers(tx, what, piece):
            whole = piece in row.numbers.split()
            found.add(row, EXACT if whole else INSIDE, "code" if piece in row.code else what.numbers)


def _mended(tx: Tx, what: Searched, word: str) -> Wanted:
    """A word as typed, unless no row can hold it, and as it may be meant."""
    if not search_mend.mendable(word):
        return Wanted(word)
    known, spellings = search_mend.mended(tx, what, word)
    return Wanted(word if known else "", spellings)


def _part(what: Searched, row: Row[Any], terms: Sequence[str]) -> str:
    """The part of a row that holds most of the terms, the first such part."""
    counts = [sum(f" {term}" in part for term in terms) for part in row.body.split("|")]
    return what.parts[counts.index(max(counts))]
