"""Another price for a customer and product: asked for on a line, decided by somebody else, used up by orders."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from csdesk.errors import Conflict, DeskError, Invalid, NotFound, Refused
from csdesk.models import (
    ApprovalRequest,
    AuditEntry,
    CreditAccount,
    Customer,
    Deal,
    PackUnit,
    Price,
    PriceOverride,
    Product,
)
from csdesk.services import approved_views, approving, changing, inbox, orders, price_overriding, reports
from csdesk.services.price_overriding import Asked
from tests.services.conftest import Desk
from tests.services.papers import at_once, bill, post_all
from tests.services.talk import Talk
from tests.support.seed import TODAY

OIL = "4711"  # 18.40 on the base list, 8 % tax


def ask(talk: Talk, price: str = "17.50", line: int = 1, letter: str = "p", until: str = "") -> Asked:
    return talk.store.write_now(price_overriding.ask, talk.call, line, price, letter, until)[1]


def agree(desk: Desk, made: Asked, *logins: str) -> list[str]:
    """Approved step by step, by the lead unless told otherwise, and posted."""
    for login in logins or ("lead3",):
        desk.as_(login).write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=2)
    return post_all(desk)


def price(talk: Talk, line: int = 1) -> tuple[str, str]:
    found = next(each for each in talk.pad().lines if each.number == line)
    return f"{found.price:.2f}", found.source


def test_a_price_is_asked_approved_and_used_by_the_order(desk: Desk, talk: Talk) -> None:
    talk.add(OIL, 24)
    assert talk.store.read_now(price_overriding.preview, talk.call, 1, "17.50", "p") == (
        "asks 17.50 instead of 18.40 EA for line 1, 21.60 USD less; needs: lead"
    )
    made = ask(talk)
    assert made.words == (
        "Price request 26000001: 17.50 instead of 18.40 EA for line 1, 21.60 USD less (until 10 Mar), "
        "to be approved by lead."
    )
    row = desk.row(ApprovalRequest)
    assert (row.kind, row.amount, row.currency, row.order_id) == ("price_override", 2160, "USD", talk.pad().id)
    assert price(talk) == ("18.40", "base BASE")
    assert any("17.50 asked, request 26000001 waits for lead" in each for each in talk.pad().warnings)
    view = desk.lead.read_now(inbox.request, made.id)
    assert "price now 18.40 from base BASE, asked 17.50" in view.facts
    assert "0.90 less per EA, 21.60 USD less in all, without tax; the margin is not known" in view.facts
    assert (view.head.kind, view.head.reason, view.head.barred) == ("price", "Price promised", "")
    agree(desk, made)
    assert price(talk) == ("17.50", "override 26000001")
    assert not [each for each in talk.pad().warnings if "26000001" in each]
    (told,) = talk.store.read_now(approved_views.approved, 1, desk.seeded.products[OIL])
    assert told.startswith("17.50 per EA, 24 of 24 left, until 10 Mar: Price promised, asked by Robin Penn, ")
    assert told.endswith("approved by Lee Dale (26000001)")
    (line,) = talk.commit().lines
    assert (line.price, line.price_source, line.net) == (Decimal("17.50"), "override 26000001", 42_000)
    assert desk.row(PriceOverride).quantity == 24


def test_it_is_used_up_by_orders_and_free_again_when_one_is_cancelled(desk: Desk, talk: Talk) -> None:
    talk.add(OIL, 24)
    agree(desk, ask(talk))
    talk.set(1, 25)
    assert price(talk) == ("18.40", "base BASE"), "more than was approved"
    talk.set(1, 20)
    talk.add(OIL, 5)
    assert [price(talk, 1)[0], price(talk, 2)[0]] == ["17.50", "18.40"], "the lines of one order share what is left"
    first = talk.commit()
    talk.add(OIL, 5)
    assert price(talk)[0] == "18.40"
    talk.set(1, 4)
    assert price(talk)[0] == "17.50"
    talk.cancel(first, 1)
    talk.set(1, 24)
    assert price(talk)[0] == "17.50"
    talk.commit()
    talk.add(OIL, 1)
    assert price(talk)[0] == "18.40"


def test_a_cancellation_is_not_undone_once_its_price_is_used_elsewhere(desk: Desk, talk: Talk) -> None:
    talk.add(OIL, 24)
    agree(desk, ask(talk))
    first = talk.commit()
    other = desk.talk()
    talk.cancel(first, 1)
    other.order((OIL, 24))
    with pytest.raises(Conflict, match="The price of request 26000001 was used on another order meanwhile"):
        talk.undo()


def test_an_order_placed_meanwhile_is_amended_with_the_approved_price(desk: Desk, talk: Talk) -> None:
    talk.add(OIL, 24)
    talk.add("4720", 1)
    made = ask(talk)
    order = talk.commit()
    assert order.lines[0].price_source == "base BASE"
    agree(desk, made)
    draft = talk.amend()
    assert [(each.source, each.touched) for each in draft.lines] == [("override 26000001", True), ("base BASE", False)]
    after = talk.commit()
    assert (after.lines[0].price, after.revision) == (Decimal("17.50"), 2)
    assert not any(each.touched for each in talk.amend().lines), "taken up once"


def test_a_line_of_an_open_order_that_is_changed_is_asked_about_and_priced_anew(desk: Desk, talk: Talk) -> None:
    order = talk.order((OIL, 24))
    talk.amend()
    made = ask(talk)
    assert desk.row(ApprovalRequest).order_id == order.id
    agree(desk, made)
    assert price(talk) == ("18.40", "base BASE")
    assert talk.store.write_now(price_overriding.reprice, talk.call, 1).lines[0].source == "override 26000001"
    with pytest.raises(Refused, match="priced as of now already"):
        talk.store.write_now(price_overriding.reprice, talk.call, 1)
    assert talk.commit().lines[0].price == Decimal("17.50")


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"price": "0"}, Invalid, "A price is above 0"),
        ({"price": "1,250"}, Invalid, "may mean two prices"),
        ({"price": "1.0000001"}, Invalid, "at most six decimals"),
        ({"price": "18.40"}, Refused, "18.40 is the price of line 1 already"),
        ({"letter": "d"}, Invalid, "'d' is no reason here"),
        ({"until": "+31"}, Invalid, "at most 30 days"),
        ({"line": 9}, NotFound, "There is no line 9"),
    ],
)
def test_what_cannot_be_asked(desk: Desk, talk: Talk, how: dict[str, Any], error: type[DeskError], words: str) -> None:
    talk.add(OIL, 24)
    with pytest.raises(error, match=words):
        ask(talk, **how)
    assert desk.rows(ApprovalRequest) == []


def test_one_request_waits_for_a_line_and_u_takes_it_back(desk: Desk, talk: Talk) -> None:
    talk.add(OIL, 24)
    ask(talk)
    with pytest.raises(Refused, match=r"asks 17.50 instead of 18.40 EA for it already"):
        ask(talk, "17.00")
    assert talk.undo() == "Undone: price request 26000001 withdrawn"
    assert talk.pad().warnings == ()
    again = ask(talk, "17.00", until="+30")
    assert desk.row(ApprovalRequest, id=again.id).counted == 3360
    desk.rep.write_now(changing.withdraw, again.id)


def test_the_tier_is_by_the_money_and_splitting_counts_in(desk: Desk, talk: Talk) -> None:
    talk.add(OIL, 50)  # 45.00 USD each time
    talk.add("4720", 50)
    ask(talk)
    assert desk.row(ApprovalRequest).steps == "lead"
    second = ask(talk, "12.05", line=2)
    row = desk.row(ApprovalRequest, id=second.id)
    assert (row.amount, row.counted, row.steps) == (4500, 9000, "supervisor")


def test_nobody_approves_his_own_price_or_gives_the_one_he_approved_to_its_order(desk: Desk, talk: Talk) -> None:
    mine = desk.talk(login="lead3")
    mine.add(OIL, 10)
    made = ask(mine)
    with pytest.raises(Refused, match="The maker of a request never approves it"):
        desk.lead.write_now(approving.approve, made.id)
    mine.commit()
    agree(desk, made, "boss1")
    theirs = desk.talk(login="boss1")
    assert not any(each.touched for each in theirs.amend().lines), "not taken up by whoever approved it"
    theirs.store.write_now(price_overriding.reprice, theirs.call, 1)
    with pytest.raises(Refused, match="You approved the price of request 26000001"):
        theirs.commit()
    other = desk.talk(login="boss1").order((OIL, 4))
    assert other.lines[0].price == Decimal("17.50"), "another order is no conflict"


def test_whoever_placed_the_order_meanwhile_never_approves_its_price(desk: Desk, talk: Talk) -> None:
    talk.add(OIL, 10)
    made = ask(talk)
    order = talk.commit()
    changing_ = desk.talk(login="lead3")
    changing_.amend()
    changing_.set(1, 11)
    changing_.commit()
    assert order.id == desk.row(ApprovalRequest).order_id
    with pytest.raises(Refused, match=r"'order.enter' and 'price.override' used on the same order"):
        desk.lead.write_now(approving.approve, made.id)
    desk.as_("boss1").write_now(approving.approve, made.id)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((Price, {"product_id": 101}, {"amount": Decimal("25.00")}), "The ordinary price of 4711 is 25.00 by now"),
        ((Price, {"product_id": 101}, {"amount": Decimal("17.00")}), "would turn round what was asked"),
        ((Customer, {"id": 1}, {"on_hold": True}), "is on hold"),
        ((CreditAccount, {"id": 1}, {"on_hold": True}), "is on hold"),
        ((Product, {"id": 101}, {"phase_out": TODAY - timedelta(days=1)}), "cannot be ordered"),
    ],
)
def test_what_changed_meanwhile_is_seen_at_approval_and_at_posting(
    desk: Desk, talk: Talk, change: tuple[Any, Any, Any], words: str
) -> None:
    talk.add(OIL, 24)
    made = ask(talk)
    desk.lead.write_now(approving.approve, made.id)
    model, where, values = change
    desk.change(model, where, **values)
    desk.clock.pass_by(minutes=2)
    assert words in post_all(desk)[0]
    assert desk.rows(PriceOverride) == []
    assert desk.row(ApprovalRequest, id=made.id).state == "returned"


def test_a_dearer_list_is_seen_at_approval(desk: Desk, talk: Talk) -> None:
    talk.add(OIL, 24)
    made = ask(talk)
    desk.change(Price, {"product_id": 101}, amount=Decimal("25.00"))
    with pytest.raises(Refused, match=r"is 25.00 by now, not 18.40. Its tier asks for supervisor by now"):
        desk.lead.write_now(approving.approve, made.id)


def test_its_days_are_over_at_posting_and_in_use(desk: Desk, talk: Talk) -> None:
    talk.add(OIL, 24)
    first = ask(talk, until="+0")
    desk.lead.write_now(approving.approve, first.id)
    desk.clock.pass_by(days=1)
    assert "Its last day is over" in post_all(desk)[0]
    desk.rep.write_now(changing.withdraw, first.id)
    agree(desk, ask(talk, until="+1"))
    assert price(talk)[0] == "17.50"
    desk.clock.pass_by(days=2)
    assert price(talk)[0] == "18.40"
    assert any("approved for 24 EA in all until" in each for each in talk.pad().warnings)


def test_packs_and_pieces_share_one_approved_quantity_and_deals_leave_it_alone(desk: Desk, talk: Talk) -> None:
    desk.change(PackUnit, {"product_id": 101, "unit": "CASE"}, factor=Decimal(6))
    desk.put(Deal, {"id": 1, "code": "D", "kind": "percent", "value": Decimal(1), "product_id": 101})
    talk.add(OIL, 24)
    agree(desk, ask(talk))
    talk.add(OIL, 1, "CASE")
    assert price(talk, 2) == ("109.30", "base BASE deal D")
    talk.set(1, 18)
    assert [price(talk, n) for n in (1, 2)] == [("17.50", "override 26000001"), ("105.00", "override 26000001")]
    talk.commit()
    talk.add(OIL, 1)
    assert price(talk)[1] == "base BASE deal D"


def test_two_orders_at_once_use_it_once(desk: Desk, talk: Talk) -> None:
    talk.add(OIL, 24)
    agree(desk, ask(talk))
    other = desk.talk()
    other.add(OIL, 24)
    found = at_once(*(
        lambda each=each: each.store.write_now(orders.place, each.pad().id)  # type: ignore[misc]
        for each in (talk, other)
    ))  # fmt: skip
    assert sorted(each.order.lines[0].price for each in found) == [Decimal("17.50"), Decimal("18.40")]


def test_another_customer_has_nothing_of_it(desk: Desk, talk: Talk) -> None:
    talk.add(OIL, 24)
    agree(desk, ask(talk))
    other = desk.talk(2)
    other.add(OIL, 1)
    assert price(other) == ("18.40", "base BASE")
    assert [row.verb for row in desk.rows(AuditEntry) if row.subject == "price_override"] == ["posting.post"]


def test_the_price_audit_knows_what_was_approved(desk: Desk, talk: Talk) -> None:
    bill(desk, (OIL, 10, 1_000, 0))  # billed at 1.00

    def off() -> list[str]:
        return [row[1] for row in desk.lead.read_now(reports.run, "price-audit-lines").rows]

    assert "F-9900" in off()
    talk.add(OIL, 10)
    agree(desk, ask(talk, "1.00", letter="m"), "boss1")
    assert "F-9900" not in off()
