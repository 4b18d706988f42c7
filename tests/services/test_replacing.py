"""Goods that come again for nothing: asked, decided, sent; never both credited and replaced; given back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from csdesk.errors import Refused
from csdesk.models import (
    ApprovalRequest,
    ApprovalTier,
    CreditAccount,
    CreditClaim,
    Customer,
    Delivery,
    DeliveryLine,
    Dispute,
    OpenItem,
    OrderLine,
    Outbox,
    Product,
    SalesOrder,
    Ticket,
    TicketEvent,
    TicketItem,
    TicketLine,
)
from csdesk.services import approving, inbox, replacing, ticket_claims, ticket_money, ticket_views
from csdesk.services.tx import SYSTEM, Tx
from tests.services.conftest import Desk
from tests.services.papers import ask as ask_credit
from tests.services.papers import bill, left, pieces, post_all
from tests.services.talk import Talk
from tests.services.test_tickets import complain


def replace(talk: Talk, ticket: int, line: int = 0) -> str:
    """Asks the replacement of a ticket's line."""
    return talk.store.write_now(replacing.ask, ticket, line, talk.call).words


def decide(desk: Desk, login: str = "lead3") -> list[str]:
    """The last request approved and posted once its hold has passed; the sentences."""
    desk.as_(login).write_now(approving.approve, desk.rows(ApprovalRequest)[-1].id, None)
    desk.clock.pass_by(minutes=5)
    return post_all(desk)


def parts(desk: Desk) -> dict[str, int]:
    """The claim of the only line, what is nothing left out."""
    with desk.store.engine.connect() as connection:
        tx = Tx(connection, 1, SYSTEM, desk.clock())
        return {name: value for name, value in ticket_claims.claim_of(tx, desk.row(TicketLine)).items() if value}


def test_a_replacement_is_asked_decided_and_sent(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    before = desk.account()
    words = desk.rep.read_now(replacing.preview, made.id)
    assert words.startswith("sends 2 EA 4711 Olive oil extra virgin 1 l again for nothing, worth 39.74 USD; in stock, ")
    assert words.endswith("needs: lead")
    assert replace(talk, made.id) == (
        "Replacement request 26000001: 2 EA 4711 Olive oil extra virgin 1 l, worth 39.74 USD, to be approved by lead."
    )
    request, line = desk.row(ApprovalRequest), desk.row(TicketLine)
    assert (request.kind, request.amount, request.steps, request.state) == ("replacement", 3974, "lead", "in_approval")
    assert (line.replacement_request_id, line.remedy, line.request_id) == (request.id, "replace", None)
    assert left(desk) == 8
    view = desk.lead.read_now(inbox.request, request.id)
    assert view.facts[0].startswith("2 EA 4711 Olive oil extra virgin 1 l again for nothing; in stock")
    assert view.balance == view.after
    (said,) = decide(desk)
    order = desk.rows(SalesOrder)[-1]
    ordered = desk.row(OrderLine, order_id=order.id)
    assert said.startswith(f"Order {order.number} replaces 4711 Olive oil extra virgin 1 l of ticket 26000001")
    assert (order.number, order.gross, order.exposure, order.status, order.placed_by) == (
        "26000003", 0, 0, "allocated", 1,
    )  # fmt: skip
    assert (ordered.price, ordered.net, ordered.tax, ordered.quantity) == (0, 0, 0, 2)
    assert ordered.price_source == "replacement 26000001"
    assert order.promised_on is not None
    assert desk.stock("4711").reserved == 12 + 2
    assert (desk.account().orders, desk.account().open_debit) == (before.orders, before.open_debit)
    assert desk.row(Outbox, kind="order-confirmation").dedupe == f"order:{order.id}:1"
    assert desk.row(TicketLine).replacement_id == order.id
    assert desk.row(Ticket).told_at == desk.clock()
    item = desk.rows(TicketItem)[-1]
    assert item.visible
    assert f"come again free of charge on {order.promised_on:%a %d %b}, order 26000003." in item.body
    assert parts(desk) == {"claimed": 3974, "replaced": 3974}
    assert desk.rep.read_now(ticket_views.whole, made.id).lines[0].again == "again by order 26000003 allocated"


def test_credit_and_replacement_of_one_line_count_against_each_other(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk, quantity=10)
    replace(talk, made.id)
    with pytest.raises(Refused, match="come again already"):
        talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)
    with pytest.raises(Refused, match="the invoice stays owed"):
        talk.store.write_now(ticket_money.dispute, made.id, 0, talk.call)
    with pytest.raises(Refused, match="replaces this line already"):
        replace(talk, made.id)
    with pytest.raises(Refused, match="Line 1: 0"):
        ask_credit(talk, pieces(1, 1), letter="q")
    desk.lead.write_now(approving.reject, desk.row(ApprovalRequest).id, "not this way", None)
    assert left(desk) == 10
    talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)
    with pytest.raises(Refused, match="are credited already"):
        replace(talk, made.id)


def test_part_credited_part_replaced_adds_up(desk: Desk, talk: Talk) -> None:
    """Two of the ten are credited on their own ticket; of the first ticket's ten eight are left on the invoice."""
    other = complain(desk, talk, quantity=2)
    talk.store.write_now(ticket_money.credit, other.id, 0, talk.call)
    decide(desk)
    made = complain(desk, talk, quantity=9)
    with pytest.raises(Refused, match="8 and"):
        replace(talk, made.id)
    third = complain(desk, talk, quantity=8)
    replace(talk, third.id)
    assert left(desk) == 0
    decide(desk)
    assert [claim.quantity for claim in desk.rows(CreditClaim)] == [2, 8]
    assert sum(claim.net for claim in desk.rows(CreditClaim)) == 18400


def test_a_dispute_is_due_again_once_the_goods_come(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    talk.store.write_now(ticket_money.dispute, made.id, 0, talk.call)
    assert parts(desk) == {"claimed": 3974, "open": 3974}
    replace(talk, made.id)
    decide(desk)
    dispute = desk.row(Dispute)
    assert (dispute.state, dispute.open, dispute.closed_at) == ("withdrawn", 3974, desk.clock())
    assert parts(desk) == {"claimed": 3974, "replaced": 3974}
    assert desk.row(OpenItem, id=9301).open == desk.row(OpenItem, id=9301).face


def test_a_cancelled_replacement_gives_its_quantity_back(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    replace(talk, made.id)
    decide(desk)
    order = desk.talk().latest()
    talk.amend(order.number[-3:])
    talk.set(1, 3)
    with pytest.raises(Refused, match="its line stays or is cancelled"):
        talk.commit()
    talk.undo()
    talk.undo()
    talk.cancel(order, 1)
    assert left(desk) == 10
    assert desk.stock("4711").reserved == 12
    assert parts(desk) == {"claimed": 3974, "open": 3974}
    assert "replaced" not in [each.event for each in desk.rows(TicketEvent)]
    talk.undo()
    assert left(desk) == 8
    assert parts(desk) == {"claimed": 3974, "replaced": 3974}
    talk.cancel(order, 1)
    talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)
    assert left(desk) == 8


def test_the_cancelling_cannot_be_undone_once_somebody_has_the_goods(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk, quantity=10)
    replace(talk, made.id)
    decide(desk)
    talk.cancel(desk.talk().latest(), 1)
    ask_credit(desk.talk(), pieces(1, 1), letter="q")
    with pytest.raises(Refused, match="was credited otherwise meanwhile"):
        talk.undo()


def test_undo_takes_the_request_back(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    replace(talk, made.id)
    assert talk.undo() == "Undone: replacement request 26000001 withdrawn"
    line = desk.row(TicketLine)
    assert (line.replacement_request_id, line.remedy, line.claimed) == (None, "", 3974)
    assert desk.row(CreditClaim).state == "void"
    assert desk.row(ApprovalRequest).state == "withdrawn"


def test_the_maker_never_approves_and_what_no_longer_fits_goes_back(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    replace(Talk(desk.lead, desk.talk(login="lead3").call), made.id)
    request = desk.row(ApprovalRequest)
    with pytest.raises(Refused, match="maker"):
        desk.lead.write_now(approving.approve, request.id, None)
    desk.as_("boss1").write_now(approving.approve, request.id, None)
    desk.change(Customer, {"id": 1}, on_hold=True)
    desk.clock.pass_by(minutes=5)
    assert post_all(desk)[0].startswith("Request 26000001 goes back to its maker: Harbour View Deli is on hold")
    assert left(desk) == 10
    assert len(desk.rows(SalesOrder)) == 2


def test_tiers_stock_and_what_cannot_come_again(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk, quantity=10)
    desk.change(ApprovalTier, {"kind": "replacement", "up_to": 25_000}, up_to=10_000)
    assert desk.rep.read_now(replacing.preview, made.id).endswith("needs: supervisor")
    desk.change(ApprovalTier, {"kind": "replacement"}, currency="EUR")
    with pytest.raises(Refused, match="USD"):
        replace(talk, made.id)
    desk.change(ApprovalTier, {"kind": "replacement"}, currency="USD")
    desk.change(Product, {"code": "4711"}, kind="service")
    with pytest.raises(Refused, match="is no goods"):
        replace(talk, made.id)
    desk.change(Product, {"code": "4711"}, kind="stock", phase_out=desk.clock().date())
    replace(talk, made.id)  # out of the range, but enough lies there


def test_over_the_limit_and_below_the_minimum_it_goes_out_all_the_same(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    replace(talk, made.id)
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    desk.change(Customer, {"id": 1}, minimum_order=10_000)
    decide(desk)
    order = desk.rows(SalesOrder)[-1]
    assert order.status == "allocated"
    talk.amend(order.number[-3:])
    talk.date("+9")
    assert talk.commit().status == "allocated"


def delivered(desk: Desk, price: str = "18.40", net: int = 18400, tax: int = 1472) -> int:
    """An order of ten 4711 that came today and is not billed yet."""
    head = desk.row(SalesOrder, id=9001)._asdict() | {"id": 9003, "number": "D-3", "net": net, "tax": tax}
    line = desk.row(OrderLine, order_id=9001, line=1)._asdict()
    desk.put(SalesOrder, head | {"gross": net + tax})
    desk.put(OrderLine, line | {"order_id": 9003, "price": Decimal(price), "net": net, "tax": tax})
    desk.put(Delivery, {"id": 9103, "number": "D-3", "order_id": 9003, "customer_id": 1, "delivered_at": desk.clock()})
    desk.put(DeliveryLine, {"delivery_id": 9103, "line": 1, "order_line": 1, "shipped": Decimal(10)})
    return 9003


def test_what_is_not_billed_yet_comes_again_and_counts_once_it_is(desk: Desk, talk: Talk) -> None:
    order = delivered(desk)
    made = complain(desk, talk, quantity=6)
    assert desk.row(TicketLine).document_id is None
    replace(talk, made.id)
    assert (desk.row(ApprovalRequest).document_id, desk.row(ApprovalRequest).amount) == (None, 11923)
    second = complain(desk, talk, quantity=5)
    with pytest.raises(Refused, match="only 4 are left"):
        replace(talk, second.id)
    decide(desk)
    invoice = bill(desk, ("4711", 10, 18400, 1472), order_id=order, order_lines=True)
    assert left(desk, invoice=invoice) == 4
    with pytest.raises(Refused, match="Line 1: 4"):
        ask_credit(talk, pieces(1, 5), invoice=invoice)
    ask_credit(talk, pieces(1, 4), invoice=invoice)
    assert desk.row(CreditClaim).net == 18400 - 11040


def test_free_goods_are_worth_todays_price(desk: Desk, talk: Talk) -> None:
    delivered(desk, "0", 0, 0)
    made = complain(desk, talk, quantity=2)
    assert desk.row(TicketLine).claimed == 0
    replace(talk, made.id)
    assert desk.row(ApprovalRequest).amount == 3974
    decide(desk)
    assert parts(desk) == {}
