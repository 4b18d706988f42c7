"""The SQL files of a revision: statements parted by blank lines, one file for each kind of database."""

from __future__ import annotations

from pathlib import Path

VERSIONS = Path(__file__).parent / "versions"


def file_of(revision: str, dialect_name: str) -> Path:
    """Where the statements of a revision stand for "sqlite" or "postgresql"."""
    return VERSIONS / f"{revision}_{dialect_name}.sql"


def statements_of(revision: str, dialect_name: str) -> list[str]:
    """The statements of a revision, in order."""
    text = file_of(revision, dialect_name).read_text("utf-8")
    return [each.rstrip().removesuffix(";") for each in text.split("\n\n") if each.strip()]


def joined(statements: list[str]) -> str:
    """The text of such a file; refuses a statement with a blank line inside."""
    if any("\n\n" in each for each in statements):
        raise ValueError("a statement with a blank line cannot be told from two statements")
    return "".join(f"{each.strip()};\n\n" for each in statements)
