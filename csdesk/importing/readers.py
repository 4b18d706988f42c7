"""Reading files row by row, memory flat: CSV and XLSX. Rows are numbered as a spreadsheet numbers them, from 1."""

from __future__ import annotations

import csv
import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from csdesk.errors import Invalid
from csdesk.importing.spec import Part
from csdesk.importing.values import Typed

csv.field_size_limit(50_000_000)
_BOMS = {"utf-8": "utf-8-sig", "utf8": "utf-8-sig"}
Numbered = tuple[int, Sequence[str]]


@dataclass(frozen=True)
class Sheet:
    """The header of a file and its rows, to be read as often as wanted. `total` rows are guessed, 0 = unknown."""

    file: str
    header: tuple[str, ...]
    path: Path
    part: Part
    sha256: str
    total: int

    def rows(self) -> Iterator[Numbered]:
        """(row number, cells) below the header. CSV cells are as they stand; a short XLSX row is filled up."""
        found = _xlsx(self.path, self.part) if is_xlsx(self.path) else _csv(self.path, self.part)
        width, short = len(self.header), is_xlsx(self.path)
        for number, cells in found:
            if number > self.part.header_row:
                missing = width - len(cells)
                yield number, [*cells, *[""] * missing] if short and missing > 0 else cells


def is_xlsx(path: Path) -> bool:
    """Whether a file is read as a workbook."""
    return path.suffix.lower() in {".xlsx", ".xlsm"}


def open_sheet(path: Path, part: Part) -> Sheet:
    """The sheet of a file that a part reads. Raises Invalid when it cannot be read at all."""
    digest, lines = _digest(path)
    header = part.columns if part.header_row == 0 else _header(path, part)
    return Sheet(path.name, header, path, part, digest, 0 if is_xlsx(path) else max(0, lines - part.header_row))


def _digest(path: Path) -> tuple[str, int]:
    made, lines = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                made.update(block)
                lines += block.count(b"\n")
    except OSError as error:
        raise Invalid(f"{path.name} cannot be read: {error.strerror}.", field="file") from None
    return made.hexdigest(), lines


def _header(path: Path, part: Part) -> tuple[str, ...]:
    rows = _xlsx(path, part) if is_xlsx(path) else _csv(path, part)
    for number, cells in rows:
        if number == part.header_row:
            names = [cell.strip().strip("\ufeff") for cell in cells]
            while names and not names[-1]:
                names.pop()
            return tuple(names)
    raise Invalid(f"{path.name} has no row {part.header_row} to take the names of its columns from.", field="file")


def _csv(path: Path, part: Part) -> Iterator[Numbered]:
    encoding = _BOMS.get(part.encoding.lower(), part.encoding)
    quoting = csv.QUOTE_MINIMAL if part.quote else csv.QUOTE_NONE
    errors = "surrogateescape" if "16" not in encoding and "32" not in encoding else "replace"
    try:
        with path.open(encoding=encoding, errors=errors, newline="") as file:
            rows = csv.reader(
                file, delimiter=part.delimiter, quotechar=part.quote or None, quoting=quoting, strict=True
            )
            yield from _records(rows, path)
    except OSError as error:
        raise Invalid(f"{path.name} cannot be read: {error.strerror}.", field="file") from None
    except LookupError:
        raise Invalid(f"{part.encoding!r} is no encoding (part {part.name}).", field="map") from None
    except UnicodeError as error:
        raise Invalid(f"{path.name} is not {part.encoding}: {error.reason}.", field="file") from None


def _records(rows: Any, path: Path) -> Iterator[Numbered]:
    """The records; one that breaks the rules of quoting comes as a single cell that no header fits."""
    number = 0
    while True:
        number += 1
        try:
            yield number, next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                sentence = f"{path.name}: a quote that opens in row {number} is never closed; nothing of it was taken."
                raise Invalid(sentence, field="file") from None
            yield number, [f"\ufffd{error}"]


def _xlsx(path: Path, part: Part) -> Iterator[Numbered]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise Invalid(f"{path.name} is no workbook that can be read ({error}).", field="file") from None
    try:
        sheet = _sheet(book, path, part)
        sheet.reset_dimensions()  # what files say of their own size is often wrong
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_cell(cell) for cell in cells]
    finally:
        book.close()


def _sheet(book: Any, path: Path, part: Part) -> Any:
    names = book.sheetnames
    if isinstance(part.sheet, int):
        if not 1 <= part.sheet <= len(names):
            raise Invalid(f"{path.name} has {len(names)} sheets, none is number {part.sheet}.", field="file")
        return book[names[part.sheet - 1]]
    wanted = part.sheet or names[0]
    found = next((name for name in names if fnmatch(name.strip().lower(), wanted.strip().lower())), None)
    if found is None:
        raise Invalid(f"{path.name} has no sheet {wanted!r}; it has {', '.join(names)}.", field="file")
    return book[found]


def _cell(value: Any) -> str:
    """A cell as text; numbers and dates keep that they came as such."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return Typed(int(value) if value == int(value) and abs(value) < 1e15 else repr(value)) if _finite(value) else ""
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return Typed(value.date().isoformat() if midnight else value.isoformat())
    if isinstance(value, date):
        return Typed(value.isoformat())
    return str(value)


def _finite(value: float) -> bool:
    return value == value and abs(value) != float("inf")
