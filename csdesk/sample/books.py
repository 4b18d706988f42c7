"""Bills, credit notes and money of the sample: who is billed for what, and who pays it when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from csdesk import models as m
from csdesk.money import rounded
from csdesk.rules.tax import tax_of
from csdesk.sample import credit_requests
from csdesk.sample.ledger import Item, Ledger, Paper
from csdesk.sample.site import STAR, Client, Site, moment, working_day_before, working_days
from csdesk.sample.trucks import Arrival
from csdesk.services import numbers

STAR_NUMBERS = (298, 512)  # the story's open bills: …98 is overdue, …512 gets a credit
PATIENCE = 45  # so many numbers a bill of the star may wait for one of them
LAGS = {"prompt": (-2, 1), "late": (3, 12), "slow": (14, 30), "chain": (0, 4)}  # days around the due day
STRAY = 250_00  # the cheque nobody can place


@dataclass
class Bill:
    """A bill with its open item; `pay_on` None is never paid, `lines` by order line."""

    item: Item
    order_id: int
    client: Client
    pay_on: date | None
    lines: dict[int, dict[str, Any]]


@dataclass
class Books:
    """Billing and cash."""

    site: Site
    ledger: Ledger = field(init=False)
    dice: Random = field(init=False)
    bills: list[Bill] = field(default_factory=list)
    waiting: list[Arrival] = field(default_factory=list)  # of the star, for their number
    credits: dict[date, list[tuple[Bill, int, Decimal, str]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.site)
        self.dice = self.site.chance("books")

    def bill(self, day: date, arrived: list[Arrival]) -> None:
        """The billing run of the day; then the credit notes that are due."""
        at = moment(day, "16:45")
        run = self._in_order(day, arrived)
        drawn = [self._lines(each) for each in run]
        papers = [Paper("invoice", each.live.client, each.live.order.id, list(lines.values()),
                        each.live.client.terms_days) for each, lines in zip(run, drawn, strict=True)]  # fmt: skip
        items = self.ledger.post(at, papers)
        for each, lines, item in zip(run, drawn, items, strict=True):
            bill = Bill(item, each.live.order.id, each.live.client, self._pay_day(day, each.live.client), lines)
            self.bills.append(bill)
            self._credit_later(day, bill, each)
        self.site.change(m.SalesOrder, [{"id": each.live.order.id, "status": "invoiced"} for each in run])
        billed = [{"id": each.live.client.account_id, "delivered": -each.live.order.gross} for each in run]
        self.site.change(m.CreditAccount, billed, add=True)
        for bill, line, pieces, reason in self.credits.pop(day, ()):
            self._credit(at, bill, line, pieces, reason)

    def _in_order(self, day: date, arrived: list[Arrival]) -> list[Arrival]:
        """The deliveries to be billed today; the star's come where their numbers are those of the story."""
        mine = [*self.waiting, *(each for each in arrived if each.live.client.code == STAR)]
        run = [each for each in arrived if each.live.client.code != STAR]
        last = numbers.peek(self.site.at(moment(day, "16:45")), "invoice")
        ahead = next((number - last - 1 for number in STAR_NUMBERS if number > last), None)
        self.waiting = []
        if mine and ahead is not None and ahead <= len(run):
            run.insert(ahead, mine.pop())
        elif ahead is not None and ahead - len(run) < PATIENCE and self.site.today - day > timedelta(days=1):
            self.waiting, mine = mine, []
        return run + mine

    def _lines(self, arrival: Arrival) -> dict[int, dict[str, Any]]:
        """What was shipped of each order line: the part of its net, the tax anew."""
        live, found = arrival.live, {}
        for line in (each for each in live.order.lines if each.quantity > 0):
            shipped = live.picked[line.line]
            net = int(rounded(line.net * shipped / (line.quantity * line.factor)))
            found[line.line] = {
                "product_id": line.product_id, "description": line.name, "unit": line.unit,
                "quantity": rounded(shipped / line.factor, 3), "price": line.price, "net": net,
                "tax_rate": line.tax_rate, "tax": tax_of(net, line.tax_rate), "order_line": line.line,
            }  # fmt: skip
        return found

    def _pay_day(self, day: date, client: Client) -> date | None:
        if client.terms_days == 0:
            return day
        lag = LAGS.get(client.pays)
        return day + timedelta(days=client.terms_days + self.dice.randint(*lag)) if lag else None

    def _credit_later(self, day: date, bill: Bill, arrival: Arrival) -> None:
        """Most of what came other than well is credited within a week."""
        for line, (_, pieces, reason) in arrival.faults.items():
            later = working_days(day + timedelta(days=1), day + timedelta(days=9))[self.dice.randint(0, 3)]
            if self.dice.random() < 0.7 and later < self.site.today:
                self.credits[later].append((bill, line, pieces, reason))

    def _credit(self, at: datetime, bill: Bill, line: int, pieces: Decimal, reason: str) -> None:
        """A credit note for pieces of one line of a bill, set against the bill where it is still open."""
        old = bill.lines[line]
        quantity = min(old["quantity"], pieces)
        net = int(rounded(old["net"] * quantity / old["quantity"]))
        new = {**old, "quantity": quantity, "net": net, "tax": tax_of(net, old["tax_rate"])}
        paper = Paper("credit_note", bill.client, bill.order_id, [new], 0, bill.item.subject_id, reason)
        place = list(bill.lines).index(line) + 1  # a document numbers its own lines
        request = credit_requests.approved(self.site, at, bill.item.subject_id, place, new, reason)
        (item,) = self.ledger.post(at, [paper])
        credit_requests.posted(self.site, at, request, item.subject_id)
        if bill.item.open:
            self.ledger.apply(at.date(), item, [bill.item])
            self._close([bill])

    def collect(self, day: date) -> None:
        """The money of the day: one receipt per account for the bills it pays."""
        payable: dict[int, list[Bill]] = defaultdict(list)
        for bill in self.bills:
            due = bill.pay_on is not None and bill.pay_on <= day
            if bill.item.open and due and (bill.client.pays != "chain" or day.isoweekday() == 4):
                payable[bill.client.account_id].append(bill)
        for bills in payable.values():
            self._receive(day, bills)
        self._star_pays(day)
        if day == working_day_before(self.site.today, 4):
            late = [bill.client for bill in self.bills if bill.item.open and bill.client.pays == "late"]
            self.ledger.receive(moment(day, "10:00"), late[0], STRAY, "cheque", "")

    def _receive(self, day: date, bills: list[Bill], short: int = 0) -> None:
        """One receipt for bills of one account, `short` of what is open of them (minor units)."""
        amount = sum(bill.item.open for bill in bills) - short
        method = "cash" if bills[0].client.terms_days == 0 else "transfer"
        reference = " ".join(bill.item.number for bill in bills)
        money = self.ledger.receive(moment(day, "10:00"), bills[0].client, amount, method, reference)
        self.ledger.apply(day, money, [bill.item for bill in bills])
        self._close(bills)

    def _close(self, bills: list[Bill]) -> None:
        paid = [{"id": bill.order_id, "status": "closed"} for bill in bills if not bill.item.open]
        self.site.change(m.SalesOrder, paid)

    def _star_pays(self, day: date) -> None:
        """The deli pays every week what is due, but not the bill it has lost; the last time it is two oils short."""
        weeks = (self.site.today - day).days / 7
        due = [bill for bill in self.bills if bill.client.code == STAR and bill.item.open and bill.item.due_on <= day
               and int(bill.item.number[2:]) != STAR_NUMBERS[0]]  # fmt: skip
        if weeks not in {1.0, 2.0, 3.0} or not due:
            return
        lines = (line for bill in due for line in bill.lines.values())
        oil = next((line for line in lines if line["description"].startswith("Olive oil")), None)
        self._receive(day, due, int(oil["net"] * 2 / oil["quantity"]) if oil and weeks == 1 else 0)
