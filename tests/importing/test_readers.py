"""Files as they come: marks at the front, broken quotes, rows of a wrong shape, wrong encodings, odd cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from csdesk.errors import Invalid
from csdesk.importing import driver, mapping
from csdesk.importing.readers import open_sheet
from csdesk.importing.spec import Part
from csdesk.importing.spool import Gathered, Seen, packed, unpacked
from csdesk.importing.values import Typed
from csdesk.services import loading_quarantine
from csdesk.store import Store
from tests.importing.bed import PLAIN, take

PRODUCTS = """
[[file]]
name = "p"
match = "p.*"
entity = "product"
key = "code"
[file.fields]
code = "code"
name = "name"
"""


def part(**words: object) -> Part:
    """A part with the given words."""
    return Part.model_validate({"name": "p", "match": "p.csv", "entity": "product", **words})


def test_marks_at_the_front_and_blanks_around_names_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes("\ufeffcode , name\nA,b\n".encode())
    sheet = open_sheet(tmp_path / "p.csv", part())
    assert sheet.header == ("code", "name")
    assert list(sheet.rows()) == [(2, ["A", "b"])]
    (tmp_path / "p.csv").write_bytes("code,name\nÄ,b\n".encode("utf-16"))
    assert next(open_sheet(tmp_path / "p.csv", part(encoding="utf-16")).rows())[1] == ["Ä", "b"]


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text('title\ncode,name\nA,"two\nlines"\nB,x\n', "utf-8")
    assert [number for number, _ in open_sheet(tmp_path / "p.csv", part(header_row=2)).rows()] == [3, 4]


def test_a_quote_that_is_never_closed_refuses_the_file(store: Store, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text('code,name\nA,x\nB,"open\nC,y\n', "utf-8")
    with pytest.raises(Invalid, match="opens in row 3 is never closed"):
        take(store, PLAIN + PRODUCTS, tmp_path)


def test_rows_that_cannot_be_taken_apart_wait_with_their_number(store: Store, tmp_path: Path) -> None:
    text = 'code,name\nA,x\nB\nC,y,z\nD,"a"b\nE,y,,\n,nameless\n\nF,' + "n" * 301 + "\nG,g\n"
    (tmp_path / "p.csv").write_bytes(text.encode() + b"H,\xff\xfe\nI,\x00\n")
    result = take(store, PLAIN + PRODUCTS, tmp_path)[0]
    assert (result.rows, result.imported, result.quarantined, result.left_out) == (10, 3, 7, 1)
    found = {(row.row, row.code): row.reason for row in store.read_now(loading_quarantine.listed)}
    assert set(found) == {
        (3, "shape"),
        (4, "shape"),
        (5, "shape"),
        (7, "empty"),
        (9, "value"),
        (11, "encoding"),
        (12, "value"),
    }
    assert found[4, "shape"] == "the row has 3 cells, the header has 2"
    assert "301 characters long, 300 are kept" in found[9, "value"]
    take(store, PLAIN + PRODUCTS, tmp_path)
    assert len(store.read_now(loading_quarantine.listed)) == 7


def test_a_retry_of_misshapen_rows_leaves_them_where_they_are(store: Store, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("code,name\nB\nC,y,z\n,n\n", "utf-8")
    take(store, PLAIN + PRODUCTS, tmp_path)
    (tmp_path / "m.toml").write_text(PLAIN + PRODUCTS, "utf-8")
    again = driver.retry(store, str(tmp_path / "m.toml"))
    assert [(each.rows, each.quarantined) for each in again] == [(3, 3)]
    assert len(store.read_now(loading_quarantine.listed)) == 3


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("p.xlsx", b"no workbook", "is no workbook that can be read"),
        ("p.csv", b"", "has no row 1"),
        ("p.csv", b"code,code,name\n", "has two columns 'code'"),
        ("p.csv", b"kode,name\n", "has no column 'code'; its columns are kode, name"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    store: Store, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid, match=says):
        take(store, PLAIN + PRODUCTS, tmp_path / name)


def test_files_that_no_part_takes(tmp_path: Path) -> None:
    found = mapping.parse(PLAIN + PRODUCTS, "t")
    (tmp_path / "other.txt").write_text("x", "utf-8")
    with pytest.raises(Invalid, match=r"No part of mapping plain takes other\.txt"):
        driver.plan(found, [tmp_path / "other.txt"])
    with pytest.raises(Invalid, match="There is no file or folder"):
        driver.plan(found, [tmp_path / "gone"])
    (tmp_path / "P.CSV").write_text("code,name\n", "utf-8")
    todo = driver.plan(found, [tmp_path])
    assert [path.name for _, path in todo.steps] == ["P.CSV"]
    assert [path.name for path in todo.strangers] == ["other.txt"]


def test_rows_put_aside_come_back_by_record_and_with_their_types() -> None:
    gathered = Gathered()
    gathered.add([(2, "b", ["1"]), (3, "a", [Typed("2")]), (4, "b", ["3"])])
    assert [[number for number, _ in record] for record in gathered.records()] == [[2, 4], [3]]
    gathered.close()
    assert type(unpacked(packed([Typed("2.5"), "x"]))[0]) is Typed
    seen = Seen()
    assert [seen.first("k", 2, "h"), seen.first("k", 3, "h"), seen.first("k", 4, "i")] == [
        (0, False),
        (2, True),
        (2, False),
    ]
    assert [seen.times("c"), seen.times("c")] == [1, 2]
    seen.close()
