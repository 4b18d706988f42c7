"""Goods that come back: counted in, in stock when sound, and what a credit for them needs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import GoodsReturn, Reason, StockMovement
from csdesk.services import approving, returns
from csdesk.services.returns import Received
from tests.services.conftest import Desk
from tests.services.papers import approve, ask, bill, pieces, post_all, state, worth
from tests.services.talk import Talk

NUMBER = "26000001"


def receive(desk: Desk, line: int, quantity: str, **more: object) -> Received:
    return desk.as_("dock1").write_now(returns.receive, NUMBER, line, Decimal(quantity), **more)


def with_reasons(desk: Desk) -> None:
    desk.put(Reason, {"code": "returned", "letter": "b", "name": "Returned", "uses": "credit short"},
             {"code": "refused", "letter": "r", "name": "Refused at the door", "uses": "credit short"})  # fmt: skip


def test_sound_goods_are_in_stock_again_and_unsound_ones_are_not(desk: Desk) -> None:
    before = desk.stock("4711").on_hand
    made = receive(desk, 1, "2", note="unopened")
    assert made.words == "Return 26000001: 2 EA 4711 of invoice 26000001 line 1 counted in, in stock at MAIN."
    moved = desk.row(StockMovement)
    assert (moved.kind, moved.number, moved.quantity, moved.warehouse) == ("return", "26000001", 2, "MAIN")
    assert receive(desk, 1, "1.5", sound=False).words.endswith("counted in, not in stock: not sound.")
    assert desk.stock("4711").on_hand == before + 2
    assert [(row.quantity, row.sound) for row in desk.rows(GoodsReturn)] == [(2, True), (Decimal("1.5"), False)]
    assert [row.number for row in desk.rep.read_now(returns.latest)] == ["26000002", "26000001"]


def test_a_case_is_counted_in_base_units(desk: Desk) -> None:
    from csdesk.models import DocumentLine
    from tests.support.forge import forge

    bill(desk, ("4711", 3, 3000, 240))
    forge(desk.store, "UPDATE document_line SET unit = 'CASE' WHERE document_id = 9900")
    assert desk.row(DocumentLine, document_id=9900).unit == "CASE"
    before = desk.stock("4711").on_hand
    desk.as_("dock1").write_now(returns.receive, "F-9900", 1, Decimal(2))
    assert desk.stock("4711").on_hand == before + 24


@pytest.mark.parametrize(
    ("invoice", "line", "quantity", "error", "words"),
    [
        (NUMBER, 1, "10.001", Refused, r"Only 10 of 10 EA of invoice 26000001 line 1 can still come back"),
        (NUMBER, 1, "0", Invalid, "How many came back"),
        (NUMBER, 9, "1", NotFound, "has no line 9"),
        ("1", 1, "1", NotFound, "There is no invoice 1"),
    ],
)
def test_what_cannot_come_back(
    desk: Desk, invoice: str, line: int, quantity: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        desk.as_("dock1").write_now(returns.receive, invoice, line, Decimal(quantity))
    assert desk.rows(GoodsReturn) == []


def test_never_more_comes_back_than_was_billed(desk: Desk) -> None:
    receive(desk, 4, "1")
    receive(desk, 4, "1")
    with pytest.raises(Refused, match="Only 0 of 2 EA"):
        receive(desk, 4, "0.001")
    bill(desk, ("FREIGHT", 1, 2500, 200))
    with pytest.raises(Refused, match="is no goods"):
        desk.as_("dock1").write_now(returns.receive, "F-9900", 1, Decimal(1))


def test_a_credit_for_returned_goods_needs_them_counted_in(desk: Desk, talk: Talk) -> None:
    with_reasons(desk)
    with pytest.raises(Refused, match=r"line 1: 0 came back .* the warehouse counts goods in first \(csdesk return\)"):
        ask(talk, pieces(1, 1), letter="b")
    receive(desk, 1, "3")
    with pytest.raises(Refused, match="credited by quantity"):
        ask(talk, worth(1, 100), letter="b")
    first = ask(talk, pieces(1, 2), letter="b")
    with pytest.raises(Refused, match="line 1: 1 came back"):
        ask(talk, pieces(1, 2), letter="r")
    ask(talk, pieces(1, 3), letter="d")  # damaged goods need none
    approve(desk, first)
    desk.clock.pass_by(minutes=5)
    assert "Credit note" in post_all(desk)[0]
    with pytest.raises(Refused, match="line 1: 1 came back"):
        ask(talk, pieces(1, 2), letter="r")
    ask(talk, pieces(1, 1), letter="r")
    assert desk.stock("4711").on_hand == 503, "the credit moves no stock itself"


def test_approval_and_posting_look_at_the_goods_again(desk: Desk, talk: Talk) -> None:
    from tests.support.forge import forge

    with_reasons(desk)
    receive(desk, 1, "2", sound=False)
    first, second = ask(talk, pieces(1, 1), letter="b"), ask(talk, pieces(1, 1), letter="r")
    approve(desk, second)
    forge(desk.store, "DELETE FROM goods_return")
    with pytest.raises(Refused, match="0 came back"):
        desk.lead.write_now(approving.approve, first.id)
    desk.clock.pass_by(minutes=5)
    assert "goes back to its maker" in post_all(desk)[0]
    assert state(desk, second) == "returned"


def test_who_counted_in_is_known_by_person(desk: Desk) -> None:
    from tests.services.test_disputing import books

    receive(desk, 1, "1")
    with books(desk.store) as tx:
        assert returns.received_by(tx, 9201) == {desk.seeded.staff["dock1"]}
        assert returns.received_by(tx, 1) == frozenset()
