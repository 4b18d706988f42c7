"""Deductions as pages: the work list, one of them whole with what may be done, and the disputed items of a ledger."""

from __future__ import annotations

from collections.abc import Sequence

from csdesk.money import show
from csdesk.prompt.page import Column, Page, Row, counted
from csdesk.services.deduction_lists import DeductionRow, DeductionView
from csdesk.services.ledger import LedgerPage

# What may be done in a state, beside e evidence: the letters of the verb table.
MAY: dict[str, str] = {
    "unidentified": "rd gives its reason",
    "coded": "t takes it   rd recodes   y valid   y 20 a part   n not valid",
    "in_research": "y valid   y 20 a part   n not valid   rd recodes   t takes it over",
    "valid": "c1 2 asks its credit   a and a request's number   wj writes off   t anew",
    "part": "c1 2 asks its credit   a and a request's number   b bills the rest back   wj writes off",
    "invalid": "b bills back   wj writes off   t anew",
    "credited": "b bills the rest back   wj writes the rest off",
    "written_off": "waits for its application",
    "closed": "t takes it up again",
}


def deductions_page(rows: Sequence[DeductionRow], whose: str) -> Page:
    """Those worked on, the nearest deadline first, each with the reason why it stands there."""
    columns = (
        Column("", 2, "right"),
        Column("Number", 9),
        Column("Customer", 14, flex=True),
        Column("Item", 9),
        Column("Reason", 12),
        Column("State", 12),
        Column("Till", 6),
        Column("Why here", 27, wide=100),
        Column("Open", 10, "right"),
        Column("With", 7, wide=100),
    )
    made = tuple(
        Row(
            (
                str(n) if n < 10 else "", each.number, each.customer, each.item, each.reason, spoken(each.state),
                f"{each.deadline:%d %b}", each.why, show(each.open, each.currency), each.owner,
            ),
            "warn" if "past its deadline" in each.why or "due today" in each.why else "plain",
        )
        for n, each in enumerate(rows, 1)
    )  # fmt: skip
    lead = (Row((f"first: {rows[0].why}",), "dim", span=True),) if rows else ()
    empty = () if rows else (Row(("No deduction is worked on.",), span=True),)
    title = f"DEDUCTIONS   {whose}   {counted(len(rows))}"
    return Page(title, columns if rows else (), made, (*lead, *empty), cursor=0 if rows else None)


def spoken(state: str) -> str:
    """A state in words."""
    return state.replace("_", " ")


def deduction_page(view: DeductionView) -> Page:
    """One whole: amounts, evidence, what was done, and what may be done."""
    row, cur = view.row, view.row.currency
    theirs = f" (theirs: {view.their_code})" if view.their_code else ""
    head = f"{show(row.original, cur)} {cur} short on {row.item}   {row.reason}{theirs}   {spoken(row.state)}"
    parts = (
        f"open {show(row.open, cur)}   paid {show(view.paid, cur)}   credited {show(view.credited, cur)}   "
        f"cleared {show(view.cleared, cur)}   of the item open {show(view.item_open, cur)}"
    )
    lead = [Row((head,), "strong", span=True), Row((row.customer,), span=True), Row((parts,), span=True)]
    with_ = f"   with {row.owner}" if row.owner else ""
    lead.append(Row((f"to be solved by {row.deadline:%a %d %b %Y}   {row.why}{with_}",),
                    "warn" if "past" in row.why else "plain", span=True))  # fmt: skip
    if view.valid is not None:
        lead.append(Row((f"valid {show(view.valid, cur)} {cur}",), span=True))
    if view.note:
        lead.append(Row((f"note: {view.note}",), span=True))
    if view.request:
        lead.append(Row((f"settled by request {view.request}",), span=True))
    lead += [Row((f"evidence: {text}",), span=True) for text in view.evidence]
    rows = tuple(Row((text,), "dim") for text in view.events)
    may = MAY.get("closed" if view.closed else row.state, "")
    foot = (Row((f"{may}   e pod 123 evidence   u undo   F3 back",), "head", span=True),)
    return Page(f"DEDUCTION {row.number}", (Column("What was done", 40, flex=True),), rows, tuple(lead), foot, cursor=0)


def disputed_page(page: Page, ledger: LedgerPage, rows: Sequence[DeductionRow]) -> tuple[Page, list[int]]:
    """The disputed items of a ledger, one row a deduction with its number, deadline and state; and their ids."""
    cur, items = ledger.currency, {item.id: item for item in ledger.items}
    mine = sorted(
        (each for each in rows if each.item_id in items), key=lambda each: (items[each.item_id].due_on, each.id)
    )
    columns = (
        Column("Due", 9),
        Column("Number", 18, flex=True),
        Column("Late", 4, "right"),
        Column("Deduction", 9),
        Column("State", 12),
        Column("Till", 6),
        Column("Open", 10, "right"),
        Column("Disputed", 10, "right"),
        Column("Reason", 14, wide=100),
    )
    made = tuple(
        Row(
            (
                f"{items[each.item_id].due_on:%d %b %y}", f"{each.item} disputed",
                str(items[each.item_id].late or ""), each.number, spoken(each.state), f"{each.deadline:%d %b}",
                show(items[each.item_id].open, cur), show(each.open, cur), each.reason,
            )
        )
        for each in mine
    )  # fmt: skip
    shown = Page(page.title, columns if made else (), made, page.lead, page.foot, cursor=0 if made else None)
    return shown, [each.id for each in mine]
