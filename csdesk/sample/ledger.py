"""The sub-ledger of the sample: documents, open items and allocations, with the accounts' running figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from csdesk import models as m
from csdesk.ids import new_id
from csdesk.sample.site import CURRENCY, Client, Site
from csdesk.services import booking, numbers
from csdesk.services.tax_categories import category_of


@dataclass
class Paper:
    """A document to be posted: lines in order, each a row of document_line without its keys."""

    kind: str  # invoice | credit_note
    client: Client
    order_id: int
    lines: list[dict[str, Any]]
    due_in: int = 0  # days
    corrects_id: int | None = None
    reason: str = ""


@dataclass
class Item:
    """An open item, its amounts in minor units, debit positive."""

    id: int
    account_id: int
    number: str
    subject_id: int
    posted_on: date
    due_on: date
    face: int
    open: int


@dataclass
class Ledger:
    """Posts what others have drawn up."""

    site: Site

    def post(self, at: datetime, papers: Sequence[Paper]) -> list[Item]:
        """Posts documents of one kind in their order, numbered on from the last; gives their open items."""
        if not papers:
            return []
        kind, tx, day = papers[0].kind, self.site.at(at), at.date()
        first = numbers.draw(tx, kind, count=len(papers))
        rows = [self._row(paper, first + place, at, day) for place, paper in enumerate(papers)]
        self.site.put(m.Document, rows)
        self.site.put(m.DocumentLine, [
            {"document_id": row["id"], "line": place, "tax_category": category_of(line["tax_rate"], False, ""), **line}
            for row, paper in zip(rows, papers, strict=True) for place, line in enumerate(paper.lines, 1)
        ])  # fmt: skip
        sign = -1 if kind == "credit_note" else 1
        items = [
            Item(new_id(), row["account_id"], row["number"], row["id"], day, row["due_on"],
                 sign * row["gross"], sign * row["gross"])
            for row in rows
        ]  # fmt: skip
        self._open(items, "document", kind, [paper.client.id for paper in papers])
        return items

    def _row(self, paper: Paper, number: int, at: datetime, day: date) -> dict[str, Any]:
        net, tax = sum(line["net"] for line in paper.lines), sum(line["tax"] for line in paper.lines)
        return {
            "id": new_id(), "kind": paper.kind, "number": numbers.order_number(day.year, number),
            "customer_id": paper.client.id, "account_id": paper.client.account_id, "order_id": paper.order_id,
            "corrects_id": paper.corrects_id, "issued_on": day, "issued_at": at,
            "due_on": day + timedelta(days=paper.due_in), "currency": CURRENCY, "tax_method": "line",
            "rounding": "half_up", "net": net, "tax": tax, "gross": net + tax, "reason": paper.reason,
        }  # fmt: skip

    def _open(self, items: Sequence[Item], source: str, kind: str, customers: Sequence[int]) -> None:
        self.site.put(m.OpenItem, [
            {"id": item.id, "account_id": item.account_id, "customer_id": customer, "source": source,
             "source_id": item.subject_id, "number": item.number, "kind": kind, "posted_on": item.posted_on,
             "due_on": item.due_on, "currency": CURRENCY, "face": item.face, "open": item.face}
            for item, customer in zip(items, customers, strict=True)
        ])  # fmt: skip
        booking.enter_items(self.site.tx, [(source, [item.subject_id for item in items])])
        self.site.change(m.CreditAccount, [
            {"id": item.account_id, "open_debit": max(item.face, 0), "open_credit": max(-item.face, 0)}
            for item in items
        ], add=True)  # fmt: skip

    def receive(self, at: datetime, client: Client, amount: int, method: str, reference: str) -> Item:
        """Posts money of a debtor (minor units); gives its item, nothing of it applied yet."""
        day = at.date()
        number = numbers.order_number(day.year, numbers.draw(self.site.at(at), "receipt"))
        receipt: dict[str, Any] = {
            "id": new_id(), "number": number, "account_id": client.account_id, "received_on": day,
            "currency": CURRENCY, "amount": amount, "method": method, "reference": reference[:200],
        }  # fmt: skip
        self.site.put(m.Receipt, [receipt])
        item = Item(new_id(), client.account_id, number, receipt["id"], day, day, -amount, -amount)
        self._open([item], "receipt", "receipt", [client.id])
        self.site.change(m.CreditAccount, [{"id": client.account_id, "last_payment": amount, "last_payment_on": day}])
        return item

    def apply(self, day: date, credit: Item, debits: Sequence[Item]) -> None:
        """Sets a credit against debits in their order, as far as it goes."""
        rows: list[dict[str, Any]] = []
        for debit in debits:
            amount = min(debit.open, -credit.open)
            if amount > 0:
                debit.open -= amount
                credit.open += amount
                rows.append({"id": new_id(), "debit_item_id": debit.id, "credit_item_id": credit.id, "amount": amount,
                             "applied_on": day})  # fmt: skip
        self.site.put(m.Allocation, rows)
        self.site.change(m.OpenItem, [{"id": item.id, "open": item.open} for item in (credit, *debits)])
        applied = -sum(row["amount"] for row in rows)
        change = {"id": credit.account_id, "open_debit": applied, "open_credit": applied}
        self.site.change(m.CreditAccount, [change], add=True)
