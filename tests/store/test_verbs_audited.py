"""A rep's morning through the writing verbs: each leaves its audit entry, and after each the whole desk checks out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from csdesk.services import amendments, calls, care, editing, orders, undo
from csdesk.store import Store
from tests.support.seed import ALTERNATIVE_CODES, ORDER_CODES, SHORT_CODE, Seeded, acting


@pytest.fixture
def act(store: Store, seeded: Seeded) -> Callable[..., Any]:
    """Runs a writing verb as a rep, or as somebody else, and looks at the trail and at every invariant after it."""

    def run(verb: Callable[..., Any], *args: Any, login: str = "rep7") -> Any:
        before = store.read_now(care.verify_audit)[0]
        answer = acting(store, login).write_now(verb, *args)
        after, broken = store.read_now(care.verify_audit)
        assert after > before
        assert broken == ()
        assert [each for each in store.read_now(care.check) if each.offenders] == []
        return answer

    return run


@pytest.fixture
def call(act: Callable[..., Any], seeded: Seeded) -> int:
    """A call with the customer of the small desk on the line."""
    begun = act(calls.begin, "+12025550142")
    act(calls.identify, begun.id, seeded.customer)
    return int(begun.id)


def test_an_order_from_the_first_line_to_its_undoing(act: Callable[..., Any], call: int) -> None:
    for code in ORDER_CODES:
        draft = act(editing.add_line, call, code, Decimal(3))
    act(editing.set_line, call, 2, Decimal(5))
    act(editing.set_date, call, "+3")
    placed = act(orders.place, draft.id)
    assert placed.order.status == "allocated"
    act(amendments.cancel_line, placed.order.id, 4, "c", call)
    act(undo.last, call)
    act(calls.end, call)


def test_an_amendment_of_the_open_order(act: Callable[..., Any], call: int, seeded: Seeded) -> None:
    draft = act(editing.amend, call)
    act(editing.set_line, call, 3, Decimal(36))
    act(editing.add_line, call, SHORT_CODE, Decimal(6))
    assert act(amendments.apply, draft.id).order.id == seeded.open_order
    act(undo.last, call)


def test_a_short_line_in_all_its_ways(act: Callable[..., Any], call: int) -> None:
    act(editing.add_line, call, SHORT_CODE, Decimal(30))
    act(editing.take_alternative, call)
    act(undo.last, call)
    draft = act(editing.add_line, call, ALTERNATIVE_CODES[1], Decimal(50))
    placed = act(orders.place, draft.id)
    assert placed.order.status == "confirmed"
    act(undo.last, call)


def test_an_order_over_the_limit_waits_for_the_lead(act: Callable[..., Any], seeded: Seeded) -> None:
    call = act(calls.begin)
    act(calls.identify, call.id, seeded.tight)
    draft = act(editing.add_line, call.id, "7007", Decimal(20))
    placed = act(orders.place, draft.id)
    assert placed.order.status == "held"
    assert act(orders.release, placed.order.id, login="lead3").order.status == "allocated"
