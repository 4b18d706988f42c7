"""The range of the sample: products, packs, prices, deals, alternatives, phase-outs, from range.toml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from csdesk import models as m
from csdesk.sample.site import CURRENCY, STAR, Client, Item, Site, texts
from csdesk.services.search_index import index_products

RATES = {"Z": Decimal(0), "S": Decimal(15)}
TAX_NAMES = {"Z": "Basic groceries, zero-rated", "S": "Harmonized sales tax"}
BASE, HOTEL, CHAIN, CANTEEN = 1, 2, 3, 4  # ids of the price lists that are for many
CONTRACTS = 10  # contract lists count on from here
_VARIANT = re.compile(r"(?P<size>.+) (?P<price>[\d.]+)/(?P<pack>\d+)(?P<case>c?)(?:=(?P<code>\d{4}))?")

# Left or leaving the range -> what takes its place; days from today.
PHASE_OUTS = {
    ("Fruit cocktail 2.84 l", "Peach halves 796 ml"): -12,
    ("Jasmine rice 8 kg", "Basmati rice 10 kg"): -30,
    ("Light bulb LED E26 14 W", "Light bulb LED E26 9 W"): -3,
    ("Peanut oil 3 l", "Canola oil 3 l"): 6,
    ("Paper straws 500 pcs", "Wooden stirrers 1000 pcs"): 20,
    ("Bleach 3.6 l", "Sanitizer quat food safe 5 l"): 35,
}
NEW = {"Olive oil extra virgin organic 1 l": 5, "Pesto Genovese 500 g": -20, "Cold cup clear 16 oz 500 pcs": 12}
_MOVING = {name for pair in PHASE_OUTS for name in pair[:1]} | set(NEW)


def make(site: Site) -> tuple[Item, ...]:
    """Writes the range; gives the products in the order of their codes."""
    items = tuple(sorted(_items(), key=lambda item: item.code))
    by_name = {item.name: item for item in items}
    dates = _dates(site, by_name)
    site.put(m.TaxCode, [{"code": code, "name": TAX_NAMES[code], "rate": rate} for code, rate in RATES.items()])
    site.put(m.Product, [_product(item, dates.get(item.id, {})) for item in items])
    site.put(m.PackUnit, [row for item in items for row in _packs(item)])
    groups = texts("range")
    site.put(m.ProductGroup, [
        {"product_id": item.id, "group_code": code}
        for item in items for code in (item.group, groups[item.group]["division"])
    ])  # fmt: skip
    _prices(site, items)
    _deals(site)
    _alternatives(site, items)
    index_products(site.tx)
    return items


def _items() -> Iterator[Item]:
    number = 0
    for group, about in texts("range").items():
        taken = {int(code) for code in re.findall(r"=(\d{4})", about["items"])}
        free = (code for code in range(about["first"], about["first"] + 200) if code not in taken)
        for line in about["items"].strip().splitlines():
            family, _, variants = line.partition(": ")
            for text in variants.split(", "):
                found = _VARIANT.fullmatch(text)
                assert found, text
                number += 1
                name = f"{family} {found['size']}"
                yield Item(
                    number, found["code"] or str(next(free)), name, group, Decimal(found["price"]),
                    int(found["pack"]), "CASE" if found["case"] else "EA", RATES[about["tax"]],
                    group != "SERVICE", name not in _MOVING,
                )  # fmt: skip


def _dates(site: Site, by_name: dict[str, Item]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for (old, successor), days in PHASE_OUTS.items():
        if old in by_name and successor in by_name:
            out = site.today + timedelta(days=days)
            found[by_name[old].id] = {"phase_out": out, "successor_id": by_name[successor].id}
    for name, days in NEW.items():
        found[by_name[name].id] = {"phase_in": site.today + timedelta(days=days)}
    return found


def _product(item: Item, dates: dict[str, Any]) -> dict[str, Any]:
    shelf = {"CHILL": 30, "FROZEN": 365, "DELI": 540, "SNACKS": 180}.get(item.group)
    return {
        "id": item.id, "code": item.code, "code_key": item.code, "name": item.name,
        "kind": "stock" if item.stocked else "service", "sales_unit": item.unit,
        "tax_code": "S" if item.tax_rate else "Z", "shelf_life_days": shelf,
        "barcode": _barcode(item.code) if item.stocked else "", "lead_days": 5 if item.stocked else None, **dates,
    }  # fmt: skip


def _barcode(code: str) -> str:
    """An EAN-13 of the range 20 to 29, which GS1 leaves to each house for its own use."""
    digits = f"20000000{code}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _packs(item: Item) -> list[dict[str, Any]]:
    packs = [("EA", 1)] + ([("CASE", item.pack)] if item.pack > 1 else [])
    return [{"product_id": item.id, "unit": unit, "factor": Decimal(factor)} for unit, factor in packs]


def _prices(site: Site, items: tuple[Item, ...]) -> None:
    lists = [(BASE, "BASE", "List prices", "base", ""), (HOTEL, "HOTEL", "Hotels and inns", "group", "HOTEL"),
             (CHAIN, "CHAIN", "Chains", "list", ""), (CANTEEN, "CANTEEN", "Canteens", "group", "CANTEEN")]  # fmt: skip
    site.put(m.PriceList, [
        {"id": id_, "code": code, "name": name, "kind": kind, "price_group": group, "currency": CURRENCY}
        for id_, code, name, kind, group in lists
    ])  # fmt: skip
    dice = site.chance("prices")
    rows = [_price(BASE, item, item.price) for item in items]
    for item in items:
        if item.stocked and item.pack >= 10 and item.unit == "EA" and dice.random() < 0.25:
            rows.append(_price(BASE, item, _off(item.price, 4), least=item.pack * 2))
        if item.group in {"HYGIENE", "PAPER", "COFFEE"}:
            rows.append(_price(HOTEL, item, _off(item.price, 6)))
        if item.group in {"TINS", "DRINKS", "SNACKS", "PASTA"}:
            rows.append(_price(CHAIN, item, _off(item.price, 8)))
        if item.group in {"FROZEN", "RICE"}:
            rows.append(_price(CANTEEN, item, _off(item.price, 5)))
    site.put(m.Price, [{"id": number, **row} for number, row in enumerate(rows, 1)])


def _price(price_list: int, item: Item, amount: Decimal, least: int = 0) -> dict[str, Any]:
    return {"price_list_id": price_list, "product_id": item.id, "unit": "EA", "amount": amount,
            "min_quantity": Decimal(least)}  # fmt: skip


def _off(price: Decimal, percent: int) -> Decimal:
    return (price * (100 - percent) / 100).quantize(Decimal("0.01"))


def contracts(site: Site, items: tuple[Item, ...], agreed: dict[str, tuple[int, list[str]]]) -> None:
    """Contract prices: customer code -> (customer id, product codes), a tenth off, running half a year each way."""
    by_code = {item.code: item for item in items}
    spring, autumn = site.today - timedelta(days=120), site.today + timedelta(days=180)
    first = 5000
    for number, (code, (customer, wanted)) in enumerate(sorted(agreed.items()), CONTRACTS):
        site.put(m.PriceList, [
            {"id": number, "code": f"C{code}", "name": f"Contract {code}", "kind": "contract", "customer_id": customer,
             "currency": CURRENCY}
        ])  # fmt: skip
        rows = [_price(number, by_code[each], _off(by_code[each].price, 10)) for each in wanted]
        site.put(m.Price, [
            {"id": first + place, **row, "valid_from": spring, "valid_to": autumn} for place, row in enumerate(rows)
        ])  # fmt: skip
        first += len(rows)


def _deals(site: Site) -> None:
    def deal(code: str, name: str, kind: str, start: int, end: int, **more: Any) -> dict[str, Any]:
        dates = {"valid_from": site.today + timedelta(days=start), "valid_to": site.today + timedelta(days=end)}
        return {"code": code, "name": name, "kind": kind, **dates, **more}

    rows = [
        deal("PASTA10", "Pasta weeks, 10 % off", "percent", -14, 17, group_code="PASTA", value=Decimal(10)),
        deal("COFFEE11", "Ten coffees, one free", "free", -30, 31, group_code="COFFEE", buy=Decimal(10),
             free=Decimal(1)),
        deal("CLEAN5", "Spring cleaning, 5 % off", "percent", -42, -10, group_code="CLEAN", value=Decimal(5)),
        deal("HOTELSOAP", "Guest supplies, half a dollar off", "amount", -20, 40, group_code="HYGIENE",
             price_group="HOTEL", value=Decimal("0.50")),
        deal("BBQ15", "Barbecue season, 15 % off", "percent", 10, 60, group_code="SAUCE", value=Decimal(15)),
        deal("CANTEEN2", "Canteens: rice by the ten, two free", "free", -7, 21, group_code="RICE",
             price_group="CANTEEN", buy=Decimal(10), free=Decimal(2)),
    ]  # fmt: skip
    site.put(m.Deal, [{"id": number, **row} for number, row in enumerate(rows, 1)])


def _alternatives(site: Site, items: tuple[Item, ...]) -> None:
    """The nearest in price of the same group whose names begin with the same word."""
    rows = []
    for item in items:
        kin = [other for other in items if other.group == item.group and other.id != item.id and other.stocked
               and other.name.split()[0] == item.name.split()[0]]  # fmt: skip
        near = sorted(kin, key=lambda other: (abs(other.price - item.price), other.code))[:3]
        if item.stocked and len(near) >= 2:
            rows += [{"product_id": item.id, "rank": rank, "alternative_id": other.id}
                     for rank, other in enumerate(near, 1)]  # fmt: skip
    site.put(m.Alternative, rows)


def agreements(site: Site, items: tuple[Item, ...], clients: tuple[Client, ...]) -> dict[str, tuple[int, list[str]]]:
    """Who has a contract: the deli of the story for coffee and napkins (not the oil), and a few of the big ones."""
    dice = site.chance("contracts")
    star = next(client for client in clients if client.code == STAR)
    big = [client for client in clients if client.visits >= 6 and client.code != STAR]
    codes = [item.code for item in items if item.stocked]
    agreed = {client.code: (client.id, dice.sample(codes, dice.randint(3, 6))) for client in dice.sample(big, 7)}
    return {**agreed, STAR: (star.id, ["7007", "5001"])}
