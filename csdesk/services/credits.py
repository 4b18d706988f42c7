"""Credit requests on invoice lines: what is left to credit, the request, and the note once it is approved.

What a request takes of a line is held from its submission (money.md: posted and pending count alike), so that two
requests, or two reps at once, never credit the same piece twice: the customer's account is locked meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import ApprovalRequest, CreditClaim, Document, DocumentLine, Product, SalesOrder, table
from csdesk.money import show, show_quantity
from csdesk.rules.credit_caps import beyond_document, first_unfit
from csdesk.rules.credit_notes import Credited, InvoiceLine, LineCredit, credit_note
from csdesk.services import asking, audit, calls, customers, memory, one_credit, reasons, returns, ticket_asks
from csdesk.services.credited import claims_on, elsewhere, lines_of, taken
from csdesk.services.tx import Tx, reads, writes

DOCUMENT, LINE, CLAIM = table(Document), table(DocumentLine), table(CreditClaim)
PRODUCT, ORDER, REQUEST = table(Product), table(SalesOrder), table(ApprovalRequest)
GOODWILL = "goodwill"


@dataclass(frozen=True)
class InvoiceHit:
    """An invoice a typed ending may mean; amounts in minor units."""

    id: int
    number: str
    issued_on: str
    gross: int
    currency: str


@dataclass(frozen=True)
class Requested:
    """A credit request that was made: its number, amount in minor units, and one sentence for the rep."""

    id: int
    number: str
    amount: int
    currency: str
    words: str


@reads("customer.read")
def invoices(tx: Tx, customer_id: int, ending: str, limit: int = 9) -> tuple[InvoiceHit, ...]:
    """The customer's invoices whose numbers end so, newest first."""
    statement = (
        select(DOCUMENT)
        .where(
            DOCUMENT.c.company == tx.company,
            DOCUMENT.c.customer_id == customer_id,
            DOCUMENT.c.kind == "invoice",
            DOCUMENT.c.number.like(f"%{ending}"),
        )
        .order_by(DOCUMENT.c.issued_on.desc(), DOCUMENT.c.id.desc())
        .limit(limit)
    )
    return tuple(
        InvoiceHit(row.id, row.number, f"{row.issued_on:%d %b %Y}", row.gross, row.currency)
        for row in tx.rows(statement)
    )


@dataclass(frozen=True)
class BilledLine:
    """A line of an invoice and how much of its quantity is left to credit."""

    line: int
    code: str
    name: str
    quantity: Decimal
    left: Decimal


@reads("customer.read")
def billed(tx: Tx, document_id: int) -> tuple[BilledLine, ...]:
    """The lines of an invoice with what is left to credit of each."""
    before = taken(tx, document_id)
    return tuple(
        BilledLine(
            row.line, row.code, row.name, row.quantity,
            row.quantity - (before[row.line].quantity if row.line in before else 0),
        )
        for row in lines_of(tx, document_id)
    )  # fmt: skip


@reads("customer.read")
def preview(
    tx: Tx, document_id: int, wanted: tuple[LineCredit, ...], letter: str, note: str = "", of_deduction: bool = False
) -> str:
    """What a credit request, one that settles a deduction or not, would ask for. Raises like the act."""
    head = head_of(tx, document_id)
    reason = reasons.reason_of(tx, letter, "credit")
    found = reckoned(tx, head, wanted)
    returns.covered(tx, head, found, reason.code)
    one_credit.once(tx, head, found, reason.code, note, of_deduction=of_deduction)
    gross = sum(each.net + each.tax for each in found.values())
    lines = "; ".join(_words(tx, head, each, found[each.line]) for each in wanted)
    needs = asking.needs(tx, _wish(tx, head, found, reason.code, note))
    amount = f"{show(gross, head.currency)} {head.currency}"
    return f"asks credit {amount} on invoice {head.number}: {lines}  ({reason.name}); {needs}"


@writes("credit.request")
def ask(
    tx: Tx, call_id: int, document_id: int, wanted: tuple[LineCredit, ...], letter: str, note: str = ""
) -> Requested:
    """Requests a credit on lines of an invoice; it holds what it asks for until it is decided.

    Raises Invalid for a reason or quantity that cannot be, Refused for more than is left or another customer's invoice.
    """
    call = calls.own(tx, call_id)
    head = head_of(tx, document_id)
    if call.customer_id != head.customer_id:
        raise Refused(f"Invoice {head.number} is another customer's; find that customer first.")
    who = customers.trading(tx, head.customer_id, lock=True)
    made = place(tx, head, wanted, reasons.reason_of(tx, letter, "credit"), note)
    undo = {"do": "withdraw", "request": made.id}
    memory.remember(tx, call.id, "credits.ask", made.words.rstrip("."), undo, who.hold_seconds)
    row = asking.get(tx, made.id)
    audit.record(tx, "credits.ask", "request", made.id, None, {key: getattr(row, key) for key in _TOLD})
    return made


def place(
    tx: Tx, head: Row[Any], wanted: Sequence[LineCredit], reason: reasons.ReasonView, note: str, deduction: str = ""
) -> Requested:
    """Makes the request; the caller holds the account locked, remembers and audits. `deduction` is the number of the
    one it settles, if any: its note unless one was typed. Raises as `ask`."""
    let_lapse(tx, head)
    found = reckoned(tx, head, wanted)
    returns.covered(tx, head, found, reason.code)
    one_credit.once(tx, head, found, reason.code, note, of_deduction=bool(deduction))
    note = note or (one_credit.usual_note(deduction) if deduction else "")
    gross = sum(each.net + each.tax for each in found.values())
    wish = _wish(tx, head, found, reason.code, note)
    row = asking.submit(tx, wish)
    tx.do(insert(CLAIM), [
        {"company": tx.company, "id": new_id(), "request_id": row["id"], "document_id": head.id, "line": line,
         "quantity": each.quantity, "net": each.net, "tax": each.tax, "state": "pending"}
        for line, each in found.items()
    ])  # fmt: skip
    steps = " then ".join(row["steps"].split()) or "nobody"
    words = (
        f"Credit request {row['number']}: {show(gross, head.currency)} {head.currency} on invoice {head.number} "
        f"({reason.name}), to be approved by {steps}"
    )
    return Requested(row["id"], row["number"], gross, head.currency, f"{words}.")


def _wish(tx: Tx, head: Row[Any], found: dict[int, Credited], reason: str, note: str) -> asking.Wish:
    return asking.Wish(
        "goodwill_credit" if reason == GOODWILL else "credit_note", head.customer_id, head.account_id, head.currency,
        sum(each.net + each.tax for each in found.values()), reason, payload_of(head, found, reason, note), head.id,
        head.order_id, note, creators_of(tx, head),
    )  # fmt: skip


_TOLD = ("number", "kind", "state", "customer_id", "document_id", "currency", "amount", "counted", "reason", "steps",
         "payload_hash")  # fmt: skip


def withdraw(tx: Tx, request_id: int) -> str:
    """Takes a request back before it is decided and frees what it held. Raises Refused once it is."""
    row = asking.get(tx, request_id, lock=True)
    if row.state not in {"submitted", "in_approval", "returned"}:
        raise Refused(f"Request {row.number} is {row.state.replace('_', ' ')} already; it cannot be taken back.")
    asking.sign(tx, row, "withdraw", "maker")
    asking.change(tx, row.id, state="withdrawn", decided_at=tx.now, decided_by=tx.actor.id)
    settle_claims(tx, row.id, "void")
    return f"credit request {row.number} withdrawn"


def settle_claims(tx: Tx, request_id: int, state: str) -> None:
    """Claims of a request become posted or void."""
    mine = update(CLAIM).where(CLAIM.c.company == tx.company, CLAIM.c.request_id == request_id)
    tx.do(mine.values(state=state))


def recheck(tx: Tx, row: Row[Any]) -> dict[int, Credited]:
    """What a request froze, line by line. Raises Refused when that no longer fits beside what others took.

    Nor when its ticket is cancelled, another asks for the same case, or more than is valid of the deduction it settles
    (`one_credit.fits`). It is not reckoned anew: a cent may have gone to this request, or to a later one, beside one
    that is void by now.
    """
    ticket_asks.not_cancelled(tx, row.id)
    head = head_of(tx, row.document_id)
    frozen = asking.payload(row)["lines"]
    found = {each["line"]: Credited(Decimal(each["quantity"]), each["net"], each["tax"]) for each in frozen}
    returns.covered(tx, head, found, row.reason, apart_from=row.id)
    lines, others = _billed(tx, head), taken(tx, head.id, apart_from=row.id)
    if unfit := first_unfit(lines, others, found, tax_method=head.tax_method):
        line, left = unfit
        rest = f"{show_quantity(left.quantity)} and {show(left.net, head.currency)} net are left"
        raise Refused(f"Invoice {head.number} line {line} was credited otherwise meanwhile: {rest}.")
    _within_document(tx, head, lines, others, found)
    one_credit.fits(tx, row, head, found, row.reason, row.amount, row.note)
    return found


def _within_document(
    tx: Tx, head: Row[Any], lines: Sequence[InvoiceLine], others: Mapping[int, Credited], found: Mapping[int, Credited]
) -> None:
    """Raises Refused when lines that fit each by itself are together more than the invoice was, less what was taken."""
    over = beyond_document(lines, others, found, gross=head.gross, elsewhere=elsewhere(tx, head.id))
    if over is None:
        return
    of = f"{over.what} of invoice {head.number}" if over.what else f"invoice {head.number}"
    left, asked = (f"{show(each, head.currency)} {head.currency}" for each in (over.left, over.asked))
    names = " and ".join(f"line {line}" for line in over.along)
    way = f"credit {names}, in the customer's favour, along with it" if over.along else "credit less"
    raise Refused(f"Of {of} {left} are left to credit, not {asked}; {way}.", field="quantity")


def let_lapse(tx: Tx, head: Row[Any]) -> None:
    """Requests about an invoice that waited too long end, and what they held is free."""
    for row in tx.rows(asking.lapsed(tx).where(REQUEST.c.document_id == head.id)):
        asking.change(tx, row.id, state="expired", why="Not decided in time.", decided_at=tx.now)
        settle_claims(tx, row.id, "void")


def head_of(tx: Tx, document_id: int) -> Row[Any]:
    """An invoice. Raises NotFound for anything else."""
    row = tx.row(select(DOCUMENT).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.id == document_id))
    if row is None or row.kind != "invoice":
        raise NotFound("This is no invoice any more; h shows all documents.")
    return row


def _billed(tx: Tx, head: Row[Any]) -> list[InvoiceLine]:
    return [
        InvoiceLine(row.quantity, row.net, row.tax, row.tax_rate, row.line, head.currency)
        for row in lines_of(tx, head.id)
    ]


def reckoned(tx: Tx, head: Row[Any], wanted: Sequence[LineCredit], apart_from: int = 0) -> dict[int, Credited]:
    """What is credited of each line, beside what others but the request `apart_from` took. Raises as `ask`."""
    if not wanted:
        raise Invalid("Which line? c512.1 2d asks credit for 2 of line 1 of the invoice ending 512, reason d.")
    lines = _billed(tx, head)
    asked = {line.line for line in lines}
    for each in wanted:
        if each.line not in asked:
            raise NotFound(f"Invoice {head.number} has no line {each.line}; it has {len(lines)}.", field="line")
    # Beside no price credit, only cents of requests void by now can make the rest of a line dearer than what is left.
    priced = {row.line for row in claims_on(tx, head.id, apart_from) if not row.quantity}
    over = "refuse" if any(each.quantity is None or each.line in priced for each in wanted) else "cap"
    others = taken(tx, head.id, apart_from)
    found = credit_note(lines, others, wanted, tax_method=head.tax_method, rounding=head.rounding, over=over)
    if sum(each.net + each.tax for each in found.values()) <= 0:
        raise Refused(f"This comes to nothing that invoice {head.number} could be credited with; ask for another line.")
    _within_document(tx, head, lines, others, found)
    return found


def _words(tx: Tx, head: Row[Any], each: LineCredit, found: Credited) -> str:
    line = next(row for row in lines_of(tx, head.id) if row.line == each.line)
    if each.quantity is None:
        return f"line {each.line} {line.code} {line.name}, {show(found.net, head.currency)} of its price"
    return f"line {each.line}, {show_quantity(found.quantity)} {line.unit} {line.code} {line.name}"


def payload_of(head: Row[Any], found: dict[int, Credited], reason: str, note: str) -> dict[str, Any]:
    """What a credit request freezes."""
    return {
        "document": head.id, "number": head.number, "currency": head.currency, "reason": reason, "note": note,
        "tax_method": head.tax_method, "rounding": head.rounding,
        "lines": [
            {"line": line, "quantity": each.quantity, "net": each.net, "tax": each.tax}
            for line, each in sorted(found.items())
        ],
    }  # fmt: skip


def creators_of(tx: Tx, head: Row[Any]) -> tuple[int, ...]:
    """Whoever made the order behind the invoice: this person never approves a credit on it."""
    if head.order_id is None:
        return ()
    made = tx.row(
        select(ORDER.c.placed_by, ORDER.c.changed_by).where(ORDER.c.company == tx.company, ORDER.c.id == head.order_id)
    )
    found = {asking.person_of(tx, staff) for staff in (made or ())}
    return tuple(sorted(person for person in found if person is not None))
