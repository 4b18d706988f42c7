"""`csdesk sample build`: a whole desk in one file, the same for the same seed and day."""

from __future__ import annotations

import itertools
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlmodel import SQLModel

from csdesk import ids
from csdesk import models as m
from csdesk.errors import Refused
from csdesk.migrations import schema
from csdesk.models import Command, Draft, Outbox, table
from csdesk.sample import catalogue, clients, company, habits, knowledge, plan, pleas
from csdesk.sample.books import Books
from csdesk.sample.site import COMPANY, WEEKS, Site, moment
from csdesk.sample.talks import Talks
from csdesk.sample.tickets import Desk
from csdesk.sample.trade import Trade
from csdesk.sample.trucks import Trucks
from csdesk.sample.warehouse import Warehouse
from csdesk.services import care
from csdesk.services.tx import SYSTEM, Tx
from csdesk.store import Store

TODAY = date(2026, 6, 9)  # a Tuesday; `csdesk demo` moves its copy to the day it is played
SEED = 20417
PAGE = 512  # bytes; with the usual 4096 the many small tables would be half air
MAIL_KEPT = 3  # days of sent mail
DRAFT, COMMAND, OUTBOX = table(Draft), table(Command), table(Outbox)
FIRST_ID = 2001  # below lie the ids of products and customers
COUNTED: dict[str, type[SQLModel]] = {
    "customers": m.Customer, "products": m.Product, "orders": m.SalesOrder, "order lines": m.OrderLine,
    "deliveries": m.Delivery, "documents": m.Document, "receipts": m.Receipt, "calls": m.Call,
    "tickets": m.Ticket, "audit entries": m.AuditEntry,
}  # fmt: skip


@dataclass(frozen=True)
class Built:
    """What was made."""

    file: Path
    size: int
    today: date
    counts: dict[str, int]


def build(file: Path, today: date = TODAY, seed: int = SEED) -> Built:
    """Builds the sample into `file`, replacing it in one step when all of it is there and every check holds."""
    part = file.with_name(f"{file.name}.part")
    _remove(part)
    store = Store(f"sqlite:///{part}", clock=lambda: moment(today, "04:45"))
    try:
        schema.upgrade(store)
        writing = store.engine.execution_options(desk_write=True)
        with writing.begin() as connection, ids.given(itertools.count(FIRST_ID)):
            fill(Site(Tx(connection, COMPANY, SYSTEM, moment(today, "04:45")), seed, today, {}))
        counts = _looked_at(store)
        store.close()
        _pack(part)
        os.replace(part, file)
    finally:
        store.close()
        _remove(part)
    return Built(file, file.stat().st_size, today, counts)


def fill(site: Site) -> None:
    """Writes everything."""
    company.make(site)
    items = catalogue.make(site)
    people = clients.make(site)
    catalogue.contracts(site, items, catalogue.agreements(site, items, people))
    plan_ = plan.make(site, items, people)
    hands = Warehouse(site, items, plan_)
    hands.lay_in()
    talks = Talks(site, items, people)
    trade = Trade(site, plan_, people, hands, Trucks(site, hands), Books(site), talks)
    desk = Desk(site, talks, people)
    desk.set_up(moment(site.today - timedelta(weeks=WEEKS), "06:30"))
    desk.story(trade.later)
    knowledge.story(site, trade.later)
    trade.run()
    desk.roster()
    habits.learn(site)
    pleas.make(site)
    _forget(site)


def _forget(site: Site) -> None:
    """Leaves out what nobody needs any more: drafts that became orders, commands past their hold, old mail."""
    tx = site.tx
    tx.do(delete(DRAFT).where(DRAFT.c.company == tx.company))
    tx.do(delete(COMMAND).where(COMMAND.c.company == tx.company))
    kept = moment(site.today - timedelta(days=MAIL_KEPT), "00:00")
    tx.do(delete(OUTBOX).where(OUTBOX.c.company == tx.company, OUTBOX.c.due_at < kept))
    tx.do(update(OUTBOX).where(OUTBOX.c.company == tx.company).values(sent_at=OUTBOX.c.due_at))


def _looked_at(store: Store) -> dict[str, int]:
    """What was made, by the tables people ask for. Raises Refused when a check does not hold."""
    for found in store.read_now(care.check):
        if found.offenders:
            raise Refused(f"The sample does not hold together ({found.name}): {found.offenders[0]}.")
    with store.engine.connect() as connection:
        return {words: int(connection.execute(select(func.count()).select_from(table(model))).scalar_one())
                for words, model in COUNTED.items()}  # fmt: skip


def _pack(part: Path) -> None:
    """One file without slack: no write-ahead log beside it."""
    with closing(sqlite3.connect(part)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute(f"PRAGMA page_size={PAGE}")
        connection.execute("VACUUM")


def _remove(part: Path) -> None:
    for each in (part, *(part.with_name(part.name + end) for end in ("-wal", "-shm", ".gate", "-journal"))):
        each.unlink(missing_ok=True)
