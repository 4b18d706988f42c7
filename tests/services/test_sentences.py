"""What a rep is told when something cannot be done: one sentence that names the record and says what to do next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from csdesk.errors import Conflict, DeskError, Invalid, NotFound, Refused
from csdesk.models import ExpectedReceipt, Product
from csdesk.rules.availability import Take
from csdesk.services import amendments, calls, drafts, editing, history, orders, previews, stocking
from csdesk.services.tx import SYSTEM, Tx
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.support.seed import SHORT_CODE, TODAY

Act = Callable[[Desk, Talk], object]


def unknown_caller(desk: Desk) -> Talk:
    return Talk(desk.rep, desk.rep.write_now(calls.begin, "").id)


def in_transaction(desk: Desk, act: Callable[[Tx], object]) -> object:
    with desk.store.engine.execution_options(desk_write=True).connect() as connection:
        return act(Tx(connection, 1, SYSTEM, desk.clock()))


def stale_draft(desk: Desk, talk: Talk) -> object:
    draft = talk.add("4711", 1)

    def act(tx: Tx) -> None:
        old = drafts.get(tx, draft.id)
        drafts.save(tx, old)
        drafts.save(tx, old)

    return in_transaction(desk, act)


def too_much(receipt: bool) -> Act:
    def act(desk: Desk, talk: Talk) -> object:
        take = Take(Decimal(25), desk.seeded.expected_receipt, TODAY) if receipt else Take(Decimal(3))
        line = (9, desk.seeded.products[SHORT_CODE], (take,))
        return in_transaction(desk, lambda tx: stocking.reserve(tx, desk.seeded.open_order, "MAIN", [line]))

    return act


def product(**values: object) -> Callable[[Act], Act]:
    """The act after 4711 was changed."""

    def wrap(act: Act) -> Act:
        def changed(desk: Desk, talk: Talk) -> object:
            desk.change(Product, {"code": "4711"}, **values)
            return act(desk, talk)

        return changed

    return wrap


OIL = "4711 Olive oil extra virgin 1 l"
CASES: list[tuple[Act, type[DeskError], str, str | None]] = [
    # who is on the line
    (
        lambda d, t: unknown_caller(d).add("4711", 1),
        Refused,
        "Nobody is on this call yet; find the caller first.",
        None,
    ),
    (
        lambda d, t: Talk(d.rep, 7).add("4711", 1),
        NotFound,
        "This call is not yours or is gone; find the caller again.",
        None,
    ),
    (
        lambda d, t: t.store.write_now(calls.code, t.call, "x"),
        Invalid,
        "'x' is no wrap-up; there are o order, a amend, q enquiry, c complaint, m money, w wrong-number.",
        None,
    ),
    # lines
    (
        lambda d, t: t.add("nope", 1),
        NotFound,
        "No product has the code nope; type a part of its name after a blank to look.",
        "code",
    ),
    (lambda d, t: t.add("4711", 0), Invalid, "The quantity of 4711 must be above 0.", "quantity"),
    (lambda d, t: t.add("4711", "-1"), Invalid, "The quantity of 4711 must be above 0.", "quantity"),
    (lambda d, t: t.add("4711", 10**9), Invalid, "1000000000 of 4711 is too much; the most is 999999999.", "quantity"),
    (
        lambda d, t: t.add("4711", "1.0001"),
        Invalid,
        "A quantity has at most three decimals; 1.0001 of 4711 has more.",
        "quantity",
    ),
    (lambda d, t: t.add("4711", 1, "PALLET"), Invalid, "4711 is not sold by PALLET; it is sold by EA, CASE.", "unit"),
    (product(minimum=Decimal(6))(lambda d, t: t.add("4711", 5)), Invalid, f"{OIL}: the least is 6 EA.", "quantity"),
    (
        product(multiple=Decimal(6))(lambda d, t: t.add("4711", 8)),
        Invalid,
        f"{OIL}: it comes in multiples of 6 EA: 6 or 12.",
        "quantity",
    ),
    (
        product(phase_out=TODAY)(lambda d, t: t.add("4711", 1)),
        Invalid,
        f"{OIL} cannot be ordered: it left the range on 2026-03-03.",
        "product",
    ),
    (
        product(phase_in=TODAY + timedelta(days=1))(lambda d, t: t.add("4711", 1)),
        Invalid,
        f"{OIL} cannot be ordered: it comes on sale on 2026-03-04.",
        "product",
    ),
    # the draft
    (lambda d, t: t.set(1, 1), Refused, "There is no draft to change; type a product code and a quantity first.", None),
    (
        lambda d, t: t.date("12"),
        Refused,
        "There is no draft to change; type a product code and a quantity first.",
        None,
    ),
    (
        lambda d, t: t.store.write_now(editing.drop, t.call),
        Refused,
        "There is no draft to change; type a product code",
        None,
    ),
    (lambda d, t: [t.add("4711", 1), t.set(2, 1)], NotFound, "There is no line 2; the draft has 1.", "line"),
    (lambda d, t: [t.add("4711", 1), t.set(1, "-1")], Invalid, "The quantity of 4711 must be above 0.", "quantity"),
    (lambda d, t: [t.add("4711", 1), t.date("32")], Invalid, "There is no day 32; type d12, d+3 or dfri.", "date"),
    (
        lambda d, t: [t.add("4711", 1), t.store.write_now(editing.rebase, t.call)],
        Refused,
        "This draft changes no order.",
        None,
    ),
    (stale_draft, Conflict, "This draft was changed in another window a moment ago; look at it again.", None),
    # orders
    (lambda d, t: d.talk(2).amend(), NotFound, "This customer has no open order; 'h' shows all orders.", "order"),
    (
        lambda d, t: t.amend("77"),
        NotFound,
        "This customer has no open order that ends in 77; 'h' shows all orders.",
        "order",
    ),
    (
        lambda d, t: d.lead.write_now(orders.release, 1),
        NotFound,
        "This order is not in the books; look it up again.",
        None,
    ),
    (lambda d, t: d.rep.write_now(amendments.cancel_line, 1, 1, "c"), NotFound, "This order is not in the books", None),
    (
        lambda d, t: d.rep.write_now(amendments.cancel_line, d.seeded.invoiced_order, 1, "c"),
        Refused,
        "Order 26000001 is invoiced; it cannot be changed any more.",
        None,
    ),
    (
        lambda d, t: d.rep.read_now(history.order, 1),
        NotFound,
        "This order is not in the books; look it up again.",
        None,
    ),
    # what Enter would do
    (
        lambda d, t: d.rep.read_now(previews.line, 1, "nope", Decimal(1), ""),
        NotFound,
        "No product has the code nope.",
        "code",
    ),
    (
        lambda d, t: d.rep.read_now(previews.cancel, 1, None, 9, "c"),
        NotFound,
        "Order 26000002 has no line 9; it has 5.",
        "line",
    ),
    (lambda d, t: d.rep.read_now(previews.cancel, 1, None, 1, "z"), Invalid, "'z' is no reason here", "reason"),
    (
        lambda d, t: d.rep.read_now(previews.product, None, 101),
        Invalid,
        "Find the caller first; prices and stock depend",
        None,
    ),
    (lambda d, t: d.rep.read_now(previews.wish, 1, "32"), Invalid, "There is no day 32", "date"),
    (
        lambda d, t: d.rep.read_now(previews.line, 99, "4711", Decimal(1), ""),
        NotFound,
        "This customer no longer exists",
        None,
    ),
    # the last line of defence against selling twice
    (too_much(False), Conflict, "The stock was taken by another order this very moment; commit again.", None),
    (too_much(True), Conflict, "The stock was taken by another order this very moment; commit again.", None),
]


@pytest.mark.parametrize(
    ("act", "kind", "words", "field"), CASES, ids=[f"{n}-{case[2][:40]}" for n, case in enumerate(CASES)]
)
def test_the_sentence(desk: Desk, talk: Talk, act: Act, kind: type[DeskError], words: str, field: str | None) -> None:
    with pytest.raises(DeskError) as raised:
        act(desk, talk)
    assert (type(raised.value), raised.value.field) == (kind, field)
    assert raised.value.message.startswith(words)
    assert raised.value.message.endswith((".", "…"))


def test_an_ending_that_fits_several_orders_asks_for_more_digits(desk: Desk, talk: Talk) -> None:
    for _ in range(10):
        talk.order(("4711", 1))
    with pytest.raises(Invalid, match=r"2 open orders end in 2: type more digits \(26000012 …\)"):
        talk.amend("2")
    assert talk.amend("02").order_number == "26000002"


def test_a_receipt_that_is_fully_promised_is_not_promised_again(desk: Desk, talk: Talk) -> None:
    talk.order((SHORT_CODE, 26))
    assert desk.row(ExpectedReceipt).reserved == 24
    with pytest.raises(Conflict):
        too_much(True)(desk, talk)
