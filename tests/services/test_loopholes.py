"""Ways round a control that were tried and are shut: promises, provisions, write-offs, roles."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csdesk.errors import Invalid, Refused
from csdesk.models import (
    ApprovalRequest,
    AuditEntry,
    Dispute,
    Document,
    LedgerEntry,
    Period,
    Promise,
    SalesOrder,
    Staff,
)
from csdesk.services import (
    approving,
    closing,
    deductions,
    dunning,
    founding,
    promises,
    provisioning,
    reversing,
    separating,
    undo,
    writing_off,
)
from csdesk.services.separating import About
from tests.services.conftest import Desk
from tests.services.late import debt, promise, state
from tests.services.papers import post_all
from tests.services.test_disputing import FACE, books, pay, raised
from tests.support.seed import TODAY


def test_taking_a_new_promise_back_brings_the_one_before_back(desk: Desk) -> None:
    item, talk = debt(desk, 9900, 10), desk.talk()
    first, second = (talk.store.write_now(promises.take, talk.call, item, day).id for day in ("+2", "+9"))
    assert [state(desk, each)[0] for each in (first, second)] == ["withdrawn", "open"]
    talk.store.write_now(undo.last, talk.call)
    assert [state(desk, each)[0] for each in (first, second)] == ["open", "withdrawn"]


def test_a_promise_whose_day_is_over_is_broken_whatever_is_promised_next(desk: Desk) -> None:
    item = debt(desk, 9900, 10)
    first = promise(desk, item, "+2")
    desk.clock.pass_by(days=3)
    second = promise(desk, item, "+2")
    assert [state(desk, each)[0] for each in (first, second)] == ["broken", "open"]
    desk.clock.pass_by(days=1)
    promise(desk, item, "+5")
    assert {row.state for row in desk.rows(Promise)} == {"broken", "withdrawn", "open"}


def test_a_provision_whose_day_was_locked_meanwhile_goes_back(desk: Desk) -> None:
    debt(desk, 9900, 10)
    made = desk.as_("coll1").write_now(provisioning.propose, TODAY, ("0", "50", "50", "50", "50"))
    finance = desk.as_("fin2")
    finance.write_now(approving.approve, made.id)
    finance.write_now(closing.lay_out, TODAY.year)
    desk.change(Period, {"starts_on": TODAY.replace(day=1)}, state="locked")
    desk.clock.pass_by(minutes=5)
    (words,) = post_all(desk)
    assert "goes back to its maker" in words
    assert (desk.row(ApprovalRequest).state, desk.rows(LedgerEntry, source="provision")) == ("returned", [])


def test_the_allowance_of_a_day_is_what_was_booked_by_then(desk: Desk) -> None:
    debt(desk, 9900, 10)
    made = desk.as_("coll1").write_now(provisioning.propose, TODAY, ("0", "50", "50", "50", "50"))
    desk.as_("fin2").write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    looked = [desk.lead.read_now(provisioning.computed, day).booked for day in (TODAY - timedelta(days=1), TODAY)]
    assert (looked[0], looked[1] > 0) == (0, True)


def test_whoever_placed_the_order_never_approves_that_its_invoice_is_written_off(desk: Desk) -> None:
    desk.change(SalesOrder, {"id": 9001}, placed_by=desk.seeded.staff["fin2"])
    made = desk.as_("coll1").write_now(writing_off.ask, 9301, "j")
    assert desk.row(ApprovalRequest, id=made.id).order_id == 9001
    with pytest.raises(Refused, match="Whoever made the order or changed the invoice never approves"):
        desk.as_("fin2").write_now(approving.approve, made.id)


def test_an_administrator_gives_himself_no_further_login(desk: Desk) -> None:
    admin = desk.as_("admin1")
    with pytest.raises(Refused, match="Nobody gives himself a role"):
        admin.write_now(founding.add_staff, "shadow", "", "auditor", "", "admin1")
    assert desk.rows(Staff, login="shadow") == []
    admin.write_now(founding.add_staff, "newrep", "", "rep")
    assert desk.row(AuditEntry, verb="founding.add_staff").actor == "admin1"


def test_an_interest_that_is_no_number_is_said_to_be_none(desk: Desk) -> None:
    with pytest.raises(Invalid, match="'abc' is not a number"):
        desk.store.write_now(dunning.set_level, 1, interest="abc")


def test_an_old_act_on_the_order_is_found_behind_many_on_the_customer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(separating, "MOST_ACTS", 1)
    desk.change(SalesOrder, {"id": 9001}, placed_by=desk.seeded.staff["lead3"])
    desk.change(SalesOrder, {"id": 9002}, placed_by=desk.seeded.staff["lead3"])
    for order in (9001, 9002):
        with books(desk.store) as tx:
            (found, *_) = separating.met(tx, "order.release", 2, About(order, 1, 1))
        assert found.where == "order"


def test_who_asks_for_a_write_off_does_not_say_what_kind_it_is(desk: Desk) -> None:
    with pytest.raises(TypeError, match="kind"):
        desk.as_("coll1").write_now(writing_off.ask, 9301, "m", kind="small_difference")
    with books(desk.store) as tx, pytest.raises(Invalid, match="'small_difference' is no kind of write-off"):
        writing_off.place(tx, 9301, "m", "", "small_difference")
    made = desk.as_("coll1").write_now(writing_off.ask, 9301, "m")
    row = desk.row(ApprovalRequest, id=made.id)
    assert (row.kind, row.state, row.step) == ("write_off", "in_approval", 1)


def test_a_deduction_whose_write_off_was_reversed_is_worked_again(desk: Desk) -> None:
    pay(desk.store, FACE - 1987)
    id, clerk, finance = raised(desk.store, 1987), desk.as_("coll1"), desk.as_("fin2")
    clerk.write_now(deductions.decide, id, "invalid")
    clerk.write_now(deductions.write_off, id, "j")
    finance.write_now(approving.approve, desk.row(ApprovalRequest).id)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    assert desk.row(Dispute, id=id).state == "closed"
    note = desk.row(Document, kind="write_off")
    made = clerk.write_now(reversing.ask, note.id, "they pay after all")
    desk.as_("mgr1").write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=5)
    assert "reversed by" in post_all(desk)[0]
    row = desk.row(Dispute, id=id)
    assert (row.state, row.open, row.closed_at, row.request_id) == ("in_research", 1987, None, None)
    clerk.write_now(deductions.decide, id, "invalid")
    assert clerk.write_now(deductions.bill_back, id).state == "closed"
