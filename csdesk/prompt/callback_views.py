"""The views of callbacks and promises: one callback whole, all that was promised to the caller."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from csdesk.prompt.page import Echo, Page
from csdesk.prompt.pages.callback import callback_page, promised_page
from csdesk.services import callback_lists, promised
from csdesk.services.promised import Commitment

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown


def _shown(name: str, page: Page, acts: object = ()) -> Shown:
    from csdesk.prompt.desk import Shown

    return Shown(name, page, acts)  # type: ignore[arg-type]


async def callback_view(desk: Desk, argument: str) -> Shown:
    """A call to make."""
    return _shown(f"callback:{argument}", callback_page(await desk.store.read(callback_lists.whole, int(argument))))


async def promised_view(desk: Desk, argument: str) -> Shown:
    """All that was promised to the caller; Enter opens a callback or an order."""
    bar = desk.now.bar
    if bar is None:
        from csdesk.prompt.views import idle

        return await idle(desk, "")
    found = await desk.store.read(promised.to_customer, bar.customer_id)
    theirs = (None, *(partial(_say, desk, each) for each in found.theirs)) if found.theirs else ()
    return _shown("promised", promised_page(found), (*(partial(_open, desk, each) for each in found.ours), *theirs))


async def _open(desk: Desk, each: Commitment) -> None:
    from csdesk.prompt import acts

    if each.kind in ("callback", "order"):
        await acts.show(desk, each.kind, str(each.subject_id))
        desk.sync_keys()
    else:
        await _say(desk, each)


async def _say(desk: Desk, each: Commitment) -> None:
    desk.now.echo = Echo(f"{each.kind} {each.number} {each.when}: {each.words}, {each.state}", "info")


VIEWS = {"callback": callback_view, "promised": promised_view}
