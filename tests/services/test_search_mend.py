"""Search finds what is typed with one letter wrong, and keeps what is being typed in sight."""

# ruff: noqa: F401, F811  (fixtures are imported)

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import mass
from csdesk.rules.text import words
from csdesk.services import search
from csdesk.store import Store
from tests.support.finder import Finder, finder


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
