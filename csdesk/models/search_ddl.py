"""The full-text side of search, which metadata cannot say: FTS5 tables, or trigram indexes on Postgres."""

from __future__ import annotations

# Tables and indexes made here and the shadow tables of FTS5: no model knows them, a comparison must leave them out.
SHADOW_PREFIXES = ("customer_fts", "product_fts", "lookup_")

SEARCHED = ("customer", "product")


def statements(dialect_name: str) -> list[str]:
    """The statements for a database that has the tables, in order; run a second time they change nothing."""
    if dialect_name == "postgresql":
        made = ["CREATE EXTENSION IF NOT EXISTS pg_trgm"]
        made += [_grams_on_postgres(kind) for kind in SEARCHED]
    else:
        made = [statement for kind in SEARCHED for statement in _fts(kind)]
    return made + _document_numbers(dialect_name)


def _grams_on_postgres(kind: str) -> str:
    # A short pending list: every search reads it whole before the index proper.
    return (
        f"CREATE INDEX IF NOT EXISTS lookup_{kind}_grams ON {kind}_search "
        "USING gin (body gin_trgm_ops, numbers gin_trgm_ops) WITH (gin_pending_list_limit = 512)"
    )


def _fts(kind: str) -> list[str]:
    """Words by prefix and grams for the inside of words; both only point to the search rows (external content).

    services/search_index writes them beside the rows, a thousand at a time; a trigger would make every row a savepoint
    of its own and cost five times as much. The texts are normalised already: the tokenizer 'ascii' parts words at
    blanks and bars only and leaves every other sign as it is. detail=none halves the index; grams are therefore
    checked against the row.
    """
    common = f"content='{kind}_search', content_rowid='id', detail='none', columnsize=0"
    make = f"CREATE VIRTUAL TABLE IF NOT EXISTS {kind}_fts"
    return [
        f"{make}_words USING fts5(body, {common}, tokenize='ascii', prefix='2 3')",
        f"{make}_grams USING fts5(body, numbers, {common}, tokenize='trigram')",
    ]


def _document_numbers(dialect_name: str) -> list[str]:
    """Orders and documents by the beginning of their number, which the unique indexes cannot give everywhere."""
    bytewise = ' COLLATE "C"' if dialect_name == "postgresql" else ""
    return [
        f"CREATE INDEX IF NOT EXISTS lookup_order_number ON sales_order (company, number{bytewise})",
        f"CREATE INDEX IF NOT EXISTS lookup_document_number ON document (company, number{bytewise})",
    ]
