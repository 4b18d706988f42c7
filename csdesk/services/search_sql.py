"""The statements search looks up with: b-trees, the full-text tables of SQLite, the GIN indexes of Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from sqlalchemy import Executable, Table, bindparam, select, text

from csdesk.models import SearchWord, table

W = table(SearchWord)
MANY = 17  # known words with one beginning that are too many to be looked up one by one
INNER = 24  # known words with a piece inside that are looked up
PROBE, ENOUGH = 1000, 16  # rows read to see whether words are common, hits among them that say so

# How many alternatives each check of a row has: the parameters are c0_0, c0_1 … c1_0 …
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Searched:
    """What is searched: its rows, and the names of the parts of their `body` and of their `numbers`.

    Those names are what a hit is said to match.
    """

    kind: str
    rows: Table
    owner: str
    parts: tuple[str, ...]
    numbers: str
    code_start: int  # rank of a code that begins with what is typed


@cache
def ranges(what: Searched) -> Executable:
    """Rows with a code, whose name begins with something, whose code does: told apart by `how`, each in its order."""
    columns = f"{what.owner} AS owner, head, code, body, numbers FROM {what.rows.name} WHERE company = :company"
    return text(
        f"SELECT 'code' AS how, c.* FROM (SELECT {columns} AND code = :code LIMIT :most) AS c UNION ALL "
        f"SELECT 'head', h.* FROM (SELECT {columns} AND head >= :head AND head < :head_end "
        "ORDER BY head, code LIMIT :n) AS h UNION ALL "
        f"SELECT 'start', s.* FROM (SELECT {columns} AND code >= :code AND code < :code_end "
        "ORDER BY code LIMIT :n) AS s"
    )


@cache
def owned(what: Searched) -> Executable:
    """Rows of some customers or products."""
    rows = what.rows
    columns = rows.c[what.owner].label("owner"), rows.c.head, rows.c.code, rows.c.body, rows.c.numbers
    mine = rows.c.company == bindparam("company"), rows.c[what.owner].in_(bindparam("owners", expanding=True))
    return select(*columns).where(*mine)


_PHONES = (
    "SELECT s.customer_id AS owner, s.head, s.code, s.body, s.numbers, p.raw, p.digits_rev FROM contact_phone AS p "
    "JOIN customer_search AS s ON s.company = p.company AND s.customer_id = p.customer_id "
    "WHERE p.company = :company AND "
)
WHOLE_PHONES = text(_PHONES + "p.digits_rev IN :cuts LIMIT :n").bindparams(bindparam("cuts", expanding=True))


@cache
def phones(postgres: bool) -> Executable:
    """Customers' rows with a phone whose reversed digits lie in a range; bytewise, as the index is."""
    from_, to = ("~>=~", "~<~") if postgres else (">=", "<")
    return text(_PHONES + f"p.digits_rev {from_} :low AND p.digits_rev {to} :high LIMIT :n")


KNOWN = (
    select(W.c.word)
    .where(W.c.company == bindparam("company"), W.c.kind == bindparam("kind"))
    .where(W.c.word >= bindparam("low"), W.c.word < bindparam("high"))
    .order_by(W.c.word)
    .limit(MANY)
)

_ELEMENTS = "csdesk_terms(body, starts)"


@lru_cache(maxsize=256)
def words_postgres(what: Searched, begun: tuple[bool, ...], shape: Shape, probe: Shape) -> Executable:
    """Rows that share an element with each of some arrays (a0, a1 …) and pass the checks.

    Where `begun`, the array is grown by the known words from l0 to h0, or by the beginning p0 when they are many.
    With a probe (checks q0_0 …): only when the first rows hold too few.
    """
    tests = []
    for i, grown in enumerate(begun):
        array = f"CAST(:a{i} AS text[])"
        if grown:
            known = (
                "SELECT CAST(word AS text) AS word FROM search_word WHERE company = :company AND kind = :kind "
                f"AND word >= :l{i} AND word < :h{i} LIMIT {MANY}"
            )
            either = f"CASE WHEN count(*) < {MANY} THEN array_agg(word) ELSE ARRAY[CAST(:p{i} AS text)] END"
            array = f"(SELECT {either} || {array} FROM ({known}) AS begun)"
        tests.append(f"{_ELEMENTS} && {array}")
    return _fenced(what, [*tests, *_checks("body LIKE {}", shape)], _checks("body LIKE {}", probe, "q"))


@cache
def inside_postgres(what: Searched) -> Executable:
    """Rows with a known word that holds a piece behind its first letter; unless enough of the first rows do."""
    known = (
        "WITH known AS MATERIALIZED (SELECT CAST(word AS text) AS word FROM search_word WHERE company + 0 = :company "
        f"AND kind = :kind AND word LIKE :inner) SELECT word FROM known LIMIT {INNER}"
    )
    words = f"(SELECT array_agg(word) FROM ({known}) AS inner_words)"
    return _fenced(what, [f"{_ELEMENTS} && {words}"], ["body LIKE :piece"])


@cache
def numbers_postgres(what: Searched) -> Executable:
    """Rows with a pattern in their numbers."""
    return _fenced(what, ["numbers LIKE :piece"])


INNER_SQLITE = text(
    "SELECT w.word FROM word_fts(:match) AS f CROSS JOIN search_word AS w ON w.id = f.rowid "
    "WHERE w.company = :company AND w.kind = :kind AND instr(w.word, :piece) > 1 LIMIT :n"
)


@lru_cache(maxsize=256)
def words_sqlite(what: Searched, shape: Shape) -> Executable:
    """Rows of a match of words that pass the checks."""
    return _joined(what, "words", _checks("instr(s.body, {}) > 0", shape))


@cache
def numbers_sqlite(what: Searched) -> Executable:
    """Rows of a match of grams that have the piece in their numbers."""
    return _joined(what, "numbers", ["instr(s.numbers, :piece) > 0"])


def _checks(test: str, shape: Shape, name: str = "c") -> list[str]:
    return [
        "(" + " OR ".join(test.format(f":{name}{i}_{j}") for j in range(count)) + ")" for i, count in enumerate(shape)
    ]


def _fenced(what: Searched, tests: Sequence[str], probe: Sequence[str] = ()) -> Executable:
    """The first rows that pass some tests, found through their GIN index.

    The planner must not trade that index for another because few rows are wanted: the limit stands outside a
    materialised query, which still ends as soon as it has been served, and the company is no key of an index there.
    A probe is read first: rows with words that many hold are met soon by just reading, where GIN gathers all of them.
    """
    columns = f"{what.owner} AS owner, head, code, body, numbers"
    found = (
        f"found AS MATERIALIZED (SELECT {columns} FROM {what.rows.name} "
        f"WHERE company + 0 = :company AND {' AND '.join(tests)})"
    )
    if not probe:
        return text(f"WITH {found} SELECT * FROM found LIMIT :n")
    first = f"SELECT * FROM {what.rows.name} WHERE company = :company ORDER BY {what.owner} LIMIT {PROBE}"
    return text(
        f"WITH common AS MATERIALIZED (SELECT {columns} FROM ({first}) AS first WHERE {' AND '.join(probe)} LIMIT :n), "
        f"{found} SELECT * FROM common WHERE (SELECT count(*) FROM common) >= {ENOUGH} UNION ALL "
        f"(SELECT * FROM found WHERE (SELECT count(*) FROM common) < {ENOUGH} LIMIT :n)"
    )


def _joined(what: Searched, fts: str, tests: Sequence[str]) -> Executable:
    """The full-text table leads (CROSS JOIN keeps the order); its row ids of one company lie side by side."""
    return text(
        f"SELECT s.{what.owner} AS owner, s.head, s.code, s.body, s.numbers "
        f"FROM {what.kind}_fts_{fts}(:match) AS f CROSS JOIN {what.rows.name} AS s ON s.id = f.rowid "
        f"WHERE {' AND '.join(['f.rowid BETWEEN :first AND :last', *tests])} LIMIT :n"
    )
