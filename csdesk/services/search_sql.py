"""The statements search looks up with: b-trees, the full-text tables of SQLite, the GIN indexes of Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from sqlalchemy import Executable, Table, bindparam, select, text

from csdesk.models import SearchWord, table

W = table(SearchWord)
MANY = 17  # known words with one beginning that are too many to be looked up one by one
PROBE = 1000  # rows read to see whether a word is common

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

# Postgres: for this transaction never a scan of a whole table, nor a plan made for a word of another length.
STEADY = text(
    "SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true), "
    "set_config('plan_cache_mode', 'force_custom_plan', true)"
)


@lru_cache(maxsize=256)
def words_postgres(what: Searched, arrays: int, shape: Shape) -> Executable:
    """Rows that share an element with each of some arrays (a0, a1 …) and pass the checks."""
    elements = "string_to_array(body || starts, ' ')"
    tests = [f"{elements} && CAST(:a{i} AS text[])" for i in range(arrays)]
    return _fenced(what, [*tests, *_checks("body LIKE {}", shape)])


@lru_cache(maxsize=256)
def probe_postgres(what: Searched, shape: Shape) -> Executable:
    """Those of the first rows that pass the checks."""
    return text(
        f"SELECT {what.owner} AS owner, head, code, body, numbers FROM (SELECT * FROM {what.rows.name} "
        f"WHERE company = :company ORDER BY {what.owner} LIMIT {PROBE}) AS first "
        f"WHERE {' AND '.join(_checks('body LIKE {}', shape))} LIMIT :n"
    )


@cache
def numbers_postgres(what: Searched) -> Executable:
    """Rows with a pattern in their numbers."""
    return _fenced(what, ["numbers LIKE :piece"])


INNER_POSTGRES = text(
    "WITH found AS MATERIALIZED (SELECT word FROM search_word WHERE company + 0 = :company AND word LIKE :piece "
    "AND kind = :kind) SELECT word FROM found LIMIT :n"
)
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


def _checks(test: str, shape: Shape) -> list[str]:
    return ["(" + " OR ".join(test.format(f":c{i}_{j}") for j in range(count)) + ")" for i, count in enumerate(shape)]


def _fenced(what: Searched, tests: Sequence[str]) -> Executable:
    """The first rows that pass some tests, found through their GIN index.

    The planner must not trade that index for another because few rows are wanted: the limit stands outside a
    materialised query, which still ends as soon as it has been served, and the company is no key of an index there.
    """
    return text(
        f"WITH found AS MATERIALIZED (SELECT {what.owner} AS owner, head, code, body, numbers FROM {what.rows.name} "
        f"WHERE company + 0 = :company AND {' AND '.join(tests)}) SELECT * FROM found LIMIT :n"
    )


def _joined(what: Searched, fts: str, tests: Sequence[str]) -> Executable:
    """The full-text table leads (CROSS JOIN keeps the order); its row ids of one company lie side by side."""
    return text(
        f"SELECT s.{what.owner} AS owner, s.head, s.code, s.body, s.numbers "
        f"FROM {what.kind}_fts_{fts}(:match) AS f CROSS JOIN {what.rows.name} AS s ON s.id = f.rowid "
        f"WHERE {' AND '.join(['f.rowid BETWEEN :first AND :last', *tests])} LIMIT :n"
    )
