"""Standing in for an approver: asked for, approved, used, capped, ended; every refusal in its sentence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from csdesk.errors import DeskError, Invalid, NotFound, Refused
from csdesk.models import (
    AcceptedConflict,
    ApprovalMark,
    ApprovalRequest,
    AuditEntry,
    DelegationRow,
    Person,
    StaffRole,
)
from csdesk.services import access_review, approving, delegating, emergency, granting, inbox
from csdesk.store import Store
from tests.services.conftest import Desk
from tests.services.papers import approve, ask, bill, decide, pieces, post_all, worth
from tests.services.talk import Talk

TODAY = date(2026, 3, 3)
WEEK = TODAY + timedelta(days=7)


def wanted(store: Store, giver: str, taker: str, *kinds: str, ends: date = WEEK, cap: str = "", reason: str = "away",
           starts: date = TODAY) -> delegating.Made:  # fmt: skip
    return store.write_now(delegating.ask, giver, taker, kinds or ("credit_note",), starts, ends, reason, cap)


def given(desk: Desk, giver: str, taker: str, *kinds: str, cap: str = "", **days: date) -> None:
    """A delegation that stands, with the manager's word for it."""
    made = wanted(desk.as_(giver), giver, taker, *kinds, cap=cap, **days)
    desk.as_("mgr1").write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=2)
    assert any("stands" in words for words in post_all(desk))


def test_a_delegate_decides_in_anothers_place_and_both_names_are_shown(desk: Desk, talk: Talk) -> None:
    given(desk, "boss1", "lead3", "credit_note", cap="400")
    row = desk.row(DelegationRow)
    assert (row.from_person, row.to_person, row.kinds, row.cap) == (3, 2, "credit_note", 40_000)
    paper = bill(desk, ("2208", 10, 200_000, 0))
    made, large = ask(talk, worth(1, 30_000), invoice=paper), ask(talk, worth(1, 50_000), letter="p", invoice=paper)
    (listed,) = [each for each in desk.lead.read_now(inbox.waiting) if each.id == made.id]
    assert (listed.barred, listed.stands_in) == ("", "Bo Sand")
    assert decide(desk.lead, made).words == "Request 26000002 approved, 300.00 USD, for Bo Sand."
    mark = desk.row(ApprovalMark, request_id=made.id)
    assert (mark.person_id, mark.on_behalf_of, mark.role) == (2, 3, "supervisor")
    (signed,) = desk.lead.read_now(inbox.request, made.id).signed
    assert signed.startswith("approve step 1 as supervisor by Lee Dale for Bo Sand")
    with pytest.raises(Refused, match=r"for a supervisor or above. The delegation is capped at 400.00 USD"):
        decide(desk.lead, large)
    desk.clock.pass_by(minutes=5)
    assert [words.split(" on ")[0] for words in post_all(desk)] == ["Credit note 26000001 posted: 300.00 USD"]


def test_a_cap_holds_for_what_is_split_over_requests(desk: Desk, talk: Talk) -> None:
    given(desk, "boss1", "lead3", "credit_note", cap="400")
    paper = bill(desk, ("2208", 10, 200_000, 0), ("4711", 10, 200_000, 0))
    first, second = (ask(talk, worth(line, 30_000), invoice=paper) for line in (1, 2))
    assert decide(desk.lead, first).state == "approved"
    with pytest.raises(Refused, match=r"The delegation is capped at 400.00 USD"):
        decide(desk.lead, second)


def test_it_is_not_passed_on_nor_used_past_its_days_or_for_the_giver(desk: Desk, talk: Talk) -> None:
    given(desk, "boss1", "lead3", "credit_note")
    with pytest.raises(Refused, match=r"One can only delegate one's own right.*write off"):
        wanted(desk.lead, "lead3", "rep7", "write_off")
    paper = bill(desk, ("2208", 10, 200_000, 0))
    own = ask(desk.talk(login="boss1"), worth(1, 30_000), invoice=paper)
    with pytest.raises(Refused, match=r"Nobody approves what was asked for by somebody above|maker's delegate never"):
        decide(desk.lead, own)
    made = ask(talk, worth(1, 30_000), letter="p", invoice=paper)
    desk.clock.pass_by(days=8)
    with pytest.raises(Refused, match=r"is for a supervisor or above"):
        decide(desk.lead, made)


def test_the_makers_delegate_is_barred_whatever_his_rank(desk: Desk) -> None:
    given(desk, "lead3", "boss1", "credit_note")
    made = ask(desk.talk(login="lead3"), pieces(1, 1))
    with pytest.raises(Refused, match=r"The maker's delegate never approves the maker's request"):
        decide(desk.as_("boss1"), made)


def test_it_ends_at_once_when_it_is_revoked(desk: Desk, talk: Talk) -> None:
    given(desk, "boss1", "lead3", "credit_note")
    made = ask(talk, worth(1, 30_000), invoice=bill(desk, ("2208", 10, 200_000, 0)))
    with pytest.raises(Refused, match=r"needs the duty 'staff.admin'"):
        desk.rep.write_now(delegating.revoke, "boss1", "lead3")
    desk.as_("boss1").write_now(delegating.revoke, "boss1", "lead3")
    with pytest.raises(Refused, match=r"is for a supervisor or above"):
        decide(desk.lead, made)
    with pytest.raises(NotFound, match=r"boss1 lets lead3 decide nothing"):
        desk.as_("boss1").write_now(delegating.revoke, "boss1", "lead3")


def test_neither_side_approves_it_and_the_giver_must_still_have_the_right(desk: Desk) -> None:
    made = wanted(desk.as_("admin1"), "mgr1", "boss1", "credit_note")
    with pytest.raises(Refused, match=r"Whoever made the order or changed the invoice"):
        desk.as_("mgr1").write_now(approving.approve, made.id)
    other = wanted(desk.as_("boss1"), "boss1", "lead3", "credit_note")
    approve(desk, other, "mgr1")  # type: ignore[arg-type]
    desk.change(StaffRole, {"staff_id": 3}, role="rep")
    desk.clock.pass_by(minutes=2)
    (words,) = post_all(desk)
    assert "goes back to its maker: One can only delegate one's own right" in words
    assert desk.row(ApprovalRequest, id=other.id).state == "returned"
    assert desk.rows(DelegationRow) == []


@pytest.mark.parametrize(
    ("error", "words", "how"),
    [
        (Refused, "lasts at most 30 days", {"ends": TODAY + timedelta(days=30)}),
        (Refused, "needs a reason", {"reason": " "}),
        (Refused, "cannot end before it starts", {"ends": TODAY - timedelta(days=1)}),
        (Invalid, "'nonsense' is no kind of request", {"kinds": ("nonsense",)}),
        (Refused, "Nobody can delegate to himself", {"taker": "boss1"}),
        (Refused, "needs the duty 'staff.admin'", {"giver": "mgr1"}),
        (NotFound, "Nobody has the login 'ghost'", {"taker": "ghost"}),
    ],
)
def test_what_cannot_be_delegated(desk: Desk, error: type[DeskError], words: str, how: dict[str, object]) -> None:
    asked = {"giver": "boss1", "taker": "lead3", "kinds": ("credit_note",), "ends": WEEK, "reason": "away", **how}
    with pytest.raises(error, match=words):
        desk.as_("boss1").write_now(
            delegating.ask, asked["giver"], asked["taker"], asked["kinds"], TODAY, asked["ends"], asked["reason"]
        )
    assert desk.rows(ApprovalRequest) == []
    refused = [row.verb for row in desk.rows(AuditEntry) if row.verb.startswith("refused:")]
    assert refused == (["refused:delegating.ask"] if error is Refused else [])


def test_a_delegation_does_not_go_around_the_segregation_of_duties(desk: Desk) -> None:
    why = r"cash1 may not get this: 'cash.apply' and 'writeoff.approve' held by one person"
    with pytest.raises(Refused, match=why):
        wanted(desk.as_("fin2"), "fin2", "cash1", "write_off")
    manager = desk.as_("mgr1")
    manager.write_now(granting.accept, "cash1", "cash.apply", "writeoff.approve", "the controller looks at each")
    made = wanted(desk.as_("fin2"), "fin2", "cash1", "write_off")
    assert "Control: the controller looks at each" in made.words
    assert any("Control: the controller" in words for words in manager.read_now(inbox.request, made.id).facts)
    desk.change(
        AcceptedConflict, {"person_id": desk.seeded.staff["cash1"]}, duty_a="order.enter", duty_b="terms.approve"
    )
    with pytest.raises(Refused, match=why):
        manager.write_now(approving.approve, made.id)


def test_the_review_shows_what_was_lent_with_its_conflicts(desk: Desk) -> None:
    desk.as_("mgr1").write_now(granting.accept, "cash1", "cash.apply", "writeoff.approve", "looked at")
    given(desk, "fin2", "cash1", "write_off")
    desk.as_("cash1").write_now(emergency.take, "order.enter", 2, "nobody is here")
    found = desk.as_("audit1").read_now(access_review.review)
    rows = {(each.what, each.roles, each.duty, each.other, each.control) for each in found if each.logins == "cash1"}
    names = {row.id: row.name for row in desk.rows(Person)}
    giver = f"for {names[desk.row(DelegationRow).from_person]}"
    assert ("holding", giver, "writeoff.approve", "", "") in rows
    assert ("holding", "emergency", "order.enter", "", "") in rows
    assert ("conflict", f"cashier / {giver}", "cash.apply", "writeoff.approve", "looked at") in rows
    assert ("conflict", "emergency / cashier", "order.enter", "cash.apply", "") in rows


def test_what_is_lent_counts_when_a_role_is_given(desk: Desk) -> None:
    made = wanted(desk.as_("mgr1"), "mgr1", "fin2", "credit_limit")
    desk.put(StaffRole, {"staff_id": desk.seeded.staff["boss1"], "role": "manager"})
    desk.as_("boss1").write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=2)
    post_all(desk)
    with pytest.raises(Refused, match=r"'order.enter' and 'limit.approve' held by one person"):
        desk.as_("admin1").write_now(granting.grant, "fin2", "rep")
    desk.as_("mgr1").write_now(delegating.revoke, "mgr1", "fin2")
    desk.as_("admin1").write_now(granting.grant, "fin2", "rep")
