"""Working deductions: from unidentified to credited, written off or billed back, each step audited and undoable."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Allocation, ApprovalRequest, AuditEntry, Dispute, DisputeEvent, DisputeEvidence, OpenItem
from csdesk.services import (
    applying,
    approving,
    deduction_lists,
    deductions,
    disputing,
    goodwill,
    reports,
    undo,
)
from csdesk.services.deductions import Worked
from csdesk.store import Store
from tests.services.conftest import Desk
from tests.services.papers import ask, bill, pieces, post_all, worth
from tests.services.talk import Talk
from tests.services.test_disputing import FACE, INVOICE, books, pay, raised
from tests.support.seed import TODAY


@pytest.fixture
def clerk(desk: Desk) -> Store:
    """The desk of who works deductions; the invoice is 39.74 short."""
    pay(desk.store, FACE - 3974)
    return desk.as_("coll1")


def deduction(desk: Desk, id: int) -> Any:
    return desk.row(Dispute, id=id)


def done(store: Store, verb: Any, id: int, *args: Any, **more: Any) -> Worked:
    worked: Worked = store.write_now(verb, id, *args, **more)
    return worked


def steps(desk: Desk, id: int) -> list[tuple[str, str]]:
    return [(row.event, row.state) for row in desk.rows(DisputeEvent, dispute_id=id)]


def test_from_unidentified_to_credited_and_closed(desk: Desk, clerk: Store) -> None:
    id = raised(desk.store, 3974, "")
    assert deduction(desk, id).deadline_on == TODAY + timedelta(days=5)
    with pytest.raises(Refused, match="unidentified cannot take 'research'"):
        done(clerk, deductions.take, id)
    assert done(clerk, deductions.code, id, "d").words.startswith("Deduction 26000001 is Damaged, to be solved by")
    assert deduction(desk, id).deadline_on == TODAY + timedelta(days=30)
    assert done(clerk, deductions.take, id).words == "Deduction 26000001 is with Val Hartley."
    done(clerk, deductions.evidence, id, "pod", "P-77", "two crates crushed")
    assert done(clerk, deductions.decide, id, "valid").state == "valid"
    asked = done(clerk, deductions.credit, id, (pieces(1, 2),))
    assert "Credit request 26000001: 39.74 USD on invoice 26000001 (Damaged), to be approved by lead" in asked.words
    request = desk.row(ApprovalRequest)
    assert (request.reason, deduction(desk, id).request_id) == ("damaged", request.id)
    desk.lead.write_now(approving.approve, request.id)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    row = deduction(desk, id)
    assert (row.state, row.open, row.credited) == ("closed", 0, 3974)
    events = ["open", "code", "research", "accept", "request", "credit", "credited"]
    assert [each for each, _ in steps(desk, id)] == events
    verbs = {entry.verb for entry in desk.rows(AuditEntry) if entry.verb.startswith("deductions.")}
    assert verbs == {f"deductions.{each}" for each in ("code", "take", "evidence", "decide", "credit")}
    assert desk.row(DisputeEvidence).reference == "P-77"


def test_one_credit_a_deduction_whichever_way_it_comes(desk: Desk, clerk: Store) -> None:
    talk = desk.talk()
    first, second = raised(desk.store, 1987), raised(desk.store, 1987)
    done(clerk, deductions.decide, first, "valid")
    done(clerk, deductions.credit, first, (pieces(1, 1),))
    with pytest.raises(Refused, match=r"line 1 is credited for this reason already: request 26000001 out of deduction"):
        ask(talk, pieces(1, 1))
    done(clerk, deductions.decide, second, "valid")
    with pytest.raises(Refused, match="request 26000001 out of deduction 26000001"):
        done(clerk, deductions.credit, second, (pieces(1, 1),))
    with pytest.raises(Refused, match="Request 26000001 settles deduction 26000001 already"):
        done(clerk, deductions.credit, first, (pieces(2, 1),))
    ask(talk, pieces(1, 1), letter="w")  # another reason is another case
    with pytest.raises(Refused, match="Request 26000001 settles deduction 26000001 already"):
        done(clerk, deductions.link, second, "26000001")
    done(clerk, deductions.link, second, "26000002")
    desk.lead.write_now(approving.approve, desk.row(ApprovalRequest, number="26000001").id)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    with pytest.raises(Refused, match="if this is another case, say which behind the reason"):
        ask(talk, pieces(1, 1))
    ask(talk, pieces(1, 1), note="a further crate, seen on Friday")


def test_a_credit_asked_for_elsewhere_counts_for_a_deduction_too(desk: Desk, clerk: Store) -> None:
    talk, id = desk.talk(), raised(desk.store, 1987)
    made = ask(talk, pieces(1, 1))
    done(clerk, deductions.decide, id, "valid")
    with pytest.raises(Refused, match="request 26000001; if it is this case, a26000001 settles the deduction by it"):
        done(clerk, deductions.credit, id, (pieces(1, 1),), "typed")
    desk.lead.write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    with pytest.raises(Refused, match="if this is another case, say which behind the reason"):
        done(clerk, deductions.credit, id, (pieces(1, 1),))
    done(clerk, deductions.credit, id, (pieces(1, 1),), "a further crate, seen on Friday")


def test_no_more_is_credited_than_was_found_valid(desk: Desk, clerk: Store) -> None:
    id = raised(desk.store, 3974)
    done(clerk, deductions.decide, id, "part", 1986)
    with pytest.raises(Refused, match=r"19\.87 USD are more than the 19\.86 USD that are valid of deduction 26000001"):
        done(clerk, deductions.credit, id, (pieces(1, 1),))
    assert desk.rows(ApprovalRequest) == []
    done(clerk, deductions.take, id)
    done(clerk, deductions.decide, id, "part", 1987)
    done(clerk, deductions.credit, id, (pieces(1, 1),))


def test_asking_the_credit_needs_the_duty_to_ask_for_one(desk: Desk, clerk: Store) -> None:
    id = raised(desk.store, 1987)
    done(clerk, deductions.decide, id, "valid")
    without = clerk.acting(replace(clerk.actor, duties=clerk.actor.duties - {"credit.request"}))
    with pytest.raises(Refused, match=r"needs the duty 'credit\.request'"):
        done(without, deductions.credit, id, (pieces(1, 1),))


def test_a_request_on_another_invoice_settles_it_only_with_what_is_left_of_its_note(desk: Desk, clerk: Store) -> None:
    id, talk = raised(desk.store, 1987), desk.talk()
    other = bill(desk, ("2208", 10, 10_000, 0))
    small, large = (
        ask(talk, worth(1, value), letter=letter, invoice=other) for value, letter in ((100, "w"), (1987, "q"))
    )
    done(clerk, deductions.decide, id, "valid")
    with pytest.raises(Refused, match=r"Request 26000001 is not on 26000001, and has no 19\.87 USD left"):
        done(clerk, deductions.link, id, small.number)
    for made in (small, large):
        desk.lead.write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    with pytest.raises(Refused, match="is not on 26000001"):
        done(clerk, deductions.link, id, small.number)
    assert done(clerk, deductions.link, id, large.number).state == "closed"
    assert amounts(desk, id) == ("closed", 1987, 0, 0, 1987, 0)


def test_a_part_is_credited_and_the_rest_billed_back(desk: Desk, clerk: Store) -> None:
    id = raised(desk.store, 3974)
    for wrong in (None, 0, 3974):
        with pytest.raises(Invalid, match=r"less than the 39\.74 USD that are open"):
            done(clerk, deductions.decide, id, "part", wrong)
    assert done(clerk, deductions.decide, id, "part", 2000).words == "Deduction 26000001 is part: 20.00 USD."
    done(clerk, deductions.credit, id, (pieces(1, 1),))
    with pytest.raises(Refused, match="waits still; go on with the rest once it is posted"):
        done(clerk, deductions.bill_back, id)
    _posted(desk)
    assert amounts(desk, id) == ("credited", 3974, 1987, 0, 1987, 0), "the note stands against the item at once"
    assert desk.row(OpenItem, id=INVOICE).open == 1987
    words = done(clerk, deductions.bill_back, id, "agreed on the phone").words
    assert words == "Deduction 26000001 is billed back, 19.87 USD due again."
    assert amounts(desk, id) == ("closed", 3974, 1987, 0, 1987, 0)
    view = desk.lead.read_now(reports.run, "deductions", TODAY)
    assert view.rows[0][3:9] == tuple(Decimal(each) for each in ("39.74", "0", "0", "19.87", "0", "19.87"))
    assert done(clerk, deductions.take, id).state == "in_research", "the rest may be decided anew"


def _posted(desk: Desk, **which: Any) -> None:
    """Whatever was asked for is approved and posted."""
    desk.lead.write_now(approving.approve, desk.row(ApprovalRequest, **which).id)
    desk.clock.pass_by(minutes=5)
    post_all(desk)


def amounts(desk: Desk, id: int) -> tuple[str, int, int, int, int, int]:
    row = deduction(desk, id)
    assert row.original == row.open + row.paid + row.credited + row.cleared
    return row.state, row.original, row.open, row.paid, row.credited, row.cleared


def test_the_rest_of_one_credited_in_part_is_written_off(desk: Desk, clerk: Store) -> None:
    id = raised(desk.store, 3974)
    done(clerk, deductions.decide, id, "part", 2000)
    done(clerk, deductions.credit, id, (pieces(1, 1),))
    with pytest.raises(Refused, match="Request 26000001 about deduction 26000001 waits still"):
        done(clerk, deductions.write_off, id, "j")
    _posted(desk)
    done(clerk, deductions.write_off, id, "j")
    with pytest.raises(Refused, match="request 26000001 out of deduction 26000001"):
        ask(desk.talk(), pieces(1, 1))  # what was credited out of it stays so
    desk.as_("fin2").write_now(approving.approve, desk.row(ApprovalRequest, kind="deduction_write_off").id)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    assert amounts(desk, id) == ("closed", 3974, 0, 0, 1987, 1987)


def test_nothing_is_decided_about_the_rest_while_the_note_is_taken_off_again(desk: Desk, clerk: Store) -> None:
    id = raised(desk.store, 3974)
    done(clerk, deductions.decide, id, "part", 2000)
    done(clerk, deductions.credit, id, (pieces(1, 1),))
    _posted(desk)
    applied = desk.row(Allocation, why="deduction")
    cash = desk.as_("cash1")
    cash.write_now(applying.unapply, None, applied.id)
    assert amounts(desk, id) == ("credited", 3974, 3974, 0, 0, 0)
    for act, more in ((deductions.bill_back, ()), (deductions.take, ()), (deductions.write_off, ("j",))):
        with pytest.raises(Refused, match=r"is not set against its item; apply it \(o\)"):
            done(clerk, act, id, *more)
    cash.write_now(applying.apply, None, applied.credit_item_id, INVOICE)
    done(clerk, deductions.bill_back, id)
    assert amounts(desk, id) == ("closed", 3974, 1987, 0, 1987, 0)


def test_goodwill_settles_a_deduction_and_taking_the_link_back_takes_the_note_off(desk: Desk, clerk: Store) -> None:
    id, talk = raised(desk.store, 3974), desk.talk()
    made = talk.store.write_now(goodwill.ask, talk.call, 5000, "g")
    done(clerk, deductions.decide, id, "valid")
    done(clerk, deductions.link, id, made.number)
    desk.as_("boss1").write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    assert amounts(desk, id) == ("closed", 3974, 0, 0, 3974, 0)
    assert desk.row(OpenItem, kind="credit_note").open == 3974 - 5000, "more of the note stays on account"
    other = raised(desk.store, 1000, item=bill(desk, ("2208", 1, 1000, 0)))
    made = talk.store.write_now(goodwill.ask, talk.call, 1500, "g", "", "again")
    desk.as_("boss1").write_now(approving.approve, made.id)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    done(clerk, deductions.decide, other, "valid")
    assert done(clerk, deductions.link, other, made.number).state == "closed"
    assert amounts(desk, other) == ("closed", 1000, 0, 0, 1000, 0)
    done(clerk, deductions.take_back, other)
    assert amounts(desk, other) == ("valid", 1000, 1000, 0, 0, 0)
    assert desk.row(ApprovalRequest, id=made.id).dispute_id is None


def test_what_is_not_valid_is_billed_back_and_may_be_taken_up_again(desk: Desk, clerk: Store) -> None:
    id = raised(desk.store, 3974)
    done(clerk, deductions.decide, id, "invalid", note="signed for")
    with pytest.raises(Refused, match="cannot take 'credit'"):
        done(clerk, deductions.credit, id, (pieces(1, 1),))
    words = done(clerk, deductions.bill_back, id).words
    assert words == "Deduction 26000001 is billed back, 39.74 USD due again."
    assert desk.rep.read_now(disputing.short_payments, 1) == (), "it is owed, and short no more"
    assert clerk.read_now(deduction_lists.worklist) == ()
    with books(desk.store) as tx:
        assert deductions.disputed_at(tx, 1, TODAY) == {}
    assert done(clerk, deductions.take, id).state == "in_research"
    assert [row.id for row in clerk.read_now(deduction_lists.worklist, 1)] == [id]
    done(clerk, deductions.decide, id, "invalid")
    done(clerk, deductions.bill_back, id)
    pay(desk.store, 3974)
    with pytest.raises(Refused, match="Nothing of deduction 26000001 is left to dispute"):
        done(clerk, deductions.take, id)


def test_a_small_one_is_written_off(desk: Desk, clerk: Store) -> None:
    id = raised(desk.store, 3974)
    done(clerk, deductions.decide, id, "invalid")
    assert "to be approved by finance" in done(clerk, deductions.write_off, id, "j").words
    desk.as_("fin2").write_now(approving.approve, desk.row(ApprovalRequest).id)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    row = deduction(desk, id)
    assert (row.state, row.open, row.cleared) == ("closed", 0, 3974)
    assert steps(desk, id)[-2:] == [("write_off", "written_off"), ("cleared", "closed")]


def test_each_step_is_taken_back_by_who_made_it(desk: Desk, clerk: Store) -> None:
    id = raised(desk.store, 3974)
    done(clerk, deductions.take, id)
    done(clerk, deductions.decide, id, "valid")
    done(clerk, deductions.credit, id, (pieces(1, 2),))
    with pytest.raises(Refused, match="no step of yours"):
        done(desk.as_("coll1").acting(desk.store.actor), deductions.take_back, id)
    done(clerk, deductions.take_back, id)
    assert desk.row(ApprovalRequest).state == "withdrawn"
    assert (deduction(desk, id).state, deduction(desk, id).request_id) == ("valid", None)
    done(clerk, deductions.take_back, id)
    row = deduction(desk, id)
    assert (row.state, row.valid, row.owner_id) == ("in_research", None, desk.seeded.staff["coll1"])
    desk.clock.pass_by(minutes=5)
    with pytest.raises(Refused, match="no step of yours"):
        done(clerk, deductions.take_back, id)


def test_on_a_call_u_takes_it_back(desk: Desk, clerk: Store) -> None:
    id, talk = raised(desk.store, 3974), desk.talk(login="coll1")
    done(clerk, deductions.decide, id, "invalid", call_id=talk.call)
    done(clerk, deductions.bill_back, id, call_id=talk.call)
    assert clerk.write_now(undo.last, talk.call).words == "Undone: deduction 26000001 is invalid as before"
    assert deduction(desk, id).closed_at is None


def test_the_work_list_has_the_nearest_deadline_first_with_its_reason(desk: Desk, clerk: Store) -> None:
    ids = [raised(desk.store, amount, code) for amount, code in ((500, "late"), (900, "damaged"), (100, ""))]
    rows = clerk.read_now(deduction_lists.worklist)
    assert [row.id for row in rows] == [ids[2], ids[1], ids[0]]
    assert [row.why for row in rows] == ["5 days left, 1.00 USD", "30 days left, 9.00 USD", "30 days left, 5.00 USD"]
    desk.clock.pass_by(days=7)
    assert clerk.read_now(deduction_lists.worklist)[0].why == "2 days past its deadline, 1.00 USD"
    view = clerk.read_now(deduction_lists.whole, ids[1])
    assert (view.row.item, view.item_open, view.document_id) == ("26000001", 3974, 9201)
    with pytest.raises(NotFound):
        clerk.read_now(deduction_lists.find, "1")


@pytest.mark.parametrize(("kind", "reference"), [("fax", "1"), ("pod", " ")])
def test_evidence_has_a_kind_and_a_reference(desk: Desk, clerk: Store, kind: str, reference: str) -> None:
    id = raised(desk.store, 100)
    with pytest.raises(Invalid):
        done(clerk, deductions.evidence, id, kind, reference)


def test_the_report_adds_up_as_of_any_day(desk: Desk, clerk: Store) -> None:
    one, other = raised(desk.store, 3000), raised(desk.store, 680, "late")
    desk.clock.pass_by(days=1)
    done(clerk, deductions.decide, one, "invalid")
    done(clerk, deductions.bill_back, one)
    assert deduction(desk, other).open == 680
    view = desk.lead.read_now(reports.run, "deductions", TODAY)
    assert [(row[0], row[2], row[4], row[8]) for row in view.rows] == [
        ("Damaged", 1, Decimal("30.00"), Decimal("0.00")), ("Late", 1, Decimal("6.80"), Decimal("0.00"))
    ]  # fmt: skip
    later = desk.lead.read_now(reports.run, "deductions", date(2026, 3, 4))
    assert next((row[0], row[4], row[8]) for row in later.rows) == ("Damaged", Decimal("0.00"), Decimal("30.00"))
    assert all(row[3] == sum(row[4:9]) for row in later.rows)


def test_a_rep_may_not_decide(desk: Desk, clerk: Store, talk: Talk) -> None:
    id = raised(desk.store, 100)
    with pytest.raises(Refused, match=r"dispute\.resolve"):
        done(talk.store, deductions.decide, id, "valid")
