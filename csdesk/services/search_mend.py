"""Mends words misspelt by one letter from the words that are known: an edit lies in one half, the other is exact."""

from __future__ import annotations

from sqlalchemy import text

from csdesk.rules.text import one_edit_apart, prefix_one_edit
from csdesk.services.search_lookup import END
from csdesk.services.search_sql import Searched
from csdesk.services.tx import Tx

SHORTEST = 4  # letters of a word that can be told from another by one
MOST = 24  # spellings looked for


def mendable(word: str) -> bool:
    """Whether a word is long enough and made of letters."""
    return len(word) >= SHORTEST and word.isalpha()


def mended(tx: Tx, what: Searched, word: str) -> tuple[bool, tuple[str, ...]]:
    """Whether a known word begins with this one, and the known words that may be meant.

    Those are one edit away; when there are none and the word begins no known one: known words that begin with such a
    spelling. So a word still being typed is found too, unless its very first letter is wrong.
    """
    near, known = set(), False
    for row in tx.rows(_NEAR, {"company": tx.company, "kind": what.kind, **_halves(word)}):
        if row.how == "known":
            known = True
        else:
            near.add(row.word[::-1] if row.how == "end" else row.word)
    whole = sorted(each for each in near if one_edit_apart(word, each) and each != word)
    if whole or known:
        return known, tuple(whole[:MOST])
    begun = sorted(each for each in near if prefix_one_edit(word, each))
    if not begun:
        rows = tx.rows(_BEGUN, {"company": tx.company, "kind": what.kind, **_shifted(word)})
        begun = sorted({row.word for row in rows if prefix_one_edit(word, row.word)})
    return known, tuple(begun[:MOST])


def _halves(word: str) -> dict[str, str | int]:
    """What _NEAR looks for. `rest` is the second half, `first` and `second` its halves; places count from 1."""
    half = len(word) // 2
    rest, part = word[half:], (len(word) - half) // 2
    swapped = word[: half - 1] + word[half] + word[half - 1] + word[half + 1 :]
    return {
        "word": word, "word_end": word + END, "low": word[:half], "high": word[:half] + END,
        "first": rest[:part], "first_at": half + 1, "first_length": part,
        "second": rest[part:], "second_at": half + part, "second_length": len(rest) - part,
        "cross": rest[part] + rest[part - 1],
        "swapped": swapped, "swapped_end": swapped + END,
        "ending": rest[::-1], "ending_end": rest[::-1] + END, "least": len(word) - 1, "most": len(word) + 1,
    }  # fmt: skip


def _shifted(word: str) -> dict[str, str | int]:
    """What _BEGUN looks for."""
    half = len(word) // 2
    swapped, without = word[1] + word[0] + word[2:], word[1:]
    return {
        "low": word[0], "high": word[0] + END,
        "second": word[half:], "second_at": half, "second_length": len(word) - half,
        "swapped": swapped, "swapped_end": swapped + END, "without": without, "without_end": without + END,
    }  # fmt: skip


_KEY = "FROM search_word WHERE company = :company AND kind = :kind"
_MOVED = " OR ".join(f"substr(word, :second_at + {shift}, :second_length) = :second" for shift in range(3))

# Known words that begin as the word does, with half of its rest in place or moved by one letter, or with the two
# letters between those halves swapped; those that begin with the letters between the word's own halves swapped;
# those of about its length that end as it does; and one that begins with it.
_NEAR = text(
    f"SELECT 'start' AS how, word {_KEY} AND word >= :low AND word < :high AND (substr(word, :first_at, :first_length) "
    f"= :first OR substr(word, :second_at, 2) = :cross OR {_MOVED}) UNION ALL "
    f"SELECT 'start', s.word FROM (SELECT word {_KEY} AND word >= :swapped AND word < :swapped_end LIMIT {MOST}) AS s "
    f"UNION ALL SELECT 'end', reversed {_KEY} AND reversed >= :ending AND reversed < :ending_end "
    "AND length(reversed) BETWEEN :least AND :most UNION ALL "
    f"SELECT 'known', k.word FROM (SELECT word {_KEY} AND word >= :word AND word < :word_end LIMIT 1) AS k"
)

# Known words with the first letter of the word and its second half in place or moved by one letter; those that begin
# with its first two letters swapped; those that begin as it does without the first.
_BEGUN = text(
    f"SELECT word {_KEY} AND word >= :low AND word < :high AND ({_MOVED}) UNION ALL "
    f"SELECT s.word FROM (SELECT word {_KEY} AND word >= :swapped AND word < :swapped_end LIMIT {MOST}) AS s UNION ALL "
    f"SELECT w.word FROM (SELECT word {_KEY} AND word >= :without AND word < :without_end LIMIT {MOST}) AS w"
)
