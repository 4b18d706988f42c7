"""The trucks of the sample: dispatch before dawn, the day's stops with their proofs and mishaps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from csdesk import models as m
from csdesk.ids import new_id
from csdesk.sample.site import STAR, Site, moment, texts, working_days
from csdesk.sample.warehouse import NONE, Live, Warehouse
from csdesk.services import numbers

TRUCKS, LATE_TRUCK = 6, 4  # the late truck leaves at half past ten
# How it arrived other than well: column of the delivery line, reason.
MISHAPS = (("damaged", "damaged"), ("short", "short-delivery"), ("refused", "refused"))


@dataclass
class Arrival:
    """A delivery that was signed for: when, and what came other than well (line -> column, pieces, reason)."""

    live: Live
    at: datetime
    faults: dict[int, tuple[str, Decimal, str]]


@dataclass
class Trucks:
    """Deliveries of what the warehouse has picked."""

    site: Site
    warehouse: Warehouse
    dice: Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = self.site.chance("trucks")

    def dispatch(self, day: date) -> None:
        """The trucks leave and orders become deliveries with a number; today the late one still stands at the ramp."""
        trucks = [each for each in range(1, TRUCKS + 1) if day < self.site.today or each != LATE_TRUCK]
        for truck in trucks:
            tx = self.site.at(moment(day, "10:30" if truck == LATE_TRUCK else "4:30"))
            loaded = [each for each in self._planned("picked", day) if each.client.id % TRUCKS + 1 == truck]
            for live in loaded:
                live.delivery, live.status = new_id(), "shipped"
            self.site.put(m.Delivery, [
                {"id": live.delivery, "number": numbers.order_number(day.year, numbers.draw(tx, "delivery")),
                 "order_id": live.order.id, "customer_id": live.client.id, "carrier": f"OWN {truck}",
                 "planned_on": day, "dispatched_at": tx.now}
                for live in loaded
            ])  # fmt: skip
            self.site.put(m.DeliveryLine, [
                {"delivery_id": live.delivery, "line": place, "order_line": line, "shipped": pieces}
                for live in loaded for place, (line, pieces) in enumerate(sorted(live.picked.items()), 1)
            ])  # fmt: skip
            self._lines(loaded, "shipped", {})
            self.site.change(m.SalesOrder, [{"id": live.order.id, "status": "shipped"} for live in loaded])

    def _planned(self, status: str, day: date) -> list[Live]:
        return [each for each in self.warehouse.orders.values() if each.status == status and each.planned_on == day]

    def _lines(self, loaded: list[Live], column: str, faults: dict[tuple[int, int], Decimal]) -> None:
        """What was picked, less the faults (order, line), into a column of the order lines."""
        rows = [{"order_id": live.order.id, "line": line, column: pieces - faults.get((live.order.id, line), NONE)}
                for live in loaded for line, pieces in live.picked.items()]  # fmt: skip
        self.site.change(m.OrderLine, rows, ("order_id", "line"))

    def deliver(self, day: date) -> list[Arrival]:
        """The day's stops: most signed for, some missed and tried again on the next working day."""
        arrived = []
        for live in self._planned("shipped", day):
            late = live.client.id % TRUCKS + 1 == LATE_TRUCK
            minute = self.dice.randint(11 * 60, 15 * 60 + 30) if late else self.dice.randint(6 * 60 + 10, 14 * 60)
            at = moment(day, f"{minute // 60}:{minute % 60}")
            if self.dice.random() < 0.03 and live.client.code != STAR and not live.events:
                self._event(live, at, "attempt", "failed", self.dice.choice(texts("people")["words"]["failed"]))
                live.planned_on = working_days(day + timedelta(days=1), day + timedelta(days=4))[0]
                continue
            self._event(live, at, "delivered", "delivered", "")
            arrived.append(Arrival(live, at, self._faults(live)))
        self._signed(arrived)
        return sorted(arrived, key=lambda each: each.at)

    def _signed(self, arrived: list[Arrival]) -> None:
        """The proofs; what was ordered is delivered now, not billed yet."""
        lives = [each.live for each in arrived]
        self.site.change(m.Delivery, [
            {"id": each.live.delivery, "delivered_at": each.at, "received_by": each.live.client.contact}
            for each in arrived
        ])  # fmt: skip
        faults = {
            (each.live.order.id, line): pieces for each in arrived for line, (_, pieces, _) in each.faults.items()
        }
        self._lines(lives, "delivered", faults)
        for each in arrived:
            for line, (column, pieces, reason) in each.faults.items():
                row = {"delivery_id": each.live.delivery, "order_line": line, column: pieces, "reason": reason}
                self.site.change(m.DeliveryLine, [row], ("delivery_id", "order_line"))
        self.site.change(m.SalesOrder, [{"id": live.order.id, "status": "delivered", "exposure": 0} for live in lives])
        self.site.change(m.CreditAccount, [
            {"id": live.client.account_id, "orders": -live.order.exposure, "delivered": live.order.gross}
            for live in lives
        ], add=True)  # fmt: skip
        for live in lives:
            live.status = "delivered"

    def _faults(self, live: Live) -> dict[int, tuple[str, Decimal, str]]:
        if live.client.code == STAR or self.dice.random() > 0.07:
            return {}
        line, pieces = self.dice.choice(sorted(live.picked.items()))
        column, reason = self.dice.choice(MISHAPS)
        return {line: (column, Decimal(1), reason)} if pieces > 1 else {}

    def _event(self, live: Live, at: datetime, event: str, status: str, comment: str) -> None:
        live.events += 1
        row: dict[str, Any] = {"delivery_id": live.delivery, "seq": live.events, "at": at, "event": event}
        self.site.put(m.DeliveryEvent, [{**row, "status": status, "comment": comment}])
