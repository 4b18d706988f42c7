"""The ledger and the approvals inbox as pages."""

from __future__ import annotations

from collections.abc import Sequence

from csdesk.money import show, show_quantity
from csdesk.prompt.page import Column, Page, Row, Tone
from csdesk.services.inbox import RequestView, Waiting
from csdesk.services.ledger import ItemView, LedgerPage

KINDS = {"invoice": "invoice", "credit_note": "credit", "debit_note": "debit", "receipt": "receipt",
         "write_off": "written", "reversal": "reversal"}  # fmt: skip


def ledger_page(ledger: LedgerPage, more: bool = False, before: bool = False) -> Page:
    """Ageing on top, items by due day with the running balance; `more` and `before`: pages after and before it."""
    cur, aged = ledger.currency, ledger.aged
    ages = [f"not due {show(aged.not_due, cur)}"]
    ages += [f"{label} {show(amount, cur)}" for label, amount in zip(aged.labels, aged.buckets, strict=True) if amount]
    ages += [f"credits {show(aged.credits, cur)}"] if aged.credits else []
    limit = "no limit" if ledger.limit is None else f"limit {show(ledger.limit, cur)}"
    now = "" if ledger.past else f"   exposure {show(ledger.exposure, cur)}   {limit}"
    lead = (
        Row(("   ".join(ages),), "warn" if aged.past_due else "plain", span=True),
        Row((f"balance {show(aged.balance, cur)} {cur}{now}",), "strong", span=True),
    )
    columns = (
        Column("Due", 9),
        Column("Kind", 8),
        Column("Number", 12, flex=True),
        Column("Late", 5, "right"),
        Column("Face", 11, "right"),
        Column("Open", 11, "right"),
        Column("Balance", 11, "right"),
        Column("Posted", 9, wide=100),
    )
    rows = tuple(_item(item, cur) for item in ledger.items)
    turns = [*(["PgUp at the top: before"] if before else []), *(["PgDn at the end: more"] if more else [])]
    empty = () if rows else (Row((f"nothing {ledger.shown}",), "dim", span=True),)
    as_of = f"   as of {ledger.as_of:%d %b %Y}" if ledger.past else ""
    title = "   ".join([f"LEDGER   {ledger.shown}{as_of}", *turns])
    return Page(title, columns if rows else (), rows, (*lead, *empty), cursor=0 if rows else None)


def _item(item: ItemView, currency: str) -> Row:
    mark = " disputed" if item.disputed else ""
    tone: Tone = "warn" if item.late and not item.disputed else "dim" if item.open == 0 else "plain"
    return Row(
        (
            f"{item.due_on:%d %b %y}", KINDS.get(item.kind, item.kind), f"{item.number}{mark}",
            str(item.late) if item.late else "", show(item.face, currency), show(item.open, currency),
            show(item.running, currency), f"{item.posted_on:%d %b %y}",
        ),
        tone,
    )  # fmt: skip


def inbox_page(waiting: Sequence[Waiting]) -> Page:
    """Requests that wait, numbered; those this person may not decide stand last, with the reason."""
    columns = (
        Column("", 2, "right"),
        Column("Kind", 9),
        Column("Customer", 16, flex=True),
        Column("Amount", 11, "right"),
        Column("Cur", 3),
        Column("Reason", 16),
        Column("By", 8),
        Column("Since", 6),
        Column("Step", 4),
    )
    rows = tuple(
        Row(
            (
                str(n) if n < 10 else "", w.kind, w.customer, show(w.amount, w.currency), w.currency, w.reason,
                w.maker, f"{w.submitted_at:%d %b}", f"{w.step}/{w.steps}",
            ),
            "dim" if w.barred else "plain",
        )
        for n, w in enumerate(waiting, 1)
    )  # fmt: skip
    lead = () if rows else (Row(("Nothing waits for approval.",), span=True),)
    return Page(f"APPROVALS   {len(rows)} waiting", columns if rows else (), rows, lead, cursor=0 if rows else None)


def request_page(view: RequestView) -> Page:
    """A request whole: what stood before, what it asks, what would be left; then y or n."""
    head, cur = view.head, view.head.currency
    columns = (
        Column("#", 3, "right"),
        Column("Code", 8),
        Column("Product", 12, flex=True),
        Column("Billed", 10, "right"),
        Column("Before", 9, "right"),
        Column("Qty", 6, "right"),
        Column("Now", 9, "right"),
        Column("Left", 9, "right"),
    )
    rows = tuple(
        Row(
            (
                str(line.line), line.code, line.name, show(line.billed_net, cur), show(line.before_net, cur),
                show_quantity(line.quantity) if line.quantity else "price", show(line.net, cur),
                show(line.left_net, cur),
            )
        )
        for line in view.lines
    )  # fmt: skip
    asked = f"{show(head.amount, cur)} {cur}, {head.reason}, asked by {head.maker} on {head.submitted_at:%d %b %H:%M}"
    lead = [Row((asked,), "strong", span=True), Row((f"{head.customer}   invoice {view.document}",), span=True)]
    if view.note:
        lead.append(Row((f"note: {view.note}",), span=True))
    left = "no limit" if view.left is None else f"left {show(view.left, cur)}"
    foot = [
        Row((f"balance {show(view.balance, cur)} -> {show(view.after, cur)}   "
             f"exposure {show(view.exposure, cur)}   {left}",), span=True),
        Row((f"step {head.step} of {head.steps}   counted for the tier {show(view.counted, cur)}",), span=True),
    ]  # fmt: skip
    foot[:0] = [Row((text,), span=True) for text in view.facts]
    foot += [Row((f"earlier: {text}",), "dim", span=True) for text in view.earlier]
    foot += [Row((text,), "dim", span=True) for text in view.signed]
    verdict = f"! {head.barred}" if head.barred else "y approves   n reason  rejects   F3 back"
    foot.append(Row((verdict if view.state == "in_approval" else f"{view.state.replace('_', ' ')} {view.why}",),
                    "warn" if head.barred else "head", span=True))  # fmt: skip
    return Page(f"REQUEST {head.number}   {head.kind}", columns if rows else (), rows, tuple(lead), tuple(foot))
