"""How well an article fits what is typed and what it is about: words by rarity and place, then product and category.

Rule: a word counts by its rarity (log2 of all articles by those that hold it), full in title and further words, half in
the body; whole before begun. Source: term weighting by inverse document frequency (K. Spärck Jones, 1972); the shares
for product, group and category are the desk's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WHOLE, BEGUN = 5, 4  # a word that is there as typed, one that begins so
TITLE, BODY = 2, 1
FULL = 1000  # everything typed stands in the title
PRODUCT, GROUP, CATEGORY, NEAR = 600, 300, 300, 150
HELPED, MOST_HELPED = 20, 100  # for every doubling


@dataclass(frozen=True)
class Fields:
    """The words of an article, each between blanks: of title and further words, of the body."""

    title: str
    body: str


@dataclass(frozen=True)
class Fit:
    """What speaks for an article besides words; `category` is "same", "near" (its parent or child) or ''."""

    product: bool = False
    group: bool = False
    category: str = ""
    helped: int = 0


def rarity(articles: int, holding: int) -> int:
    """What a word is worth: 1 where every article holds it, one more each time half as many do; 0 where none does."""
    return max(articles // holding, 1).bit_length() if holding > 0 else 0


def score(words: Mapping[str, int], fields: Fields, fit: Fit) -> int:
    """How well an article fits, for an order only; 0 where nothing speaks for it. `words`: what is typed, by rarity."""
    most = sum(words.values()) * WHOLE * TITLE
    found = sum(worth * _place(word, fields) for word, worth in words.items())
    text = found * FULL // most if most else 0
    near = CATEGORY if fit.category == "same" else NEAR if fit.category == "near" else 0
    points = text + near + (PRODUCT if fit.product else GROUP if fit.group else 0)
    return points + min(fit.helped.bit_length() * HELPED, MOST_HELPED) if points else 0


def telling(holding: Mapping[str, int], articles: int) -> tuple[str, ...]:
    """The words worth looking for: those that articles hold, and of these none that more than a third do, unless there
    are no rarer ones. So every language finds its own little words."""
    known = [word for word, count in holding.items() if count]
    rare = [word for word in known if holding[word] * 3 <= articles]
    return tuple(rare or known)


def _place(word: str, fields: Fields) -> int:
    """What a word's place is worth: the better one of title and body."""
    return max(_there(word, fields.title) * TITLE, _there(word, fields.body) * BODY)


def _there(word: str, text: str) -> int:
    if f" {word} " in text:
        return WHOLE
    return BEGUN if f" {word}" in text else 0


def near(code: str, parents: Mapping[str, str]) -> Sequence[str]:
    """The category above a category and those below it, of a tree given as child -> parent."""
    above = [parents[code]] if parents.get(code) else []
    return [*above, *sorted(child for child, parent in parents.items() if parent == code and code)]
