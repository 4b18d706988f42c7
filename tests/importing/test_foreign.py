"""A source nobody prepared for: other columns, decimals, dates and sheets, expressed by its mapping alone."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from csdesk.errors import Invalid
from csdesk.models import Customer, Deal, DeliveryEvent, Document, DocumentLine, OpenItem, OrderLine, SalesOrder
from csdesk.services import loading_quarantine
from csdesk.store import Store
from tests.importing.bed import adds_up, broken, rows, state, take

HEAD = """
name = "haus"
title = "Handelshaus"
today = 2024-06-30
decimal = ","
thousands = "."
negative = ["-x", "x-"]
strip = "€"
dates = ["%d.%m.%Y", "%d.%m.%Y %H:%M", "%d/%m/%Y"]
nulls = ["-", "k.A."]
fold = ["product", "customer"]
[company]
currency = "EUR"
country = "DE"
timezone = "Europe/Berlin"
"""

BOOK = """
[[file]]
name = "kunden"
match = "stamm*.xlsx"
sheet = "Kunden*"
header_row = 4
entity = "customer"
key = "Kd-Nr"
skip = [{ column = "Kd-Nr", matches = "^Summe" }]
options = { empty_credit_limit = "zero" }
[file.fields]
code = "Kd-Nr"
name = { from = ["Name 1", "Name 2"], join = " " }
credit_limit = "Limit"
opened_on = "seit"
on_hold = { from = "Sperre", map = { ja = true, nein = false } }

[[file]]
name = "artikel"
match = "stamm*.xlsx"
sheet = 2
entity = "product"
key = "Artikel"
[file.fields]
code = "Artikel"
name = "Bezeichnung"
tax_rate = { from = "USt", map = { "1" = "19", "2" = "7" } }
list_price = { from = "Preis in ct", scale = "0.01" }
"""

ORDERS = """
[[file]]
name = "auftraege"
match = "auftraege.csv"
encoding = "cp1252"
delimiter = ";"
header_row = 2
group = "Beleg"
repeats = "merge"
[file.fields]
number = "Beleg"
customer = "Kunde"
placed_at = "Datum"
[file.lines]
product = "Artikel"
quantity = "Menge"
price = { from = "E-Preis", default = "0" }
[[file.route]]
when = [{ column = "Art", among = ["AU", "AB"] }]
entity = "order"
[[file.route]]
when = [{ column = "Art", equals = "AN" }]
[[file.route]]
quarantine = "belegart unbekannt"
"""

ITEMS = """
[[file]]
name = "op"
match = "op.txt"
delimiter = "\\t"
quote = ""
header_row = 0
columns = ["konto", "beleg", "datum", "soll", "haben", "faellig"]
entity = "document"
key = ["konto", "beleg"]
skip = [{ column = "beleg", empty = true }]
options = { document_lines = "none" }
[file.fields]
customer = "konto"
number = "beleg"
issued_on = "datum"
gross = { debit = "soll", credit = "haben" }
due_on = "faellig"
"""


def workbook(folder: Path) -> Path:
    """A book with a title over the header, typed cells, a total row, and a second sheet."""
    book = Workbook()
    customers = book.active
    assert customers is not None
    customers.title = "Kunden 2024"
    for cells in (
        ["Kundenstamm", None],
        [],
        ["Stand 30.06.2024"],
        ["Kd-Nr", "Name 1", "Name 2", "Limit", "seit", "Sperre"],
        [10001, "Bäckerei", "Möhre", 2500.5, datetime(2020, 2, 29), "nein"],  # noqa: DTZ001
        ["D-2", "Café", "-", "1.200,00 €", "01.03.2021", "ja"],
        [10003.0, "Imbiß", None, None, None, None],
        ["Summe", None, None, "=SUM(D5:D7)", None, None],
    ):
        customers.append(cells)
    products = book.create_sheet("Artikel")
    for cells in (
        ["Artikel", "Bezeichnung", "USt", "Preis in ct"],
        ["Br-1", "Brot", 2, 350],
        ["BR-2", "Brett", "1", 1999],
    ):
        products.append(cells)
    book.save(folder / "stamm.xlsx")
    return folder / "stamm.xlsx"


ORDER_ROWS = """Auftragsliste
Beleg;Art;Kunde;Datum;Artikel;Menge;E-Preis;Text
4711;AU;10001;01.06.2024;br-1;1.000;3,50;für Möhre
4712;AB;d-2;02/06/2024;BR-2;2;19,99;x
4711;AU;10001;01.06.2024;BR-2;1,5;19,99;nachgetragen
4711;AU;10001;01.06.2024;br-1;1.000;3,50;für Möhre
4713;AN;10001;03.06.2024;br-1;5;3,50;Angebot
4714;ZZ;10001;03.06.2024;br-1;5;3,50;?
4715;AU;10001;03.06.2024;br-1;5;3.50;Punkt statt Komma
4716;AU;10001;03.06.2024;br-9;5;3,50;fremder Artikel
4716;AU;10001;03.06.2024;br-1;5;3,50;gut, aber im selben Beleg
"""


def test_a_foreign_book_comes_in_by_its_mapping(store: Store, tmp_path: Path) -> None:
    results = take(store, HEAD + BOOK, workbook(tmp_path))
    assert adds_up(results)
    assert [(each.imported, each.left_out) for each in results] == [(3, 1), (2, 0)]
    first, second, third = rows(store, Customer)
    assert (first.code, first.name, first.opened_on) == ("10001", "Bäckerei Möhre", date(2020, 2, 29))
    assert (second.code, second.name, second.on_hold, second.opened_on) == ("D-2", "Café", True, date(2021, 3, 1))
    assert third.code == "10003"
    before = state(store)
    take(store, HEAD + BOOK, tmp_path)
    assert state(store) == before


def test_rows_of_one_document_are_gathered_from_all_over_the_file(store: Store, tmp_path: Path) -> None:
    workbook(tmp_path)
    (tmp_path / "auftraege.csv").write_text(ORDER_ROWS, "cp1252")
    result = take(store, HEAD + BOOK + ORDERS, tmp_path)[-1]
    assert (result.rows, result.imported, result.merged, result.left_out) == (8, 3, 1, 1)
    assert result.reasons == (("route", 1), ("unknown", 2), ("value", 1))
    lines = [(row.line, row.quantity, row.price) for row in rows(store, OrderLine)]
    assert lines == [(1, 1000, Decimal("3.5")), (2, Decimal("1.5"), Decimal("19.99")), (1, 2, Decimal("19.99"))]
    orders = rows(store, SalesOrder)
    assert [(row.number, row.net) for row in orders] == [("4711", 350_000 + 2999), ("4712", 3998)]
    assert orders[1].placed_at.isoformat() == "2024-06-01T22:00:00+00:00"
    waiting = store.read_now(loading_quarantine.listed)
    assert sorted(row.row for row in waiting) == [8, 9, 10, 11]
    assert "für" not in waiting[0].data
    assert broken(store) == []


def test_debit_and_credit_columns_make_open_items(store: Store, tmp_path: Path) -> None:
    workbook(tmp_path)
    text = (
        "10001\tR 9\t01.05.2024\t1.190,00\t\t31.05.2024\n"
        "10001\tG 1\t02.05.2024\t-\t119,00\t02.05.2024\n"
        "d-2\tR 10\t03.05.2024\t0,50\t0,00\t02.06.2024\n"
        "Summe\t\t\t1.190,50\t119,00\t\n"
    )
    (tmp_path / "op.txt").write_text("\ufeff" + text, "utf-8")
    result = take(store, HEAD + BOOK + ITEMS, tmp_path)[-1]
    assert (result.rows, result.imported, result.left_out) == (3, 3, 1)
    items = [(row.kind, row.number, row.face, str(row.due_on)) for row in rows(store, OpenItem)]
    assert items == [
        ("invoice", "R 9", 119_000, "2024-05-31"),
        ("credit_note", "G 1", -11_900, "2024-05-02"),
        ("invoice", "R 10", 50, "2024-06-02"),
    ]
    assert [row.gross for row in rows(store, Document)] == [119_000, 11_900, 50]
    assert len(rows(store, DocumentLine)) == 3
    assert broken(store) == []


EVENTS = """
[[file]]
name = "rabatte"
match = "rabatte.csv"
entity = "deal"
key = "id"
[file.fields]
code = "id"
percent = { from = "prozent", sign = "absolute" }
amount = "betrag"
valid_from = "ab"
[[file]]
name = "lieferungen"
match = "lieferungen.csv"
quote = "'"
entity = "delivery"
key = "nr"
[file.fields]
number = "nr"
order = "auftrag"
[file.sub]
from = "json"
path = "verlauf"
[file.sub.fields]
at = { from = "wann", dates = ["%Y-%m-%dT%H:%M"] }
event = "was"
comment = "warum"
"""


def test_signs_and_records_inside_a_cell(store: Store, tmp_path: Path) -> None:
    workbook(tmp_path)
    (tmp_path / "auftraege.csv").write_text(ORDER_ROWS, "cp1252")
    (tmp_path / "rabatte.csv").write_text('id,prozent,betrag,ab\n1,"12,5-",,01.01.2024\n2,"5","1,00",\n3,,,\n', "utf-8")
    went, failed = (
        '{"wann": "2024-06-02T08:00", "was": "los"}',
        '{"wann": "2024-06-02T09:00", "was": "an", "warum": "zu"}',
    )
    cell = f'{{"verlauf": [{went}, {failed}]}}'
    lines = f"nr,auftrag,json\nL1,4711,'{cell}'\nL2,4712,'{{broken'\nL3,4712,'{{\"verlauf\": 5}}'\nL4,4712,\n"
    (tmp_path / "lieferungen.csv").write_text(lines, "utf-8")
    results = {each.part: each for each in take(store, HEAD + BOOK + ORDERS + EVENTS, tmp_path)}
    assert (results["rabatte"].imported, results["rabatte"].quarantined) == (1, 2)
    assert [(row.kind, row.value) for row in rows(store, Deal)] == [("percent", Decimal("12.5"))]
    assert (results["lieferungen"].imported, results["lieferungen"].quarantined) == (2, 2)
    assert [(row.seq, row.event, row.comment) for row in rows(store, DeliveryEvent)] == [
        (1, "los", ""),
        (2, "an", "zu"),
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            (BOOK, BOOK.replace('sheet = "Kunden*"', 'sheet = "Liste"')),
            "has no sheet 'Liste'; it has Kunden 2024, Artikel",
        ),
        ((BOOK, BOOK.replace("sheet = 2", "sheet = 3")), "has 2 sheets, none is number 3"),
        ((BOOK, BOOK.replace('"seit"', '"von"')), "no column 'von'; its columns are Kd-Nr, Name 1"),
        ((BOOK, BOOK.replace("header_row = 4", "header_row = 40")), "no row 40 to take the names"),
    ],
)
def test_a_book_that_is_not_as_mapped_is_refused_whole(
    store: Store, tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    with pytest.raises(Invalid, match=says.replace("(", r"\(")):
        take(store, (HEAD + BOOK).replace(*change), workbook(tmp_path))


CREDITS = """
[[file]]
name = "belege"
match = "belege.csv"
entity = "document"
key = "nr"
options = { document_lines = "none" }
[file.fields]
number = "nr"
customer = "konto"
issued_on = "datum"
gross = { from = "betrag", sign_from = "sh", negative_when = ["H"] }
corrects = "zu"
"""


def test_a_credit_note_may_stand_before_the_invoice_it_corrects(store: Store, tmp_path: Path) -> None:
    workbook(tmp_path)
    text = "nr,konto,datum,betrag,sh,zu\nG1,10001,01.02.2024,10,H,R1\nG2,10001,01.02.2024,10,H,R9\n"
    text += "R1,10001,01.01.2024,50,S,\n"
    (tmp_path / "belege.csv").write_text(text, "utf-8")
    result = take(store, HEAD + BOOK + CREDITS, tmp_path)[-1]
    assert (result.imported, result.reasons, result.example) == (
        2,
        (("unknown", 1),),
        "row 3: there is no document 'R9'",
    )
    found = {row.number: row for row in rows(store, Document)}
    assert (found["G1"].kind, found["G1"].corrects_id) == ("credit_note", found["R1"].id)
