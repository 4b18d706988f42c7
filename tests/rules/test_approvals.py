"""Approvals: allowed moves only, no maker among the checkers, and what was approved is what was submitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import DeskError, Refused
from csdesk.rules.approvals import (
    APPROVAL_DUTIES,
    FINAL,
    HOLDING,
    MOVES,
    Approver,
    Request,
    approved,
    edited,
    is_expired,
    move,
    moved,
    routed,
    submitted,
    why_not,
    why_not_post,
)
from csdesk.rules.delegation import Delegation
from csdesk.rules.payloads import payload_hash
from csdesk.rules.tiers import RANKS

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
TODAY = date(2026, 3, 3)
PAYLOAD = {"invoice": "INV-1", "line": 2, "net": 40000, "reason": "damaged", "note": "two boxes"}
MAKER, EDITOR, CREATOR, LEAD, SUPERVISOR, MANAGER, DEPUTY = range(1, 8)


def person(number: int, role: str, **more: object) -> Approver:
    return Approver(number, RANKS[role], frozenset(APPROVAL_DUTIES.values()), **more)  # type: ignore[arg-type]


def asked(*steps: str, **more: object) -> Request:
    """A request of a lead, changed once, in approval."""
    new = Request("credit_note", MAKER, 40000, "USD", maker_rank=RANKS["lead"], **more)  # type: ignore[arg-type]
    again = edited(submitted(new, {}, NOON), EDITOR)
    return routed(submitted(replace(again, creators=frozenset({CREATOR})), PAYLOAD, NOON), steps)


ONE_STEP = asked("supervisor")


# ---------------------------------------------------------------- moves


def test_the_straight_way() -> None:
    state = "draft"
    for event in ("submit", "route", "approve", "approve", "complete", "post"):
        state = move(state, event)
    assert state == "posted"


@pytest.mark.parametrize(
    ("state", "event", "after"),
    [
        ("in_approval", "reject", "rejected"),
        ("in_approval", "return", "returned"),
        ("returned", "edit", "draft"),
        ("submitted", "withdraw", "withdrawn"),
        ("in_approval", "expire", "expired"),
        ("in_approval", "edit", "draft"),
        ("approved", "supersede", "superseded"),
        ("approved", "fail", "failed"),
        ("failed", "retry", "approved"),
        ("approved", "return", "returned"),
        ("submitted", "waive", "approved"),
    ],
)
def test_the_other_ways(state: str, event: str, after: str) -> None:
    assert move(state, event) == after


def test_a_final_state_is_left_by_nothing_and_an_open_one_names_its_ways() -> None:
    assert {"posted", "rejected", "withdrawn", "expired", "superseded"} == FINAL
    with pytest.raises(Refused, match="posted cannot take 'reject'; it can: nothing any more"):
        move("posted", "reject")
    with pytest.raises(Refused, match="draft cannot take 'post'; it can: expire, submit, supersede, withdraw"):
        move("draft", "post")
    with pytest.raises(Refused):
        move("no such state", "submit")


def test_the_table_is_closed_and_only_approvals_lead_to_posting() -> None:
    targets = {after for events in MOVES.values() for after in events.values()}
    assert targets <= set(MOVES)
    assert targets | {"draft"} == set(MOVES)
    into = {state: {(a, e) for a, events in MOVES.items() for e, b in events.items() if b == state} for state in MOVES}
    assert into["posted"] == {("approved", "post")}
    assert into["approved"] == {("in_approval", "complete"), ("submitted", "waive"), ("failed", "retry")}
    assert all(events.get("expire", "expired") == "expired" for events in MOVES.values())
    assert HOLDING.isdisjoint(FINAL)


def test_moved_carries_everything_else() -> None:
    assert moved(ONE_STEP, "reject") == replace(ONE_STEP, state="rejected")


# ---------------------------------------------------------------- signing


def test_two_steps_are_two_persons() -> None:
    request = asked("supervisor", "manager")
    assert (request.version, request.step, request.editors) == (2, 1, {EDITOR})
    first = approved(request, person(MANAGER, "manager"), PAYLOAD, NOON)
    assert (first.state, first.step) == ("in_approval", 2)
    with pytest.raises(Refused, match="already counted"):
        approved(first, person(MANAGER, "manager"), PAYLOAD, NOON)
    with pytest.raises(Refused, match="Step 2 of 2 is for a manager or above"):
        approved(first, person(SUPERVISOR, "supervisor"), PAYLOAD, NOON)
    done = approved(first, person(DEPUTY, "director"), PAYLOAD, NOON)
    assert done.state == "approved"
    assert [(mark.step, mark.person, mark.role) for mark in done.approvals] == [
        (1, MANAGER, "supervisor"), (2, DEPUTY, "manager")
    ]  # fmt: skip
    assert {mark.payload_hash for mark in done.approvals} == {payload_hash(PAYLOAD)}
    assert why_not_post(done, PAYLOAD) is None


def test_a_tier_without_steps_needs_nobody() -> None:
    request = routed(submitted(Request("credit_note", MAKER), PAYLOAD, NOON), ())
    assert request.state == "approved"
    assert why_not_post(request, PAYLOAD) is None


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (person(MAKER, "director"), "maker of a request never"),
        (person(EDITOR, "director"), "edited a version"),
        (person(CREATOR, "director"), "made the order or changed the invoice"),
        (person(LEAD, "rep"), "above him"),
        (person(LEAD, "lead"), "Step 1 of 1 is for a supervisor or above"),
        (replace(person(SUPERVISOR, "supervisor"), duties=frozenset()), "needs the duty 'credit.approve'"),
        (person(SUPERVISOR, "supervisor"), None),
        (person(MANAGER, "director"), None),
    ],
)
def test_who_may_not_approve_and_why(who: Approver, words: str | None) -> None:
    reason = why_not(who, ONE_STEP, day=TODAY)
    assert (reason is None) if words is None else (reason is not None and words in reason)


def test_only_what_is_in_approval_is_approved() -> None:
    for state in MOVES:
        reason = why_not(person(SUPERVISOR, "supervisor"), replace(ONE_STEP, state=state), day=TODAY)
        assert (reason is None) == (state == "in_approval")


def test_a_kind_nobody_has_a_duty_for() -> None:
    odd = replace(ONE_STEP, kind="holiday")
    assert "Nobody holds a duty" in (why_not(person(MANAGER, "director"), odd, day=TODAY) or "")
    boss = replace(person(MANAGER, "director"), duties=frozenset({"x"}))
    assert why_not(boss, odd, day=TODAY, duties={"holiday": "x"}) is None


def test_a_changed_content_is_not_approved_and_not_posted() -> None:
    other = {**PAYLOAD, "net": 40001}
    with pytest.raises(Refused, match="changed after it was submitted"):
        approved(ONE_STEP, person(SUPERVISOR, "supervisor"), other, NOON)
    done = approved(ONE_STEP, person(SUPERVISOR, "supervisor"), PAYLOAD, NOON)
    assert "changed after" in (why_not_post(done, other) or "")


def test_a_material_edit_voids_every_approval() -> None:
    first = approved(asked("supervisor", "manager"), person(SUPERVISOR, "supervisor"), PAYLOAD, NOON)
    again = edited(first, LEAD)
    assert (again.state, again.version, again.approvals, again.payload_hash) == ("draft", 3, (), "")
    anew = routed(submitted(again, {**PAYLOAD, "net": 1}, NOON), ("supervisor",))
    assert "edited a version" in (why_not(person(LEAD, "manager"), anew, day=TODAY) or "")
    assert why_not(person(SUPERVISOR, "supervisor"), anew, day=TODAY) is None  # of another version, so not yet counted
    draft = Request("terms", MAKER)
    assert edited(draft, LEAD) == replace(draft, editors=frozenset({LEAD}))


def test_posting_needs_the_full_set_of_this_version() -> None:
    done = approved(ONE_STEP, person(SUPERVISOR, "supervisor"), PAYLOAD, NOON)
    mark = done.approvals[0]
    assert why_not_post(ONE_STEP, PAYLOAD) == "The request is in approval, not approved."
    assert "0 of 1 approvals of version 2" in (why_not_post(replace(done, approvals=()), PAYLOAD) or "")
    old = replace(done, approvals=(replace(mark, version=1),))
    assert "0 of 1" in (why_not_post(old, PAYLOAD) or "")
    for forged in (replace(mark, person=MAKER), replace(mark, on_behalf_of=EDITOR), replace(mark, person=CREATOR)):
        assert "had a hand" in (why_not_post(replace(done, approvals=(forged,)), PAYLOAD) or "")
    twice = replace(done, steps=("supervisor",) * 2, approvals=(mark, replace(mark, step=2)))
    assert "counted before" in (why_not_post(twice, PAYLOAD) or "")


def test_expiry_only_ends_and_its_last_instant_is_in_time() -> None:
    assert not is_expired(ONE_STEP, NOON + timedelta(days=14))
    assert is_expired(ONE_STEP, NOON + timedelta(days=14, seconds=1))
    assert is_expired(ONE_STEP, NOON + timedelta(days=2), days=1)
    assert not is_expired(replace(ONE_STEP, state="approved"), NOON + timedelta(days=99))
    assert not is_expired(Request("terms", MAKER), NOON + timedelta(days=99))


# ---------------------------------------------------------------- delegation

HOLIDAY = Delegation(
    SUPERVISOR, DEPUTY, frozenset({"credit_note"}), TODAY, TODAY + timedelta(days=9), "on leave", 40000, "USD"
)


def standing_in(given: Delegation | None = HOLIDAY, giver: Approver | None = None, role: str = "lead") -> Approver:
    giver = giver or person(SUPERVISOR, "supervisor")
    return Approver(DEPUTY, RANKS[role], frozenset(), acting_for=giver, delegation=given)


def test_a_delegate_approves_with_the_givers_right_and_both_are_named() -> None:
    assert why_not(standing_in(), ONE_STEP, day=TODAY) is None
    done = approved(ONE_STEP, standing_in(), PAYLOAD, NOON)
    assert (done.approvals[0].person, done.approvals[0].on_behalf_of) == (DEPUTY, SUPERVISOR)
    two = approved(asked("supervisor", "supervisor"), standing_in(), PAYLOAD, NOON)
    assert "already counted" in (why_not(person(SUPERVISOR, "supervisor"), two, day=TODAY) or "")


@pytest.mark.parametrize(
    ("who", "day", "words"),
    [
        (standing_in(None), TODAY, "no delegation"),
        (standing_in(replace(HOLIDAY, from_person=MANAGER)), TODAY, "no delegation"),
        (standing_in(), TODAY - timedelta(days=1), "runs from"),
        (standing_in(), TODAY + timedelta(days=9), None),
        (standing_in(), TODAY + timedelta(days=10), "runs from"),
        (standing_in(replace(HOLIDAY, kinds=frozenset({"terms"}))), TODAY, "not for a credit note"),
        (standing_in(replace(HOLIDAY, cap=39999)), TODAY, "capped at 399.99 USD"),
        (standing_in(replace(HOLIDAY, cap=None)), TODAY, None),
        (standing_in(replace(HOLIDAY, currency="EUR")), TODAY, "capped in EUR, the request is in USD"),
        (standing_in(role="rep"), TODAY, "above him"),
        (standing_in(giver=replace(person(SUPERVISOR, "supervisor"), duties=frozenset())), TODAY, "needs the duty"),
        (standing_in(giver=replace(person(SUPERVISOR, "supervisor"), acting_for=person(MANAGER, "manager"))), TODAY,
         "cannot be passed on"),
        (standing_in(replace(HOLIDAY, from_person=EDITOR), person(EDITOR, "manager")), TODAY, "edited a version"),
    ],
)  # fmt: skip
def test_what_a_delegation_does_not_cover(who: Approver, day: date, words: str | None) -> None:
    reason = why_not(who, ONE_STEP, day=day)
    assert (reason is None) if words is None else (reason is not None and words in reason)


def test_the_makers_delegate_never_approves_the_makers_request() -> None:
    given = replace(HOLIDAY, from_person=MAKER, to_person=MANAGER, kinds=frozenset({"terms"}))
    manager = person(MANAGER, "manager")
    assert "maker's delegate" in (why_not(manager, ONE_STEP, day=TODAY, delegations=iter([given])) or "")
    assert why_not(manager, ONE_STEP, day=TODAY + timedelta(days=10), delegations=[given]) is None


# ---------------------------------------------------------------- invariants

EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("approve"), st.integers(1, 9), st.sampled_from(sorted(RANKS)), st.integers(0, 9)),
        st.tuples(
            st.sampled_from(sorted({event for events in MOVES.values() for event in events})),
            st.integers(1, 9),
            st.just("rep"),
            st.just(0),
        ),
    ),
    max_size=30,
)


@given(EVENTS, st.lists(st.sampled_from(sorted(RANKS)), min_size=1, max_size=3))
def test_no_course_of_events_posts_without_enough_independent_persons(
    events: list[tuple[str, int, str, int]], steps: list[str]
) -> None:
    request, payload, hands = Request("credit_note", MAKER, 100, "USD"), {"version": 1}, {MAKER}
    for event, number, role, giver in events:
        before = request
        try:
            if event == "submit":
                request = submitted(request, payload, NOON)
            elif event in ("route", "waive"):
                request = routed(request, tuple(steps))
            elif event == "edit":
                request, payload = edited(request, number), {"version": request.version + 1}
                hands.add(number)
            elif event == "approve":
                given = replace(HOLIDAY, from_person=giver, to_person=number)
                acting = person(giver, role) if giver else None
                who = person(number, role, acting_for=acting, delegation=given if giver else None)
                request = approved(request, who, payload, NOON)
            elif event not in ("complete", "fail", "retry"):
                request = moved(request, event)
        except DeskError:
            assert request == before
    if request.state in ("approved", "posted"):
        counted = [p for mark in request.approvals for p in {mark.person, mark.on_behalf_of or mark.person}]
        assert len(counted) == len(set(counted))
        assert len(request.approvals) == len(steps)
        assert hands.isdisjoint(counted)
        assert why_not_post(replace(request, state="approved"), payload) is None
