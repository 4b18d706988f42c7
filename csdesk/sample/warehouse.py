"""The warehouse of the sample: opening stock, goods in, stock-taking, the evening's picking."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select

from csdesk import models as m
from csdesk.ids import new_id
from csdesk.models import table
from csdesk.sample.plan import SHORTS, Plan
from csdesk.sample.site import WAREHOUSE, WEEKS, Client, Item, Site, moment, working_day_before, working_days
from csdesk.services import stocking
from csdesk.services.history import OrderView

ORDER, LINE, STOCK = table(m.SalesOrder), table(m.OrderLine), table(m.Stock)
COMING, RESERVED = table(m.ExpectedReceipt), table(m.Reservation)
NONE = Decimal(0)


@dataclass
class Live:
    """An order on its way through the warehouse; `picked` is line -> pieces."""

    order: OrderView
    client: Client
    status: str = "open"  # open | picked | shipped | delivered
    picked: dict[int, Decimal] = field(default_factory=dict)
    delivery: int = 0
    planned_on: date | None = None
    events: int = 0


@dataclass
class Warehouse:
    """Stock, and the orders as they go through."""

    site: Site
    items: tuple[Item, ...]
    plan: Plan
    orders: dict[int, Live] = field(default_factory=dict)
    dice: Random = field(init=False)
    due: dict[date, list[int]] = field(default_factory=lambda: defaultdict(list))  # day -> receipts

    def __post_init__(self) -> None:
        self.dice = self.site.chance("warehouse")

    def lay_in(self) -> None:
        """Opening stock for all that will be ordered, some of it as receipts of the weeks and of the days to come."""
        stock: list[dict[str, Any]] = []
        coming: list[dict[str, Any]] = []
        today = self.site.today
        past = working_days(today - timedelta(weeks=WEEKS - 1), today - timedelta(days=3))
        for item in (each for each in self.items if each.stocked):
            taken = self.plan.pieces[item.id]
            level = 200 if item.price < 3 else 80 if item.price < 12 else 30 if item.price < 40 else 12
            spare = self.dice.randint(level // 2, level * 2)
            if item.code in SHORTS:
                receipts = SHORTS[item.code][1]
                coming += [self._coming(item, today + timedelta(days=days), count) for days, count in receipts]
            elif self.dice.random() < 0.08:
                coming.append(self._coming(item, today + timedelta(days=self.dice.randint(1, 12)), level))
            if taken > level and self.dice.random() < 0.4:
                day = self.dice.choice(past)
                coming.append(self._coming(item, day, level))
                self.due[day].append(coming[-1]["id"])
            stock.append({
                "product_id": item.id, "warehouse": WAREHOUSE, "on_hand": Decimal(taken + spare),
                "reorder_level": Decimal(level // 2), "target_level": Decimal(level * 2),
                "bin": f"{self.dice.choice('ABCDEF')}-{self.dice.randint(1, 24):02d}-{self.dice.randint(1, 4)}",
            })  # fmt: skip
        self.site.put(m.Stock, stock)
        self.site.put(m.ExpectedReceipt, coming)

    def _coming(self, item: Item, day: date, count: int) -> dict[str, Any]:
        quantity = Decimal(count)
        return {"id": new_id(), "product_id": item.id, "warehouse": WAREHOUSE, "due_on": day, "quantity": quantity}

    def receive(self, day: date) -> None:
        """Goods in of the morning: what orders hold of a receipt they hold of the stock from now on."""
        tx, receipts = self.site.tx, self.due.get(day, [])
        here = COMING.c.company == tx.company, COMING.c.id.in_(receipts)
        rows = tx.rows(select(COMING).where(*here).order_by(COMING.c.id))
        held = select(RESERVED.c.id).where(RESERVED.c.company == tx.company, RESERVED.c.receipt_id.in_(receipts))
        self.site.change(m.Reservation, [{"id": row.id, "receipt_id": None} for row in tx.rows(held)])
        self._move([(row.product_id, row.quantity, row.reserved) for row in rows])
        done = [{"id": row.id, "arrived": True, "reserved": NONE} for row in rows]
        self.site.change(m.ExpectedReceipt, done)
        if day == working_day_before(self.site.today, 3):
            self._count(day)

    def _move(self, changes: list[tuple[int, Decimal, Decimal]]) -> None:
        """Adds to what lies here and what is reserved of it: (product, pieces, reserved)."""
        rows = [{"product_id": product, "warehouse": WAREHOUSE, "on_hand": here, "reserved": reserved}
                for product, here, reserved in changes]  # fmt: skip
        self.site.change(m.Stock, rows, ("product_id", "warehouse"), add=True)

    def _count(self, day: date) -> None:
        """The stock-taking that finds the shorts: less lies there than the books say."""
        tx = self.site.at(moment(day, "6:30"))
        left = {item.id: Decimal(SHORTS[item.code][0]) for item in self.items if item.code in SHORTS}
        of = STOCK.c.company == tx.company, STOCK.c.product_id.in_(left)
        for row in tx.rows(select(STOCK).where(*of).order_by(STOCK.c.product_id)):
            missing = row.on_hand - row.reserved - left[row.product_id]
            if missing > 0:
                self._write_off(row.product_id, missing, "count: less on the shelf than in the books", tx.now)

    def _write_off(self, product: int, pieces: Decimal, note: str, at: datetime) -> None:
        self._move([(product, -pieces, NONE)])
        self.site.put(m.StockMovement, [
            {"id": new_id(), "product_id": product, "warehouse": WAREHOUSE, "kind": "count", "quantity": -pieces,
             "note": note, "at": at}
        ])  # fmt: skip

    def pick(self, day: date) -> None:
        """The evening's picking: all that lies here and is promised for the next working day."""
        tx = self.site.at(moment(day, "17:30"))
        following = working_days(day + timedelta(days=1), day + timedelta(days=4))[0]
        taken: Counter[int] = Counter()
        lines, orders = [], []
        for live in (self.orders[id_] for id_ in self._ready(following)):
            stocking.release(tx, live.order.id, WAREHOUSE)
            for line in (each for each in live.order.lines if each.quantity > 0):
                wanted = line.quantity * line.factor
                lost = Decimal(1) if self.dice.random() < 0.012 and wanted > 3 else NONE
                if lost:
                    note = f"not found when order {live.order.number} was picked"
                    self._write_off(line.product_id, lost, note, tx.now)
                live.picked[line.line] = wanted - lost
                taken[line.product_id] += int(wanted - lost)
                lines.append({"order_id": live.order.id, "line": line.line, "allocated": NONE, "picked": wanted - lost})
            orders.append({"id": live.order.id, "status": "picked", "picked_at": tx.now})
            live.status, live.planned_on = "picked", following
        self._move([(product, Decimal(-pieces), NONE) for product, pieces in sorted(taken.items())])
        self.site.change(m.OrderLine, lines, ("order_id", "line"))
        self.site.change(m.SalesOrder, orders)

    def _ready(self, following: date) -> list[int]:
        """Orders promised by that day whose every piece lies here."""
        tx = self.site.tx
        coming = RESERVED.c.receipt_id.is_not(None)
        waiting = select(RESERVED.c.order_id).where(RESERVED.c.company == tx.company, coming)
        short = select(LINE.c.order_id).where(LINE.c.company == tx.company, LINE.c.backordered > 0)
        found = select(ORDER.c.id).where(
            ORDER.c.company == tx.company, ORDER.c.status.in_(("allocated", "confirmed")),
            ORDER.c.promised_on <= following, ORDER.c.id.not_in(waiting), ORDER.c.id.not_in(short),
        )  # fmt: skip
        return [row.id for row in tx.rows(found.order_by(ORDER.c.id))]
