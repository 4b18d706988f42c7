"""Lists and reports on their way out: whole, exact, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from csdesk.errors import Invalid, NotFound
from csdesk.importing import exporting
from csdesk.services import reports, reports_lists
from csdesk.store import Store
from tests.importing.bed import CUSTOMERS, MASTERS, PLAIN, small, take


@pytest.fixture
def taken(store: Store, tmp_path: Path) -> Store:
    """The small source, with a customer whose name a spreadsheet would run."""
    evil = CUSTOMERS + '"=1+1","=HYPERLINK(""http://x"")",,,"@ann",+49 30 5550199,"-town"\n'
    take(store, PLAIN + MASTERS, small(tmp_path / "in", customers=evil))
    return store


@pytest.mark.parametrize("name", reports_lists.LISTS)
def test_every_list_can_be_put_out_and_pages_lose_nothing(taken: Store, name: str) -> None:
    whole = taken.read_now(reports_lists.page, name)
    paged, after = [], ()
    while True:
        page = taken.read_now(reports_lists.page, name, after, 2)
        paged += page.rows
        after = page.after
        if not after:
            break
    assert tuple(paged) == whole.rows
    assert len(whole.rows) > 0 or name in {"quarantine", "stock-movements", "delivery-events", "deals"}


@pytest.mark.parametrize("name", [name for name, _ in reports.available()])
def test_every_report_can_be_made_of_full_and_of_empty_books(taken: Store, store: Store, name: str) -> None:
    made = taken.read_now(reports.run, name)
    assert made.as_of == date(2024, 5, 31)
    assert all(len(row) == len(made.columns) for row in (*made.rows, *([made.total] if made.total else [])))
    empty = Store(store.url, company=2)
    assert empty.read_now(reports.run, name, date(2024, 1, 1)).definition == made.definition
    empty.close()


def test_csv_carries_exact_amounts_and_no_formulas(taken: Store, tmp_path: Path) -> None:
    columns, rows = exporting.exported(taken, "customers")
    assert exporting.write(columns, rows, "csv", tmp_path / "c.csv") == 4
    found = list(csv.DictReader(io.StringIO((tmp_path / "c.csv").read_text("utf-8"))))
    assert [row["code"] for row in found] == ["H1", "C1", "'=1+1", "B1"]
    assert found[2]["name"].startswith("'=HYPERLINK")
    assert found[1]["credit_limit"] == "1000.00"
    assert found[1]["open_credit"] == "15.70"
    assert exporting.guarded("+49 30 123") == "+49 30 123"
    assert exporting.guarded("-12.50") == "-12.50"
    assert exporting.guarded("+cmd|' /C calc'!A0").startswith("'")


def test_json_carries_decimals_as_text(taken: Store, tmp_path: Path) -> None:
    columns, rows = exporting.exported(taken, "document-lines")
    assert exporting.write(columns, rows, "json", tmp_path / "l.json") == 3
    found = json.loads((tmp_path / "l.json").read_text("utf-8"))
    assert (found[0]["net"], found[0]["tax"], found[0]["quantity"]) == ("36.00", "2.52", "1")


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers(taken: Store, tmp_path: Path) -> None:
    columns, rows = exporting.exported(taken, "customers")
    exporting.write([*columns, "x"], ([*row, "a\x01b"] for row in rows), "xlsx", tmp_path / "c.xlsx")
    sheet = load_workbook(tmp_path / "c.xlsx").active
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert cells["=1+1"] == "s"
    assert "ab" in cells
    limit = columns.index("credit_limit") + 1
    assert sheet.cell(3, limit).value == 1000


def test_reports_go_out_too_and_unknown_names_and_formats_are_told(taken: Store, tmp_path: Path) -> None:
    columns, rows = exporting.exported(taken, "report-receivables", date(2024, 5, 6))
    assert columns == ("kind", "items", "open", "debtors")
    assert [row[2] for row in rows] == [Decimal("107.00"), Decimal("-10.70")]
    with pytest.raises(NotFound, match="no list 'nothing'"):
        exporting.exported(taken, "nothing")
    with pytest.raises(NotFound, match="no report 'nothing'"):
        taken.read_now(reports.run, "nothing")
    with pytest.raises(Invalid, match="'pdf' is no format"):
        exporting.write(columns, [], "pdf", None)
    with pytest.raises(Invalid, match="goes into a file"):
        exporting.write(columns, [], "xlsx", None)
    with pytest.raises(Invalid, match="cannot be written"):
        exporting.write(columns, [], "csv", tmp_path / "no" / "folder.csv")


def test_a_file_that_could_not_be_finished_is_not_there(tmp_path: Path) -> None:
    def rows() -> object:
        yield ("a",)
        raise OSError(28, "No space left on device")

    with pytest.raises(Invalid, match="No space left"):
        exporting.write(["x"], rows(), "csv", tmp_path / "x.csv")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_receivables_stand_as_of_any_day(taken: Store) -> None:
    def owed(day: date) -> dict[object, object]:
        return {row[0]: row[2] for row in taken.read_now(reports.run, "receivables", day).rows}

    assert owed(date(2024, 4, 30)) == {"invoice": Decimal("38.52")}
    assert owed(date(2024, 5, 5)) == {"invoice": Decimal("145.52"), "credit_note": Decimal("-10.70")}
    assert owed(date(2024, 5, 31)) == {
        "invoice": Decimal("107.00"), "credit_note": Decimal("-10.70"), "receipt": Decimal("-5.00"),
    }  # fmt: skip
