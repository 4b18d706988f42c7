"""A ticket's states: every move of the table, what is refused with which words, and the state replayed from a log."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from csdesk.errors import Invalid, Refused
from csdesk.rules.ticket_replay import replay, standing
from csdesk.rules.ticket_states import BACK, LABELS, MOVES, PARTIES, Event, State, moved, state_of, step_of
from tests.rules.ticket_logs import LABEL_ONLY, log, logs

WAIT = {"party": "customer", "question": "photo?", "wake": "2026-06-20"}


def data_of(step: str) -> tuple[str, dict[str, Any]]:
    """The event behind a step of the table."""
    if step.startswith("waiting_"):
        return "waiting", {**WAIT, "party": step.removeprefix("waiting_")}
    return ("claimed", {"owner": 1}) if step == "begun" else (step, {})


STEPS = sorted({step for moves in MOVES.values() for step in moves})


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("step", STEPS)
def test_every_event_in_every_state(label: str, step: str) -> None:
    event, data = data_of(step)
    if step in MOVES[label]:
        assert moved(label, event, data) == MOVES[label][step]
    elif step == "begun":
        assert moved(label, event, data) == label
    else:
        with pytest.raises(Refused, match=label.replace("_", " ")):
            moved(label, event, data)


def test_the_table_is_whole() -> None:
    assert set(MOVES) == set(LABELS)
    assert {label for moves in MOVES.values() for label in moves.values()} <= {*LABELS, BACK}
    assert {f"waiting_{party}" for party in PARTIES} == {label for label, base in LABELS.items() if base == "wait"}
    reached = {"new"}
    for _ in LABELS:
        reached |= {to for label in reached if label in MOVES for to in MOVES[label].values()}
    assert set(LABELS) <= reached
    assert MOVES["cancelled"] == {}
    assert MOVES["merged"] == {"unmerged": BACK}


def test_a_refusal_says_what_is_possible() -> None:
    with pytest.raises(Refused) as refused:
        moved("resolved", "waiting", WAIT)
    assert refused.value.message == (
        "A ticket that is resolved cannot be waiting customer; it can: closed, merged, reopened."
    )
    with pytest.raises(Refused, match="nothing any more"):
        moved("cancelled", "resolved")


@pytest.mark.parametrize(
    "wrong", [{"party": "weather"}, {"party": None}, {"question": ""}, {"question": "  "}, {"wake": ""}, {"wake": None}]
)
def test_a_wait_needs_a_party_a_question_and_a_date(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        moved("open", "waiting", {**WAIT, **wrong})


def test_what_takes_a_new_ticket_up() -> None:
    assert moved("new", "assigned", {"queue": "east"}) == "new"
    assert moved("new", "assigned", {"owner": 4}) == "open"
    assert moved("new", "call", {"answered": False}) == "new"
    assert moved("new", "call", {"answered": True}) == "open"
    assert moved("new", "note") == moved("new", "acknowledged") == "new"
    assert moved("waiting_third", "outbound") == "waiting_third"
    assert moved("resolved", "outbound") == "resolved"
    assert step_of("line", {}) == ""


def test_a_log_replayed() -> None:
    events = log(
        ("15 08:00", "opened", {"queue": "desk", "owner_id": None}), ("15 08:10", "claimed", {"owner": 4}),
        ("15 08:20", "stage", {"stage": "assessed"}), ("15 08:30", "waiting", WAIT),
        ("15 08:40", "waiting", {**WAIT, "party": "third", "question": "carrier?"}),
        ("15 08:50", "priority", {"priority": 1}), ("15 09:00", "assigned", {"owner": None, "queue": "east"}),
    )  # fmt: skip
    assert state_of(events[::-1]) == State(
        "waiting_third", "wait", "third", "carrier?", "2026-06-20", None, "east", 1, "std", 1, "assessed", 0
    )
    whole = [*events, *log(("15 10:00", "resumed"), ("15 10:10", "merged", {"into": 7}), ("15 10:20", "resolved"),
                           ("15 10:30", "unmerged", {}), ("15 10:40", "resolved"), ("15 10:50", "closed"),
                           ("15 11:00", "reopened"))]  # fmt: skip
    whole = [Event(seq, each.at, each.event, each.by, each.data) for seq, each in enumerate(whole, 1)]
    labels = [state_of(whole[:count]).label for count in range(8, 15)]
    assert labels == ["open", "merged", "merged", "open", "resolved", "closed", "open"]
    assert (state_of(whole).reopened, state_of(whole).question) == (1, "")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(logs(LABEL_ONLY))
def test_the_state_is_that_of_the_replayed_row(events: list[Event]) -> None:
    events = [
        Event(each.seq, each.at, each.event, each.by, {**each.data, "wake": "2026-07-01T08:00:00+00:00"})
        if each.event == "waiting" else each
        for each in events
    ]  # fmt: skip
    state, row = state_of(standing(events)), replay(events)
    assert (state.label, state.base, state.party, state.question) == (
        row["state"], row["base"], row["waits_for"], row["question"],
    )  # fmt: skip
    assert (state.priority, state.policy, state.policy_version, state.reopened, state.owner) == (
        row["priority"], row["policy"], row["policy_version"], row["reopened"], row["owner_id"],
    )  # fmt: skip
