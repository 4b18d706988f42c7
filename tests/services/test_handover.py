"""Handing a shift over: what the pack holds, one taker a line, and no shift ends on callbacks nobody was told of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from typer.testing import CliRunner

from csdesk.cli import app
from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models import (
    Call,
    Callback,
    CreditAccount,
    Draft,
    Handover,
    HandoverLine,
    Shift,
    Staff,
    Ticket,
    TicketReply,
)
from csdesk.services import callbacks, handover, queue, rosters, ticket_moves, tickets, undo_own
from csdesk.services.rosters import Line
from tests.services.conftest import Desk
from tests.services.papers import ask, pieces
from tests.services.talk import Talk
from tests.support.seed import TODAY


@pytest.fixture
def shifts(desk: Desk) -> Desk:
    """rep7 on the early shift, lead3 as a rep on the one after it."""
    lines = (Line(2, "rep7", f"{TODAY} 08:00", "16:00"), Line(3, "lead3", f"{TODAY} 16:00", "22:00"))
    desk.as_("boss1").write_now(rosters.load, lines)
    return desk


def pack(desk: Desk, note: str = "", login: str = "rep7") -> handover.PackView:
    desk.as_(login).write_now(handover.pack, "", note)
    return desk.rep.read_now(handover.latest)


def test_a_pack_holds_what_the_next_shift_must_know(shifts: Desk, talk: Talk) -> None:
    shifts.change(CreditAccount, {"id": 1}, credit_limit=0)
    talk.order(("7007", 1))
    ask(talk, pieces(1, 1))
    talk.add("4711", 2)
    for when, about in (("15", "invoice"), ("21-22", "truck"), ("22:30", "too late for it")):
        talk.store.write_now(callbacks.make, talk.call, when, about)
    said = shifts.rep.write_now(handover.pack, "", "truck 4 is late").words
    assert said == "Packed for North: 6 lines, due until 03 Mar 22:00."
    found = shifts.lead.read_now(handover.latest)
    assert [(each.line, each.kind, each.of) for each in found.lines] == [
        (1, "callback", "rep7"), (2, "callback", "rep7"), (3, "draft", "rep7"), (4, "held", "rep7"),
        (5, "request", "rep7"), (6, "note", "rep7"),
    ]  # fmt: skip
    assert found.lines[0].words == "20417 Harbour View Deli +12025550142: invoice"
    assert found.lines[3].words == "order 26000003 of 20417 Harbour View Deli, 18.09 USD, waits"
    assert found.lines[4].words.endswith("for 20417 Harbour View Deli waits for lead")
    with pytest.raises(Refused, match="Only a lead sees what another team hands over; yours is North"):
        shifts.rep.read_now(handover.latest, "South")
    with pytest.raises(Refused, match="Only a lead packs for another team"):
        shifts.rep.write_now(handover.pack, "South")
    assert shifts.lead.read_now(handover.latest, "South").id == 0


def test_whoever_accepts_a_callback_has_it(shifts: Desk, talk: Talk) -> None:
    talk.store.write_now(callbacks.make, talk.call, "16:30", "invoice")
    found = pack(shifts)
    shifts.clock.pass_by(hours=7, minutes=10)  # 16:13 there
    said = shifts.lead.write_now(handover.accept, found.id, (1,)).words
    assert said == "Yours: callback 20417 Harbour View Deli +12025550142: invoice."
    assert shifts.row(Callback).owner_id == 2
    assert [each.words for each in shifts.lead.read_now(queue.entries)] == ["invoice"]
    assert shifts.rep.read_now(queue.entries) == ()
    with pytest.raises(Refused, match="Line 1 was accepted by lead3 already"):
        shifts.rep.write_now(handover.accept, found.id, (1,))
    (line,) = shifts.rep.read_now(handover.latest).lines
    assert (line.accepted_by, line.accepted_at) == ("lead3", shifts.clock())


def test_a_draft_comes_with_its_call(shifts: Desk, talk: Talk) -> None:
    talk.add("4711", 2)
    found = pack(shifts)
    mine = shifts.talk(2, "lead3")
    shifts.lead.write_now(handover.accept, found.id, (1,))
    call, draft = shifts.row(Call, id=talk.call), shifts.row(Draft)
    assert (call.staff_id, call.slot, call.active, draft.staff_id) == (2, 2, False, 2)
    assert shifts.row(Call, id=mine.call).active
    placed = Talk(shifts.lead, talk.call).commit()
    assert placed.status == "allocated"


def test_lines_are_accepted_all_or_none(shifts: Desk, talk: Talk) -> None:
    for when in ("15", "17"):
        talk.store.write_now(callbacks.make, talk.call, when, "invoice")
    found = pack(shifts)
    shifts.lead.write_now(handover.accept, found.id, (2,))
    for lines, error in (((1, 2), Refused), ((1, 9), NotFound), ((), Invalid)):
        with pytest.raises(error):
            shifts.lead.write_now(handover.accept, found.id, lines)
    assert shifts.row(HandoverLine, line=1).accepted_by is None
    newer = pack(shifts)
    with pytest.raises(Refused, match="A newer pack was made since"):
        shifts.lead.write_now(handover.accept, found.id, (1,))
    shifts.change(Staff, {"id": 1}, team="South")
    with pytest.raises(Refused, match="for team North; yours is South"):
        shifts.as_("rep7").write_now(handover.accept, newer.id, (1,))


def test_no_shift_ends_on_due_callbacks_that_are_not_handed_over(shifts: Desk, talk: Talk) -> None:
    for when, about in (("15", "invoice"), ("17", "later")):
        talk.store.write_now(callbacks.make, talk.call, when, about)
    with pytest.raises(Refused) as raised:
        shifts.rep.write_now(handover.end_shift)
    assert raised.value.message == (
        "1 callback is due and not handed over: 20417 Harbour View Deli 15:00 invoice; > and m packs them, or make or "
        "move them."
    )
    shifts.change(Shift, {"staff_id": 1}, ends_at=shifts.clock() + timedelta(hours=14, minutes=30))  # beyond the next
    talk.store.write_now(callbacks.make, talk.call, "23", "at the very end")
    pack(shifts)
    assert shifts.rep.write_now(handover.end_shift) == "Shift ended at 09:03."
    assert shifts.row(Shift, staff_id=1).ended_at == shifts.clock()
    with pytest.raises(Refused, match="on no shift now"):
        shifts.rep.write_now(handover.end_shift)


def test_a_pack_of_the_day_before_hands_nothing_over(shifts: Desk, talk: Talk) -> None:
    talk.store.write_now(callbacks.make, talk.call, "+1 10", "invoice")
    shifts.change(Shift, {"staff_id": 2}, starts_at=shifts.clock() + timedelta(hours=23))
    pack(shifts)
    shifts.as_("boss1").write_now(rosters.load, (Line(2, "rep7", f"{TODAY + timedelta(days=1)} 08:00", "16:00"),))
    shifts.clock.pass_by(days=1)
    with pytest.raises(Refused, match="10:00 invoice"):
        shifts.rep.write_now(handover.end_shift)


def test_a_ticket_and_the_reply_begun_on_it(shifts: Desk, talk: Talk) -> None:
    ticket = talk.store.write_now(tickets.note, talk.call, "q", "where is it")
    talk.store.write_now(callbacks.make, talk.call, "17-18", "where it is", ticket.id)
    shifts.put(TicketReply, {"ticket_id": ticket.id, "staff_id": 1, "body": "It is on", "base_version": 1,
                             "updated_at": shifts.clock()})  # fmt: skip
    found = pack(shifts)
    number = shifts.row(Ticket).number
    assert [each.kind for each in found.lines] == ["callback", "ticket", "reply"]
    assert found.lines[1].words == f"{number} callback: where is it"
    assert found.lines[2].words == f"not sent on {number}: It is on"
    assert shifts.as_("coll1").read_now(handover.latest).lines == found.lines[:1], "tickets: who works them"
    shifts.lead.write_now(handover.accept, found.id, (1, 2, 3))
    assert shifts.row(Ticket).owner_id == 2


def note(desk: Desk, login: str, text: str, begun: str = "") -> int:
    """A ticket of a login with a callback, so that it is due today, and an answer begun on it; gives its id."""
    mine = desk.talk(1, login)
    id = mine.store.write_now(tickets.note, mine.call, "q", text).id
    mine.store.write_now(callbacks.make, mine.call, "17-18", text, id)
    if begun:
        staff = desk.row(Staff, login=login).id
        desk.put(TicketReply, {"ticket_id": id, "staff_id": staff, "body": begun, "base_version": 1,
                               "updated_at": desk.clock()})  # fmt: skip
    return int(id)


def lines(found: handover.PackView) -> list[tuple[str, str]]:
    return [(each.kind, each.of) for each in found.lines]


def test_a_rep_packs_his_own_and_what_colleagues_packed_stays_in(shifts: Desk) -> None:
    hidden = note(shifts, "lead3", "the lead's secret", "the price is wrong")
    note(shifts, "rep7", "mine")
    assert lines(pack(shifts)) == [("callback", "rep7"), ("ticket", "rep7")]
    shifts.lead.write_now(handover.pack, "", "truck 4")
    team = [("callback", "lead3"), ("callback", "rep7"), ("ticket", "lead3"), ("ticket", "rep7"), ("note", "lead3"),
            ("reply", "lead3")]  # fmt: skip
    assert sorted(lines(shifts.lead.read_now(handover.latest))) == sorted(team), "a lead packs the team's"
    shifts.rep.write_now(handover.pack, "", "bye")
    found = shifts.rep.read_now(handover.latest)
    assert ("ticket", "lead3") not in lines(found)
    assert "secret" not in "".join(each.words for each in found.lines if each.kind in ("ticket", "reply"))
    assert sorted(lines(shifts.lead.read_now(handover.latest))) == sorted([*team, ("note", "rep7")]), "it stays in"
    (line,) = shifts.rows(HandoverLine, handover_id=found.id, kind="ticket", subject_id=hidden)
    with pytest.raises(NotFound, match=f"no line {line.line} for you"):
        shifts.rep.write_now(handover.accept, found.id, (line.line,))
    assert shifts.row(Ticket, id=hidden).owner_id == 2


def test_the_next_shift_takes_a_ticket_it_could_not_see(shifts: Desk) -> None:
    hidden = note(shifts, "lead3", "the lead's", "begun")
    shifts.change(Shift, {"staff_id": 1}, starts_at=shifts.clock() + timedelta(hours=9))
    shifts.lead.write_now(handover.pack)
    found = shifts.rep.read_now(handover.latest)
    assert sorted(lines(found)) == [("callback", "lead3"), ("reply", "lead3"), ("ticket", "lead3")]
    shifts.rep.write_now(handover.accept, found.id, [each.line for each in found.lines])
    assert shifts.row(Ticket, id=hidden).owner_id == 1


def test_what_was_given_to_somebody_else_since_is_not_taken_from_him(shifts: Desk) -> None:
    id = note(shifts, "rep7", "mine")
    found = pack(shifts)
    shifts.lead.write_now(ticket_moves.assign, id, "boss1")
    call = shifts.row(Callback, ticket_id=id)
    shifts.change(Callback, {"id": call.id}, owner_id=3)
    for line, words in ((1, "the callback to 20417"), (2, "ticket 26000001")):
        with pytest.raises(Refused, match=f"Line {line}: {words} was rep7's when it was packed and is boss1's now"):
            shifts.lead.write_now(handover.accept, found.id, (line,))
    assert shifts.row(Ticket, id=id).owner_id == shifts.row(Callback, id=call.id).owner_id == 3
    shifts.change(Callback, {"id": call.id}, owner_id=1)


def test_the_commands_make_and_show_a_pack(desk: Desk, talk: Talk, database_url: str) -> None:
    talk.add("4711", 2)
    args = ["--db", database_url, "--user", "rep7"]
    shown = CliRunner().invoke(app, ["handover", "show", *args])
    assert shown.output == "Nothing was packed for North yet.\n"
    made = CliRunner().invoke(app, ["handover", "make", "--note", "truck 4", *args])
    assert made.output.startswith("Packed for North: 2 lines, due until ")
    lines = CliRunner().invoke(app, ["handover", "show", *args]).output.splitlines()
    assert lines[1].split(maxsplit=3) == ["1", "draft", "rep7", "an order of 20417 Harbour View Deli, not committed"]
    assert lines[2].split(maxsplit=3) == ["2", "note", "rep7", "truck 4"]


def test_what_was_accepted_packed_or_ended_is_taken_back_the_newest_first(shifts: Desk) -> None:
    made = note(shifts, "rep7", "when does the list begin")
    found = pack(shifts, "truck 4 is late")
    kinds = {each.kind: each.line for each in found.lines}
    assert set(kinds) == {"callback", "ticket", "note"}
    back = shifts.lead.write_now
    with pytest.raises(Refused, match="You decided nothing here"):
        back(undo_own.newest)
    back(handover.accept, found.id, tuple(kinds.values()))
    assert (shifts.row(Ticket).owner_id, shifts.row(Callback).owner_id) == (2, 2)
    assert back(undo_own.newest).words == "Undone: lines 1, 2, 3 of the pack can be accepted again."
    assert (shifts.row(Ticket).owner_id, shifts.row(Callback).owner_id) == (1, 1)
    assert {row.accepted_by for row in shifts.rows(HandoverLine)} == {None}
    back(handover.accept, found.id, (kinds["ticket"],))
    shifts.lead.write_now(ticket_moves.release, made)
    with pytest.raises(Conflict, match="Ticket 26000001 is not yours any more"):
        back(undo_own.newest)
    assert shifts.row(HandoverLine, line=kinds["ticket"]).accepted_by == 2, "all of it stays"
    with pytest.raises(Conflict, match="Somebody has accepted lines of this pack already"):
        shifts.rep.write_now(undo_own.newest)
    newer = pack(shifts)
    with pytest.raises(Conflict, match="Another pack was made since"):
        back(undo_own.newest)
    assert "the one before it stands again" in shifts.rep.write_now(undo_own.newest).words
    assert [row.id for row in shifts.rows(Handover)] == [found.id] != [newer.id]
    shifts.clock.pass_by(minutes=2)
    with pytest.raises(Refused, match="Too late to undo 'Yours: ticket 26000001"):
        back(undo_own.newest)


def test_a_draft_that_came_with_its_call_stays(shifts: Desk, talk: Talk) -> None:
    talk.add("4711", 2)
    found = pack(shifts)
    shifts.lead.write_now(handover.accept, found.id, (1,))
    with pytest.raises(Refused, match="A draft came with its call"):
        shifts.lead.write_now(undo_own.newest)
    assert shifts.row(HandoverLine).accepted_by == 2
