"""A rep with a caller on the line, for tests: each act is one verb in its own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from csdesk.services import amendments, calls, editing, history, orders, pads, undo
from csdesk.services.history import OrderView
from csdesk.services.pads import DraftView
from csdesk.store import Store


@dataclass(frozen=True)
class Talk:
    """One call of a rep; quantities may be given as whole numbers or text."""

    store: Store
    call: int

    @classmethod
    def with_(cls, store: Store, customer: int) -> Talk:
        """A new call with this customer on the line."""
        call = store.write_now(calls.begin, "")
        store.write_now(calls.identify, call.id, customer)
        return cls(store, call.id)

    def add(self, code: str, quantity: int | str = 1, unit: str = "") -> DraftView:
        return self.store.write_now(editing.add_line, self.call, code, Decimal(quantity), unit)

    def set(self, number: int, quantity: int | str) -> DraftView:
        return self.store.write_now(editing.set_line, self.call, number, Decimal(quantity))

    def date(self, text: str) -> DraftView:
        return self.store.write_now(editing.set_date, self.call, text)

    def amend(self, ending: str = "") -> DraftView:
        return self.store.write_now(editing.amend, self.call, ending)

    def pad(self) -> DraftView:
        """The open draft of the call."""
        draft = next(each.draft_id for each in self.store.read_now(calls.mine) if each.id == self.call)
        assert draft is not None
        return self.store.read_now(pads.view, draft)

    def latest(self) -> OrderView:
        """The latest open order of the customer on the call."""
        call = next(each for each in self.store.read_now(calls.mine) if each.id == self.call)
        assert call.customer_id is not None
        return self.store.read_now(
            history.order, self.store.read_now(history.orders, call.customer_id, only_open=True)[0].id
        )

    def commit(self, **more: Any) -> OrderView:
        """Places the order of the draft, or applies the amendment."""
        draft = self.pad()
        verb = orders.place if draft.kind == "new" else amendments.apply
        return self.store.write_now(verb, draft.id, **more).order

    def order(self, *lines: tuple[str, int | str]) -> OrderView:
        """An order placed from these lines."""
        for code, quantity in lines:
            self.add(code, quantity)
        return self.commit()

    def cancel(self, order: OrderView, line: int, reason: str = "c") -> OrderView:
        return self.store.write_now(amendments.cancel_line, order.id, line, reason, self.call).order

    def undo(self) -> str:
        return self.store.write_now(undo.last, self.call).words

    def again(self, order: OrderView) -> OrderView:
        """The order as it stands in the books now."""
        return self.store.read_now(history.order, order.id)
