"""The ledger as a page."""

from __future__ import annotations

from csdesk.money import show
from csdesk.prompt.page import Column, Page, Row, Tone
from csdesk.services.ledger import ItemView, LedgerPage

KINDS = {"invoice": "invoice", "credit_note": "credit", "debit_note": "debit", "receipt": "receipt",
         "write_off": "written", "reversal": "reversal"}  # fmt: skip

ONE_LINE = 78  # cells; longer ones stand in two, so that no bucket is cut


def ledger_page(ledger: LedgerPage, more: bool = False, before: bool = False) -> Page:
    """Ageing on top, items by due day with the running balance; `more` and `before`: pages after and before it."""
    cur, aged = ledger.currency, ledger.aged
    ages = [f"not due {show(aged.not_due, cur)}"]
    ages += [f"{label} {show(amount, cur)}" for label, amount in zip(aged.labels, aged.buckets, strict=True) if amount]
    apart = [f"disputed {show(aged.disputed, cur)}"] if aged.disputed else []
    apart += [f"credits {show(aged.credits, cur)}"] if aged.credits else []
    lines = [[*ages, *apart]] if len("   ".join([*ages, *apart])) <= ONE_LINE else [ages, apart]
    limit = "no limit" if ledger.limit is None else f"limit {show(ledger.limit, cur)}"
    now = "" if ledger.past else f"   exposure {show(ledger.exposure, cur)}   {limit}"
    lead = (
        *(Row(("   ".join(each),), "warn" if aged.past_due else "plain", span=True) for each in lines if each),
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
