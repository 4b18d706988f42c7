"""The commands as they are typed: import, its dry run, quarantine and retry, export and report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.store import Store
from tests.importing.bed import CUSTOMERS, MASTERS, PLAIN, small, state

ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> list[str]:
    """The mapping and database flags of the small source; its files lie in tmp_path/in."""
    small(tmp_path / "in", customers=CUSTOMERS + "C2,Limitless,,much,,,\n")
    (tmp_path / "mine.toml").write_text(PLAIN + MASTERS, "utf-8")
    return ["--map", str(tmp_path / "mine.toml"), "--db", database_url]


def run(*words: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    done = subprocess.run(
        [sys.executable, "-m", "csdesk", *words], capture_output=True, text=True, cwd=ROOT, env={**os.environ}
    )
    return done.returncode, done.stdout + done.stderr


def said(*words: str) -> str:
    """What a command prints, run in this process; it must end well."""
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_a_folder_is_imported_and_every_row_is_told(desk: list[str], store: Store, tmp_path: Path) -> None:
    before = state(store)
    told = said("import", str(tmp_path / "in"), "--dry-run", *desk)
    assert "customers.csv: 4 rows = 3 imported + 0 merged + 1 quarantined" in told
    assert "quarantined for: value 1; first row 5: credit_limit: 'much' is not a number" in told
    assert "26 rows = 25 imported + 0 merged + 1 quarantined would be taken in all." in told
    assert state(store) == before
    assert "26 rows = 25 imported + 0 merged + 1 quarantined were taken in all." in said(
        "import", str(tmp_path / "in"), *desk
    )
    assert "26 rows = 0 imported + 25 merged + 1 quarantined" in said("import", str(tmp_path / "in"), *desk)
    assert "\x1b" not in told

    listed = said("import", "--quarantine", *desk)
    assert "plain  customers.csv  row 5  customer  [value] credit_limit: 'much' is not a number" in listed
    assert '"limit": "much"' in listed
    assert "1 rows wait in the quarantine." in listed
    assert "1 rows = 0 imported + 0 merged + 1 quarantined" in said("import", "--retry", *desk)


def test_reports_and_exports_are_printed(desk: list[str], tmp_path: Path) -> None:
    said("import", str(tmp_path / "in"), *desk)
    db = desk[2:]
    shown = said("report", "receivables", *db)
    assert "receivables as of 2024-05-31, EUR" in shown
    assert "invoice          1  107.00" in shown
    made = json.loads(said("report", "receivables", "--json", "--as-of", "2024-05-05", *db))
    assert made["rows"][0] == {"kind": "invoice", "items": 2, "open": "145.52", "debtors": 2}
    assert "backlog-age" in said("report")
    assert "order-lines" in said("export")
    assert said("export", "receipts", *db).splitlines()[1].startswith("Z1,2024-05-06,38.52,EUR")
    assert "3 rows" in said("export", "documents", "--as", "xlsx", "--out", str(tmp_path / "d.xlsx"), *db)


def test_refusals_have_their_exit_codes(desk: list[str], tmp_path: Path) -> None:
    if "postgresql" in desk[3]:
        pytest.skip("refusals of the command line are asked once, on SQLite")
    folder = str(tmp_path / "in")
    code, told = run("import", folder, *desk, "--control", "customers.rows=9")
    assert (code, told.strip()) == (1, "customers.csv: 9 rows were announced and 4 are there; nothing of it was kept.")
    code, told = run("import", folder, "--db", desk[3])
    assert code == 2
    assert "--map" in told
    code, told = run("import", *desk)
    assert code == 2
    code, told = run("import", folder, "--map", "nothing", "--db", desk[3])
    assert code == 1
    assert "There is no mapping 'nothing'" in told
    code, told = run("report", "receivables", "--as-of", "yesterday", "--db", desk[3])
    assert code == 1
    assert "'yesterday' is no day" in told
    code, told = run("report", "receivables", "--db", str(tmp_path / "none.db"))
    assert code == 3
    assert "csdesk db upgrade" in told
    code, told = run("import", folder, *desk, "--control", "much")
    assert code == 1
    assert "write PART.COLUMN=TOTAL" in told
