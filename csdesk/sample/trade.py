"""Six weeks of trade, day by day: goods in, trucks out, orders placed and changed, bills written, money taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from random import Random

from csdesk import models as m
from csdesk.ids import new_id
from csdesk.sample.books import Books
from csdesk.sample.clients import COUNTER
from csdesk.sample.plan import Plan, Visit
from csdesk.sample.site import STAR, WEEKS, Client, Site, moment, working_day_before, working_days
from csdesk.sample.talks import Talks
from csdesk.sample.trucks import Trucks
from csdesk.sample.warehouse import Live, Warehouse
from csdesk.services import amendments, customers, drafts, editing, history, orders
from csdesk.services.drafts import DraftLine, DraftRow
from csdesk.services.history import OrderView
from csdesk.services.tx import Tx

STEP, MINIMUM = 50_00, 250_00  # of a tight limit, of an order; minor units
ON_HOLD = "On hold: two cheques came back, finance talks to the owner."


@dataclass
class Trade:
    """The trade of the six weeks; the warehouse, the books and the calls do their part of each day."""

    site: Site
    plan: Plan
    clients: tuple[Client, ...]
    warehouse: Warehouse
    trucks: Trucks
    books: Books
    talks: Talks
    dice: Random = field(init=False)
    later: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)  # when, order (or < 0), what

    def __post_init__(self) -> None:
        self.dice = self.site.chance("trade")

    def run(self) -> None:
        """Goes through the days; ends with the trucks of today on the road."""
        today = self.site.today
        for day in working_days(today - timedelta(weeks=WEEKS), today):
            self.warehouse.receive(day)
            self.trucks.dispatch(day)
            if day < today:
                delivered = self.trucks.deliver(day)
                self._day(day)
                self.books.bill(day, delivered)
                self.books.collect(day)
                self.warehouse.pick(day)
            else:
                for visit in self._of(day):
                    self._place(visit)

    def _of(self, day: date) -> list[Visit]:
        return [visit for visit in self.plan.visits if visit.at.date() == day]

    def _day(self, day: date) -> None:
        if day == working_day_before(self.site.today, 1):
            self._tighten(day)
        for visit in self._of(day):
            self._until(visit.at)
            placed = self._place(visit)
            if placed.status == "held":
                self._held(visit, placed)
            elif visit.client.code != STAR and visit.requested_on is None:
                self._change_of_mind(visit, placed)
        self._until(moment(day, "17:30"))
        self.talks.of_day(day)

    def _until(self, at: datetime) -> None:
        """Does what was left for later, in order of time, up to a moment."""
        while self.later and self.later[0][0] <= at:
            _, order_id, act = heappop(self.later)
            act()
            if order_id > 0:
                self._refresh(order_id)

    def _place(self, visit: Visit) -> OrderView:
        tx = self.site.at(visit.at, visit.login)
        call = self.talks.ordered(visit) if visit.channel in {"phone", "visit"} else None
        lines = tuple(DraftLine(item.id, unit, Decimal(count)) for item, count, unit in visit.lines)
        draft = DraftRow(
            new_id(), call, visit.client.id, "new", None, None, visit.requested_on, "", lines, "open", 1
        )  # fmt: skip
        drafts.create(tx, draft)
        placed = orders.place(tx, draft.id).order
        values = {"channel": visit.channel, "contact": visit.client.contact, "ship_to_id": visit.client.id}
        self.site.change(m.SalesOrder, [{"id": placed.id, **values}])
        self.warehouse.orders[placed.id] = Live(placed, visit.client)
        return placed

    def _held(self, visit: Visit, placed: OrderView) -> None:
        """A lead looks at held orders after a while; those of the last afternoon still wait."""
        tx = self.site.at(visit.at + timedelta(minutes=self.dice.randint(20, 75)), "lead3")
        if visit.at < moment(working_day_before(self.site.today, 1), "12:00"):
            heappush(self.later, (tx.now, placed.id, lambda: orders.release(tx, placed.id)))

    def _change_of_mind(self, visit: Visit, placed: OrderView) -> None:
        """A few call again within the hour or so: a line off, a quantity up, or the whole order cancelled."""
        tx = self.site.at(visit.at + timedelta(minutes=self.dice.randint(6, 70)), visit.login)
        chance, line = self.dice.random(), self.dice.randint(1, len(placed.lines))
        letter, more = self.dice.choice("ccuwl"), self.dice.randint(1, 3)
        if chance < 0.022 and len(placed.lines) > 2:
            heappush(self.later, (tx.now, placed.id, lambda: self._cancel(tx, placed, [line], letter)))
        elif chance < 0.055:
            heappush(self.later, (tx.now, placed.id, lambda: self._amend(tx, placed, line, more)))
        elif chance < 0.062:
            every = [each.line for each in placed.lines]
            heappush(self.later, (tx.now, placed.id, lambda: self._cancel(tx, placed, every, "c")))

    def _cancel(self, tx: Tx, placed: OrderView, lines: list[int], letter: str) -> None:
        for line in lines:
            amendments.cancel_line(tx, placed.id, line, letter)

    def _amend(self, tx: Tx, placed: OrderView, line: int, more: int) -> None:
        lines = list(editing.lines_of(placed))
        old = lines[line - 1]
        lines[line - 1] = replace(old, quantity=old.quantity + more, touched=True)
        draft = DraftRow(
            new_id(), None, placed.customer_id, "amend", placed.id, placed.version, placed.requested_on, "",
            tuple(lines), "open", 1,
        )  # fmt: skip
        drafts.create(tx, draft)
        amendments.apply(tx, draft.id)

    def _refresh(self, order_id: int) -> None:
        live = self.warehouse.orders[order_id]
        live.order = history.order_view(self.site.tx, history.head(self.site.tx, order_id))

    def _tighten(self, day: date) -> None:
        """What makes yesterday's orders be held: a limit drawn tight, a customer put on hold, an order too small."""
        seen = {visit.client.id: visit for visit in self._of(day) if visit.at >= moment(day, "12:00")}
        plain = [visit.client for visit in seen.values() if visit.client.code not in {STAR, COUNTER}
                 and visit.client.account_id == visit.client.id and not visit.client.minimum]  # fmt: skip
        tight = [
            {"id": client.id, "credit_limit": self._exposure(client) // STEP * STEP + STEP} for client in plain[:3]
        ]
        self.site.change(m.CreditAccount, tight)
        stopped = [{"id": client.id, "on_hold": True, "notes": ON_HOLD} for client in plain[3:4]]
        self.site.change(m.Customer, stopped)
        small = [{"id": client.id, "minimum_order": MINIMUM} for client in plain[4:7]]
        self.site.change(m.Customer, small)
        for client in plain[4:7]:
            seen[client.id].lines = seen[client.id].lines[:1]

    def _exposure(self, client: Client) -> int:
        """The exposure of a client's account in minor units."""
        return customers.trading(self.site.tx, client.id).account.exposure.total
