"""The views of tickets: a list, one whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from csdesk.prompt.pages.ticket import ticket_page, tickets_page
from csdesk.services import customers, ticket_views

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown


def _shown(name: str, page: object, acts: object = ()) -> Shown:
    from csdesk.prompt.desk import Shown

    return Shown(name, page, acts)  # type: ignore[arg-type]


async def list_view(desk: Desk, argument: str) -> Shown:
    """The caller's tickets, those under way first; with nobody on the line all that are under way."""
    from csdesk.prompt import acts

    bar = desk.now.bar
    of = (ticket_views.of_customer, bar.customer_id) if bar is not None else (ticket_views.under_way,)
    rows = await desk.store.read(*of)
    zone = ZoneInfo(await desk.store.read(customers.timezone_of, bar.customer_id)) if bar is not None else desk.now.zone
    assert zone is not None
    opens = tuple(partial(acts.show, desk, "ticket", str(each.id)) for each in rows)
    page = tickets_page(rows, f"{bar.code} {bar.name}" if bar is not None else "", zone, desk.clock())
    return _shown("tickets:account" if bar is not None else "tickets", page, opens)


async def whole_view(desk: Desk, argument: str) -> Shown:
    """A ticket whole."""
    view = await desk.store.read(ticket_views.whole, int(argument))
    page = ticket_page(view, desk.clock(), desk.store.actor.duties, desk.now.width)
    shown = _shown(f"ticket:{argument}", page, (None,) * len(page.rows))
    places = {"corrective": tuple(each.id for each in view.actions), "about": ((view.category, view.product_id),)}
    return replace(shown, subjects=((view.head.id, view.version),), places=places)


VIEWS: dict[str, Callable[[Desk, str], Awaitable[Shown]]] = {"tickets": list_view, "ticket": whole_view}
