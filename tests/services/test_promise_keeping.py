"""Promises once their day has come: judged by what was really paid, written once, whoever runs the tick."""

from __future__ import annotations

import pytest

from csdesk.errors import Refused
from csdesk.models import AuditEntry, OpenItem, Promise
from csdesk.services import applying, promise_keeping, reversing
from tests.services.conftest import Desk
from tests.services.late import debt, pay, promise, state, tick
from tests.services.papers import at_once


def judged(desk: Desk) -> int:
    return len(desk.rows(AuditEntry, verb="promise_keeping.settle"))


@pytest.mark.parametrize(
    ("paid", "became"),
    [(10_000, ("kept", 10_000)), (4_000, ("partly", 4_000)), (0, ("broken", 0))],
)
def test_it_is_kept_partly_or_broken_after_its_day_and_the_tolerance(
    desk: Desk, paid: int, became: tuple[str, int]
) -> None:
    item = debt(desk, 9900, 10)
    made = promise(desk, item)
    desk.clock.pass_by(days=1)
    if paid:
        pay(desk, item, paid)
    desk.clock.pass_by(days=2)  # the promised day is gone, the tolerance is not
    tick(desk)
    assert state(desk, made) == (became if paid == 10_000 else ("open", 0))
    desk.clock.pass_by(days=1)
    tick(desk)
    assert state(desk, made) == became
    assert (tick(desk), judged(desk)) == ([], 1)


def test_money_after_its_time_keeps_no_promise(desk: Desk) -> None:
    item = debt(desk, 9900, 10)
    made = promise(desk, item)
    desk.clock.pass_by(days=5)
    pay(desk, item, 10_000)
    assert tick(desk) == ["Promise for F-9900 of 05 Mar: broken, 0.00 of 100.00 USD paid."]
    assert state(desk, made) == ("broken", 0)


def test_what_was_paid_before_and_what_was_taken_back_do_not_count(desk: Desk) -> None:
    item = debt(desk, 9900, 10)
    pay(desk, item, 3_000)
    made = promise(desk, item)
    desk.as_("cash1").write_now(applying.unapply, None, pay(desk, item, 5_000))
    desk.clock.pass_by(days=4)
    tick(desk)
    assert state(desk, made) == ("broken", 0)


def test_two_ticks_at_once_judge_once(desk: Desk) -> None:
    made = [promise(desk, debt(desk, 9900 + n, 10)) for n in range(3)]
    desk.clock.pass_by(days=4)
    found = desk.store.read_now(promise_keeping.due)
    assert sorted(found) == sorted(made)
    at_once(*(lambda: [desk.store.write_now(promise_keeping.settle, each) for each in found] for _ in range(3)))
    assert (judged(desk), {row.state for row in desk.rows(Promise)}) == (3, {"broken"})


def test_a_payment_that_bounces_leaves_no_promise_kept(desk: Desk) -> None:
    item = debt(desk, 9900, 10)
    made = promise(desk, item)
    pay(desk, item, 10_000)
    assert (tick(desk)[0].split(": ")[1], state(desk, made)) == ("kept, 100.00 of 100.00 USD paid.", ("kept", 10_000))
    cash, money = desk.as_("cash1"), desk.row(OpenItem, source="receipt").id
    cash.write_now(reversing.receipt, money, "bounced")
    assert state(desk, made) == ("open", 0), "its day is still to come"
    desk.clock.pass_by(days=4)
    tick(desk)
    assert state(desk, made) == ("broken", 0)


def test_a_payment_that_bounces_later_breaks_it(desk: Desk) -> None:
    item = debt(desk, 9900, 10)
    made = promise(desk, item)
    pay(desk, item, 10_000)
    tick(desk)
    desk.clock.pass_by(days=6)
    desk.as_("cash1").write_now(reversing.receipt, desk.row(OpenItem, source="receipt").id, "bounced")
    assert state(desk, made) == ("broken", 0)


def test_a_promise_is_no_dunning_block(desk: Desk) -> None:
    item = debt(desk, 9900, 10)
    for day in ("+31", "+999"):
        with pytest.raises(
            Refused, match=r"at most 30 days, here until Thu 02 Apr; .* csdesk dunning block 20417 asks"
        ):
            promise(desk, item, day)
    promise(desk, item, "+30")
    desk.clock.pass_by(days=10)
    with pytest.raises(Refused, match="here until Thu 02 Apr"):
        promise(desk, item, "+21")
    promise(desk, item, "+20")


def test_a_promise_given_up_on_its_own_day_is_broken(desk: Desk) -> None:
    item = debt(desk, 9900, 10)
    first = promise(desk, item, "+2")
    desk.clock.pass_by(days=2)
    second = promise(desk, item, "+0")
    third = promise(desk, item, "+1")  # the same day: a slip of the tongue
    assert [state(desk, each)[0] for each in (first, second, third)] == ["broken", "withdrawn", "open"]
