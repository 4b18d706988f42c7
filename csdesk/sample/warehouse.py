"""The warehouse and the trucks of the sample: opening stock, goods in, picking, dispatch, delivery with its mishaps."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import bindparam, select, update

from csdesk import models as m
from csdesk.ids import new_id
from csdesk.models import table
from csdesk.models.orders import move
from csdesk.sample.plan import SHORTS, Plan
from csdesk.sample.site import (
    STAR,
    WAREHOUSE,
    WEEKS,
    Client,
    Item,
    Site,
    moment,
    texts,
    working_day_before,
    working_days,
)
from csdesk.services import numbers, stocking
from csdesk.services.history import OrderView

ORDER, LINE, STOCK = table(m.SalesOrder), table(m.OrderLine), table(m.Stock)
COMING, RESERVED, ACCOUNT = table(m.ExpectedReceipt), table(m.Reservation), table(m.CreditAccount)
DELIVERY = table(m.Delivery)


@dataclass
class Live:
    """An order on its way through the warehouse."""

    order: OrderView
    client: Client
    status: str = "open"  # open | picked | shipped | delivered
    picked: dict[int, Decimal] = field(default_factory=dict)
    delivery: int = 0
    planned_on: date | None = None
    events: int = 0


@dataclass
class Arrival:
    """A delivery that was signed for: when, and what came damaged or short (order line -> pieces, reason)."""

    live: Live
    at: datetime
    faults: dict[int, tuple[str, Decimal, str]]


@dataclass
class Warehouse:
    """Stock and trucks."""

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
        past = working_days(self.site.today - timedelta(weeks=WEEKS - 1), self.site.today - timedelta(days=3))
        for item in (each for each in self.items if each.stocked):
            taken = self.plan.pieces[item.id]
            level = 200 if item.price < 3 else 80 if item.price < 12 else 30 if item.price < 40 else 12
            spare = self.dice.randint(level // 2, level * 2)
            if item.code in SHORTS:
                spare = SHORTS[item.code][0] if item.code == "6001" else level
                coming += [self._coming(item, self.site.today + timedelta(days=days), count)
                           for days, count in SHORTS[item.code][1]]  # fmt: skip
            elif self.dice.random() < 0.08:
                coming.append(self._coming(item, self.site.today + timedelta(days=self.dice.randint(1, 12)), level))
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
        return {"id": new_id(), "product_id": item.id, "warehouse": WAREHOUSE, "due_on": day,
                "quantity": Decimal(count)}  # fmt: skip

    def receive(self, day: date) -> None:
        """Goods in of the morning: what orders hold of a receipt they hold of the stock from now on."""
        tx = self.site.tx
        for receipt in self.due.get(day, ()):
            row = tx.row(select(COMING).where(COMING.c.company == tx.company, COMING.c.id == receipt))
            assert row is not None
            tx.do(update(RESERVED).where(RESERVED.c.company == tx.company, RESERVED.c.receipt_id == receipt)
                  .values(receipt_id=None))  # fmt: skip
            tx.do(update(STOCK).where(STOCK.c.company == tx.company, STOCK.c.product_id == row.product_id)
                  .values(on_hand=STOCK.c.on_hand + row.quantity,
                          reserved=STOCK.c.reserved + row.reserved))  # fmt: skip
            tx.do(update(COMING).where(COMING.c.company == tx.company, COMING.c.id == receipt)
                  .values(arrived=True, reserved=Decimal(0)))  # fmt: skip
        if day == working_day_before(self.site.today, 3):
            self._count(day)

    def _count(self, day: date) -> None:
        """The stock-taking that finds the shorts: less lies there than the books say."""
        tx = self.site.at(moment(day, "6:30"))
        by_code = {item.code: item for item in self.items}
        for code, (left, _) in SHORTS.items():
            item = by_code[code]
            row = tx.row(select(STOCK).where(STOCK.c.company == tx.company, STOCK.c.product_id == item.id))
            assert row is not None
            missing = row.on_hand - row.reserved - left
            if missing > 0 and code != "6001":
                self._adjust(item.id, -missing, "count: less on the shelf than in the books", tx.now)

    def _adjust(self, product: int, quantity: Decimal, note: str, at: datetime) -> None:
        tx = self.site.tx
        tx.do(update(STOCK).where(STOCK.c.company == tx.company, STOCK.c.product_id == product)
              .values(on_hand=STOCK.c.on_hand + quantity))  # fmt: skip
        self.site.put(m.StockMovement, [
            {"id": new_id(), "product_id": product, "warehouse": WAREHOUSE, "kind": "count", "quantity": quantity,
             "note": note, "at": at}
        ])  # fmt: skip

    def pick(self, day: date) -> None:
        """The evening's picking: all that lies here and is promised for the next working day."""
        tx = self.site.at(moment(day, "17:30"))
        following = working_days(day + timedelta(days=1), day + timedelta(days=4))[0]
        for id_ in self._ready(following):
            live = self.orders[id_]
            lines = [line for line in live.order.lines if line.quantity > 0]
            stocking.release(tx, id_, WAREHOUSE)
            for line in lines:
                wanted = line.quantity * line.factor
                lost = Decimal(1) if self.dice.random() < 0.012 and wanted > 3 else Decimal(0)
                live.picked[line.line] = wanted - lost
                tx.do(update(STOCK).where(STOCK.c.company == tx.company, STOCK.c.product_id == line.product_id)
                      .values(on_hand=STOCK.c.on_hand - wanted + lost))  # fmt: skip
                if lost:
                    self._adjust(line.product_id, -lost, f"not found when order {live.order.number} was picked", tx.now)
            self._lines(live, allocated=dict.fromkeys(live.picked, Decimal(0)), picked=live.picked)
            self._order(live, "picked", picked_at=tx.now)
            live.status, live.planned_on = "picked", following

    def _ready(self, following: date) -> list[int]:
        """Orders promised by that day whose every piece lies here."""
        tx = self.site.tx
        waiting = select(RESERVED.c.order_id).where(
            RESERVED.c.company == tx.company, RESERVED.c.receipt_id.is_not(None)
        )
        short = select(LINE.c.order_id).where(LINE.c.company == tx.company, LINE.c.backordered > 0)
        found = select(ORDER.c.id).where(
            ORDER.c.company == tx.company, ORDER.c.status.in_(("allocated", "confirmed")),
            ORDER.c.promised_on <= following, ORDER.c.id.not_in(waiting), ORDER.c.id.not_in(short),
        )  # fmt: skip
        return [row.id for row in tx.rows(found.order_by(ORDER.c.id))]

    def dispatch(self, day: date) -> None:
        """The trucks leave before five; orders become deliveries with a number."""
        tx = self.site.at(moment(day, "4:30"))
        for live in [each for each in self.orders.values() if each.status == "picked" and each.planned_on == day]:
            live.delivery, live.status = new_id(), "shipped"
            number = numbers.order_number(tx.now.year, numbers.draw(tx, "delivery"))
            self.site.put(m.Delivery, [
                {"id": live.delivery, "number": number, "order_id": live.order.id, "customer_id": live.client.id,
                 "carrier": f"OWN {1 + live.client.id % 6}", "planned_on": day, "dispatched_at": tx.now}
            ])  # fmt: skip
            self.site.put(m.DeliveryLine, [
                {"delivery_id": live.delivery, "line": place, "order_line": line, "shipped": count}
                for place, (line, count) in enumerate(sorted(live.picked.items()), 1)
            ])  # fmt: skip
            self._lines(live, shipped=live.picked)
            self._order(live, "shipped")

    def deliver(self, day: date) -> list[Arrival]:
        """The day's stops: most signed for, some missed and tried again on the next working day."""
        arrived = []
        for live in [each for each in self.orders.values() if each.status == "shipped" and each.planned_on == day]:
            minute = self.dice.randint(6 * 60 + 10, 14 * 60 + 50)
            at = moment(day, f"{minute // 60}:{minute % 60}")
            if self.dice.random() < 0.025 and live.client.code != STAR and not live.events:
                self._event(live, at, "attempt", "failed", self.dice.choice(texts("people")["words"]["failed"]))
                live.planned_on = working_days(day + timedelta(days=1), day + timedelta(days=4))[0]
                continue
            arrived.append(self._arrive(live, at))
        return sorted(arrived, key=lambda each: each.at)

    def _arrive(self, live: Live, at: datetime) -> Arrival:
        self._event(live, at, "delivered", "delivered", "")
        faults = self._faults(live)
        table_ = table(m.DeliveryLine)
        for line, (kind, count, reason) in faults.items():
            self.site.tx.do(
                update(table_)
                .where(table_.c.company == self.site.tx.company, table_.c.delivery_id == live.delivery,
                       table_.c.order_line == line)
                .values({kind: count, "reason": reason})
            )  # fmt: skip
        self.site.tx.do(
            update(DELIVERY).where(DELIVERY.c.company == self.site.tx.company, DELIVERY.c.id == live.delivery)
            .values(delivered_at=at, received_by=live.client.contact)
        )  # fmt: skip
        kept = {line: count - faults[line][1] if line in faults else count for line, count in live.picked.items()}
        self._lines(live, delivered=kept)
        self._order(live, "delivered", exposure=0)
        self._account(
            live, orders=ACCOUNT.c.orders - live.order.exposure, delivered=ACCOUNT.c.delivered + live.order.gross
        )
        live.status = "delivered"
        return Arrival(live, at, faults)

    def _faults(self, live: Live) -> dict[int, tuple[str, Decimal, str]]:
        if live.client.code == STAR or self.dice.random() > 0.07:
            return {}
        line, count = self.dice.choice(sorted(live.picked.items()))
        kind, reason = self.dice.choice((("damaged", "damaged"), ("short", "short-delivery"), ("refused", "refused")))
        return {line: (kind, Decimal(1), reason)} if count > 1 else {}

    def _event(self, live: Live, at: datetime, event: str, status: str, comment: str) -> None:
        live.events += 1
        self.site.put(m.DeliveryEvent, [
            {"delivery_id": live.delivery, "seq": live.events, "at": at, "event": event, "status": status,
             "comment": comment}
        ])  # fmt: skip

    def _lines(self, live: Live, **columns: dict[int, Decimal]) -> None:
        """Sets columns of the live lines; each gives the pieces by the line's number."""
        tx = self.site.tx
        rows = [{"o": live.order.id, "l": line, **{f"v_{name}": given[line] for name, given in columns.items()}}
                for line in live.picked]  # fmt: skip
        statement = update(LINE).where(
            LINE.c.company == tx.company, LINE.c.order_id == bindparam("o"), LINE.c.line == bindparam("l")
        )
        tx.do(statement.values({name: bindparam(f"v_{name}", type_=LINE.c[name].type) for name in columns}), rows)

    def _order(self, live: Live, status: str, **values: Any) -> None:
        tx = self.site.tx
        before = {"picked": "allocated", "shipped": "picked", "delivered": "shipped"}[status]
        tx.do(
            update(ORDER).where(ORDER.c.company == tx.company, ORDER.c.id == live.order.id)
            .values(status=move(live.order.number, before, status), version=ORDER.c.version + 1, **values)
        )  # fmt: skip

    def _account(self, live: Live, **values: Any) -> None:
        tx = self.site.tx
        tx.do(update(ACCOUNT).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == live.client.account_id)
              .values(**values))  # fmt: skip
