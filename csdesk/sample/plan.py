"""Who orders what and when in the six weeks: drawn beforehand, so that the stock can be laid in for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from csdesk.sample.clients import COUNTER
from csdesk.sample.company import REPS
from csdesk.sample.site import STAR, WEEKS, Client, Item, Site, moment, texts, working_day_before, working_days

# Of the story: working days before today, local time, lines (code, quantity, unit), days from today it is wanted for.
STAR_ORDERS = (
    (29, "14:20", "4711 6 EA, 4720 4 EA, 1035 24 EA, 3319 6 EA, 5001 2 EA", None),
    (26, "15:05", "4711 6 EA, 2208 2 EA, 7007 3 EA, 2001 20 EA", None),
    (23, "14:41", "4711 12 EA, 4720 4 EA, 1035 36 EA, 2208 2 EA, 3319 12 EA", None),
    (20, "15:32", "4711 6 EA, 7007 4 EA, 6002 2 EA, 5001 2 EA", None),
    (18, "14:12", "1035 24 EA, 4711 6 EA, 4720 6 EA, 2208 3 EA", None),
    (16, "15:18", "4711 12 EA, 3319 6 EA, 6004 2 EA, 2001 20 EA", None),
    (14, "14:50", "4711 6 EA, 4720 4 EA, 1035 24 EA, 7007 3 EA, 5001 2 EA", None),
    (10, "15:27", "4711 12 EA, 2208 2 EA, 3319 12 EA, 6002 2 EA", None),
    (8, "14:33", "4711 6 EA, 4720 6 EA, 1035 24 EA, 2001 20 EA, 7007 4 EA", None),
    (7, "15:46", "4711 12 EA, 2208 3 EA, 3319 6 EA", None),
    (5, "14:25", "1035 4 CASE, 4711 6 EA, 4720 4 EA, 5001 4 EA", None),
    (3, "15:11", "4711 12 EA, 7007 4 EA, 6004 2 EA, 2208 2 EA, 3319 10 EA", None),
    (2, "11:06", "6001 4 EA, 6004 2 EA, 2001 20 EA", 6),
    (1, "15:12", "4711 10 EA, 4720 6 EA, 1035 24 EA, 2208 3 EA, 3319 12 EA, 7007 2 EA", 2),
)  # fmt: skip


BIG = {"canteen": 3, "hotel": 2}  # segments that cook for many take so many times as much
# Short at the end: code -> (pieces left when they are counted, [(days from today, pieces)]).
SHORTS: dict[str, tuple[int, list[tuple[int, int]]]] = {
    "6001": (6, [(7, 24)]), "7004": (0, [(3, 40)]), "2203": (1, [(2, 20), (9, 40)]), "6009": (0, []),
    "5205": (3, [(5, 30)]), "2419": (2, [(1, 48)]), "7501": (24, [(2, 480)]), "5706": (0, [(4, 60)]),
}  # fmt: skip


@dataclass
class Visit:
    """One order to be placed: lines of (item, quantity, unit), the day wanted, channel."""

    at: datetime
    client: Client
    lines: list[tuple[Item, int, str]]
    login: str
    requested_on: date | None = None
    channel: str = "phone"


@dataclass
class Plan:
    """All visits in order of time, and the pieces of each product they take."""

    visits: list[Visit] = field(default_factory=list)
    pieces: Counter[int] = field(default_factory=Counter)


def make(site: Site, items: tuple[Item, ...], clients: tuple[Client, ...]) -> Plan:
    """Draws the visits of all customers."""
    dice = site.chance("plan")
    days = working_days(site.today - timedelta(weeks=WEEKS), site.today - timedelta(days=1))
    visits = [visit for client in clients for visit in _visits(dice, client, items, days)]
    visits += _star_visits(site, items, clients) + _early(site, dice, items, clients)
    plan = Plan(sorted(visits, key=lambda visit: (visit.at, visit.client.id)))
    for visit in plan.visits:
        for item, quantity, unit in visit.lines:
            plan.pieces[item.id] += quantity * (item.pack if unit == "CASE" else 1)
    _run_short(site, dice, plan, items)
    return plan


def _run_short(site: Site, dice: Random, plan: Plan, items: tuple[Item, ...]) -> None:
    """Some of the last two days want what has run out; nothing is laid in for them."""
    since = working_day_before(site.today, 2)
    late = [visit for visit in plan.visits if visit.at.date() >= since and visit.client.code != STAR]
    short = [item for item in items if item.code in SHORTS and item.code != "6001"]
    for visit in dice.sample(late, 9):
        item = dice.choice(short)
        if all(each.id != item.id for each, _, _ in visit.lines):
            visit.lines.append((item, dice.randint(2, 4), item.unit))


def _visits(dice: Random, client: Client, items: tuple[Item, ...], days: list[date]) -> list[Visit]:
    if client.code == STAR or not client.visits:
        return []
    habits = _habits(dice, client, items)
    favourite = dice.choice(REPS)
    made = []
    for day in sorted(dice.sample(days, min(client.visits, len(days)))):
        count = min(len(habits), dice.choices((2, 3, 4, 5, 6), (12, 26, 32, 20, 10))[0])
        chosen = sorted(dice.sample(range(len(habits)), count))
        lines = [(item, max(1, round(usual * dice.choice((0.5, 1, 1, 1, 1.5)))), unit)
                 for item, usual, unit in (habits[place] for place in chosen)]  # fmt: skip
        minute = dice.randint(7 * 60 + 40, 16 * 60 + 10)
        wanted = day + timedelta(days=dice.randint(3, 7)) if dice.random() < 0.15 else None
        channel = dice.choices(("phone", "mail", "portal"), (78, 12, 10))[0]
        if client.code == COUNTER:
            channel, wanted, lines = "visit", None, lines[:2]
        login = favourite if dice.random() < 0.7 else dice.choice(REPS)
        made.append(Visit(moment(day, f"{minute // 60}:{minute % 60}"), client, lines, login, wanted, channel))
    return made


def _habits(dice: Random, client: Client, items: tuple[Item, ...]) -> list[tuple[Item, int, str]]:
    """What a customer buys as a rule: its segment's groups mostly, pieces by price, big users by the case."""
    groups = set(texts("people")["segments"][client.segment][3].split())
    kept = [item for item in items if item.stocked and item.steady and item.code != "6001"]
    near, far = [each for each in kept if each.group in groups], [each for each in kept if each.group not in groups]
    chosen = dice.sample(near, dice.randint(6, 11)) + dice.sample(far, 2)
    big = BIG.get(client.segment, 1) * (2 if client.pays == "chain" else 1)
    habits = []
    for item in sorted(chosen, key=lambda each: each.code):
        if item.unit == "CASE" or (item.pack > 1 and item.price * item.pack < 60 and dice.random() < 0.3):
            habits.append((item, big * dice.choice((1, 1, 2, 3)), "CASE"))
        else:
            most = 24 if item.price < 2 else 12 if item.price < 8 else 6 if item.price < 25 else 2
            habits.append((item, big * dice.randint(1, most), "EA"))
    return habits


def _star_visits(site: Site, items: tuple[Item, ...], clients: tuple[Client, ...]) -> list[Visit]:
    star = next(client for client in clients if client.code == STAR)
    by_code = {item.code: item for item in items}
    made = []
    for back, clock, text, wanted in STAR_ORDERS:
        lines = [(by_code[code], int(count), unit) for code, count, unit in (each.split() for each in text.split(", "))]
        day = None if wanted is None else site.today + timedelta(days=wanted)
        login = "rep2" if back in {5, 16} else "rep7"
        made.append(Visit(moment(working_day_before(site.today, back), clock), star, lines, login, day))
    return made


def _early(site: Site, dice: Random, items: tuple[Item, ...], clients: tuple[Client, ...]) -> list[Visit]:
    """Orders that came in over night: the chains and a few others by the portal, before anybody sat at the desk."""
    some = [client for client in clients if client.pays == "chain" and client.visits] + [
        client for client in clients if client.segment == "cafe" and client.visits > 3
    ]
    made = []
    for number, client in enumerate(dice.sample(some, 5)):
        lines = [(item, max(1, count // 2), unit) for item, count, unit in _habits(dice, client, items)[:4]]
        made.append(Visit(moment(site.today, f"3:{10 + 7 * number}"), client, lines, "portal", None, "portal"))
    return made
