"""`csdesk period`, `cash` and `reverse` on the command line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.errors import DeskError
from csdesk.importing import bank
from csdesk.models import BankLine, Period, table
from csdesk.services import staff, unidentified
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


def test_lines_the_bank_gives_no_reference_of_their_own(
    store: Store, seeded: object, database_url: str, tmp_path: Path
) -> None:
    """Two payments alike both come in; the file again brings neither; nothing by hand stands in a later line's way."""
    file = tmp_path / "bank.csv"
    line = "2026-03-02,20.00,Harbour,rent,"
    file.write_text(f"{BANK}{line}NOTPROVIDED\n{line}nonref\n{line}\n2026-03-02,20.00,Harbour,,NOTPROVIDED\n")
    assert "6 taken in, 0 were there" in run(database_url, "cash1", "cash", "take-in", str(file))
    assert "0 taken in, 6 were there" in run(database_url, "cash1", "cash", "take-in", str(file))
    cashier = store.acting(store.read_now(staff.sign_in, "cash1"))
    by_hand = cashier.write_now(unidentified.take_in, 100, date(2026, 3, 2)).split()[4]
    file.write_text(f"date,amount,bank_reference\n2026-03-02,7.00,{by_hand}\n")
    assert "1 taken in, 0 were there" in run(database_url, "cash1", "cash", "take-in", str(file))


@pytest.mark.parametrize(
    ("amounts", "decimal", "minor"),
    [
        (("1.250", "160,00"), "", (125_000, 16_000)),
        (("1,250", "160.5"), "", (125_000, 16_050)),
        (("1.250.000", "20"), "", (125_000_000, 2_000)),
        (("1.250", "20"), ",", (125_000, 2_000)),
        (("1,250", "1,250.50"), ".", (125_000, 125_050)),
    ],
)
def test_the_file_tells_its_decimal_mark_or_the_command_does(
    tmp_path: Path, amounts: tuple[str, ...], decimal: str, minor: tuple[int, ...]
) -> None:
    file = tmp_path / "bank.csv"
    rows = "".join(f'2026-03-02,"{amount}",B-{place}\n' for place, amount in enumerate(amounts))
    file.write_text(f"date,amount,bank_reference\n{rows}")
    assert tuple(each.amount for each in bank.lines(file, "EUR", decimal)) == minor


def test_three_decimals_and_none(tmp_path: Path) -> None:
    file = tmp_path / "bank.csv"
    file.write_text('date,amount,bank_reference\n2026-03-02,"1,250",B-1\n')
    assert [bank.lines(file, each)[0].amount for each in ("KWD", "JPY")] == [1250, 1250]
    with pytest.raises(DeskError, match="comma or a point"):
        bank.lines(file, "USD", "'")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,amount\n2026-03-02,1\n", "has no column bank_reference"),
        (BANK + "2026-03-02,x,,,B-3\n", "Line 4: '2026-03-02' and 'x'"),
        (BANK + "2026-03-02,-5,,,B-3\n", "Line 4: money in has an amount above 0"),
        (
            BANK.replace("160.00", "160") + "2026-03-02,1.250,,,B-3\n",
            r"Line 4: '1\.250' may mean two amounts; say --dec",
        ),
        (BANK + "2026-03-02,12.345,,,B-3\n", "Line 4: '2026-03-02' and '12.345' are no day and amount"),
        (BANK + '2026-03-02,"1.250,00",,,B-3\n', r"Line 4: '1\.250,00' has another decimal mark than line 2"),
        (BANK + "2062-03-02,5,,,B-3\n", "Line 4: 02 Mar 2062 is still to come"),
        (
            BANK + "2026-03-02,160.01,Harbour,,B-1\n",
            r"Line 4: the bank's B-1 is \d+ already, of 02 Mar 2026, 160\.00 USD",
        ),
        (BANK + "2026-03-01,160,Harbour,,B-1\n", "Line 4: the bank's B-1 is "),
        (BANK + "2026-03-02,160,Smiths,,B-1\n", "Line 4: the bank's B-1 is "),
        (BANK + "2026-03-02,5,,,~26000001\n", "Line 4: A bank's reference does not begin with ~"),
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
