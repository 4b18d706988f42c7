"""The further entities of an import: prices, contacts, addresses, events, delivery lines, allocations, stock moved."""

from __future__ import annotations

from pathlib import Path

import pytest

from csdesk.models import ContactPhone, OpenItem, PriceList
from csdesk.store import Store
from tests.importing.bed import INVOICES, MASTERS, PLAIN, broken, one, rows, small, state, take

TEXT = PLAIN + MASTERS


@pytest.fixture
def taken(store: Store, tmp_path: Path) -> Store:
    """A store the small source was imported into."""
    take(store, TEXT, small(tmp_path / "in"))
    return store


PRICES = """
[[file]]
name = "prices"
match = "prices.csv"
entity = "price"
key = "id"
[file.fields]
list = "list"
customer = "customer"
price_group = "group"
product = "item"
amount = "amount"
min_quantity = "from"
[[file]]
name = "people"
match = "people.csv"
entity = "contact"
key = "id"
[file.fields]
customer = "customer"
name = "name"
phone = "phone"
[[file]]
name = "places"
match = "places.csv"
entity = "ship_to"
key = "id"
[file.fields]
customer = "customer"
line1 = "street"
[[file]]
name = "steps"
match = "steps.csv"
entity = "delivery_event"
key = "id"
[file.fields]
delivery = "delivery"
at = "at"
event = "event"
[[file]]
name = "boxes"
match = "boxes.csv"
entity = "delivery_line"
key = "id"
[file.fields]
delivery = "delivery"
product = "item"
shipped = "shipped"
damaged = "damaged"
[[file]]
name = "set_off"
match = "set_off.csv"
entity = "allocation"
key = "id"
[file.fields]
receipt = "receipt"
credit = "credit"
document = "document"
amount = "amount"
applied_on = "day"
[[file]]
name = "moves"
match = "moves.csv"
entity = "stock_movement"
[file.fields]
product = "item"
kind = { const = "write-off" }
quantity = "qty"
at = "day"
"""
MORE = {
    "prices": "id,list,customer,group,item,amount,from\n1,K-C1,C1,,A-1,2.20,\n2,G-1,,North,A-1,2.30,10\n"
    "3,L-1,,,A-9,1,\n",
    "people": "id,customer,name,phone\n1,C1,Cem,030 5550103\n2,C9,Dora,\n",
    "places": "id,customer,street\n1,C1,Quay 1\n",
    "steps": "id,delivery,at,event\n1,D1,2024-04-22,ready\n2,D1,2024-04-22 08:00:00,gone\n3,D9,2024-04-22,ready\n",
    "boxes": "id,delivery,item,shipped,damaged\n1,D1,A-2,1,1\n2,D1,S-9,1,\n",
    "set_off": "id,receipt,credit,document,amount,day\n1,Z2,,R2,5,2024-05-08\n2,,G1,R1,1,2024-05-08\n"
    "3,Z1,,R9,1,2024-05-08\n",
    "moves": "item,qty,day\nA-1,-2,2024-05-01\nA-1,-2,2024-05-01\nA-9,-1,2024-05-01\n",
}


def test_every_other_entity_comes_in_once_and_its_changes_follow(taken: Store, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    for name, text in MORE.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    results = {each.part: each for each in take(taken, TEXT + PRICES, folder)}
    assert {name: (each.imported, each.reasons) for name, each in results.items()} == {
        "prices": (2, (("unknown", 1),)),
        "people": (1, (("unknown", 1),)),
        "places": (1, ()),
        "steps": (2, (("unknown", 1),)),
        "boxes": (1, (("unknown", 1),)),
        "set_off": (0, (("unknown", 1), ("value", 2))),  # another account; R1 has nothing open; R9 is nowhere
        "moves": (2, (("unknown", 1),)),
    }
    assert {row.kind for row in rows(taken, PriceList)} == {"base", "contract", "group"}
    assert broken(taken) == []
    before = state(taken)
    take(taken, TEXT + PRICES, folder)
    assert state(taken) == before

    (folder / "prices.csv").write_text(MORE["prices"].replace("2.20", "2.10"), "utf-8")
    (folder / "people.csv").write_text(MORE["people"].replace("030 5550103", "030 5550104"), "utf-8")
    (folder / "places.csv").write_text(MORE["places"].replace("Quay 1", "Quay 2"), "utf-8")
    (folder / "boxes.csv").write_text(MORE["boxes"].replace("A-2,1,1", "A-2,1,"), "utf-8")
    (folder / "steps.csv").write_text(MORE["steps"].replace("gone", "lost"), "utf-8")
    (folder / "moves.csv").write_text(MORE["moves"].replace("-1,", "-9,"), "utf-8")
    changed = {
        each.part: (each.updated, dict(each.reasons).get("posted", 0)) for each in take(taken, TEXT + PRICES, folder)
    }
    assert changed == {
        "prices": (1, 0), "people": (1, 0), "places": (1, 0), "steps": (0, 1), "boxes": (1, 0), "set_off": (0, 0),
        "moves": (0, 0),
    }  # fmt: skip
    assert {row.raw for row in rows(taken, ContactPhone)} >= {"030 5550104"}
    assert broken(taken) == []


def test_a_credit_pays_an_invoice_of_its_account_and_no_more_than_both_have_open(taken: Store, tmp_path: Path) -> None:
    invoices = INVOICES + "R3,RE,C1,,2024-05-09,8.00,,\n"
    take(taken, TEXT, small(tmp_path / "in", invoices=invoices))
    text = "id,receipt,credit,document,amount,day\n1,Z2,,R3,5,2024-05-10\n2,,G1,R3,3,2024-05-10\n"
    text += "3,,G1,R3,0.01,2024-05-10\n"
    (tmp_path / "set_off.csv").write_text(text, "utf-8")
    result = take(taken, TEXT + PRICES, tmp_path / "set_off.csv")[0]
    assert (result.imported, result.reasons) == (2, (("value", 1),))
    assert [one(taken, OpenItem, number=number).open for number in ("R3", "Z2", "G1")] == [0, 0, -770]
    assert broken(taken) == []
