"""The views of deductions: the work list, one of them whole, the disputed items of a ledger."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from csdesk.prompt.page import Echo, Page
from csdesk.prompt.pages.deductions import deduction_page, deductions_page, disputed_page
from csdesk.services import deduction_lists

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown
    from csdesk.services.ledger import LedgerPage


def _shown(name: str, page: object, acts: object) -> Shown:
    from csdesk.prompt.desk import Shown

    return Shown(name, page, acts)  # type: ignore[arg-type]


def _open(desk: Desk, ids: list[int]) -> tuple[Callable[[], Awaitable[None]], ...]:
    return tuple(partial(_go, desk, id) for id in ids)


async def _go(desk: Desk, dispute_id: int) -> None:
    from csdesk.prompt import acts

    await acts.show(desk, "deduction", str(dispute_id))
    desk.now.echo = Echo()
    desk.sync_keys()


async def list_view(desk: Desk, argument: str) -> Shown:
    """The work list: of the caller's account ("account"), else of all customers."""
    bar = desk.now.bar if argument == "account" else None
    rows = await desk.store.read(deduction_lists.worklist, bar.customer_id if bar else None)
    page = deductions_page(rows, f"of {bar.code}" if bar else "of all customers")
    return _shown("deductions:account" if bar else "deductions", page, _open(desk, [row.id for row in rows]))


async def whole_view(desk: Desk, argument: str) -> Shown:
    """A deduction whole."""
    view = await desk.store.read(deduction_lists.whole, int(argument))
    return _shown(f"deduction:{argument}", deduction_page(view), ())


async def disputed_view(desk: Desk, name: str, page: Page, ledger: LedgerPage) -> Shown:
    """The disputed items of the caller's ledger, with each deduction's number, deadline and state."""
    assert desk.now.bar is not None
    rows = await desk.store.read(deduction_lists.worklist, desk.now.bar.customer_id)
    made, ids = disputed_page(page, ledger, rows)
    return _shown(name, made, _open(desk, ids))
