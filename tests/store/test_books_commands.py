"""`csdesk period`, `cash` and `reverse` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.errors import DeskError
from csdesk.models import BankLine, Period, table
from csdesk.store import Store

BANK = "date,amount,payer,reference,bank_reference\n2026-03-02,160.00,Harbour,26000001,B-1\n2026-03-02,20,,,B-2\n"


def run(url: str, user: str, *words: str) -> str:
    """What a command prints; raises what it refuses with."""
    result = CliRunner().invoke(app, [*words, "--db", url, "--user", user])
    if isinstance(result.exception, DeskError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_a_year_is_laid_out_closed_and_locked(store: Store, seeded: object, database_url: str) -> None:
    assert "Twelve open periods of 2026" in run(database_url, "fin2", "period", "year", "2026")
    assert "soft closed" in run(database_url, "fin2", "period", "close", "2026-01-31", "--why", "month end")
    assert "locked" in run(database_url, "fin2", "period", "lock", "2026-01-31", "--why", "checked")
    assert "to be approved by controller" in run(
        database_url, "fin2", "period", "unlock", "2026-01-31", "--why", "late"
    )
    assert "01 Jan 2026 to 31 Jan 2026  locked" in run(database_url, "fin2", "period", "list")
    with store.engine.connect() as connection:
        assert len(connection.execute(table(Period).select()).all()) == 12


def test_a_bank_file_is_taken_in_once(store: Store, seeded: object, database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "bank.csv"
    file.write_text(BANK)
    assert "2 taken in, 0 were there" in run(database_url, "cash1", "cash", "take-in", str(file))
    assert "0 taken in, 2 were there" in run(database_url, "cash1", "cash", "take-in", str(file))
    assert "Harbour" in run(database_url, "cash1", "cash", "waiting")
    with store.engine.connect() as connection:
        assert [row.amount for row in connection.execute(table(BankLine).select().order_by(table(BankLine).c.id))] == [
            16_000, 2_000
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,amount\n2026-03-02,1\n", "has no column bank_reference"),
        (BANK + "2026-03-02,x,,,B-3\n", "Line 4: '2026-03-02' and 'x'"),
        (BANK + "2026-03-02,-5,,,B-3\n", "Line 4: money in has an amount above 0"),
        (BANK + "2026-03-02,5,,,\n", "Line 4: money in has an amount above 0"),
    ],
)
def test_a_wrong_bank_file_takes_nothing_in(
    store: Store, seeded: object, database_url: str, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "bank.csv"
    file.write_text(text)
    with pytest.raises(DeskError, match=said):
        run(database_url, "cash1", "cash", "take-in", str(file))
    with store.engine.connect() as connection:
        assert connection.execute(table(BankLine).select()).all() == []


def test_what_is_not_there_is_not_reversed(store: Store, seeded: object, database_url: str) -> None:
    with pytest.raises(DeskError, match="no write-off, debit or credit note 26000099"):
        run(database_url, "fin2", "reverse", "26000099", "--why", "wrong")
