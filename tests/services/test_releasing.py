"""Held orders: who releases what, for how much and how long, and the rules about late items and dunning levels."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import (
    ApprovalRequest,
    ApprovalTier,
    ContactEntry,
    CreditAccount,
    DunnedItem,
    DunningNotice,
    DunningRun,
    SalesOrder,
)
from csdesk.services import approving, orders, posting, rechecking, releasing
from csdesk.services.history import OrderView
from tests.services.conftest import Desk
from tests.services.late import debt
from tests.services.papers import at_once
from tests.services.talk import Talk
from tests.support.seed import TODAY


def held(desk: Desk, talk: Talk, pieces: int = 1) -> OrderView:
    """An order that no limit covers."""
    desk.change(CreditAccount, {"id": 1}, credit_limit=0)
    return talk.order(("7007", pieces))


def test_a_release_is_for_its_value_and_its_days(desk: Desk, talk: Talk) -> None:
    order = held(desk, talk)
    before = desk.account().orders
    desk.lead.write_now(orders.release, order.id, 3)
    row = desk.row(SalesOrder, id=order.id)
    assert (row.status, row.released_value, row.released_until) == ("allocated", order.gross, TODAY + timedelta(days=3))
    assert desk.account().orders == before + order.gross


@pytest.mark.parametrize(("pieces", "status"), [(2, "allocated"), (3, "held")])
def test_growth_within_the_released_value_is_covered_beyond_it_is_checked(
    desk: Desk, talk: Talk, pieces: int, status: str
) -> None:
    order = held(desk, talk, 2)
    desk.lead.write_now(orders.release, order.id)
    for wanted in (1, pieces):
        talk.amend()
        talk.set(1, wanted)
        after = talk.commit()
    assert (after.status, desk.row(SalesOrder, id=order.id).released_value is None) == (status, status == "held")


def test_age_makes_the_check_run_again_by_an_amendment_and_by_itself(desk: Desk, talk: Talk) -> None:
    order = held(desk, talk)
    desk.lead.write_now(orders.release, order.id, 5)
    desk.clock.pass_by(days=5)
    assert desk.store.read_now(rechecking.due) == ()
    desk.clock.pass_by(days=1)
    assert desk.store.read_now(rechecking.due) == (order.id,)
    said = desk.store.write_now(rechecking.recheck, order.id)
    assert said.startswith(f"Order {order.number} is held again: credit: ")
    assert (talk.again(order).status, talk.again(order).exposure) == ("held", 0)
    assert (desk.store.read_now(rechecking.due), desk.store.write_now(rechecking.recheck, order.id)) == ((), "")


def test_a_release_that_ended_is_forgotten_where_the_rules_are_met(desk: Desk, talk: Talk) -> None:
    order = held(desk, talk)
    desk.lead.write_now(orders.release, order.id)
    desk.change(CreditAccount, {"id": 1}, credit_limit=None)
    desk.clock.pass_by(days=6)
    assert "its credit is within the rules" in desk.store.write_now(rechecking.recheck, order.id)
    assert talk.again(order).status == "allocated"
    assert desk.store.read_now(rechecking.due) == ()


def test_nobody_releases_what_he_placed_or_changed(desk: Desk) -> None:
    mine = held(desk, desk.talk(login="lead3"))
    with pytest.raises(Refused, match=r"Whoever placed or changed order .* never releases it"):
        desk.lead.write_now(orders.release, mine.id)
    desk.as_("boss1").write_now(orders.release, mine.id)
    theirs = held(desk, desk.talk())
    changing = desk.talk(login="lead3")
    changing.amend()
    changing.set(1, 2)
    changing.commit()
    with pytest.raises(Refused, match="never releases it"):
        desk.lead.write_now(orders.release, theirs.id)


def test_above_ones_tier_it_is_asked_for_and_the_tier_decides(desk: Desk, talk: Talk) -> None:
    order = held(desk, talk, 300)  # 5,427.00: above a lead's 5,000
    with pytest.raises(Refused, match=r"Releasing 5427\.00 USD is for supervisor"):
        desk.lead.write_now(orders.release, order.id)
    made = desk.lead.write_now(releasing.ask, order.id, "pays tomorrow", 4)
    with pytest.raises(Refused, match=r"waits already"):
        desk.lead.write_now(releasing.ask, order.id, "again")
    with pytest.raises(Refused):
        desk.lead.write_now(approving.approve, made.id)
    desk.as_("boss1").write_now(approving.approve, made.id)
    assert talk.again(order).status == "held", "its hold has not passed"
    desk.clock.pass_by(minutes=2)
    assert desk.store.write_now(posting.post, made.id) == f"Order {order.number} released: 5427.00 USD."
    row = desk.row(SalesOrder, id=order.id)
    assert (row.released_value, row.released_until) == (542_700, TODAY + timedelta(days=4))
    assert desk.row(ApprovalRequest, id=made.id).state == "posted"


def test_splitting_an_order_does_not_lower_the_tier(desk: Desk, talk: Talk) -> None:
    for count in (200, 100):
        order = held(desk, talk, count)
        if count == 200:
            desk.lead.write_now(orders.release, order.id)
    with pytest.raises(Refused, match="is for supervisor"):
        desk.lead.write_now(orders.release, order.id)


def test_a_request_about_an_order_that_changed_goes_back(desk: Desk, talk: Talk) -> None:
    order = held(desk, talk, 300)
    made = desk.lead.write_now(releasing.ask, order.id, "pays tomorrow")
    desk.as_("boss1").write_now(approving.approve, made.id)
    talk.amend()
    talk.set(1, 299)
    talk.commit()
    desk.clock.pass_by(minutes=2)
    assert "was changed since" in desk.store.write_now(posting.post, made.id)
    assert (talk.again(order).status, desk.account().orders > 0) == ("held", True)


def test_two_that_release_at_once_take_the_credit_once(desk: Desk, talk: Talk) -> None:
    order = held(desk, talk)
    before = desk.account().orders
    found = at_once(*(
        lambda store=store: store.write_now(orders.release, order.id)  # type: ignore[misc]
        for store in (desk.lead, desk.as_("boss1"))
    ))  # fmt: skip
    assert sorted(isinstance(each, Refused) for each in found) == [False, True]
    assert desk.account().orders == before + order.gross


def test_leaving_it_held_notes_the_reason(desk: Desk, talk: Talk) -> None:
    order = held(desk, talk)
    said = desk.lead.write_now(releasing.leave, order.id, "no money before Friday")
    assert said.words == f"Order {order.number} stays held: no money before Friday."
    entry = desk.row(ContactEntry)
    assert (entry.subject, entry.subject_id, talk.again(order).status) == ("order", order.id, "held")


def test_an_order_changed_since_it_was_looked_at_is_looked_at_again(desk: Desk, talk: Talk) -> None:
    seen = desk.lead.read_now(releasing.one, held(desk, talk).id)
    talk.amend()
    talk.set(1, 9)
    talk.commit()
    for verb, more in ((orders.release, (5,)), (releasing.leave, ("no",)), (releasing.ask, ("big", 5))):
        with pytest.raises(Refused, match=f"Order {seen.number} was changed since you looked at it; look again"):
            desk.lead.write_now(verb, seen.id, *more, seen.version)  # type: ignore[arg-type]
    now = desk.lead.read_now(releasing.one, seen.id)
    desk.lead.write_now(orders.release, now.id, 5, now.version)


def test_an_item_too_late_holds_an_order_where_the_rule_is_set(desk: Desk, talk: Talk) -> None:
    debt(desk, 9900, 31, 100)
    assert talk.order(("7007", 1)).status == "allocated"
    desk.change(CreditAccount, {"id": 1}, oldest_days=31)
    assert talk.order(("7007", 1)).status == "allocated"
    desk.change(CreditAccount, {"id": 1}, oldest_days=30)
    assert talk.order(("7007", 1)).holds == ("oldest-item: the oldest open item is 31 days overdue; 30 are allowed",)


def test_a_dunning_level_too_high_holds_an_order_where_the_rule_is_set(desk: Desk, talk: Talk) -> None:
    item = debt(desk, 9900, 31, 100)
    desk.put(DunningRun, {"id": 1, "run_on": TODAY, "began_at": desk.clock(), "began_by": 1})
    desk.put(DunningNotice, {"id": 1, "run_id": 1, "run_on": TODAY, "made_at": desk.clock(), "account_id": 1,
                             "level": 2, "channel": "mail", "currency": "USD", "amount": 100})  # fmt: skip
    desk.put(DunnedItem, {"notice_id": 1, "item_id": item, "level": 2, "open": 100})
    desk.change(CreditAccount, {"id": 1}, highest_level=2)
    assert talk.order(("7007", 1)).status == "allocated"
    desk.change(CreditAccount, {"id": 1}, highest_level=1)
    assert talk.order(("7007", 1)).holds == ("dunning: the account is at dunning level 2; 1 is allowed",)


def test_without_such_a_rule_no_item_is_read(desk: Desk, talk: Talk) -> None:
    said: list[str] = []

    def listen(*told: Any) -> None:
        said.append(told[2])

    talk.add("7007", 1)
    draft = talk.pad().id
    event.listen(desk.store.engine, "before_cursor_execute", listen)
    talk.store.write_now(orders.place, draft)
    assert len(said) > 5
    assert not [
        each for each in said if any(f"FROM {name}" in each for name in ("open_item", "promise", "dunned_item"))
    ]
    event.remove(desk.store.engine, "before_cursor_execute", listen)


def test_an_order_no_tier_covers_is_listed_with_the_reason_and_found_by_its_number(desk: Desk, talk: Talk) -> None:
    plain = held(desk, talk)
    desk.change(ApprovalTier, {"kind": "order_release"}, currency="JPY")
    (listed,) = desk.lead.read_now(releasing.held)
    assert listed.barred.startswith("Nobody may approve a order release")
    assert desk.lead.read_now(releasing.find, plain.number) == listed
    with pytest.raises(NotFound, match="No held order has the number 1;"):
        desk.lead.read_now(releasing.find, "1")


@pytest.mark.parametrize("days", [0, 32])
def test_a_release_is_for_a_month_at_most(desk: Desk, talk: Talk, days: int) -> None:
    order = held(desk, talk)
    with pytest.raises(Invalid, match="holds good for 1 to 31 days"):
        desk.lead.write_now(orders.release, order.id, days)
    with pytest.raises(Invalid, match="holds good for 1 to 31 days"):
        desk.lead.write_now(releasing.ask, order.id, "a truck waits", days)
