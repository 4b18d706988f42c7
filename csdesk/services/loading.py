"""Verbs of the import: a file is taken in one transaction, every row accounted for, what it touched settled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn

from sqlalchemy import select, text

from csdesk.errors import Refused
from csdesk.models import Company, ImportQuarantine, ImportRun, ImportSource, table
from csdesk.services import (
    audit,
    loading_customers,
    loading_deliveries,
    loading_documents,
    loading_lines,
    loading_money,
    loading_orders,
    loading_people,
    loading_prices,
    loading_products,
    loading_settle,
    loading_stock,
    loading_tickets,
    loading_usual,
)
from csdesk.services.loading_base import Known, Load, begin, known
from csdesk.services.loading_fields import ENTITIES
from csdesk.services.loading_put import analyze, batches, put, put_new
from csdesk.services.loading_types import Chunk, FileJob, FileResult, Source, Unit
from csdesk.services.tx import Tx, writes

COMPANY, SOURCE, RUN, WAITING = table(Company), table(ImportSource), table(ImportRun), table(ImportQuarantine)
LOADERS: dict[str, Callable[[Load, Sequence[Unit], Sequence[tuple[Unit, Known]]], None]] = {
    "customer": loading_customers.take,
    "ship_to": loading_people.take_ship_tos,
    "contact": loading_people.take_contacts,
    "product": loading_products.take,
    "stock": loading_prices.take_stock,
    "price": loading_prices.take_prices,
    "deal": loading_prices.take_deals,
    "order": loading_orders.take,
    "order_line": loading_orders.take_lines,
    "document": loading_documents.take,
    "document_line": loading_lines.take_lines,
    "receipt": loading_money.take_receipts,
    "allocation": loading_money.take_allocations,
    "delivery": loading_deliveries.take,
    "delivery_line": loading_deliveries.take_lines,
    "delivery_event": loading_deliveries.take_events,
    "stock_movement": loading_lines.take_movements,
    "ticket": loading_tickets.take,
    "ticket_event": loading_tickets.take_events,
}
MAIN = "MAIN"  # the warehouse of a company made by an import that names none
_DRAIN = 20_000  # touched records remembered at most, so that memory stays flat
MAKERS = {"customer": loading_customers.make, "product": loading_products.make}


class Rehearsed(Exception):
    """Ends a dry run: carries what would have been done and lets the transaction fall."""

    def __init__(self, results: Sequence[FileResult]) -> None:
        super().__init__("dry run")
        self.results = tuple(results)


@writes("import.run")
def open_source(tx: Tx, source: Source) -> None:
    """Makes the company and its usual warehouse when they are not there, and notes the source's day.

    Refuses a source whose currency is not the one the company keeps its books in.
    """
    there = tx.row(select(COMPANY).where(COMPANY.c.id == tx.company))
    if there is not None and there.currency != source.currency:
        raise Refused(
            f"Company {tx.company} ({there.name}) keeps its books in {there.currency}, this mapping says "
            f"{source.currency}; import into another company (--company) or another database (--db)."
        )
    if there is None:
        tx.do(COMPANY.insert(), _company(tx, source))
    house = source.warehouse or (there.usual_warehouse if there else MAIN)
    put_new(tx, loading_prices.HOUSE, [{"code": house, "name": house}])
    row = {"title": source.title, "today": source.today, "opening_receivables": source.opening_receivables}
    own = (SOURCE.c.company == tx.company, SOURCE.c.source == source.name)
    before = tx.row(select(SOURCE).where(*own))
    if before is None:
        put(tx, SOURCE, [{"source": source.name, **row}])
    elif any(getattr(before, name) != value for name, value in row.items()):
        tx.do(SOURCE.update().where(*own).values(**row))
    audit.record(tx, "import.source", "import_source", 0, None, {"source": source.name, "made_company": there is None})


def _company(tx: Tx, source: Source) -> dict[str, Any]:
    row = Company(
        id=tx.company,
        code=source.company_code or source.name[:20].upper(),
        name=source.company_name or source.title or source.name,
        country=source.country,
        currency=source.currency,
        timezone=source.timezone,
        tax_method=source.tax_method,
        rounding=source.rounding,
        usual_warehouse=source.warehouse or MAIN,
    )
    return row.model_dump()


@writes("import.run")
def take_file(tx: Tx, job: FileJob) -> FileResult:
    """Takes one file in: all of it or nothing. Refuses a file whose demanded control totals do not come out."""
    return _take(tx, job)


@writes("import.run")
def rehearse(tx: Tx, source: Source, jobs: Sequence[FileJob]) -> NoReturn:
    """Takes files in as `take_file` would, then raises Rehearsed so that nothing stays."""
    open_source(tx, source)
    raise Rehearsed([_take(tx, job) for job in jobs])


def _take(tx: Tx, job: FileJob) -> FileResult:
    if tx.postgres:  # a file takes as long as it takes, and waits for the file before it
        tx.do(text("SET LOCAL statement_timeout = 0"))
        tx.do(text("SET LOCAL lock_timeout = 0"))
    tx.row(select(COMPANY.c.id).where(COMPANY.c.id == tx.company).with_for_update())
    load = begin(tx, job)
    rows = left_out = 0
    for chunk in job.chunks():
        _take_chunk(load, chunk.units)
        rows, left_out = rows + chunk.rows, left_out + chunk.left_out
        if len(load.touched["order"]) + len(load.touched["customer"]) > _DRAIN:
            _drain(load)
        job.progress(rows)
    _later_passes(load)
    _check(load, rows)
    _settle(load)
    counts = {name: load.counts[name] for name in ("imported", "merged", "quarantined", "updated")}
    put(tx, RUN, [_run(load, rows, left_out, counts)])
    facts = {"source": job.source.name, "part": job.part, "file": job.file, "rows": rows, **counts}
    audit.record(tx, "import.file", "import_run", load.run_id, None, facts)
    reasons = tuple(sorted(load.reasons.items()))
    return FileResult(job.part, job.file, rows, **counts, left_out=left_out, reasons=reasons, example=load.example)


def _run(load: Load, rows: int, left_out: int, counts: dict[str, int]) -> dict[str, Any]:
    job = load.job
    own = {"id": load.run_id, "source": job.source.name, "part": job.part, "file": job.file, "sha256": job.sha256}
    return {**own, "at": load.tx.now, "rows": rows, **counts, "left_out": left_out, "last_id": load.last_id}


def _take_chunk(load: Load, units: Sequence[Unit]) -> None:
    by_entity: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        if unit.fault:
            load.refuse(unit, unit.code, unit.fault)
        else:
            by_entity[unit.entity].append(unit)
    for entity, some in by_entity.items():
        new, changed = _sort(load, entity, some)
        _make(load, [*new, *(unit for unit, _ in changed)])
        LOADERS[entity](load, new, changed)
    load.flush()
    analyze(load.tx)


def _sort(load: Load, entity: str, units: Sequence[Unit]) -> tuple[list[Unit], list[tuple[Unit, Known]]]:
    """Refuses twins, merges what is there already, and parts new from changed units."""
    readable = []
    for unit in units:
        if unit.twin and unit.same:
            load.done(unit, "merged")
        elif unit.twin:
            load.refuse(unit, "twin", f"row {unit.twin} has the same key and says something else")
        else:
            readable.append(unit)
    there = known(load, entity, [unit.key for unit in readable])
    new, changed = [], []
    for unit in readable:
        before = there.get(unit.key)
        if before is None:
            new.append(unit)
        elif before.row_hash == unit.hash:
            load.done(unit, "merged")
        elif ENTITIES[entity].posted and entity != "document":  # a document's loader looks at what changed
            load.refuse(
                unit, "posted", f"{entity.replace('_', ' ')} {unit.key} stands as it was posted; this row differs"
            )
        else:
            changed.append((unit, before))
    return new, changed


def _make(load: Load, units: Sequence[Unit]) -> None:
    for entity, maker in MAKERS.items():
        makes = [each for unit in units for each in unit.makes if each.entity == entity]
        if makes:
            maker(load, makes)


def _later_passes(load: Load) -> None:
    """Goes through the file again for units put off, as long as a pass gets further: branches before head offices,
    credit notes before the invoices they correct."""
    while load.deferred:
        wanted, load.deferred = load.deferred, {}
        for chunk in load.job.chunks():
            _take_chunk(load, _of(chunk, wanted))
        if load.deferred == wanted:
            load.deferred = {}
            for chunk in load.job.chunks():
                for unit in _of(chunk, wanted):
                    load.refuse(unit, "unknown", wanted[unit.rows[0]])
                load.flush()


def _of(chunk: Chunk, wanted: Mapping[int, str]) -> list[Unit]:
    return [unit for unit in chunk.units if unit.rows[0] in wanted and not unit.twin]


def _check(load: Load, rows: int) -> None:
    """Every row has become exactly one thing, and the control totals come out. Raises Refused, so nothing stays."""
    job = load.job
    accounted = load.counts["imported"] + load.counts["merged"] + load.counts["quarantined"]
    if accounted != rows:
        raise Refused(f"{job.file}: {rows} rows were read but {accounted} accounted for; nothing of it was kept.")
    for column, wanted in job.controls.items():
        found = rows if column == "rows" else load.sums.get(column, 0)
        if found != wanted:
            raise Refused(
                f"{job.file}: the control total of {column} is {wanted:f}, but the rows taken come to {found:f}"
                f" ({load.counts['quarantined']} rows quarantined); nothing of it was kept."
                if column != "rows"
                else f"{job.file}: {wanted:f} rows were announced and {found} are there; nothing of it was kept."
            )


def _drain(load: Load) -> None:
    """Settles what the rows so far touched; what a later row of the file adds is settled again."""
    orders, anew = load.touched.pop("order", set()), load.touched.pop("reallocate", set())
    loading_stock.release(load, anew, every=True)
    loading_settle.settle_orders(load, orders)
    loading_stock.release(load, orders)
    _index(load)


def _settle(load: Load) -> None:
    loading_settle.follow_backorders(load)
    _drain(load)
    loading_settle.settle_orders(load, loading_stock.allocate(load, load.touched["stock"]))
    if load.option("allocate") == "finalization-date":
        loading_money.allocate_by_day(load, load.touched["account"])
    loading_settle.settle_accounts(load, load.touched["account"])
    loading_money.last_payments(load, load.touched["paid"])
    if load.option("price_history") == "lines":
        for some in batches(sorted(load.touched["billed"]), 500):
            loading_prices.learn_history(load, some)
    loading_usual.learn(load, load.touched["buyer"])


def _index(load: Load) -> None:
    """What came in can be found at once."""
    names = {name: sorted(load.touched.pop(name, set())) for name in ("customer", "product")}
    if find_spec("csdesk.services.search_index") is None:
        return
    index = import_module("csdesk.services.search_index")
    for name, make in (("customer", index.index_customers), ("product", index.index_products)):
        for some in batches(names[name]):
            make(load.tx, list(some))
