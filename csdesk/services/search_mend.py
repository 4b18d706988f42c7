"""Mends words misspelt by one letter from the words that are known: an edit lies in one half, the other is exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable, Integer, Select, bindparam, func, or_, select

from csdesk.rules.text import one_edit_apart, prefix_one_edit
from csdesk.services.search_lookup import END, known
from csdesk.services.search_sql import Searched, W
from csdesk.services.tx import Tx

SHORTEST = 4  # letters of a word that can be told from another by one
MOST = 24  # spellings looked for

_NONE: Mapping[str, Any] = {}


def _from(column: Any) -> Select[Any]:
    key = W.c.company == bindparam("company"), W.c.kind == bindparam("kind")
    return select(column).where(*key, column >= bindparam("low"), column < bindparam("high"))


def _at(shift: int) -> Any:
    """Whether the second piece stands at its place shifted by so many letters."""
    place = bindparam("after", type_=Integer) + shift
    return func.substr(W.c.word, place, bindparam("rest", type_=Integer)) == bindparam("second")


_MOVED = or_(_at(0), _at(1), _at(2))
_BEGINNING = _from(W.c.word).limit(MOST)
_REST_MOVED = _from(W.c.word).where(_MOVED)
_HALF_OF_REST = _from(W.c.word).where(
    or_(
        func.substr(W.c.word, bindparam("at", type_=Integer), bindparam("length", type_=Integer)) == bindparam("first"),
        func.substr(W.c.word, bindparam("after", type_=Integer), 2) == bindparam("swapped"),
        _MOVED,
    )
)
_ENDING = _from(W.c.reversed).where(func.length(W.c.reversed).between(bindparam("least"), bindparam("most")))


def mendable(word: str) -> bool:
    """Whether a word is long enough and made of letters."""
    return len(word) >= SHORTEST and word.isalpha()


def mended(tx: Tx, what: Searched, word: str) -> tuple[str, ...]:
    """Known words one edit away from this one; when there are none, known words that begin with such a spelling.

    A word still being typed is found too, unless its very first letter is wrong. A word that begins a known one is
    taken as typed so far and right: only whole words are offered for it.
    """
    half = len(word) // 2
    near = {*_near_start(tx, what.kind, word, half), *_near_end(tx, what.kind, word, half)}
    whole = sorted(each for each in near if one_edit_apart(word, each) and each != word)
    if whole or known(tx, what, word):
        return tuple(whole[:MOST])
    begun = sorted(each for each in near if prefix_one_edit(word, each))
    if not begun:
        begun = sorted(each for each in _begun(tx, what.kind, word, half) if prefix_one_edit(word, each))
    return tuple(begun[:MOST])


def _near_start(tx: Tx, kind: str, word: str, half: int) -> list[str]:
    """Known words that begin as this one does and have at least half of the rest in place, or moved by one letter.

    Or that begin as it would with the two letters swapped at which its halves meet.
    """
    rest, part = word[half:], (len(word) - half) // 2
    key = {
        "first": rest[:part], "at": half + 1, "length": part,
        "second": rest[part:], "after": half + part, "rest": len(rest) - part,
        "swapped": rest[part] + rest[part - 1],
    }  # fmt: skip
    swapped = word[: half - 1] + word[half] + word[half - 1] + word[half + 1 :]
    found = _words(tx, _HALF_OF_REST, kind, word[:half], key)
    return found + _words(tx, _BEGINNING, kind, swapped)


def _near_end(tx: Tx, kind: str, word: str, half: int) -> list[str]:
    """Known words of about this length that end as this one does."""
    lengths = {"least": len(word) - 1, "most": len(word) + 1}
    return [each[::-1] for each in _words(tx, _ENDING, kind, word[half:][::-1], lengths)]


def _begun(tx: Tx, kind: str, word: str, half: int) -> list[str]:
    """Known words with the first letter of this one and its second half in place, or moved by one letter.

    Or that begin as it would with its first two letters swapped, or without the first.
    """
    found = _words(tx, _REST_MOVED, kind, word[0], {"second": word[half:], "after": half, "rest": len(word) - half})
    for start in (word[1] + word[0] + word[2:], word[1:]):
        found += _words(tx, _BEGINNING, kind, start)
    return found


def _words(tx: Tx, statement: Executable, kind: str, start: str, params: Mapping[str, Any] = _NONE) -> list[str]:
    key = {"company": tx.company, "kind": kind, "low": start, "high": start + END}
    return [row[0] for row in tx.rows(statement, {**key, **params})]
