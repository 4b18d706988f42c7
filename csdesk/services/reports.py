"""Verbs of the reports: what there is, and the figures of one as of a day. Computed from csdesk's own tables alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from csdesk.errors import NotFound
from csdesk.models import ImportSource, table
from csdesk.services import (
    reports_collecting,
    reports_corrective,
    reports_deductions,
    reports_documents,
    reports_money,
    reports_orders,
    reports_prices,
    reports_surveys,
    reports_tickets,
)
from csdesk.services.reports_base import REPORTS, Cell, books, stands
from csdesk.services.tx import Tx, reads

SOURCE = table(ImportSource)
FAMILIES = (
    reports_orders,
    reports_documents,
    reports_money,
    reports_prices,
    reports_collecting,
    reports_corrective,
    reports_deductions,
    reports_surveys,
    reports_tickets,
)  # importing them registers their reports


@dataclass(frozen=True)
class ReportView:
    """A report made: cells are text, whole numbers, decimals in major units of `currency`, days, or nothing.

    `stands` says how old what was read is; empty without a replica.
    """

    name: str
    definition: str
    as_of: date
    currency: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...]
    stands: str = ""


def available() -> tuple[tuple[str, str], ...]:
    """(name, definition) of every report."""
    return tuple((each.name, each.definition) for each in sorted(REPORTS.values(), key=lambda each: each.name))


@reads("report.read", replica=True)
def run(tx: Tx, name: str, as_of: date | None = None) -> ReportView:
    """Makes a report. Without a day it stands as of the latest day a source of the books declares, else today.

    Raises NotFound for a name that is no report.
    """
    found = REPORTS.get(name)
    if found is None:
        raise NotFound(f"There is no report '{name}'; 'csdesk report' lists them.", field="name")
    day = as_of or books_day(tx)
    made = found.make(tx, day)
    own = books(tx)
    return ReportView(name, found.definition, day, own.currency, made.columns, made.rows, made.total, stands(tx, own))


def books_day(tx: Tx) -> date:
    """The day the books stand at: the latest declared by a source that came in, else today in the company's zone."""
    declared: date | None = tx.value(select(func.max(SOURCE.c.today)).where(SOURCE.c.company == tx.company))
    return declared or tx.now.astimezone(books(tx).zone).date()
