"""Bills, credit notes and money of the sample, posted with their open items and the accounts' running figures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import update

from csdesk import models as m
from csdesk.ids import new_id
from csdesk.models import table
from csdesk.money import rounded
from csdesk.rules.tax import tax_of
from csdesk.sample.site import CURRENCY, STAR, Client, Site, moment, working_day_before, working_days
from csdesk.sample.warehouse import Arrival
from csdesk.services import numbers

ACCOUNT, ITEM, ORDER = table(m.CreditAccount), table(m.OpenItem), table(m.SalesOrder)
STAR_NUMBERS = (298, 512)  # the story's open bills: …98 is overdue, …512 gets a credit
PATIENCE = 45  # so many numbers a bill of the star may wait for one of them
LAGS = {"prompt": (-2, 1), "late": (3, 12), "slow": (14, 30), "chain": (0, 4)}  # days around the due day


@dataclass
class Bill:
    """An open bill; `open` in minor units."""

    item: int
    document: int
    number: str
    order: int
    client: Client
    issued: date
    due: date
    gross: int
    open: int
    pay_on: date | None
    lines: dict[int, dict[str, Any]]


@dataclass
class Books:
    """The sub-ledger while it is written."""

    site: Site
    dice: Random = field(init=False)
    bills: list[Bill] = field(default_factory=list)
    waiting: list[Arrival] = field(default_factory=list)  # of the star, for their number
    credits: dict[date, list[tuple[Bill, int, Decimal, str]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.dice = self.site.chance("books")

    def bill(self, day: date, arrived: list[Arrival]) -> None:
        """The billing run of the day; then the credit notes that are due."""
        tx = self.site.at(moment(day, "16:45"))
        mine = [*self.waiting, *(each for each in arrived if each.live.client.code == STAR)]
        run = [each for each in arrived if each.live.client.code != STAR]
        last = numbers.peek(tx, "invoice")
        wanted = [number - last - 1 for number in STAR_NUMBERS if number > last]
        self.waiting = []
        if mine and wanted and wanted[0] <= len(run):
            run.insert(wanted[0], mine.pop())
            run += mine
        elif wanted and wanted[0] - len(run) < PATIENCE and self.site.today - day > timedelta(days=1):
            self.waiting = mine
        else:
            run = mine + run
        for each in run:
            self._bill(day, tx.now, each)
        for bill, line, count, reason in self.credits.pop(day, ()):
            self._credit(day, tx.now, bill, line, count, reason)

    def _bill(self, day: date, at: datetime, arrival: Arrival) -> None:
        tx, live = self.site.at(at), arrival.live
        order, client = live.order, live.client
        lines = {}
        for line in (each for each in order.lines if each.quantity > 0):
            share = live.picked[line.line] / (line.quantity * line.factor)
            net = int(rounded(line.net * share))
            lines[line.line] = {
                "product_id": line.product_id, "description": line.name, "unit": line.unit,
                "quantity": (live.picked[line.line] / line.factor).quantize(Decimal("0.001")), "price": line.price,
                "net": net, "tax_rate": line.tax_rate, "tax": tax_of(net, line.tax_rate), "order_line": line.line,
            }  # fmt: skip
        document = self._post(day, at, "invoice", client, order.id, lines, client.terms_days)
        lag = LAGS.get(client.pays)
        pay_on = day + timedelta(days=client.terms_days + self.dice.randint(*lag)) if lag else None
        if client.terms_days == 0:
            pay_on = day
        bill = Bill(document["item"], document["id"], document["number"], order.id, client, day, document["due_on"],
                    document["gross"], document["gross"], pay_on, lines)  # fmt: skip
        self.bills.append(bill)
        tx.do(update(ORDER).where(ORDER.c.company == tx.company, ORDER.c.id == order.id)
              .values(status="invoiced", version=ORDER.c.version + 1))  # fmt: skip
        self._account(client.account_id, delivered=ACCOUNT.c.delivered - order.gross)
        for line, (_, count, reason) in arrival.faults.items():
            later = working_days(day + timedelta(days=1), day + timedelta(days=9))[self.dice.randint(0, 3)]
            if self.dice.random() < 0.7 and later < self.site.today:
                self.credits[later].append((bill, line, count, reason))

    def _post(
        self, day: date, at: datetime, kind: str, client: Client, order: int, lines: dict[int, dict[str, Any]],
        terms_days: int, **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Writes a document with its open item; the account follows. Gives the document with its item's id."""
        tx = self.site.at(at)
        net, tax = sum(line["net"] for line in lines.values()), sum(line["tax"] for line in lines.values())
        number = numbers.order_number(day.year, numbers.draw(tx, kind))
        document = {
            "id": new_id(), "kind": kind, "number": number, "customer_id": client.id, "account_id": client.account_id,
            "order_id": order, "issued_on": day, "issued_at": at, "due_on": day + timedelta(days=terms_days),
            "currency": CURRENCY, "tax_method": "line", "rounding": "half_up", "net": net, "tax": tax,
            "gross": net + tax, **more,
        }  # fmt: skip
        self.site.put(m.Document, [document])
        self.site.put(m.DocumentLine, [
            {"document_id": document["id"], "line": place, **line} for place, line in enumerate(lines.values(), 1)
        ])  # fmt: skip
        sign = -1 if kind == "credit_note" else 1
        document["item"] = self._item(
            client.account_id, client.id, "document", document["id"], number, kind, day, document["due_on"],
            sign * document["gross"],
        )  # fmt: skip
        return document

    def _item(
        self, account: int, customer: int, source: str, source_id: int, number: str, kind: str, day: date, due: date,
        face: int,
    ) -> int:  # fmt: skip
        id_ = new_id()
        self.site.put(m.OpenItem, [
            {"id": id_, "account_id": account, "customer_id": customer, "source": source, "source_id": source_id,
             "number": number, "kind": kind, "posted_on": day, "due_on": due, "currency": CURRENCY, "face": face,
             "open": face}
        ])  # fmt: skip
        part = "open_debit" if face > 0 else "open_credit"
        self._account(account, **{part: ACCOUNT.c[part] + abs(face)})
        return id_

    def _credit(self, day: date, at: datetime, bill: Bill, line: int, count: Decimal, reason: str) -> None:
        """A credit note for pieces of one line of a bill, set against the bill where it is still open."""
        old = bill.lines[line]
        pieces = rounded(old["quantity"], 3)
        quantity = min(pieces, count)
        net = int(rounded(old["net"] * quantity / pieces))
        new = {**old, "quantity": quantity, "net": net, "tax": tax_of(net, old["tax_rate"])}
        note = self._post(day, at, "credit_note", bill.client, bill.order, {line: new}, 0, reason=reason,
                          corrects_id=bill.document)  # fmt: skip
        amount = min(bill.open, note["gross"])
        if amount:
            self._allocate(day, bill, note["item"], amount)

    def _allocate(self, day: date, bill: Bill, credit: int, amount: int) -> None:
        tx = self.site.tx
        self.site.put(m.Allocation, [
            {"id": new_id(), "debit_item_id": bill.item, "credit_item_id": credit, "amount": amount, "applied_on": day}
        ])  # fmt: skip
        for item, change in ((bill.item, -amount), (credit, amount)):
            tx.do(update(ITEM).where(ITEM.c.company == tx.company, ITEM.c.id == item)
                  .values(open=ITEM.c.open + change))  # fmt: skip
        bill.open -= amount
        self._account(bill.client.account_id, open_debit=ACCOUNT.c.open_debit - amount,
                      open_credit=ACCOUNT.c.open_credit - amount)  # fmt: skip
        if bill.open == 0:
            tx.do(update(ORDER).where(ORDER.c.company == tx.company, ORDER.c.id == bill.order)
                  .values(status="closed", version=ORDER.c.version + 1))  # fmt: skip

    def collect(self, day: date) -> None:
        """The money of the day: one receipt per account for the bills it pays."""
        for account, bills in self._payable(day).items():
            self._receive(day, account, bills, sum(bill.open for bill in bills))
        self._star_pays(day)
        if day == working_day_before(self.site.today, 4):
            self._stray(day)

    def _payable(self, day: date) -> dict[int, list[Bill]]:
        found: dict[int, list[Bill]] = defaultdict(list)
        for bill in self.bills:
            due = bill.pay_on is not None and bill.pay_on <= day
            weekly = bill.client.pays != "chain" or day.isoweekday() == 4
            if bill.open and due and weekly:
                found[bill.client.account_id].append(bill)
        return found

    def _receive(self, day: date, account: int, bills: list[Bill], amount: int, method: str = "transfer") -> None:
        at = moment(day, "10:00")
        tx = self.site.at(at)
        number = numbers.order_number(day.year, numbers.draw(tx, "receipt"))
        receipt = {
            "id": new_id(), "number": number, "account_id": account, "received_on": day, "currency": CURRENCY,
            "amount": amount, "method": "cash" if bills and bills[0].client.terms_days == 0 else method,
            "reference": " ".join(bill.number for bill in bills)[:200],
        }  # fmt: skip
        self.site.put(m.Receipt, [receipt])
        item = self._item(account, bills[0].client.id if bills else account, "receipt", receipt["id"], number,
                          "receipt", day, day, -amount)  # fmt: skip
        left = amount
        for bill in bills:
            part = min(left, bill.open)
            if part:
                self._allocate(day, bill, item, part)
                left -= part
        self._account(account, last_payment=amount, last_payment_on=day)

    def _star_pays(self, day: date) -> None:
        """The deli pays every Tuesday what is due, but not the bill it has lost; the last time it is two oils short."""
        weeks = (self.site.today - day).days / 7
        if weeks not in {1.0, 2.0, 3.0}:
            return
        due = [bill for bill in self.bills if bill.client.code == STAR and bill.open and bill.due <= day
               and int(bill.number) % 100000 != STAR_NUMBERS[0]]  # fmt: skip
        lines = (line for bill in due for line in bill.lines.values())
        oil = next((line for line in lines if line["description"].startswith("Olive oil")), None)
        short = int(oil["net"] * 2 / oil["quantity"]) if oil and weeks == 1 else 0
        if due:
            self._receive(day, due[0].client.account_id, due, sum(bill.open for bill in due) - short)

    def _stray(self, day: date) -> None:
        """Money nobody can place: it stands on account until somebody asks."""
        bill = next(bill for bill in self.bills if bill.open and bill.client.pays == "late")
        self._receive(day, bill.client.account_id, [], 25_000, method="cheque")

    def _account(self, account: int, **values: Any) -> None:
        tx = self.site.tx
        tx.do(update(ACCOUNT).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == account).values(**values))
