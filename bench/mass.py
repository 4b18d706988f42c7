"""Customers and products by the hundred thousand: seeded, realistic enough to search in, written in bulk.

`fill_customers` and `fill_products` take a database that is migrated; what they need around them (company, terms,
tax code) they add when it is missing. The same seed gives the same rows on every database.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select
from sqlmodel import SQLModel

from csdesk import models as m
from csdesk.services import search_index
from csdesk.store import Store

COMPANY = 1
FIRST_ID = 1_000_000
CHUNK = 20_000


def _words(text: str) -> list[str]:
    return text.split()


GIVEN = _words(
    """
    Ada Adam Agnes Ahmed Aisha Alan Alice Amir Ana Anders André Anita Anna Arthur Beatriz Ben Björn Bruno Carla
    Carlos Chen Chloé Clara Colin Daniel David Diana Dmitri Edith Elena Emil Emma Erik Esther Eva Fatima Felix Fiona
    François Frank Gareth George Grace Greta Hanna Hassan Helen Henry Hugo Ibrahim Ida Ingrid Irene Isaac Ivan Jack
    Jakub James Jane Jan João Joel John Jonas José Judith Julia Kai Karin Karl Kate Kenji Laura Leila Leo Liam Lena
    Linda Louis Lucía Luis Maeve Marco Maria Marie Mark Martha Martin Mary Mateo Maya Mehmet Mia Michael Mika Nadia
    Naomi Neil Nina Noah Nora Olga Oliver Omar Oscar Paolo Patricia Paul Pedro Petra Peter Priya Rachel Rafael Ravi
    Rita Robert Rosa Ruth Samir Sam Sandra Sara Sean Silvia Simon Sofia Stefan Susan Sven Tanja Teresa Thomas Tim
    Tomás Ursula Vera Victor Wei Yasmin Yusuf Zoë
    """
)
FAMILY = _words(
    """
    Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts
    Green Hall Wood Jackson Clarke Patel Khan Lewis James Phillips Mason Mitchell Rose Davis Martin Turner Hill
    Moore Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter
    Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange García Martínez López Sánchez
    Pérez Gómez Díaz Rossi Russo Ferrari Esposito Bianchi Romano Colombo Dubois Moreau Laurent Lefèvre Fournier
    Girard Bonnet Nowak Kowalski Wiśniewski Wójcik Lindström Johansson Andersson Nilsson Eriksson Larsen Hansen
    Olsen Jensen Nielsen O'Brien O'Connor Murphy Kelly Sullivan Walsh McCarthy Doyle Nguyen Tran Pham Wang Zhang
    Chen Singh Kaur Silva Santos Ferreira
    """
)
ONSETS = _words("B Br C Ch Cl D Dr F Fr G Gr H J K Kr L M N P Pr R S Sch Sh Sl St T Th Tr V W Wh Z")
NUCLEI = _words("a e i o u ai au ea ee ie oa oo ou")
CODAS = _words("b ck d ff g l ll ld lm ln m mp n nd ng nk nt p r rd rk rm rn rs rt s sh st t th tt v x")
ENDINGS = _words("son man ton ley ford by well wood er ini ez ski sen berg stein mann acre field smith")
PLACES = _words(
    """
    Ash Beach Birch Black Bridge Brook Castle Cedar Church Clay Cliff Cold Copper Crane Deer Dock East Eagle Elm
    Fair Fern Fox Glen Gold Grand Green Harbour High Holly Iron King Lake Lime Long Maple Marsh Mill Moor New North
    Oak Old Pine Port Queen Raven Red River Rock Rose Salt Sand Sea Silver South Spring Stone Sun Swan Thorn Wal
    West White Willow Wind Wolf Wood
    """
)
SEATS = _words(
    """
    borough bourne bridge bury by chester cliffe combe dale den field ford gate grove ham haven head hill holm hurst
    land leigh ley mere minster mouth port ridge shaw side stead stoke stone ton view ville water wick wood worth
    """
)
TRADES = _words(
    """
    Bakery Bar Bistro Brewery Butchers Café Canteen Caterers Cellars Clinic Coffee Confectionery Cooperative Dairy
    Deli Diner Farms Fisheries Food Foods Grill Grocers Hospital Hotel House Inn Kiosk Kitchen Larder Lodge
    Lunchroom Market Meats Minimart Noodles Pantry Pharmacy Pizzeria Pub Provisions Restaurant School Seafood Shop
    Stores Superette Supermarket Supplies Sushi Takeaway Tavern Tearoom Traders Wholesale Winery
    """
)
VIEWS = _words("View Road Street Corner Square Park Quay Hill Lane Garden Market Station Bridge Court Wharf Terrace")
FORMS = ["", "", "", "", " Ltd", " Inc.", " GmbH", " & Sons", " & Co.", " S.A.", " (Holdings)", " LLC"]
TOUCHES = _words(
    """
    Organic Smoked Dried Frozen Fresh Salted Sweet Spicy Roasted Ground Whole Sliced Chopped Pickled Crushed Fine
    Coarse Extra Light Dark Golden Red Green White Black Brown Blue Classic Premium Family Catering Recycled Heavy
    Soft
    """
)
GOODS = _words(
    """
    Olives Oil Tomatoes Rice Salt Pepper Capers Napkins Beans Flour Sugar Honey Butter Cheese Ham Salmon Tuna
    Anchovies Pasta Noodles Lentils Chickpeas Almonds Walnuts Raisins Dates Figs Apricots Coffee Tea Cocoa Chocolate
    Biscuits Crackers Crisps Juice Water Lemonade Wine Vinegar Mustard Ketchup Mayonnaise Gloves Aprons Towels Bags
    Boxes Cups Plates Forks Spoons Knives Straws Candles Matches Soap Bleach Sponges Foil Film Paper Tape Labels
    Trays Jars Lids Bottles
    """
)
SIZES = _words("100g 250g 400g 500g 1kg 5kg 10kg 330ml 750ml 1l 5l 6x 12x 24x 500pc XL")


class Vocabulary:
    """The words of one seed: family names follow a long tail, towns are made of two halves."""

    def __init__(self, seed: int, families: int = 30_000) -> None:
        pick = random.Random(f"vocabulary {seed}")
        made = dict.fromkeys(FAMILY)
        while len(made) < families:
            core = pick.choice(ONSETS) + pick.choice(NUCLEI) + pick.choice(CODAS)
            made[
                core + (pick.choice(NUCLEI) + pick.choice(CODAS) if pick.random() < 0.5 else "") + pick.choice(ENDINGS)
            ] = None
        self.families = list(made)
        self.towns = sorted({place + seat for place in PLACES for seat in SEATS})
        pick.shuffle(self.towns)

    def family(self, pick: random.Random) -> str:
        """A family name, common ones more often."""
        return self.families[int(len(self.families) * pick.random() ** 4)]

    def town(self, pick: random.Random) -> str:
        """A town, large ones more often."""
        return self.towns[int(len(self.towns) * pick.random() ** 2)]

    def business(self, pick: random.Random) -> str:
        """The name of a customer."""
        trade, kind = pick.choice(TRADES), pick.random()
        if kind < 0.35:
            name = f"{self.family(pick)} {trade}"
        elif kind < 0.5:
            name = f"{self.family(pick)} & {self.family(pick)} {trade}"
        elif kind < 0.65:
            name = f"{pick.choice(PLACES)} {pick.choice(VIEWS)} {trade}"
        elif kind < 0.8:
            name = f"{self.town(pick)} {trade}"
        elif kind < 0.9:
            name = f"{pick.choice(GIVEN)} {self.family(pick)} {trade}"
        else:
            name = f"The {pick.choice(TOUCHES)} {pick.choice(PLACES)} ({self.town(pick)})"
        return name + pick.choice(FORMS)

    def phone(self, pick: random.Random) -> tuple[str, str]:
        """A number as it is written, and in E.164."""
        number = pick.randrange(10**9)
        country = pick.random()
        if country < 0.5:
            area, rest = 201 + number % 780, f"{number // 780 % 10**7:07d}"
            return f"({area}) {rest[:3]}-{rest[3:]}", f"+1{area}{rest}"
        if country < 0.7:
            area, rest = 1200 + number % 700, f"{number // 700 % 10**6:06d}"
            return f"0{area} {rest}", f"+44{area}{rest}"
        if country < 0.9:
            area, rest = 30 + number % 900, f"{number // 900 % 10**7:07d}"
            return f"0{area}/{rest}", f"+49{area}{rest}"
        return f"0{number % 9 + 1} {number:09d}", f"+33{number % 9 + 1}{number:09d}"


def customers(n: int, seed: int) -> Iterator[dict[str, Any]]:
    """`n` customers: code, name, town, postcode, contacts and phones (as written, E.164)."""
    vocabulary, pick = Vocabulary(seed), random.Random(f"customers {seed}")
    for at in range(n):
        code = f"{10_000 + at}" if pick.random() < 0.75 else f"{pick.choice(PLACES)[:3].upper()}-{10_000 + at}"
        yield {
            "id": FIRST_ID + at,
            "code": code,
            "name": vocabulary.business(pick),
            "city": vocabulary.town(pick),
            "postcode": f"{pick.randrange(100_000):05d}",
            "contact": f"{pick.choice(GIVEN)} {vocabulary.family(pick)}",
            "phones": [vocabulary.phone(pick) for _ in range(1 if pick.random() < 0.7 else 2)],
        }


def products(n: int, seed: int) -> Iterator[dict[str, Any]]:
    """`n` products: code, name, group and barcode."""
    vocabulary, pick = Vocabulary(seed), random.Random(f"products {seed}")
    for at in range(n):
        goods = pick.choice(GOODS)
        brand = vocabulary.family(pick) if pick.random() < 0.6 else pick.choice(PLACES)
        code = f"{10_000 + at}" if pick.random() < 0.5 else f"{goods[:2].upper()}{10_000 + at}{pick.choice('ABCD')}"
        yield {
            "id": FIRST_ID + at,
            "code": code,
            "name": f"{brand} {pick.choice(TOUCHES)} {goods} {pick.choice(SIZES)}",
            "group": goods.upper(),
            "barcode": f"50{pick.randrange(10**11):011d}",
        }


def fill_customers(url: str, n: int, seed: int = 1, *, index: bool = True) -> None:
    """Adds `n` customers of `seed`, each with account, address, contact and phones, and their search rows."""
    store = Store(url, company=COMPANY)
    try:
        _around(store.engine)
        source = customers(n, seed)
        while chunk := list(islice(source, CHUNK)):
            with store.engine.execution_options(desk_write=True).begin() as connection:
                _customer_rows(connection, chunk)
        if index:
            store.write_now(search_index.reindex)
    finally:
        store.close()


def fill_products(url: str, n: int, seed: int = 1, *, index: bool = True) -> None:
    """Adds `n` products of `seed` with their group and search rows."""
    store = Store(url, company=COMPANY)
    try:
        _around(store.engine)
        source = products(n, seed)
        while chunk := list(islice(source, CHUNK)):
            with store.engine.execution_options(desk_write=True).begin() as connection:
                _product_rows(connection, chunk)
        if index:
            store.write_now(search_index.reindex)
    finally:
        store.close()


def _customer_rows(connection: Connection, chunk: list[dict[str, Any]]) -> None:
    _bulk(connection, m.CreditAccount, ({"id": row["id"], "currency": "USD"} for row in chunk))
    _bulk(connection, m.Customer, (
        {"id": row["id"], "code": row["code"], "name": row["name"], "account_id": row["id"], "terms": "NET30",
         "currency": "USD", "country": "US"} for row in chunk
    ))  # fmt: skip
    _bulk(connection, m.ShipTo, (
        {"id": row["id"], "customer_id": row["id"], "city": row["city"], "postcode": row["postcode"]} for row in chunk
    ))  # fmt: skip
    _bulk(connection, m.Contact, (
        {"id": row["id"], "customer_id": row["id"], "name": row["contact"]} for row in chunk
    ))  # fmt: skip
    _bulk(connection, m.ContactPhone, (
        {"id": 2 * row["id"] + at, "customer_id": row["id"], "contact_id": row["id"], "raw": raw, "e164": e164,
         "digits_rev": e164[:0:-1]}
        for row in chunk for at, (raw, e164) in enumerate(row["phones"])
    ))  # fmt: skip


def _product_rows(connection: Connection, chunk: list[dict[str, Any]]) -> None:
    _bulk(connection, m.Product, (
        {"id": row["id"], "code": row["code"], "code_key": row["code"].lower(), "name": row["name"], "tax_code": "S",
         "minimum": 1000, "multiple": 1000, "barcode": row["barcode"]} for row in chunk
    ))  # fmt: skip
    _bulk(connection, m.ProductGroup, ({"product_id": row["id"], "group_code": row["group"]} for row in chunk))


def _around(engine: Engine) -> None:
    """The company, its terms and its tax code, when they are missing."""
    needed: list[tuple[type[SQLModel], dict[str, Any]]] = [
        (m.Company, {"id": COMPANY, "code": "MASS", "name": "Mass", "country": "US", "currency": "USD"}),
        (m.Terms, {"company": COMPANY, "code": "NET30", "name": "30 days net", "net_days": 30}),
        (m.TaxCode, {"company": COMPANY, "code": "S", "name": "Sales tax", "rate": Decimal(8)}),
    ]
    with engine.execution_options(desk_write=True).begin() as connection:
        for model, row in needed:
            there = m.table(model)
            keys = [column == row[column.name] for column in there.primary_key]
            if not connection.scalar(select(func.count()).select_from(there).where(*keys)):
                connection.execute(insert(there), {**_defaults(model), **row})


def _defaults(model: type[SQLModel]) -> dict[str, Any]:
    fields = model.model_fields
    return {
        name: info.get_default(call_default_factory=True) for name, info in fields.items() if not info.is_required()
    }


def _bulk(connection: Connection, model: type[SQLModel], rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows as the database stores them, by COPY or by one prepared statement; defaults are the model's."""
    there = m.table(model)
    start = {"company": COMPANY, **_defaults(model)}
    names = [column.name for column in there.columns]
    full = (tuple({**start, **row}[name] for name in names) for row in rows)
    cursor = connection.connection.cursor()
    try:
        if connection.dialect.name == "postgresql":
            with cursor.copy(f"COPY {there.name} ({', '.join(names)}) FROM STDIN") as copy:
                for row in full:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(names))
            cursor.executemany(f"INSERT INTO {there.name} ({', '.join(names)}) VALUES ({marks})", full)
    finally:
        cursor.close()
