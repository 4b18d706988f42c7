"""What the reps of the soak share: commands sent and answered, who waits where, figures, and what went wrong."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from csdesk.store import Store

COMMON = 12  # customers everybody meets
POPULAR = 60  # products that are ordered


@dataclass
class Command:
    """Something that changes the books, with a mark that nothing else has. Instants are of the monotonic clock, 0 for
    never; `refused` is what the desk said instead of doing it."""

    kind: str
    login: str
    mark: Any
    sent: float = 0.0
    acked: float = 0.0
    refused: str = ""


@dataclass(frozen=True)
class Customer:
    """Somebody who calls: lines of the latest delivery, endings of open items, whether mail reaches him."""

    code: str
    name: str
    phone: str
    lines: int
    items: tuple[str, ...]
    mail: bool


@dataclass
class Outage:
    """Something that was broken: from when, until when it was down by our own doing, who was cut off by it."""

    what: str
    begin: float
    down: float = 0.0
    answered: float = 0.0  # the first command sent after it began that was acknowledged
    cut: set[str] = field(default_factory=set)
    back: float = 0.0  # the last of those cut off sat at a desk again


@dataclass
class Board:
    """One run."""

    url: str
    keys: Path
    seconds: float
    vanish: float  # the chance, at each key, that a client is gone
    port: int = 0
    begin: float = field(default_factory=time.monotonic)
    commands: list[Command] = field(default_factory=list)
    marks: dict[Any, Command] = field(default_factory=dict)
    outages: list[Outage] = field(default_factory=list)
    keyed: list[tuple[float, float]] = field(default_factory=list)  # when a key went, seconds to its picture
    logins: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)  # what a rep found again at the next login
    refusals: Counter[str] = field(default_factory=Counter)
    slow: list[str] = field(default_factory=list)  # keys that were not painted for five seconds
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        store = Store(self.url)
        with store.engine.connect() as connection:
            self.customers = [Customer(*row[:4], tuple(row[4].split()), bool(row[5])) for row in
                              connection.execute(text(CUSTOMERS))]  # fmt: skip
            self.products = [row[0] for row in connection.execute(text(PRODUCTS), {"n": POPULAR})]
        store.close()
        self._refs = iter(range(10_000, 100_000))
        self._lines: Counter[str] = Counter()
        self._items: defaultdict[str, list[str]] = defaultdict(list)
        self._items |= {each.code: list(each.items) for each in self.customers}

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.begin

    @property
    def open(self) -> bool:
        """Whether reps still take calls."""
        return self.now < self.seconds

    def ref(self) -> str:
        """A word that stands in one command's text alone."""
        return f"ref{next(self._refs)}"

    def customer(self, code: str) -> Customer:
        """Whoever is on the line by what the screen says; also one who never calls, but fits what was typed alike."""
        return next((each for each in self.customers if each.code == code), Customer(code, code, "", 0, (), False))

    def command(self, kind: str, login: str, mark: Any) -> Command:
        """A command about to be sent; with a mark that was sent already, the one that has it."""
        if (kind, mark) in self.marks:
            return self.marks[kind, mark]
        made = Command(kind, login, mark)
        self.commands.append(made)
        self.marks[kind, mark] = made
        return made

    def acked(self, command: Command) -> None:
        """The screen said that it is done."""
        command.acked = self.now
        for each in self.outages:
            if not each.answered and command.sent > each.begin:
                each.answered = self.now

    def broke(self, what: str) -> Outage:
        """Something is about to be broken."""
        self.outages.append(Outage(what, self.now))
        return self.outages[-1]

    def settled(self, since: float, until: float, needed: float) -> bool:
        """Whether a database was there for so many seconds in a row of a time, to store what was typed in."""
        for each in self.outages:
            if "database" in each.what and each.begin < until:
                since = max(since, each.begin + each.down if each.down else until)
        return until - since > needed

    def away(self, login: str) -> None:
        """A rep is cut off; the latest outage may be why."""
        if self.outages and self.now - self.outages[-1].begin < 20:
            self.outages[-1].cut.add(login)

    def back(self, login: str) -> None:
        """A rep sits at a desk again."""
        for each in self.outages:
            if login in each.cut:
                each.cut.discard(login)
                each.back = self.now
                self.counts[f"cut off by: {each.what}"] += 1

    def share(self, number: int, of: int, dice: random.Random) -> Iterator[Customer]:
        """Callers of one rep: mostly his own, now and then one everybody knows."""
        own = self.customers[COMMON + number :: of] or self.customers
        while True:
            yield dice.choice(self.customers[:COMMON] if dice.random() < 0.15 else own)

    def next_line(self, customer: Customer) -> int:
        """A line of the latest delivery nobody complained of, 0 when there is none."""
        self._lines[customer.code] += 1
        return self._lines[customer.code] if self._lines[customer.code] <= customer.lines else 0

    def next_item(self, customer: Customer) -> str:
        """The number of an open item nothing was promised for, '' when there is none."""
        return self._items[customer.code].pop() if self._items[customer.code] else ""

    def fault(self, login: str, words: str) -> None:
        """Something that must not be."""
        self.wrong.append(f"{self.now:.0f} s, {login}: {' '.join(words.split())[:400]}")


CUSTOMERS = """
SELECT c.code, c.name, (SELECT p.raw FROM contact_phone p WHERE p.customer_id = c.id ORDER BY p.id LIMIT 1) phone,
  (SELECT count(*) FROM delivery_line l WHERE l.delivery_id =
    (SELECT d.id FROM delivery d WHERE d.customer_id = c.id AND d.delivered_at IS NOT NULL
     ORDER BY d.delivered_at DESC LIMIT 1)) lines,
  coalesce((SELECT string_agg(i.number, ' ') FROM open_item i WHERE i.customer_id = c.id AND i.open > 0
            AND i.kind = 'invoice'), '') items,
  (SELECT count(*) FROM contact t WHERE t.customer_id = c.id AND t.email <> '') mail
FROM customer c WHERE NOT c.on_hold AND NOT c.anonymous
  AND EXISTS (SELECT 1 FROM contact_phone p WHERE p.customer_id = c.id) ORDER BY c.code
"""
PRODUCTS = """
SELECT p.code FROM product p JOIN stock s ON s.product_id = p.id WHERE p.minimum = 1000 AND p.multiple = 1000
GROUP BY p.code ORDER BY max(s.on_hand - s.reserved) DESC, p.code LIMIT :n
"""
