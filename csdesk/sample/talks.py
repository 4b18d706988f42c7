"""The calls of the six weeks: those that brought an order, and the others with their notes and wrap-ups."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from csdesk import models as m
from csdesk.ids import new_id
from csdesk.sample.company import REPS
from csdesk.sample.plan import Visit
from csdesk.sample.site import STAR, Client, Item, Site, moment, texts, working_day_before

# Of the story: working days before today, time, rep, wrap-up, note.
STAR_CALLS = (
    (24, "9:12", "rep7", "enquiry", "Asked whether the organic oil comes in 5 l. It does not."),
    (15, "10:40", "rep2", "complaint", "Truck came at 11:20, kitchen was waiting. Told the driver: before 10."),
    (8, "16:02", "rep7", "money", "Has not got the bill of last month, wants a copy before paying it."),
    (4, "9:31", "rep7", "complaint", "Two oils broken in the crate, will take them off the payment."),
)  # fmt: skip


@dataclass
class Talks:
    """Calls: written open when they begin, ended in the evening."""

    site: Site
    items: tuple[Item, ...]
    clients: tuple[Client, ...]
    dice: Random = field(init=False)
    ends: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = self.site.chance("talks")

    def ordered(self, visit: Visit) -> int:
        """The call an order came by; its id."""
        note = "Standing order for the week talked over." if self.dice.random() < 0.03 else ""
        channel = "visit" if visit.channel == "visit" else "phone"
        return self._add(visit.at, visit.client, visit.login, "order", note, channel)

    def of_day(self, day: date) -> None:
        """Calls of a day that brought no order; all calls of the day are ended."""
        for _ in range(self.dice.randint(3, 6)):
            minute = self.dice.randint(8 * 60, 16 * 60 + 20)
            at = moment(day, f"{minute // 60}:{minute % 60}")
            wrap_up = self.dice.choices(("enquiry", "complaint", "money", "wrong-number"), (50, 20, 22, 8))[0]
            client = self.dice.choice(self.clients[2:])
            if wrap_up == "wrong-number" or client.code == STAR or not client.contact:
                self._add(at, None, self.dice.choice(REPS), "wrong-number", "")
                continue
            name = self.dice.choice(self.items[:-2]).name
            note = self.dice.choice(texts("people")["words"][wrap_up]).format(name=name)
            self._add(at, client, self.dice.choice(REPS), wrap_up, note)
        for back, clock, login, wrap_up, note in STAR_CALLS:
            if day == working_day_before(self.site.today, back):
                star = next(client for client in self.clients if client.code == STAR)
                self._add(moment(day, clock), star, login, wrap_up, note)
        self.site.change(m.Call, self.ends)
        self.ends = []

    def of(self, at: datetime, client: Client, login: str, wrap_up: str, note: str) -> int:
        """The call of something that was asked; its id."""
        return self._add(at, client, login, wrap_up, note)

    def _add(
        self, at: datetime, client: Client | None, login: str, wrap_up: str, note: str, channel: str = "phone"
    ) -> int:
        started = at - timedelta(seconds=self.dice.randint(40, 420))
        row: dict[str, Any] = {
            "id": new_id(), "staff_id": self.site.actors[login].id, "slot": 1, "active": False,
            "customer_id": client.id if client else None, "channel": channel, "started_at": started,
            "wrap_up": wrap_up, "note": note,
        }  # fmt: skip
        self.site.put(m.Call, [row])
        self.ends.append({"id": row["id"], "ended_at": at + timedelta(seconds=self.dice.randint(10, 90))})
        return int(row["id"])
