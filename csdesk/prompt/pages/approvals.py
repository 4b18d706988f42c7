"""A request whole, as a page."""

from __future__ import annotations

from csdesk.money import show, show_quantity
from csdesk.prompt.page import Column, Page, Row
from csdesk.services.inbox import RequestView


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
    left = "no limit" if view.left is None else f"left {show(view.left, cur)}"
    foot = [Row((f"step {head.step} of {head.steps}   counted for the tier {show(view.counted, cur)}",), span=True)]
    if head.customer:
        money = f"balance {show(view.balance, cur)} -> {show(view.after, cur)}   exposure {show(view.exposure, cur)}"
        foot.insert(0, Row((f"{money}   {left}",), span=True))
    foot[:0] = [Row((text,), span=True) for text in view.facts]
    foot += [Row((f"earlier: {text}",), "dim", span=True) for text in view.earlier]
    foot += [Row((text,), "dim", span=True) for text in view.signed]
    foot.append(Row((_verdict(view),), "warn" if head.barred and not view.own else "head", span=True))
    return Page(f"REQUEST {head.number}   {head.kind}", columns if rows else (), rows, _lead(view), tuple(foot))


def _lead(view: RequestView) -> tuple[Row, ...]:
    """What is asked, by whom, for whom."""
    head, value = view.head, f"{show(view.head.amount, view.head.currency)} {view.head.currency}"
    asked = f"{value}, {head.reason}, asked by {head.maker} on {head.submitted_at:%d %b %H:%M}"
    lead = [Row((asked,), "strong", span=True)]
    if head.customer:
        about = f"   invoice {view.document}" if view.document else ""
        lead.append(Row((f"{head.customer}{about}",), span=True))
    if view.note:
        lead.append(Row((f"note: {view.note}",), span=True))
    return tuple(lead)


def _verdict(view: RequestView) -> str:
    """What can be done with it here, or where it stands."""
    head, waits = view.head, view.state in ("in_approval", "returned")
    if view.own and waits:
        edits = {"": "", "value": "e =25g  edits   ", "line": "e 1d  edits   "}[view.edited]
        return f"yours, {head.where}   {edits}x withdraws   F3 back"
    if view.state != "in_approval":
        return head.where
    if head.barred:
        return f"! {head.barred}"
    place = f" in place of {head.stands_in}" if head.stands_in else ""
    return f"y approves{place}   n reason  rejects   F3 back"
