"""The full-text side of search, which metadata cannot say: FTS5 tables on SQLite, GIN indexes on Postgres."""

from __future__ import annotations

# Tables and indexes made here and the shadow tables of FTS5: no model knows them, a comparison must leave them out.
SHADOW_PREFIXES = ("customer_fts", "product_fts", "word_fts", "article_fts", "ticket_fts", "lookup_")

SEARCHED = ("customer", "product")


def statements(dialect_name: str) -> list[str]:
    """The statements for a database that has the tables, in order; run a second time they change nothing."""
    made = _on_postgres() if dialect_name == "postgresql" else _on_sqlite()
    return made + _document_numbers(dialect_name) + _articles(dialect_name) + _tickets(dialect_name)


def _on_postgres() -> list[str]:
    """Words and their beginnings as elements of an array; grams of numbers and of the known words.

    Grams of whole bodies would be four times as large and as slow: a long word means a dozen lists of rows, each with
    a share of all rows. The function says that it is costly, so that no plan computes it for every row, whatever the
    planner knows of a table, and restricted, so that none starts workers for it. The pending lists are short, since
    every search reads them whole before the index proper.
    """
    short = "WITH (gin_pending_list_limit = 512)"
    made = [
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "CREATE OR REPLACE FUNCTION csdesk_terms(body text, starts text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE "
        "PARALLEL RESTRICTED COST 10000 AS $$ BEGIN RETURN string_to_array(body || starts, ' '); END $$",
    ]
    for kind in SEARCHED:
        make = f"CREATE INDEX IF NOT EXISTS lookup_{kind}"
        made.append(f"{make}_words ON {kind}_search USING gin (csdesk_terms(body, starts)) {short}")
        made.append(f"{make}_numbers ON {kind}_search USING gin (numbers gin_trgm_ops) {short}")
    return [*made, f"CREATE INDEX IF NOT EXISTS lookup_word_grams ON search_word USING gin (word gin_trgm_ops) {short}"]


def _on_sqlite() -> list[str]:
    """Words by prefix; grams of numbers and of the known words. All only point to the rows (external content).

    services/search_index writes them beside the rows, a thousand at a time; a trigger would make every row a savepoint
    of its own and cost five times as much. The texts are normalised already: the tokenizer 'ascii' parts words at
    blanks and bars only and leaves every other sign as it is. detail=none halves an index; grams are therefore
    checked against the row.
    """
    made = []
    for kind in SEARCHED:
        make = f"CREATE VIRTUAL TABLE IF NOT EXISTS {kind}_fts"
        common = f"content='{kind}_search', content_rowid='id', detail='none', columnsize=0"
        made.append(f"{make}_words USING fts5(body, {common}, tokenize='ascii', prefix='1 2 3')")
        made.append(f"{make}_numbers USING fts5(numbers, {common}, tokenize='trigram')")
    common = "content='search_word', content_rowid='id', detail='none', columnsize=0"
    return [*made, f"CREATE VIRTUAL TABLE IF NOT EXISTS word_fts USING fts5(word, {common}, tokenize='trigram')"]


def _document_numbers(dialect_name: str) -> list[str]:
    """Orders, documents, tickets by the beginning of their number, which the unique indexes cannot give everywhere."""
    bytewise = ' COLLATE "C"' if dialect_name == "postgresql" else ""
    return [
        f"CREATE INDEX IF NOT EXISTS lookup_order_number ON sales_order (company, number{bytewise})",
        f"CREATE INDEX IF NOT EXISTS lookup_document_number ON document (company, number{bytewise})",
        f"CREATE INDEX IF NOT EXISTS lookup_ticket_number ON ticket (company, number{bytewise})",
    ]


def _articles(dialect_name: str) -> list[str]:
    """Articles by whole words and beginnings, ranked: so with frequencies and columns, other than above.

    The texts are normalised and hold each word once; no diacritics are left to remove. services/knowledge_index writes
    the SQLite table beside the rows and the terms on Postgres.
    """
    if dialect_name == "postgresql":
        return ["CREATE INDEX IF NOT EXISTS lookup_article_terms ON article_search USING gin (terms)"]
    return [
        "CREATE VIRTUAL TABLE IF NOT EXISTS article_fts USING fts5(title, words, body, content='article_search', "
        "content_rowid='id', tokenize='unicode61 remove_diacritics 0', prefix='1 2 3')"
    ]


def _tickets(dialect_name: str) -> list[str]:
    """Tickets by the words of their subject and their beginnings; services/search_tickets writes them."""
    if dialect_name == "postgresql":
        short = "WITH (gin_pending_list_limit = 512)"
        return [f"CREATE INDEX IF NOT EXISTS lookup_ticket_terms ON ticket_search USING gin (terms) {short}"]
    return [
        "CREATE VIRTUAL TABLE IF NOT EXISTS ticket_fts USING fts5(body, content='ticket_search', content_rowid='id', "
        "detail='none', columnsize=0, tokenize='ascii', prefix='1 2 3')"
    ]
