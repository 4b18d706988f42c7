"""Approving, rejecting and posting credit requests: who may, what is checked again, what stands in the books after."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import (
    ApprovalMark,
    ApprovalRequest,
    AuditEntry,
    SalesOrder,
    Staff,
    StaffRole,
)
from csdesk.services import approving, changing, inbox, posting
from csdesk.services.asking import Change
from csdesk.services.credits import Requested
from csdesk.store import Store
from tests.services.conftest import Desk
from tests.services.papers import (
    ask,
    at_once,
    bill,
    decide,
    held,
    left,
    pieces,
    post_all,
    state,
    worth,
)
from tests.services.talk import Talk

TODAY = date(2026, 3, 3)


def barred(store: Store, made: Requested) -> str:
    """Why a person may not decide, as the inbox says it; approving and rejecting are refused with the same words."""
    words = next(each.barred for each in store.read_now(inbox.waiting) if each.id == made.id)
    for verb, more in ((approving.approve, ()), (approving.reject, ("no",))):
        with pytest.raises(Refused) as caught:
            store.write_now(verb, made.id, *more)  # type: ignore[arg-type]
        assert str(caught.value) == words
    return words


def second_login(desk: Desk, person: int, role: str) -> Store:
    desk.put(Staff, {"id": 77, "person_id": person, "login": "other", "name": "Other login"})
    desk.put(StaffRole, {"staff_id": 77, "role": role})
    return desk.as_("other")


def test_the_inbox_puts_first_what_one_may_decide_then_the_oldest(desk: Desk, talk: Talk) -> None:
    big = bill(desk, ("2208", 10, 100_000, 0))
    made = []
    for wanted, letter, invoice in ((worth(1, 30_000), "q", big), (pieces(1, 1), "d", 9201), (pieces(2, 1), "p", 9201)):
        made.append(ask(talk, wanted, letter=letter, invoice=invoice))
        desk.clock.pass_by(minutes=1)
    large, small, later = (each.id for each in made)
    found = desk.lead.read_now(inbox.waiting)
    assert [each.id for each in found] == [small, later, large]
    assert [bool(each.barred) for each in found] == [False, False, True]
    assert [each.id for each in desk.lead.read_now(inbox.waiting, 2)] == [small, later]  # however old the others are
    assert [each.id for each in desk.as_("boss1").read_now(inbox.waiting)] == [large, small, later]
    first = found[0]
    assert (first.number, first.kind, first.customer) == ("26000002", "credit", "20417 Harbour View Deli")
    assert (first.amount, first.reason, first.maker, first.step, first.steps) == (1987, "Damaged", "rep7", 1, 1)
    decide(desk.lead, made[1])
    assert [each.id for each in desk.lead.read_now(inbox.waiting)] == [later, large]


def test_a_request_whole_shows_before_and_after(desk: Desk, talk: Talk) -> None:
    ask(talk, worth(1, 1000), letter="p")
    made = ask(talk, pieces(1, 2), note="crate fell")
    view = desk.lead.read_now(inbox.request, made.id)
    (line,) = view.lines
    assert (line.code, line.billed, line.billed_net, line.before_net) == ("4711", 10, 18_400, 1000)
    assert (line.quantity, line.net, line.tax, line.left_net) == (2, 3680, 294, 13_720)
    assert (view.document, view.note, view.counted, view.balance) == ("26000001", "crate fell", 3974, 35_528)
    assert view.left == 2_000_000 - view.exposure
    assert view.earlier == ("26000001 10.80 price-wrong in approval, 03 Mar",)
    assert (view.signed, view.state) == ((), "in_approval")
    decide(desk.lead, made)
    after = desk.lead.read_now(inbox.request, made.id)
    assert (after.signed, after.state) == (("approve step 1 as lead by Lee Dale, 03 Mar 14:03",), "approved")
    with pytest.raises(NotFound, match="This request no longer exists"):
        desk.lead.read_now(inbox.request, 1)


def test_the_maker_never_decides(desk: Desk) -> None:
    assert barred(desk.lead, ask(desk.talk(login="lead3"), pieces(1, 1))).startswith("The maker of a request never")


def test_the_makers_second_login_never_decides(desk: Desk) -> None:
    made = ask(desk.talk(login="lead3"), pieces(1, 1))
    other = second_login(desk, person=2, role="supervisor")
    assert barred(other, made).startswith("The maker of a request never")
    assert decide(desk.as_("boss1"), made).state == "approved"


@pytest.mark.parametrize("column", ["placed_by", "changed_by"])
def test_whoever_made_or_changed_the_order_never_decides(desk: Desk, talk: Talk, column: str) -> None:
    desk.change(SalesOrder, {"id": 9001}, **{column: desk.seeded.staff["lead3"]})
    made = ask(talk, pieces(1, 1))
    assert barred(desk.lead, made).startswith("Whoever made the order or changed the invoice never")
    assert decide(desk.as_("boss1"), made).state == "approved"


def test_nobody_decides_what_was_asked_from_above(desk: Desk) -> None:
    made = ask(desk.talk(login="boss1"), pieces(1, 1))
    assert barred(desk.lead, made).startswith("Nobody approves what was asked for by somebody above him")
    assert decide(desk.as_("mgr1"), made).state == "approved"


def test_what_counts_is_the_maker_whichever_login_he_asks_with(desk: Desk) -> None:
    second_login(desk, person=3, role="rep")  # a supervisor's other login
    made = ask(desk.talk(login="other"), pieces(1, 1))
    assert barred(desk.lead, made).startswith("Nobody approves what was asked for by somebody above him")
    assert decide(desk.as_("mgr1"), made).state == "approved"


def test_small_requests_edited_up_later_count_together(desk: Desk, talk: Talk) -> None:
    paper = bill(desk, ("2208", 10, 200_000, 0), ("4711", 10, 200_000, 0))
    first, second = (ask(talk, worth(line, 1), invoice=paper) for line in (1, 2))
    desk.clock.pass_by(hours=73)
    for made in (first, second):
        talk.store.write_now(changing.edit, made.id, Change("d", value="249.99"))
    rows = [desk.row(ApprovalRequest, id=made.id) for made in (first, second)]
    assert [(row.counted, row.steps) for row in rows] == [(24_999, "lead"), (49_998, "supervisor")]


def test_it_needs_the_duty_and_the_rank_of_the_step(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 1))
    without = desk.lead.acting(replace(desk.lead.actor, duties=frozenset({"request.read"})))
    assert barred(without, made) == "Approving a credit note needs the duty 'credit.approve'."
    goodwill = ask(talk, worth(2, 100), letter="g")
    assert barred(desk.lead, goodwill) == "Step 1 of 1 is for a supervisor or above."
    assert decide(desk.as_("boss1"), goodwill).state == "approved"


def test_two_steps_want_two_persons(desk: Desk, talk: Talk) -> None:
    big = bill(desk, ("2208", 10, 1_000_000, 0))
    made = ask(talk, worth(1, 300_000), invoice=big)
    boss, manager = desk.as_("boss1"), desk.as_("mgr1")
    first = decide(boss, made)
    assert (first.state, first.words) == ("in_approval", "Step 1 of request 26000001 approved.")
    row = desk.row(ApprovalRequest, id=made.id)
    assert (row.step, row.post_after, row.decided_at) == (2, None, None)
    assert barred(boss, made).startswith("This person is already counted in this request")
    assert barred(second_login(desk, person=3, role="manager"), made).startswith("This person is already counted")
    assert barred(desk.lead, made) == "Step 2 of 2 is for a manager or above."
    assert decide(manager, made).words == "Request 26000001 approved, 3000.00 USD."
    signed = desk.rows(ApprovalMark, request_id=made.id)
    assert [(each.step, each.person_id, each.role) for each in signed] == [(1, 3, "supervisor"), (2, 5, "manager")]
    assert {each.payload_hash for each in signed} == {row.payload_hash}
    desk.clock.pass_by(hours=1)
    assert post_all(desk) == ["Credit note 26000001 posted: 3000.00 USD on invoice F-9900."]


def test_two_that_approve_at_once_sign_once(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2))
    found = at_once(*(lambda store=store: decide(store, made) for store in (desk.lead, desk.as_("boss1"))))  # type: ignore[misc]
    assert sorted(isinstance(each, Refused) for each in found) == [False, True]
    assert len(desk.rows(ApprovalMark, request_id=made.id)) == 1


def test_a_rejection_frees_what_was_held_and_keeps_its_reason(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 8))
    words = desk.lead.write_now(approving.reject, made.id, "  no photo of it ").words
    assert words == "Request 26000001 rejected: no photo of it."
    row = desk.row(ApprovalRequest, id=made.id)
    assert (row.state, row.why, row.decided_by, row.decided_at) == ("rejected", "no photo of it", 2, desk.clock())
    assert (held(desk, made), left(desk)) == ({"void"}, 10)
    mark = desk.row(ApprovalMark, request_id=made.id)
    assert (mark.decision, mark.reason, mark.role) == ("reject", "no photo of it", "lead")
    assert json.loads(desk.row(AuditEntry, verb="approving.reject").after)["why"] == "no photo of it"
    for verb, more in ((approving.approve, ()), (approving.reject, ("again",))):
        with pytest.raises(Refused, match="The request is rejected; only one in approval can be approved"):
            desk.lead.write_now(verb, made.id, *more)  # type: ignore[arg-type]
    ask(talk, pieces(1, 10))


@pytest.mark.parametrize("why", ["", "   "])
def test_a_rejection_says_why(desk: Desk, talk: Talk, why: str) -> None:
    made = ask(talk, pieces(1, 8))
    with pytest.raises(Invalid, match="Say why"):
        desk.lead.write_now(approving.reject, made.id, why)
    assert (state(desk, made), held(desk, made)) == ("in_approval", {"pending"})


def test_waiting_never_approves(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2))
    desk.clock.pass_by(days=14, seconds=1)
    assert barred(desk.lead, made) == "Request 26000001 waited more than 14 days; its maker must ask anew."
    assert (state(desk, made), desk.rows(ApprovalMark)) == ("in_approval", [])
    with pytest.raises(Refused, match="Request 26000001: The request is in approval, not approved"):
        desk.store.write_now(posting.post, made.id)


def test_the_last_instant_of_14_days_is_in_time(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 2))
    desk.clock.pass_by(days=14)
    assert decide(desk.lead, made).state == "approved"
