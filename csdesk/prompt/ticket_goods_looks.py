"""The view of the corrective actions that are open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from csdesk.prompt.pages.corrective import correctives_page
from csdesk.services import corrective

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown


async def list_view(desk: Desk, argument: str) -> Shown:
    """The open corrective actions; Enter shows the ticket of one."""
    from csdesk.prompt import acts
    from csdesk.prompt.desk import Shown

    rows = await desk.store.read(corrective.still_open)
    opens = tuple(partial(acts.show, desk, "ticket", str(each.ticket_id)) for each in rows)
    return Shown("corrective", correctives_page(rows), opens, places={"corrective": tuple(each.id for each in rows)})


VIEWS: dict[str, Callable[[Desk, str], Awaitable[Shown]]] = {"corrective": list_view}
