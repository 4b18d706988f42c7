"""What a desk has to begin with for tickets: a calendar, a policy, a queue, categories and root causes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert, select

from csdesk.models import Company, ServiceCalendar, ServicePolicy, ServiceQueue, TicketCategory, table
from csdesk.services.tx import Tx

CALENDAR, POLICY = table(ServiceCalendar), table(ServicePolicy)
QUEUE, CATEGORY, COMPANY = table(ServiceQueue), table(TicketCategory), table(Company)
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-18:00")
# Clock -> priority -> target: open time, or working days (d). The desk's own; a company sets its own.
TARGETS = {
    "acknowledge": {"1": "30m", "2": "1h", "3": "4h", "4": "1d"},
    "first_response": {"1": "30m", "2": "1h", "3": "4h", "4": "1d"},
    "reply": {"1": "30m", "2": "2h", "3": "4h", "4": "1d"},
    "keep_informed": {"1": "4h", "2": "1d", "3": "2d", "4": "5d"},
    "resolution": {"1": "4h", "2": "1d", "3": "3d", "4": "5d"},
    "approval": {"1": "1h", "2": "4h", "3": "1d", "4": "2d"},
}
SAFETY_WORDS = "glass metal splinter* allerg* poison* sick ill vomit* injur* hospital choke* mould* burn*"
# code, parent, name, words that lead there (* ends a stem); the first level is what the desk counts by.
CATEGORIES = (
    ("delivery", "", "Delivery", ""),
    ("damaged", "delivery", "Damaged", ""),
    ("short-delivery", "delivery", "Short delivery", ""),
    ("wrong-item", "delivery", "Wrong item", ""),
    ("late", "delivery", "Late", ""),
    ("not-delivered", "delivery", "Not delivered", ""),
    ("refused", "delivery", "Refused at the door", ""),
    ("quality", "", "Quality", ""),
    ("safety", "quality", "Safety", SAFETY_WORDS),
    ("price-wrong", "", "Price", ""),
    ("order", "", "Order and availability", ""),
    ("payment", "", "Invoice and payment", ""),
    ("service", "", "Service of the desk", ""),
    ("other", "", "Something else", ""),
)  # fmt: skip
# code, name, who answers for it
CAUSES = (
    ("cause-picking", "Picking", "warehouse"), ("cause-loading", "Loading", "warehouse"),
    ("cause-transport", "Transport", "transport"), ("cause-packaging", "Packaging", "warehouse"),
    ("cause-supplier", "Supplier", "quality"), ("cause-stock", "Stock record", "warehouse"),
    ("cause-entry", "Order entry", "desk"), ("cause-price", "Price file", "sales"),
    ("cause-billing", "Billing", "finance"), ("cause-customer", "Customer", "customer"),
    ("cause-unknown", "Not found", "desk"),
)  # fmt: skip


def add(tx: Tx) -> None:
    """Adds what is missing; what a company has set stays as it is."""
    zone = tx.value(select(COMPANY.c.timezone).where(COMPANY.c.id == tx.company)) or "UTC"
    stamp = {"made_at": tx.now, "made_by": tx.actor.id}
    if _none(tx, CALENDAR):
        hours = json.dumps({"zone": zone, **WEEK}, sort_keys=True)
        tx.do(insert(CALENDAR), {"company": tx.company, "code": "desk", "version": 1, "hours": hours, **stamp})
    if _none(tx, POLICY):
        targets = json.dumps(TARGETS, sort_keys=True)
        tx.do(insert(POLICY), {"company": tx.company, "code": "standard", "version": 1, "calendar": "desk",
                               "calendar_version": 1, "targets": targets, **stamp})  # fmt: skip
    if _none(tx, QUEUE):
        tx.do(insert(QUEUE), {"company": tx.company, "code": "desk", "name": "Customer service", "policy": "standard",
                              "team": ""})  # fmt: skip
    if _none(tx, CATEGORY):
        made: Sequence[Mapping[str, Any]] = [
            {"code": code, "use": "category", "parent": parent, "name": name, "words": words, "queue": "", "owner": ""}
            for code, parent, name, words in CATEGORIES
        ] + [
            {"code": code, "use": "cause", "parent": "", "name": name, "words": "", "queue": "", "owner": owner}
            for code, name, owner in CAUSES
        ]
        tx.do(insert(CATEGORY), [{"company": tx.company, **row} for row in made])


def _none(tx: Tx, target: Table) -> bool:
    return tx.row(select(target.c.code).where(target.c.company == tx.company).limit(1)) is None
