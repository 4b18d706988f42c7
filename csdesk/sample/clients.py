"""The customers of the sample: who they are, where, how they pay, whom one speaks with; two chains and the counter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from csdesk import models as m
from csdesk.rules import phones
from csdesk.sample.company import TERMS
from csdesk.sample.site import COUNTRY, CURRENCY, SECOND, STAR, Client, Site, texts
from csdesk.services.search_index import index_customers

COUNTER = "99999"
EXCHANGES = ("506", "428", "902", "782")  # 555-0100 to 555-0199 of each is kept for fiction
TAKEN = ("5065550142", "5065550143")  # the two callers of the story
TIERS = {1: (4, 7), 2: (1, 3), 3: (0, 2)}  # tier -> orders in the six weeks, from and to


@dataclass
class _New:
    """A customer on its way into the tables."""

    code: str
    name: str
    segment: str
    town: str
    tier: int
    head: int | None = None
    price_list: str = ""
    price_group: str = ""
    more: dict[str, Any] = field(default_factory=dict)


def make(site: Site) -> tuple[Client, ...]:
    """Writes 300 customers in the order of their codes; gives what the trade of the six weeks needs of each."""
    dice = site.chance("customers")
    new = sorted([*_story(), *_chains(), *_others(dice)], key=lambda each: each.code)
    ids = {each.code: number for number, each in enumerate(new, 1)}
    heads = {name: ids[str(row[0])] for name, row in texts("people")["chains"].items()}
    for each in new:
        each.head = heads.get(each.more.pop("chain", ""))
    made = [_client(site, dice, ids[each.code], each) for each in new]
    site.put(m.CreditAccount, [row["account"] for row in made if row["account"]])
    for model, key in ((m.Customer, "customer"), (m.ShipTo, "ship_to"), (m.Contact, "contact")):
        site.put(model, [row[key] for row in made])
    _phones(site, dice, [(row["client"], each) for row, each in zip(made, new, strict=True)])
    index_customers(site.tx)
    return tuple(row["client"] for row in made)


def _story() -> list[_New]:
    star = {"terms": "NET14", "limit": 1_200_000, "pays": "star", "delivery_days": "12345", "cut_off": "16:00",
            "contact": "Jo Field", "line1": "142 Water Street",
            "standing": "Before 10, rear door. Invoice with the goods. Never substitute the olive oil without a call.",
            "notes": "Harbour festival in July: orders double."}  # fmt: skip
    second = {"terms": "NET30", "limit": None, "pays": "prompt", "contact": "Ben Smith", "visits": 5,
              "standing": "Goods to the side ramp, the front is for guests.", "line1": "9 Market Square"}  # fmt: skip
    counter = {"terms": "COD", "limit": None, "pays": "prompt", "anonymous": True, "contact": "", "visits": 6,
               "line1": "Grandview Avenue"}  # fmt: skip
    return [
        _New(STAR, "Harbour View Deli", "deli", "Saint John", 1, more=star),
        _New(SECOND, "Smiths Hotel", "hotel", "Saint John", 1, price_group="HOTEL", more=second),
        _New(COUNTER, "Counter Sales", "shop", "Saint John", 3, more=counter),
    ]


def _chains() -> Iterator[_New]:
    for name, (code, town, branch, price_list, towns) in texts("people")["chains"].items():
        terms = {"terms": "NET30", "pays": "chain"}
        office = {**terms, "visits": 0, "limit": 25_000_000, "notes": "Pays for all branches, one transfer a week."}
        yield _New(str(code), f"{name} Head Office", "canteen", town, 1, price_list=price_list, more=office)
        segment = "shop" if name.endswith("Grocers") else "canteen"
        for number, place in enumerate(towns, 1):
            yield _New(
                str(code + number), f"{branch} {place}", segment, place, 2, price_list=price_list,
                more={**terms, "chain": name},
            )  # fmt: skip


def _others(dice: Random) -> Iterator[_New]:
    people = texts("people")
    towns, weights = list(people["towns"]), [row[-1] for row in people["towns"].values()]
    used: set[str] = set()
    code = 20430
    for segment, (count, endings, price_group, _) in people["segments"].items():
        made = {"deli": 1, "hotel": 1, "shop": 1}.get(segment, 0)  # the story has these already
        for _ in range(count - made):
            town = dice.choices(towns, weights)[0]
            name = _fresh(dice, people["names"]["one"], endings, used)
            code += dice.randint(1, 5)
            yield _New(str(code), name, segment, town, dice.choices((1, 2, 3), (12, 38, 50))[0],
                       price_group=price_group)  # fmt: skip


def _fresh(dice: Random, ones: list[str], endings: list[str], used: set[str]) -> str:
    while True:
        name = f"{dice.choice(ones)} {dice.choice(endings)}"
        if name not in used:
            used.add(name)
            return name


def _client(site: Site, dice: Random, id_: int, new: _New) -> dict[str, Any]:
    route, region, area, _ = texts("people")["towns"][new.town]
    days, cut_off, lead, _ = texts("people")["routes"][route]
    more, words = new.more, texts("people")["words"]
    terms = more.get("terms") or dice.choices(tuple(TERMS), (8, 22, 40, 30))[0]
    french = region == "NB" and new.town in {"Dieppe", "Caraquet", "Edmundston", "Shediac"} and dice.random() < 0.5
    minimum = dice.choice((0, 0, 0, 0, 0, 5_000, 7_500)) if not more else 0
    contact = more.get("contact", _person(dice))
    visits = more.get("visits", dice.randint(*TIERS[new.tier]))
    days = more.get("delivery_days", days)
    client = Client(id_, new.code, new.name, new.segment, new.head or id_, days, TERMS[terms][1], contact, visits,
                    more.get("pays") or _manner(dice, terms), minimum)  # fmt: skip
    limit = more["limit"] if "limit" in more else _limit(dice, new.tier, terms)
    account = {"id": id_, "currency": CURRENCY, "credit_limit": limit} if new.head is None else None
    customer = {
        "id": id_, "code": new.code, "name": new.name, "account_id": client.account_id, "bill_to_id": new.head,
        "payer_group": f"G{new.head}" if new.head else "", "price_group": new.price_group,
        "price_list": new.price_list, "segment": new.segment, "terms": terms, "currency": CURRENCY, "country": COUNTRY,
        "tier": str(new.tier), "language": "fr" if french else "en", "delivery_days": days,
        "cut_off": more.get("cut_off", cut_off), "lead_days": lead, "minimum_order": minimum,
        "short_policy": "wait" if dice.random() < 0.12 else "part", "anonymous": more.get("anonymous", False),
        "standing": more.get("standing") or (dice.choice(words["standing"]) if dice.random() < 0.3 else ""),
        "notes": more.get("notes") or (dice.choice(words["notes"]) if dice.random() < 0.12 else ""),
        "opened_on": site.today - timedelta(days=dice.randint(60, 4000)),
    }  # fmt: skip
    street = f"{dice.randint(2, 480)} {dice.choice(texts('people')['names']['streets'])}"
    postcode = f"{area} {dice.randint(1, 9)}{dice.choice('ABCEGHJKLMNPRSTVWXYZ')}{dice.randint(0, 9)}"
    ship_to = {
        "id": id_, "customer_id": id_, "name": new.name, "line1": more.get("line1", street), "city": new.town,
        "region": region, "postcode": postcode, "country": COUNTRY, "route": route,
    }  # fmt: skip
    role = dice.choice(("owner", "kitchen", "orders", "manager", "")) if contact else ""
    person = {"id": id_, "customer_id": id_, "name": contact, "role": role, "email": _email(dice, new)}
    customer["email"] = person["email"].replace("orders@", "accounts@")
    return {"client": client, "account": account, "customer": customer, "ship_to": ship_to, "contact": person}


def _person(dice: Random) -> str:
    names = texts("people")["names"]
    return f"{dice.choice(names['first'])} {dice.choice(names['last'])}"


def _email(dice: Random, new: _New) -> str:
    """An address under .example, the domain kept for it (RFC 2606); not everybody has one."""
    words = "".join(sign for sign in new.name.lower().replace(" ", "-") if sign.isalnum() or sign == "-")
    return f"orders@{words}.example" if dice.random() < 0.6 and not new.more.get("anonymous") else ""


def _manner(dice: Random, terms: str) -> str:
    return "prompt" if terms == "COD" else dice.choices(("prompt", "late", "slow", "none"), (62, 26, 10, 2))[0]


def _limit(dice: Random, tier: int, terms: str) -> int | None:
    """No limit, no credit at all, or room for some weeks; the tight ones are drawn tight at the end of the build."""
    if terms == "COD":
        return 0 if dice.random() < 0.3 else None
    return None if dice.random() < 0.12 else {1: 3_000_000, 2: 1_500_000, 3: 800_000}[tier] + dice.randrange(9) * 50_000


def _phones(site: Site, dice: Random, clients: list[tuple[Client, _New]]) -> None:
    """A number for everybody but the counter, and a second contact with one of its own for some."""
    endings = [ending for ending in range(100) if ending != 42]
    free = [f"{area}555{ending + 100:04d}" for area in EXCHANGES for ending in endings]
    free = [number for number in free if number not in TAKEN]
    given = dict(zip((STAR, SECOND), TAKEN, strict=True))
    rows: list[dict[str, Any]] = []
    people: list[dict[str, Any]] = []
    for client, new in clients:
        if client.code == COUNTER:
            continue
        number = given.get(client.code) or free.pop(dice.randrange(min(len(free), 40)))
        rows.append(_phone(dice, len(rows) + 1, client.id, client.id, number))
        if new.tier == 1 and client.code not in given and free[-1:] and dice.random() < 0.8:
            people.append({"id": 1000 + len(people), "customer_id": client.id, "name": _person(dice),
                           "role": "bookkeeping"})  # fmt: skip
            rows.append(_phone(dice, len(rows) + 1, client.id, people[-1]["id"], free.pop()))
    site.put(m.Contact, people)
    site.put(m.ContactPhone, rows)


def _phone(dice: Random, id_: int, customer: int, contact: int, number: str) -> dict[str, Any]:
    area, rest = number[:3], f"{number[3:6]}-{number[6:]}"
    raw = dice.choice((f"({area}) {rest}", f"{area}-{rest}", f"+1 {area} {rest}"))
    return {"id": id_, "customer_id": customer, "contact_id": contact, "raw": raw, "e164": phones.e164(raw, COUNTRY),
            "digits_rev": phones.key(raw, COUNTRY)}  # fmt: skip
