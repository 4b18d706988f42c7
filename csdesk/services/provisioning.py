"""Expected credit losses: the provision by ageing band proposed with its evidence, booked once finance approved it;
and which debts to propose for writing off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func, or_, select

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import ApprovalRequest, Company, CreditClaim, Customer, Document, LedgerEntry, OpenItem, table
from csdesk.money import show
from csdesk.rules import approvals, provision
from csdesk.rules.ageing import EDGES, bucket_labels
from csdesk.services import as_of, asking, audit, booking, dunning_levels, reports_base
from csdesk.services.derived import raw
from csdesk.services.tx import Tx, reads, writes

ENTRY, COMPANY, ITEM = table(LedgerEntry), table(Company), table(OpenItem)
CLAIM, REQUEST, CUSTOMER = table(CreditClaim), table(ApprovalRequest), table(Customer)
DOCUMENT = table(Document)
KIND = "provision"
# Percent: not due, 1-30, 31-60, 61-90, over 90 days past due. These are the rates of IFRS 9, Illustrative Example 12;
# a company gives its own, from its own losses (`rules.provision.loss_rates`).
RATES = ("0.3", "1.6", "3.6", "6.6", "10.6")
OLDER_THAN_DAYS = 180


@dataclass(frozen=True)
class BandView:
    """A band of the matrix, or an individually assessed item: amounts in minor units, the rate in percent."""

    name: str
    gross: int
    expected_credit: int
    exposure: int
    rate: Decimal
    provision: int


@dataclass(frozen=True)
class ProvisionView:
    """The provision as of a day, and the allowance booked by then: the difference is what is to be booked."""

    as_of: date
    currency: str
    bands: tuple[BandView, ...]
    individual: tuple[BandView, ...]
    total: int
    booked: int
    apart: tuple[tuple[str, int], ...] = ()  # what is open in other currencies, which has a provision of its own


@dataclass(frozen=True)
class Asked:
    """A request that was made, in one sentence."""

    id: int
    number: str
    words: str


@dataclass(frozen=True)
class Hopeless:
    """A debt to propose for writing off: minor units, and why."""

    item_id: int
    number: str
    customer: str
    due_on: date
    open: int
    currency: str
    reason: str


@reads("report.read")
def computed(
    tx: Tx, day: date, rates: Sequence[str] = RATES, assessed: Mapping[str, str] | None = None, currency: str = ""
) -> ProvisionView:
    """The provision of what was open at the end of a day in a currency, the company's own unless named
    (`rules.provision.provide`); what is open in others is told apart, never left out without a word.

    `assessed`: number of an item -> its own loss in percent. Credit notes asked for and not decided by the end of the
    day are expected: they are no credit loss. Raises Invalid for rates that are none, NotFound for a number that is no
    open item.
    """
    currency = currency or reports_base.books(tx).currency
    items = as_of.items_at(tx, day)
    every = tx.rows(select(items).where(items.c.left > 0).order_by(items.c.id))
    rows = [row for row in every if row.currency == currency]
    apart: dict[str, int] = {}
    for row in every:
        if row.currency != currency:
            apart[row.currency] = apart.get(row.currency, 0) + int(row.left)
    named = dict(assessed or {})
    if unknown := sorted(set(named) - {row.number for row in rows}):
        raise NotFound(f"No open item in {currency} has the number {unknown[0]} on {day:%d %b %Y}.", field="assess")
    credit = _expected(tx, as_of.past(tx, day))
    found = provision.provide(
        [
            provision.Receivable(
                int(row.left), row.due_on, min(int(row.left), credit.get(row.source_id, 0)), named.get(row.number),
                row.number,
            )
            for row in rows
        ],
        day, tuple(rates),
    )  # fmt: skip
    names = ("not due", *bucket_labels(EDGES))
    bands = tuple(_band(name, each) for name, each in zip(names, found.bands, strict=True))
    individual = tuple(_band(each.id, each) for each in found.individual)
    own = booked(tx, currency, day)
    return ProvisionView(day, currency, bands, individual, found.total, own, tuple(sorted(apart.items())))


def _band(name: str, band: provision.Band) -> BandView:
    return BandView(name, band.gross, band.expected_credit, band.exposure, band.rate, band.provision)


def _expected(tx: Tx, past: date | None) -> dict[int, int]:
    """What credit requests hold of each invoice: asked for, and not posted yet; or held at the end of a past day. What
    is to come again instead stays owed."""
    held = [CLAIM.c.state == "pending"] if past is None else []
    waiting = select(REQUEST.c.id).where(
        REQUEST.c.company == tx.company, REQUEST.c.kind != "replacement", _waited(tx, past)
    )
    amount = func.sum(raw(CLAIM.c.net) + raw(CLAIM.c.tax)).label("amount")
    statement = select(CLAIM.c.document_id, amount).where(
        CLAIM.c.company == tx.company, *held, CLAIM.c.request_id.in_(waiting)
    )
    return {row.document_id: int(row.amount) for row in tx.rows(statement.group_by(CLAIM.c.document_id))}


def _waited(tx: Tx, past: date | None) -> Any:
    """The condition on requests that they wait, or waited at the end of a past day: made by then, and only afterwards
    posted, rejected, withdrawn or expired."""
    waits = REQUEST.c.state.in_(sorted(approvals.HOLDING))
    if past is None:
        return waits
    end = as_of.end_of(tx, past)
    note = select(DOCUMENT.c.id).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.issued_at >= end)
    posted = (REQUEST.c.state == "posted") & REQUEST.c.posted_id.in_(note)
    ended = REQUEST.c.state.in_(("rejected", "withdrawn", "expired")) & (REQUEST.c.decided_at >= end)
    return (REQUEST.c.submitted_at < end) & or_(waits, posted, ended)


def booked(tx: Tx, currency: str, day: date) -> int:
    """The allowance in the ledger at the end of a day, in minor units; it stands on the credit side."""
    amount = func.coalesce(func.sum(raw(ENTRY.c.amount)), 0)
    statement = select(amount).where(
        ENTRY.c.company == tx.company, ENTRY.c.gl == "allowance", ENTRY.c.currency == currency,
        ENTRY.c.posted_on <= day,
    )  # fmt: skip
    return -int(tx.value(statement) or 0)


@writes("writeoff.request")
def propose(
    tx: Tx, day: date, rates: tuple[str, ...] = RATES, assessed: Mapping[str, str] | None = None, why: str = "",
    currency: str = "",
) -> Asked:  # fmt: skip
    """Asks finance to bring the allowance of a currency (the company's own) to the provision of a day; the bands stand
    in the request, and the sentence names the currencies that are not in it.

    Raises Refused when the allowance is right already or a request waits, Invalid and NotFound as `computed`.
    """
    if day > tx.now.astimezone(reports_base.books(tx).zone).date():
        raise Invalid(f"{day:%d %b %Y} has not come yet; what will be open then is not known.", field="as-of")
    _lock(tx)
    view = computed(tx, day, rates, assessed, currency)
    change = view.total - view.booked
    if not change:
        raise Refused(f"The allowance is {show(view.total, view.currency)} {view.currency} already; nothing to book.")
    if number := _waiting(tx, view.currency):
        raise Refused(f"Request {number} about the allowance waits still; q shows it.")
    content = {
        "as_of": day.isoformat(), "before": view.booked, "after": view.total,
        "bands": [_told(each) for each in view.bands], "individual": [_told(each) for each in view.individual],
    }  # fmt: skip
    row = asking.submit(tx, asking.Wish(KIND, None, None, view.currency, abs(change), KIND, content, note=why.strip()))
    audit.record(tx, "provisioning.propose", "request", row["id"], None,
                 {"number": row["number"], "as_of": day, "before": view.booked, "after": view.total})  # fmt: skip
    steps = " then ".join(row["steps"].split()) or "nobody"
    money = f"{show(view.booked, view.currency)} -> {show(view.total, view.currency)} {view.currency}"
    words = f"Request {row['number']}: allowance {money}, to be approved by {steps}."
    apart = ", ".join(f"{show(amount, other)} {other}" for other, amount in view.apart)
    words += f" Not in it: {apart}; propose each currency by itself." if apart else ""
    return Asked(row["id"], row["number"], words)


def _told(band: BandView) -> dict[str, Any]:
    return {"name": band.name, "gross": band.gross, "expected_credit": band.expected_credit, "exposure": band.exposure,
            "rate": f"{band.rate.normalize():f}", "provision": band.provision}  # fmt: skip


def _waiting(tx: Tx, currency: str) -> str | None:
    statement = select(REQUEST.c.number).where(
        REQUEST.c.company == tx.company, REQUEST.c.kind == KIND, REQUEST.c.state.in_(sorted(approvals.HOLDING)),
        REQUEST.c.currency == currency, REQUEST.c.id.not_in(asking.lapsed(tx)),
    )  # fmt: skip
    number = tx.value(statement.limit(1))
    return str(number) if number is not None else None


def _lock(tx: Tx) -> None:
    """Nobody else books the allowance until the commit: there is no account to lock, so the company's row is."""
    tx.value(select(COMPANY.c.id).where(COMPANY.c.id == tx.company).with_for_update())


def recheck(tx: Tx, request: Row[Any]) -> None:
    """Raises Refused when the allowance was booked since, or its day lies in a period that is not open any more."""
    _lock(tx)
    asked = asking.payload(request)
    day = date.fromisoformat(asked["as_of"])
    booking.period_of(tx, day)
    if booked(tx, request.currency, day) != asked["before"]:
        raise Refused(f"The allowance was booked since request {request.number}; propose anew.")


def post(tx: Tx, request: Row[Any]) -> str:
    """Books the difference: impairment against allowance, on the day the provision is for."""
    asked = asking.payload(request)
    change = asked["after"] - asked["before"]
    day = date.fromisoformat(asked["as_of"])
    booking.entries(tx, "provision", request.id, day, request.currency, {"impairment": change, "allowance": -change})
    asking.change(tx, request.id, state="posted", posted_id=request.id)
    audit.record(tx, "posting.post", "provision", request.id, {"allowance": asked["before"]},
                 {"allowance": asked["after"], "request": request.number, "on": day})  # fmt: skip
    return f"Allowance for expected losses is {show(asked['after'], request.currency)} {request.currency} now."


def facts(tx: Tx, request: Row[Any]) -> tuple[str, ...]:
    """For whoever decides: every band, and before and after."""
    asked, cur = asking.payload(request), request.currency
    words = [f"as of {asked['as_of']}: allowance {show(asked['before'], cur)} -> {show(asked['after'], cur)}"]
    for each in (*asked["bands"], *asked["individual"]):
        if each["gross"]:
            words.append(f"{each['name']}: {show(each['gross'], cur)} less {show(each['expected_credit'], cur)} "
                         f"credits at {each['rate']} % = {show(each['provision'], cur)}")  # fmt: skip
    return tuple(words)


def _overdue(tx: Tx, day: date, past: date | None) -> list[Row[Any]]:
    """Past-due items nothing holds and nobody asked to write off yet, with the code of their customer, oldest first."""
    asked = select(REQUEST.c.payload).where(
        REQUEST.c.company == tx.company, REQUEST.c.kind == "write_off", _waited(tx, past)
    )
    waiting = {asking.payload(row).get("item") for row in tx.rows(asked)}
    c: Any
    if past is None:
        c, left, mine = ITEM.c, raw(ITEM.c.open), [ITEM.c.company == tx.company]
    else:
        items = as_of.items_at(tx, past)
        c, left, mine = items.c, items.c.left, []
    statement = (
        select(c.id, c.number, c.due_on, c.currency, left.label("open"), CUSTOMER.c.code)
        .join(CUSTOMER, (CUSTOMER.c.company == tx.company) & (CUSTOMER.c.id == c.customer_id))
        .where(*mine, left != 0, left > 0, c.due_on < day, dunning_levels.free_of_holds(tx, day, past, c.id))
        .order_by(c.due_on, c.id)
    )
    return [row for row in tx.rows(statement) if row.id not in waiting]


@reads("report.read")
def hopeless(
    tx: Tx, day: date, older_than_days: int = OLDER_THAN_DAYS, small_balance: int = 0, limit: int = 200
) -> tuple[Hopeless, ...]:
    """Open items to propose for writing off (`rules.provision.propose_write_offs`): long past due and dunned to the
    last level of their account's procedure, or a small balance past due (`small_balance` in the company's currency, for
    items in it); disputed and promised ones never. As of the end of the day. Oldest first."""
    past, own = as_of.past(tx, day), reports_base.books(tx).currency
    rows = {str(row.id): row for row in _overdue(tx, day, past)}
    ids = [row.id for row in rows.values()]
    tops = dunning_levels.tops(tx, ids)
    levels = dunning_levels.reached(tx, ids, tops, past)
    known = [
        provision.WriteOffItem(
            key, int(row.open), row.due_on, levels.get(row.id, dunning_levels.NEVER).level,
            last_level=max(1, tops.get(row.id, 0)), small_balance=small_balance if row.currency == own else 0,
        )
        for key, row in rows.items()
    ]  # fmt: skip
    chosen = provision.propose_write_offs(known, day, older_than_days=older_than_days, last_level=1)
    found = [(rows[item.id], reason) for item, reason in chosen[:limit]]
    return tuple(
        Hopeless(row.id, row.number, row.code, row.due_on, int(row.open), row.currency, reason) for row, reason in found
    )
