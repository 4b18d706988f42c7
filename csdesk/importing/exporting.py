"""Writing lists and reports as CSV, JSON or XLSX, row by row. A file appears only when it is whole."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from csdesk.errors import Invalid
from csdesk.services import reports, reports_lists
from csdesk.services.reports_base import REPORTS, Cell
from csdesk.services.reports_lists import LISTS
from csdesk.store import Store

FORMATS = ("csv", "json", "xlsx")
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d\s().,/-]*$)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Rows = Iterator[Sequence[Cell]]


def exported(
    store: Store, what: str, as_of: date | None = None, tell: Callable[[str], object] = lambda words: None
) -> tuple[tuple[str, ...], Rows]:
    """(columns, rows) of a list or a report; a list is read in pages while it is written. Raises NotFound.

    Where a list and a report share a name, "report-NAME" is the report. `tell` gets the words how old it is, and again
    for the first page that is the primary's.
    """
    name = what.removeprefix("report-")
    if name in REPORTS and what not in LISTS:
        made = store.read_now(reports.run, name, as_of)
        tell(made.stands)
        return made.columns, iter(made.rows)
    first = store.read_now(reports_lists.page, what)
    tell(first.stands)

    def rows() -> Rows:
        page = first
        while True:
            yield from page.rows
            if not page.after:
                return
            before, page = page, store.read_now(reports_lists.page, what, page.after)
            if ("primary" in page.stands) != ("primary" in before.stands):
                tell(page.stands)

    return first.columns, rows()


def write(columns: Sequence[str], rows: Iterable[Sequence[Cell]], form: str, out: Path | None) -> int:
    """Writes to a file, or to standard output. The rows written. Raises Invalid for a format or file that cannot be."""
    if form not in FORMATS:
        raise Invalid(f"{form!r} is no format; there are {', '.join(FORMATS)}.", field="as")
    if out is None:
        if form == "xlsx":
            raise Invalid("A workbook goes into a file: name it with --out.", field="out")
        return _TEXT[form](columns, rows, sys.stdout)
    part = out.with_name(f".{out.name}.part")
    try:
        count = _workbook(columns, rows, part) if form == "xlsx" else _file(columns, rows, part, _TEXT[form])
        os.replace(part, out)
    except OSError as error:
        raise Invalid(f"{out} cannot be written: {error.strerror}.", field="out") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
    return count


def _file(columns: Sequence[str], rows: Iterable[Sequence[Cell]], path: Path, put: Callable[..., int]) -> int:
    with path.open("w", encoding="utf-8", newline="") as file:
        return put(columns, rows, file)


def plain(cell: Cell) -> Any:
    """A cell for JSON: decimals and days as text, so that they stay exact."""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return cell.isoformat() if isinstance(cell, date) else cell


def guarded(cell: Cell) -> Any:
    """A cell for CSV: text a spreadsheet would run as a formula gets an apostrophe; phone numbers stay."""
    text = plain(cell)
    return f"'{text}" if isinstance(cell, str) and _FORMULA.match(cell) else "" if text is None else text


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]], file: TextIO) -> int:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
        count += 1
    return count


def _json(columns: Sequence[str], rows: Iterable[Sequence[Cell]], file: TextIO) -> int:
    count = 0
    file.write("[")
    for count, row in enumerate(rows, 1):
        record = dict(zip(columns, map(plain, row), strict=True))
        file.write(("\n" if count == 1 else ",\n") + json.dumps(record, ensure_ascii=False))
    file.write("\n]\n")
    return count


_TEXT: dict[str, Callable[..., int]] = {"csv": _csv, "json": _json}


def _workbook(columns: Sequence[str], rows: Iterable[Sequence[Cell]], path: Path) -> int:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("export")

    def cell(value: Cell) -> Any:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, _CONTROL.sub("", value)[:32_767])
        made.data_type = "s"  # text is never a formula
        return made

    sheet.append([cell(name) for name in columns])
    count = 0
    for row in rows:
        sheet.append([cell(value) for value in row])
        count += 1
    book.save(path)
    return count
