"""No-charge replacements: asked for on a ticket's line, decided by somebody else, posted as an order of price 0.

What is replaced is held like what is credited, so that no quantity is ever both. Its amount, which picks the tier, is
what the goods were billed at; of goods that cost nothing what they cost otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, insert, select

from csdesk.errors import Refused
from csdesk.ids import new_id
from csdesk.money import show, show_quantity
from csdesk.rules.credit_notes import Credited, LineCredit
from csdesk.services import (
    asking,
    audit,
    credit_changes,
    crediting,
    credits,
    customers,
    history,
    memory,
    one_credit,
    releasing,
    replaced,
    replacement_orders,
    returns,
    seeing,
    ticket_asks,
    ticket_claims,
    ticket_log,
    ticket_money,
    ticket_rests,
)
from csdesk.services.crediting import RequestLine
from csdesk.services.customers import Trading
from csdesk.services.replaced import KIND
from csdesk.services.ticket_money import Asked
from csdesk.services.ticket_steps import going
from csdesk.services.tx import Tx, reads, writes


@dataclass(frozen=True)
class _Wanted:
    """What is to come again: the ticket and its line, how much, the share of each invoice line (none before it is
    billed), its worth gross in minor units."""

    ticket: Row[Any]
    line: Row[Any]
    quantity: Decimal
    held: dict[int, Credited]
    worth: int


@reads("ticket.work")
def preview(tx: Tx, ticket_id: int, number: int = 0) -> str:
    """What asking the replacement of a ticket's line would ask. Raises like the act."""
    row = seeing.one(tx, ticket_id)
    going(tx, row)
    who = customers.trading(tx, row.customer_id)
    wanted = _wanted(tx, who, row, ticket_money.line_meant(tx, row, number, "b"))
    lies = replacement_orders.lies(tx, who, wanted.line.product_id, wanted.line.unit, wanted.quantity)
    needs = asking.needs(tx, _wish(tx, who, wanted))
    return f"sends {_what(wanted)} again for nothing, worth {_worth(wanted)}; {lies}; {needs}"


@writes("credit.request")
def ask(tx: Tx, ticket_id: int, number: int = 0, call_id: int | None = None) -> Asked:
    """Asks that the goods of a ticket's line come again for nothing: product, unit and quantity are the line's, less
    what of it is credited. It holds what it asks for until it is decided.

    Raises Refused where nothing of the line is left to replace, a request about it waits, the goods cannot be sent, the
    customer is on hold, no tier covers the amount, or the ticket is over.
    """
    row = seeing.working(tx, ticket_id)
    going(tx, row)
    line = ticket_money.line_meant(tx, row, number, "b")
    who = customers.trading(tx, row.customer_id, lock=True)
    if line.document_id is not None:
        credits.let_lapse(tx, credits.head_of(tx, line.document_id))
    wanted = _wanted(tx, who, row, line)
    made = asking.submit(tx, _wish(tx, who, wanted))
    _claim(tx, made["id"], wanted)
    told = {"line": line.line, "request": made["number"], "amount": wanted.worth, "quantity": wanted.quantity}
    after = ticket_log.append(tx, row, "replace", told)
    ticket_log.above(tx, ticket_log.upward(tx, row.id), "approval_asked", {"request": made["number"]})
    values: dict[str, Any] = {"replacement_request_id": made["id"], "remedy": "replace", "upheld": 0}
    credit = ticket_claims.credit_of(tx, line)
    if wanted.held or line.claimed > 0:
        values["claimed"] = wanted.worth + (credit.amount if credit is not None else 0)
    ticket_money.set_line(tx, row.id, line.line, values)
    steps = " then ".join(made["steps"].split()) or "nobody"
    words = f"Replacement request {made['number']}: {_what(wanted)}, worth {_worth(wanted)}, to be approved by {steps}"
    undo = {"do": "unticket-replace", "ticket": row.id, "line": line.line, "seq": after.version,
            "request": made["id"], **ticket_money.around(tx, line)}  # fmt: skip
    memory.remember(tx, call_id, "replacing.ask", words, undo, who.hold_seconds)
    audit.record(tx, "replacing.ask", "ticket", row.id, None, {**told, "steps": made["steps"]})
    return Asked(row.id, f"{words}.")


def take_back(tx: Tx, payload: dict[str, Any]) -> str:
    """Takes the request of a replacement back before it is decided. Raises Refused once it is, Conflict when somebody
    decided otherwise about the line since."""
    row = ticket_log.get(tx, payload["ticket"], lock=True)
    request = asking.get(tx, payload["request"], lock=True)
    if request.state not in {"submitted", "in_approval", "returned"}:
        raise Refused(f"Request {request.number} is {request.state.replace('_', ' ')}; it cannot be taken back.")
    ticket_rests.unchanged(tx, row, payload["line"], payload["after"])
    asking.sign(tx, request, "withdraw", "maker")
    asking.change(tx, request.id, state="withdrawn", decided_at=tx.now, decided_by=tx.actor.id)
    credits.settle_claims(tx, request.id, "void")
    ticket_money.set_line(tx, row.id, payload["line"], payload["before"])
    ticket_log.undo(tx, ticket_log.get(tx, row.id), [payload["seq"]])
    return f"replacement request {request.number} withdrawn"


def _wanted(tx: Tx, who: Trading, row: Row[Any], line: Row[Any]) -> _Wanted:
    """What of a line is to come again, and its worth. Raises as `ask`."""
    quantity = _left(tx, who, row, line)
    if quantity <= 0:
        raise Refused(f"{ticket_money.line_words(line)} are credited already (ticket {row.number}); not both.")
    replacement_orders.check(tx, who, line.product_id, line.unit, quantity)
    if line.document_id is not None and _costs(tx, line):
        return _billed(tx, row, line, quantity)
    _within(tx, line, quantity)
    return _Wanted(row, line, quantity, {}, replacement_orders.worth(tx, who, line, quantity))


def _costs(tx: Tx, line: Row[Any]) -> bool:
    """Whether the invoice line behind a ticket's line is of more than nothing."""
    own = (credits.LINE.c.company == tx.company, credits.LINE.c.document_id == line.document_id)
    row = tx.row(select(credits.LINE.c.net, credits.LINE.c.tax).where(*own, credits.LINE.c.line == line.document_line))
    return row is not None and row.net + row.tax > 0


def _left(tx: Tx, who: Trading, row: Row[Any], line: Row[Any], apart_from: int = 0) -> Decimal:
    """What of a line's quantity is not credited. Raises Refused where nothing may come again for it."""
    if who.on_hold or who.account.on_hold:
        raise Refused(f"{who.name} is on hold; no goods are sent before the hold is lifted.")
    if line.order_id is None or line.product_id is None:
        raise Refused(f"Line {line.line} of ticket {row.number} names no goods; nothing can come again.")
    _none_waits(tx, line, apart_from)
    return Decimal(line.quantity) - ticket_claims.credited_quantity(tx, line)


def _none_waits(tx: Tx, line: Row[Any], apart_from: int) -> None:
    found = replaced.of_line(tx, line)
    if found is not None and found.id != apart_from:
        state = "sent" if found.state == "posted" else found.state.replace("_", " ")
        raise Refused(f"Request {found.number} replaces this line already ({state}).", field="line")


def _billed(tx: Tx, row: Row[Any], line: Row[Any], quantity: Decimal) -> _Wanted:
    head = credits.head_of(tx, line.document_id)
    held = credits.reckoned(tx, head, (LineCredit(line.document_line, quantity),))
    returns.covered(tx, head, held, line.reason)
    one_credit.once(tx, head, held, line.reason, _note(row))
    return _Wanted(row, line, quantity, held, sum(each.net + each.tax for each in held.values()))


def _within(tx: Tx, line: Row[Any], quantity: Decimal, apart_from: int = 0) -> None:
    """Raises Refused for more of an order line that is not billed than is left of it beside other replacements."""
    ordered = replacement_orders.ordered(tx, line)
    left = ordered - replaced.unbilled(tx, line.order_id, apart_from).get(line.order_line, Decimal(0))
    if quantity > left:
        raise Refused(
            f"Of {show_quantity(ordered)} {line.unit} {line.code} only {show_quantity(max(left, Decimal(0)))} are left "
            "that do not come again already.",
            field="quantity",
        )


def _wish(tx: Tx, who: Trading, wanted: _Wanted) -> asking.Wish:
    row, line = wanted.ticket, wanted.line
    billed = line.document_id if wanted.held else None
    payload = {
        "ticket": row.id, "number": row.number, "line": line.line, "order": line.order_id,
        "order_line": line.order_line, "document": billed, "product": line.product_id, "code": line.code,
        "name": line.name, "unit": line.unit, "quantity": wanted.quantity, "currency": line.currency,
        "amount": wanted.worth, "reason": line.reason,
        "lines": [
            {"line": number, "quantity": each.quantity, "net": each.net, "tax": each.tax}
            for number, each in sorted(wanted.held.items())
        ],
    }  # fmt: skip
    hands = releasing.hands(tx, history.head(tx, line.order_id))
    return asking.Wish(
        KIND, row.customer_id, who.account.id, line.currency, wanted.worth, line.reason, payload, billed,
        line.order_id, _note(row), tuple(sorted(hands)),
    )  # fmt: skip


def _claim(tx: Tx, request_id: int, wanted: _Wanted) -> None:
    rows = [
        {"company": tx.company, "id": new_id(), "request_id": request_id, "document_id": wanted.line.document_id,
         "line": number, "quantity": each.quantity, "net": each.net, "tax": each.tax, "state": "pending"}
        for number, each in wanted.held.items()
    ]  # fmt: skip
    if rows:
        tx.do(insert(credits.CLAIM), rows)


def _note(row: Row[Any]) -> str:
    return f"Ticket {row.number}"


def _what(wanted: _Wanted) -> str:
    line = wanted.line
    return f"{show_quantity(wanted.quantity)} {line.unit} {line.code} {line.name}"


def _worth(wanted: _Wanted) -> str:
    return f"{show(wanted.worth, wanted.line.currency)} {wanted.line.currency}"


# --- the kind of request ----------------------------------------------------------------------------------------


def recheck(tx: Tx, request: Row[Any]) -> None:
    """Raises Refused when what was asked for no longer fits: credited or replaced otherwise meanwhile, not to be sent
    any more, the customer on hold, the ticket void."""
    frozen = asking.payload(request)
    row = ticket_log.get(tx, frozen["ticket"])
    line = next(each for each in ticket_money.lines_of(tx, row.id) if each.line == frozen["line"])
    ticket_asks.not_cancelled(tx, request.id)
    if line.replacement_request_id != request.id:
        raise Refused(f"Line {line.line} of ticket {row.number} is replaced by another request by now.")
    who, quantity = customers.trading(tx, request.customer_id), Decimal(str(frozen["quantity"]))
    if (left := _left(tx, who, row, line, request.id)) < quantity:
        raise Refused(f"Only {show_quantity(left)} of ticket {row.number} are left to replace; ask anew.")
    replacement_orders.check(tx, who, line.product_id, line.unit, quantity)
    if request.document_id is not None:
        credits.recheck(tx, request)
    else:
        _within(tx, line, quantity, request.id)


def hold(tx: Tx, request: Row[Any]) -> None:
    """Takes again what a request asks for."""
    credit_changes.hold(tx, request)


def post(tx: Tx, request: Row[Any]) -> str:
    """The order of price 0 of an approved request, by its maker; the ticket's decision is told to the customer with
    its confirmation."""
    frozen = asking.payload(request)
    row, *_ = ticket_log.upward(tx, frozen["ticket"])
    who = customers.trading(tx, request.customer_id)
    order = replacement_orders.make(tx, who, request, row)
    credits.settle_claims(tx, request.id, "posted")
    asking.change(tx, request.id, state="posted", posted_id=order.id)
    payload = {"order": order.id, "number": order.number, "customer": order.customer_id}
    memory.post(tx, "order-confirmation", f"order:{order.id}:1", payload, who.hold_seconds)
    replacement_orders.told(tx, who, request, ticket_log.upward(tx, row.id), order)
    audit.record(tx, "posting.post", "order", order.id, None,
                 {"number": order.number, "gross": order.gross, "request": request.number,
                  "ticket": row.number, "quantity": frozen["quantity"]})  # fmt: skip
    day = f", by {order.promised_on:%a %d %b}" if order.promised_on else "; no date yet"
    return f"Order {order.number} replaces {frozen['code']} {frozen['name']} of ticket {row.number} for nothing{day}."


def lines(tx: Tx, request: Row[Any]) -> tuple[RequestLine, ...]:
    """The invoice lines whose goods come again, as of a credit; none before they are billed."""
    return crediting.lines(tx, request) if request.document_id is not None else ()


def facts(tx: Tx, request: Row[Any]) -> tuple[str, ...]:
    """For whoever decides: what goes out for nothing, about which delivery, whether it lies here, what was credited."""
    frozen = asking.payload(request)
    row = ticket_log.get(tx, frozen["ticket"])
    line = next(each for each in ticket_money.lines_of(tx, row.id) if each.line == frozen["line"])
    quantity = Decimal(str(frozen["quantity"]))
    who = customers.trading(tx, request.customer_id)
    lies = replacement_orders.lies(tx, who, frozen["product"], frozen["unit"], quantity)
    what = f"{show_quantity(quantity)} {frozen['unit']} {frozen['code']} {frozen['name']} again for nothing"
    about = f"ticket {row.number}: {line.subject} {line.subject_number} line {line.subject_line}, {row.subject}"
    credit = ticket_claims.credited_quantity(tx, line)
    more = (f"{show_quantity(credit)} of the line are credited",) if credit else ()
    return (f"{what}; {lies}", about, *more, "the invoice stays owed; the order costs nothing and takes no credit")
