"""Attempts to get round the controls: each refused with its sentence, nothing changed, and left in the audit trail."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from csdesk.errors import Invalid, Refused
from csdesk.models import (
    INSERT_ONLY,
    ApprovalRequest,
    AuditEntry,
    AuditHead,
    Document,
    Period,
    Staff,
    StaffRole,
    metadata,
)
from csdesk.services import approving, changing, credits, debits, delegating, posting
from csdesk.services.asking import Change
from csdesk.store import Store
from tests.prompt import books
from tests.services.conftest import Desk
from tests.services.papers import approve, ask, bill, decide, note_elsewhere, notes, pieces, post_all, state, worth
from tests.services.talk import Talk

TODAY = date(2026, 3, 3)
TRAIL = frozenset({"audit", "audit_head"})


def refused(desk: Desk, store: Store, verb: Callable[..., Any], *args: Any, words: str) -> None:
    """The attempt is refused so, changes no row but those of the trail, and stands there with its sentence."""
    before, trail = books.rows(desk.store, TRAIL), len(desk.rows(AuditEntry))
    with pytest.raises(Refused, match=words) as caught:
        store.write_now(verb, *args)
    assert books.rows(desk.store, TRAIL) == before
    entries = desk.rows(AuditEntry)
    assert len(entries) == trail + 1
    name = f"refused:{verb.__module__.rpartition('.')[2]}.{verb.__name__}"
    entry = max((each for each in entries if each.verb == name and each.lane == store.actor.id), key=lambda e: e.seq)
    assert json.loads(entry.after)["refused"] == caught.value.message[:400]
    assert entry.actor == store.actor.login


def test_self_approval_also_by_a_second_login(desk: Desk) -> None:
    made = ask(desk.talk(login="lead3"), pieces(1, 1))
    refused(desk, desk.lead, approving.approve, made.id, words="The maker of a request never approves it")
    desk.put(Staff, {"id": 77, "person_id": 2, "login": "other", "name": "Other login"})
    desk.put(StaffRole, {"staff_id": 77, "role": "supervisor"})
    refused(desk, desk.as_("other"), approving.approve, made.id, words="The maker of a request never approves it")
    refused(desk, desk.as_("other"), approving.reject, made.id, "no", words="The maker of a request never approves it")


def test_the_makers_delegate(desk: Desk) -> None:
    week = TODAY + timedelta(days=7)
    given = desk.lead.write_now(delegating.ask, "lead3", "boss1", ("credit_note",), TODAY, week, "away")
    desk.as_("mgr1").write_now(approving.approve, given.id)
    desk.clock.pass_by(minutes=2)
    post_all(desk)
    made = ask(desk.talk(login="lead3"), pieces(1, 1))
    refused(desk, desk.as_("boss1"), approving.approve, made.id, words="The maker's delegate never approves")


def test_a_lower_rank_and_one_without_the_duty(desk: Desk, talk: Talk) -> None:
    made = ask(desk.talk(login="boss1"), pieces(1, 1))
    refused(desk, desk.lead, approving.approve, made.id, words="asked for by somebody above him")
    large = ask(talk, worth(1, 30_000), invoice=bill(desk, ("2208", 10, 100_000, 0)))
    refused(desk, desk.lead, approving.approve, large.id, words="Step 1 of 1 is for a supervisor or above")
    refused(desk, desk.rep, approving.approve, made.id, words=r"needs the duty 'request\.read'")
    refused(desk, desk.as_("fin2"), approving.approve, large.id, words=r"needs the duty 'credit\.approve'")


def test_a_duty_taken_away_counts_no_more_at_an_open_desk_nor_at_posting(desk: Desk, talk: Talk) -> None:
    made, other = ask(talk, pieces(1, 1)), ask(talk, pieces(2, 1))
    lead = desk.lead
    decide(lead, other)
    desk.change(StaffRole, {"staff_id": 2}, role="rep")
    refused(desk, lead, approving.approve, made.id, words=r"needs the duty 'credit\.approve'")
    desk.clock.pass_by(minutes=5)
    (words,) = post_all(desk)
    assert "goes back to its maker: Whoever approved it may not any more" in words
    assert (state(desk, other), notes(desk)) == ("returned", [])


def test_split_credits_stay_under_no_tier(desk: Desk, talk: Talk) -> None:
    paper = bill(desk, ("2208", 10, 100_000, 0), ("7007", 10, 100_000, 0))
    first, second = (ask(talk, worth(line, 20_000), invoice=paper) for line in (1, 2))
    decide(desk.lead, first)
    refused(desk, desk.lead, approving.approve, second.id, words="Step 1 of 1 is for a supervisor or above")
    assert desk.row(ApprovalRequest, id=second.id).counted == 40_000


def test_an_edit_after_approval(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 1))
    approve(desk, made)
    refused(desk, talk.store, changing.edit, made.id, Change("d", pieces(1, 5).quantity), words="is approved already")
    refused(desk, talk.store, changing.withdraw, made.id, words="is approved already; it cannot be taken back")


def test_content_changed_past_the_program_after_approval(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 1))
    approve(desk, made)
    row = desk.row(ApprovalRequest, id=made.id)
    desk.change(ApprovalRequest, {"id": made.id}, payload=row.payload.replace('"quantity":"1"', '"quantity":"9"'))
    desk.clock.pass_by(minutes=5)
    refused(desk, desk.store, posting.post, made.id, words="The request was changed after it was submitted")
    desk.change(ApprovalRequest, {"id": made.id}, payload=row.payload)


def test_an_editor_never_approves_and_his_edit_voids_every_approval(desk: Desk, talk: Talk) -> None:
    made = ask(talk, worth(1, 300_000), invoice=bill(desk, ("2208", 10, 1_000_000, 0)))
    boss = desk.as_("boss1")
    decide(boss, made)
    boss.write_now(changing.edit, made.id, Change("d", value="2900.00"))
    row = desk.row(ApprovalRequest, id=made.id)
    assert (row.state, row.version, row.step, row.editors) == ("in_approval", 2, 1, "3")
    refused(desk, boss, approving.approve, made.id, words="Whoever edited a version of a request never approves it")
    refused(desk, desk.as_("mgr1"), approving.approve, made.id, 1, words="was changed since you looked at it")


def test_what_was_credited_elsewhere(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(2, 4))
    note_elsewhere(desk, ("4720", 4, 5180, 414), corrects=9201)
    refused(desk, desk.lead, approving.approve, made.id, words="line 2 was credited otherwise meanwhile")
    assert state(desk, made) == "in_approval"


def test_more_than_is_left_in_quantity_or_value(desk: Desk, talk: Talk) -> None:
    over = (talk.call, 9201, (pieces(1, 11),), "d", "")
    refused(desk, talk.store, credits.ask, *over, words="are left to credit|is left to credit")
    ask(talk, worth(1, 18_000), letter="p")
    both = (talk.call, 9201, (pieces(1, 9),), "d", "")
    refused(desk, talk.store, credits.ask, *both, words="left to credit")
    refused(desk, talk.store, credits.ask, talk.call, 9201, (worth(1, 401),), "p", "", words="left to credit")


def test_posting_into_a_locked_period(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 1))
    approve(desk, made)
    month = {"starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 31)}
    desk.put(Period, {**month, "state": "locked", "changed_at": desk.clock(), "changed_by": 1})
    desk.clock.pass_by(minutes=5)
    (words,) = post_all(desk)
    assert words.startswith("Request 26000001 goes back to its maker: ")
    assert "locked" in words
    assert notes(desk) == []
    told = [json.loads(row.after) for row in desk.rows(AuditEntry, verb="posting.post")]
    assert [(each["state"], "locked" in each["why"]) for each in told] == [("returned", True)]


def test_somebody_elses_request_is_not_withdrawn_nor_anothers_decision_taken_back(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 1))
    refused(desk, desk.lead, changing.withdraw, made.id, words="is somebody else's")
    decide(desk.lead, made)
    refused(desk, desk.as_("boss1"), approving.take_back, words="You decided nothing here")
    desk.clock.pass_by(minutes=2)
    refused(desk, desk.lead, approving.take_back, words="its hold is over")


def test_words_that_cannot_be_taken_are_no_attempt(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 1))
    before = len(desk.rows(AuditEntry))
    with pytest.raises(Invalid):
        desk.lead.write_now(approving.reject, made.id, " ")
    with pytest.raises(Invalid):
        talk.store.write_now(debits.ask, talk.call, 9201, (pieces(1, 1),), "?", "")
    assert len(desk.rows(AuditEntry)) == before


def test_a_refusal_is_told_even_when_it_cannot_be_written_down(
    desk: Desk, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ask(talk, pieces(1, 1))
    monkeypatch.setattr("csdesk.services.audit.refused", lambda *_: 1 / 0)
    with pytest.raises(Refused, match="is somebody else's"):
        desk.lead.write_now(changing.withdraw, made.id)


@pytest.mark.parametrize("name", ["document", "document_line", "audit", "approval_mark", "ledger_entry"])
def test_plain_sql_changes_no_posted_row_nor_the_trail(desk: Desk, talk: Talk, name: str) -> None:
    made = ask(talk, pieces(1, 1))
    approve(desk, made)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    table = metadata.tables[name]
    assert name in INSERT_ONLY
    before = books.rows(desk.store)[name]
    assert before
    first = select(table).limit(1)
    statements: list[Any] = [update(table).values(company=1), delete(table)]
    statements += [text(f"TRUNCATE {name} CASCADE")] if desk.store.postgres else []
    with desk.store.engine.connect() as connection:
        row = connection.execute(first).mappings().one()
    if not desk.store.postgres:
        statements.append(insert(table).prefix_with("OR REPLACE").values(**row))
    for statement in statements:
        with (
            pytest.raises(DBAPIError, match="stand once they are written"),
            desk.store.engine.execution_options(desk_write=True).begin() as connection,
        ):
            connection.execute(statement)
    assert books.rows(desk.store)[name] == before


def test_the_trail_of_it_all_holds(desk: Desk, talk: Talk) -> None:
    made = ask(talk, pieces(1, 1))
    for _ in range(2):
        refused(desk, desk.lead, changing.withdraw, made.id, words="is somebody else's")
    assert {row.lane for row in desk.rows(AuditHead)} >= {1, 2}
    assert desk.rows(Document, kind="credit_note") == []
