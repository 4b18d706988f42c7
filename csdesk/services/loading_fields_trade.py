"""The fields of what is traded: orders, documents, money, deliveries, stock moved. Read through `loading_fields`."""

from __future__ import annotations

from csdesk.services.loading_field import Entity, of, ref, text

_ORDER_LINE = {
    "product": ref("product", needed=True),
    "description": text(300),
    "unit": text(20),
    "quantity": of("quantity", "ordered, in the unit", needed=True),
    "cancelled_quantity": of("quantity"),
    "cancel_reason": text(40),
    "picked_quantity": of("quantity"),
    "shipped_quantity": of("quantity"),
    "price": of("price", "for one unit, without tax", needed=True),
    "tax_rate": of("rate", "percent; empty = the product's"),
    "requested_on": of("date"),
    "promised_on": of("date"),
}

_DOCUMENT_LINE = {
    "product": ref("product", needed=True),
    "description": text(300),
    "unit": text(20),
    "quantity": of("quantity", needed=True, signed=True),
    "price": of("price", "for one unit, without tax", needed=True, signed=True),
    "net": of("money", "empty = gross less tax, else price x quantity", signed=True),
    "tax_rate": of("rate", "percent; empty = the product's"),
    "tax": of("money", "empty = net x rate", signed=True),
    "gross": of("money", signed=True),
}

_DELIVERY_LINE = {
    "order_line": of("integer", "number of the line on the order; empty = the order's line of the product"),
    "product": ref("product"),
    "shipped": of("quantity", needed=True),
    "short": of("quantity"),
    "damaged": of("quantity"),
    "refused": of("quantity"),
    "reason": text(40),
}

_DELIVERY_EVENT = {
    "at": of("instant", needed=True),
    "event": text(60, needed=True),
    "status": text(60),
    "comment": text(300, "why an attempt failed"),
}

TRADE: dict[str, Entity] = {
    "order": Entity(
        "orders",
        {
            "number": text(40, needed=True),
            "customer": ref("customer", needed=True),
            "placed_at": of("instant", needed=True),
            "requested_on": of("date"),
            "promised_on": of("date"),
            "reference": text(60, "the customer's own number"),
            "contact": text(),
            "channel": text(12),
            "picked_at": of("instant", "empty = still open"),
            "status": text(12, "only cancelled, closed or held; every other is found from the facts"),
            "cancel_reason": text(40),
            "backorder": ref("order", "the order that took over what could not be picked"),
        },
        lines=_ORDER_LINE,
    ),
    "order_line": Entity(
        "lines of orders from a file of their own", {"order": ref("order", needed=True), **_ORDER_LINE}
    ),
    "document": Entity(
        "invoices, credit notes and debit notes",
        {
            "kind": text(12, "invoice, credit_note or debit_note; empty = by the sign of gross"),
            "number": text(40, needed=True),
            "customer": ref("customer", "who got the goods", needed=True),
            "debtor": ref("customer", "who owes; empty = the customer's account"),
            "order": ref("order"),
            "corrects": ref("document"),
            "issued_on": of("date"),
            "issued_at": of("instant", "one of issued_on and issued_at is needed"),
            "due_on": of("date", "empty = by the debtor's terms"),
            "net": of("money", signed=True),
            "tax": of("money", signed=True),
            "gross": of("money", "empty = net + tax, or the sum of the lines", signed=True),
            "taken_over": of("money", "open part, when an item partly paid before these books begin is taken over"),
            "paid_on": of("date", 'the day the source says it was paid in full, for allocate = "finalization-date"'),
            "stated_open": of("money", "what the source says is open; kept as a note and compared"),
            "reason": text(40),
        },
        lines=_DOCUMENT_LINE,
        posted=True,
    ),
    "document_line": Entity(
        "lines of documents from a file of their own",
        {"document": ref("document", needed=True), **_DOCUMENT_LINE},
        posted=True,
    ),
    "receipt": Entity(
        "money in",
        {
            "number": text(40, needed=True),
            "debtor": ref("customer", needed=True),
            "received_on": of("date", needed=True),
            "amount": of("money", "positive", needed=True),
            "method": text(40),
            "reference": text(),
        },
        posted=True,
    ),
    "allocation": Entity(
        "which receipt or credit note paid which document",
        {
            "receipt": ref("receipt"),
            "credit": ref("document"),
            "document": ref("document", needed=True),
            "amount": of("money", needed=True),
            "applied_on": of("date", needed=True),
        },
        posted=True,
    ),
    "delivery": Entity(
        "deliveries with their events",
        {
            "number": text(40, needed=True),
            "order": ref("order", needed=True),
            "carrier": text(60),
            "tracking": text(60),
            "instructions": text(300),
            "planned_on": of("date"),
            "dispatched_at": of("instant"),
            "delivered_at": of("instant", "the proof; empty = not confirmed"),
            "received_by": text(),
        },
        lines=_DELIVERY_LINE,
        sub=_DELIVERY_EVENT,
    ),
    "delivery_line": Entity(
        "lines of deliveries from a file of their own", {"delivery": ref("delivery", needed=True), **_DELIVERY_LINE}
    ),
    "delivery_event": Entity(
        "events of deliveries from a file of their own", {"delivery": ref("delivery", needed=True), **_DELIVERY_EVENT}
    ),
    "stock_movement": Entity(
        "changes of stock that are no sales; they do not change the stock on hand, which is a snapshot of its own",
        {
            "product": ref("product", needed=True),
            "warehouse": text(20),
            "kind": text(20, "write-off, count …", needed=True),
            "number": text(40),
            "quantity": of("quantity", needed=True, signed=True),
            "note": text(300),
            "at": of("instant", needed=True),
        },
        posted=True,
    ),
}
