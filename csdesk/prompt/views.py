"""The views by name, as stored with a call: each reads what it shows and says what Enter does on its rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from csdesk.money import show
from csdesk.prompt import (
    article_looks,
    callback_views,
    collect_views,
    dispute_views,
    escalation_views,
    handover_views,
    queue_views,
    ticket_clock_looks,
    ticket_goods_looks,
    ticket_looks,
)
from csdesk.prompt.page import Echo
from csdesk.prompt.pages import customer as pages
from csdesk.prompt.pages.approvals import request_page
from csdesk.prompt.pages.cash import cash_page
from csdesk.prompt.pages.document import document_page
from csdesk.prompt.pages.idle import idle_page
from csdesk.prompt.pages.ledger import ledger_page
from csdesk.prompt.pages.pad import pad_page
from csdesk.services import (
    applying,
    approved_views,
    disputing,
    history,
    ledger,
    papers,
    previews,
    promised,
    queue,
    timeline,
)
from csdesk.services import inbox as inboxes
from csdesk.services.customers import timezone_of
from csdesk.services.timeline import Happening

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown


# Where each page of a list so far began: the key behind which, and the balance until then.
Trail = tuple[tuple[tuple[date, int], int], ...]


def _shown(name: str, page: object, acts: object = ()) -> Shown:
    from csdesk.prompt.desk import Shown

    return Shown(name, page, acts)  # type: ignore[arg-type]


async def idle(desk: Desk, argument: str) -> Shown:
    """Between calls."""
    return _shown("idle", idle_page(desk.now.calls))


async def customer(desk: Desk, argument: str) -> Shown:
    """The identified caller."""
    bar = desk.now.bar
    if bar is None:
        return await idle(desk, "")
    orders = await desk.store.read(history.orders, bar.customer_id, only_open=True, limit=20)
    usual = await desk.store.read(history.usual, bar.customer_id)
    short = await desk.store.read(disputing.short_payments, bar.customer_id)
    given = await desk.store.read(promised.to_customer, bar.customer_id)
    urgent = await desk.store.read(queue.most_urgent, bar.customer_id) if bar.tickets else None
    shown = _shown("customer", pages.customer_page(bar, orders, usual, short, given, urgent))
    return replace(shown, places={"short": short})


async def pad(desk: Desk, argument: str) -> Shown:
    """The order pad."""
    if desk.now.draft is None:
        return await customer(desk, "")
    return _shown("pad", pad_page(desk.now.draft))


async def history_(desk: Desk, argument: str) -> Shown:
    """The customer's history; Enter on an order shows it whole."""
    bar = desk.now.bar
    if bar is None:
        return await idle(desk, "")
    rows = await desk.store.read(timeline.happenings, bar.customer_id)
    zone = ZoneInfo(await desk.store.read(timezone_of, bar.customer_id))
    return _shown("history", pages.history_page(rows, zone), tuple(_open(desk, row) for row in rows))


def _open(desk: Desk, row: Happening) -> Callable[[], Awaitable[None]] | None:
    from csdesk.prompt import acts

    if row.kind in ("order", "ticket"):
        return partial(_whole, desk, row.kind, row.subject_id)
    if row.kind.replace(" ", "_") in papers.KINDS:
        return partial(acts.show, desk, "document", str(row.subject_id))
    return partial(_say, desk, row)


async def _whole(desk: Desk, kind: str, subject_id: int) -> None:
    from csdesk.prompt import acts

    await acts.show(desk, kind, str(subject_id))
    desk.sync_keys()


async def _say(desk: Desk, row: Happening) -> None:
    """What has no page of its own yet is told whole."""
    amount = "" if row.amount is None else f"{show(row.amount, row.currency)} {row.currency}"
    texts = (f"{row.kind} {row.number}", row.text, row.status, amount)
    desk.now.echo = Echo("; ".join(text for text in texts if text), "info")


async def order(desk: Desk, argument: str) -> Shown:
    """A placed order whole."""
    view = await desk.store.read(history.order, int(argument))
    return _shown(f"order:{argument}", pages.order_page(view))


async def document(desk: Desk, argument: str) -> Shown:
    """A posted document whole."""
    view = await desk.store.read(papers.document, int(argument))
    return _shown(f"document:{argument}", document_page(view))


async def info(desk: Desk, argument: str) -> Shown:
    """A product whole."""
    customer_id = desk.now.bar.customer_id if desk.now.bar else None
    view = await desk.store.read(previews.product, customer_id, int(argument))
    agreed = () if customer_id is None else await desk.store.read(approved_views.approved, customer_id, int(argument))
    return _shown(f"info:{argument}", pages.info_page(view, agreed))


async def ledger_(desk: Desk, argument: str) -> Shown:
    """The ledger of the account the caller is billed to; "open@2026-04-30" as it stood on a past day."""
    return await _ledger(desk, argument, ())


async def _ledger(desk: Desk, argument: str, trail: Trail) -> Shown:
    """A page of it, begun behind the last step of its trail."""
    bar = desk.now.bar
    if bar is None:
        return await idle(desk, "")
    which, _, past = argument.partition("@")
    shown = which if which in ledger.SHOWN else "open"
    day = date.fromisoformat(past) if past else None
    after, running = trail[-1] if trail else (None, 0)
    found = await desk.store.read(ledger.page, bar.customer_id, shown, after, running, day)
    acts = tuple(partial(_say_item, desk, item) for item in found.items)
    further = (*trail, (found.after, found.items[-1].running)) if found.after else None
    on = partial(_turn, desk, argument, further, True) if further else None
    off = partial(_turn, desk, argument, trail[:-1], False) if trail else None
    name = f"ledger:{shown}" + (f"@{past}" if past else "")
    page = ledger_page(found, more=on is not None, before=off is not None)
    if not past:
        page = await collect_views.with_contacts(desk, page, found.account_id)
    if shown == "disputed" and not past:
        return replace(await dispute_views.disputed_view(desk, name, page, found), on=on, off=off)
    return replace(_shown(name, page, acts), on=on, off=off)


async def _turn(desk: Desk, argument: str, trail: Trail, forward: bool) -> None:
    """The page after or before: forward its first row is marked, back its last."""
    desk.now.shown = await _ledger(desk, argument, trail)
    desk.now.cursor = 0 if forward else max(len(desk.now.shown.acts) - 1, 0)


async def cash(desk: Desk, argument: str) -> Shown:
    """The account's cash: what is unapplied, what was applied last."""
    bar = desk.now.bar
    if bar is None:
        return await idle(desk, "")
    found = await desk.store.read(applying.page, bar.customer_id)
    return replace(_shown("cash", cash_page(found)), places={"credits": found.unapplied, "applied": found.applied})


async def _say_item(desk: Desk, item: ledger.ItemView) -> None:
    """A document whole; what has no paper is told whole."""
    if item.source == "document" and item.kind in papers.KINDS:
        from csdesk.prompt import acts

        await acts.show(desk, "document", str(item.source_id))
        return
    currency = desk.now.bar.currency if desk.now.bar else ""
    late = f", {item.late} days late" if item.late else ""
    words = (
        f"{item.kind.replace('_', ' ')} {item.number} of {item.posted_on:%d %b %Y}, due {item.due_on:%d %b %Y}{late}"
    )
    desk.now.echo = Echo(f"{words}: {show(item.open, currency)} open of {show(item.face, currency)}", "info")


async def request(desk: Desk, argument: str) -> Shown:
    """A request whole."""
    view = await desk.store.read(inboxes.request, int(argument))
    return replace(_shown(f"request:{argument}", request_page(view)), subjects=((view.head.id, view.head.version),))


VIEWS: dict[str, Callable[[Desk, str], Awaitable[Shown]]] = {
    "idle": idle,
    "customer": customer,
    "pad": pad,
    "history": history_,
    "order": order,
    "document": document,
    "info": info,
    "ledger": ledger_,
    "cash": cash,
    "request": request,
    "deductions": dispute_views.list_view,
    "deduction": dispute_views.whole_view,
    "collections": collect_views.collections_view,
    "held": collect_views.held_view,
    **callback_views.VIEWS,
    **handover_views.VIEWS,
    **escalation_views.VIEWS,
    **queue_views.VIEWS,
    **ticket_looks.VIEWS,
    **ticket_goods_looks.VIEWS,
    **ticket_clock_looks.VIEWS,
    **article_looks.VIEWS,
}
