"""Callbacks through the services: kept, broken by the window and once, moved, cancelled, in whose hands they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import (
    AuditEntry,
    Callback,
    CallbackAttempt,
    ContactEntry,
    Shift,
    Staff,
    Ticket,
    TicketEvent,
    TicketItem,
)
from csdesk.services import (
    callback_lists,
    callbacks,
    promised,
    promises,
    queue,
    rosters,
    ticket_merging,
    ticket_moves,
    ticket_resolving,
    ticket_thread,
    ticket_views,
    tickets,
    ticking,
)
from csdesk.services.rosters import Line
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.support.seed import TODAY


def make(talk: Talk, when: str = "15", about: str = "invoice") -> int:
    """A callback of the caller: 15:00 on his clock is 20:00 UTC, six hours from now."""
    return talk.store.write_now(callbacks.make, talk.call, when, about).id


def roster(desk: Desk, *lines: tuple[str, str, str, str]) -> str:
    """Takes a roster in: login, start, end, level of today's shifts."""
    told = [
        Line(n, login, f"{TODAY} {start}", end, "North", level) for n, (login, start, end, level) in enumerate(lines)
    ]
    return desk.as_("boss1").write_now(rosters.load, tuple(told))


def ticked(desk: Desk) -> list[str]:
    """What a tick says of callbacks."""
    return [words for words, _ in ticking.run(desk.store) if words.startswith("Callback")]


def waiting(desk: Desk) -> list[str]:
    """The callbacks in the queue of the rep."""
    return [each.words for each in desk.rep.read_now(queue.entries) if each.kind == "callback"]


def verbs(desk: Desk) -> list[str]:
    return [row.verb for row in desk.rows(AuditEntry) if row.verb.startswith("callbacks.")]


def test_a_callback_is_promised_at_the_callers_number(desk: Desk, talk: Talk) -> None:
    made = talk.store.write_now(callbacks.make, talk.call, "15-16", "invoice 26000001")
    assert made.words == ("Callback promised: Tue 03 Mar 15:00-16:00 at +12025550142 about invoice 26000001.")
    row = desk.row(Callback)
    assert (row.due_at, row.until_at) == (datetime(2026, 3, 3, 20, tzinfo=UTC), datetime(2026, 3, 3, 21, tzinfo=UTC))
    assert (row.staff_id, row.owner_id, row.state, row.phone) == (1, 1, "promised", "+12025550142")
    talk.undo()
    assert (desk.row(Callback).state, desk.row(Callback).done_at) == ("cancelled", desk.clock())


@pytest.mark.parametrize(
    ("when", "about", "said"),
    [("9", "invoice", "9 is over, it is 09:03 on the customer's clock"), ("15", " ", "Say what it is about"),
     ("16-15", "invoice", "ends before it begins"), ("26", "invoice", "is no time of day")],
)  # fmt: skip
def test_what_cannot_be_promised_says_why(desk: Desk, talk: Talk, when: str, about: str, said: str) -> None:
    for verb, first in ((callbacks.make, talk.call), (callbacks.preview, 1)):
        with pytest.raises(Invalid, match=said):
            (talk.store.write_now if verb is callbacks.make else talk.store.read_now)(verb, first, when, about)
    assert desk.rows(Callback) == []


def test_a_ticket_of_somebody_else_is_refused(desk: Desk, talk: Talk) -> None:
    theirs = desk.talk(2)
    ticket = theirs.store.write_now(tickets.note, theirs.call, "q", "where is it").id
    for which, said in ((ticket, "not one of 20417"), (4711, "no such ticket")):
        with pytest.raises(NotFound, match=said):
            talk.store.write_now(callbacks.make, talk.call, "15", "invoice", which)
    assert desk.rows(Callback) == []


def test_no_callback_is_promised_for_a_ticket_that_is_over(desk: Desk, talk: Talk) -> None:
    ticket = talk.store.write_now(tickets.note, talk.call, "q", "where is it").id
    desk.rep.write_now(ticket_moves.category, ticket, "other")
    desk.rep.write_now(ticket_resolving.resolve, ticket, "", "on the truck")
    with pytest.raises(Refused, match="Ticket 26000001 is resolved; e and why reopens it"):
        talk.store.write_now(callbacks.make, talk.call, "15", "invoice", ticket)
    assert desk.rows(Callback) == []


def test_the_ticket_it_is_about_has_a_clock_for_it(desk: Desk, talk: Talk) -> None:
    ticket = talk.store.write_now(tickets.note, talk.call, "q", "where is it").id
    call = talk.store.write_now(callbacks.make, talk.call, "9:30-10", "invoice", ticket).id
    assert desk.row(Ticket).due_kind == "callback"
    assert desk.row(Ticket).due_at == desk.row(Callback).until_at
    assert [each.id for each in desk.rep.read_now(callback_lists.of_ticket, ticket)] == [call]
    talk.store.write_now(callbacks.move, call, "10-11", True)
    assert desk.row(Ticket).due_at == desk.row(Callback).until_at
    talk.store.write_now(callbacks.keep, call)
    assert desk.row(Ticket).due_kind != "callback"
    said = [row.event for row in desk.rows(TicketEvent) if row.event.startswith("callback")]
    assert said == ["callback_promised", "callback_moved", "callback_kept"]


@pytest.mark.parametrize("merged", [False, True])
def test_a_callback_that_is_kept_is_an_answered_call_of_its_ticket(desk: Desk, talk: Talk, merged: bool) -> None:
    ticket = talk.store.write_now(tickets.note, talk.call, "q", "where is it").id
    goes_on = talk.store.write_now(tickets.note, talk.call, "q", "the same").id if merged else ticket
    call = talk.store.write_now(callbacks.make, talk.call, "9:30-10", "invoice", ticket).id
    desk.rep.write_now(ticket_thread.inbound, ticket, "where does it stay?")
    if merged:
        desk.lead.write_now(ticket_merging.merge, ticket, "002")
    desk.clock.now = desk.row(Callback).due_at
    for verb, *words in ((callbacks.keep,), (callbacks.attempt, "engaged"), (queue.called,)):
        with pytest.raises(Refused, match=r"may not do this: it needs the duty 'promise\.take'"):
            desk.as_("audit1").write_now(verb, call, *words)
    desk.lead.write_now(callbacks.keep, call)
    clocks = desk.rep.read_now(ticket_views.whole, goes_on).clocks
    kinds = {each.kind: each for each in clocks if each.state == "running"}
    assert set(kinds) == {"keep_informed", "resolution"}, "reply and callback are met"
    assert kinds["keep_informed"].started_at == desk.clock()
    assert [row.body for row in desk.rows(TicketItem, kind="call")][-1] == "Called back about invoice."
    if merged:
        desk.lead.write_now(ticket_merging.unmerge, ticket)
        assert not [each for each in desk.rep.read_now(ticket_views.whole, ticket).clocks
                    if each.state == "running" and each.kind in ("reply", "callback")]  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "state"), [(-20, "kept"), (0, "kept"), (30, "kept"), (31, "broken"), (4000, "broken")]
)
def test_kept_is_spoken_to_by_the_end_of_the_window_whenever_anybody_looks(
    desk: Desk, talk: Talk, minutes: int, state: str
) -> None:
    call = make(talk)
    desk.clock.now = desk.row(Callback).due_at + timedelta(minutes=minutes)
    assert talk.store.write_now(callbacks.keep, call).state == state
    row = desk.row(Callback)
    assert (row.state, row.done_at, desk.row(CallbackAttempt).outcome) == (state, desk.clock(), "spoke")
    assert "was made already" in talk.store.write_now(callbacks.keep, call).words
    assert ticked(desk) == []
    assert len(desk.rows(CallbackAttempt)) == 1
    assert talk.store.read_now(callback_lists.whole, call).strict == (state == "kept")


def test_a_weekend_off_breaks_a_callback_once_and_it_is_still_owed(desk: Desk, talk: Talk) -> None:
    call = make(talk)
    desk.clock.pass_by(hours=6, minutes=10)
    talk.store.write_now(callbacks.attempt, call, "engaged, tries later")
    assert (desk.row(Callback).state, desk.row(CallbackAttempt).outcome) == ("attempted", "engaged")
    assert desk.row(ContactEntry).words == "Not reached about invoice: engaged, tries later"
    assert desk.store.read_now(callbacks.lapsed) == ()
    desk.clock.pass_by(days=3)
    assert ticked(desk) == ["Callback to 20417 Harbour View Deli of Tue 03 Mar 15:00: broken."]
    assert ticked(desk) == []
    assert verbs(desk).count("callbacks.lapse") == 1
    assert waiting(desk) == ["invoice, broken"]
    view = talk.store.read_now(callback_lists.whole, call)
    assert (view.state, view.strict, view.lenient) == ("broken", False, True)
    talk.store.write_now(callbacks.keep, call)
    assert (desk.row(Callback).state, desk.row(Callback).done_at) == ("broken", desk.clock())
    assert waiting(desk) == []


@pytest.mark.parametrize(
    ("hours", "by_customer", "counts"), [(5, False, False), (6.1, False, True), (6.1, True, False), (9, True, True)]
)
def test_moved_by_us_after_the_window_opened_counts_as_broken(
    desk: Desk, talk: Talk, hours: float, by_customer: bool, counts: bool
) -> None:
    call = make(talk)
    desk.clock.pass_by(hours=hours)
    said = desk.rep.read_now(callbacks.preview_move, call, "+1 10", by_customer)
    assert said.startswith("moves it to Wed 04 Mar 10:00, ")
    assert said.endswith("counts as broken") == counts
    moved = talk.store.write_now(callbacks.move, call, "+1 10", by_customer)
    assert ("counts as broken" in moved.words) == counts
    row = desk.row(Callback)
    assert (row.state, row.moved_ours, row.due_at) == ("promised", counts, datetime(2026, 3, 4, 15, tzinfo=UTC))
    assert desk.row(CallbackAttempt).note == "from Tue 03 Mar 15:00 to Wed 04 Mar 10:00"
    desk.clock.now = row.due_at
    talk.store.write_now(callbacks.keep, call)
    (told,) = [each for each in desk.rep.read_now(promised.to_customer, 1).ours if each.kind == "callback"]
    assert told.state == ("broken" if counts else "kept")
    assert talk.store.read_now(callback_lists.whole, call).strict is not counts


def test_cancelled_is_done_with_its_reason_and_never_by_a_mail(desk: Desk, talk: Talk) -> None:
    call = make(talk)
    ticket = talk.store.write_now(tickets.note, talk.call, "q", "where is it").id
    offer = (
        "A call is promised, Tue 03 Mar 15:00 about invoice; if this settles it: =, Enter there, x and why cancels it."
    )
    assert desk.rep.read_now(ticket_thread.inbound_preview, ticket, "it came").endswith(f"message. {offer}")
    assert desk.rep.write_now(ticket_thread.inbound, ticket, "it came").words.endswith(f"message. {offer}")
    (offered,) = desk.rep.read_now(callback_lists.offer_cancel, 1)
    assert (offered.id, offered.about, offered.state) == (call, "invoice", "promised")
    assert desk.row(Callback).done_at is None
    with pytest.raises(Invalid):
        talk.store.write_now(callbacks.cancel, call, " ")
    talk.store.write_now(callbacks.cancel, call, "settled by mail")
    assert desk.row(Callback).state == "cancelled"
    assert desk.rep.read_now(callback_lists.offer_cancel, 1) == ()
    assert desk.rep.write_now(ticket_thread.inbound, ticket, "and the list").words.endswith("customer's message.")
    for verb, more in ((callbacks.attempt, ("no",)), (callbacks.move, ("16",)), (callbacks.cancel, ("no",))):
        with pytest.raises(Refused, match="done already"):
            talk.store.write_now(verb, call, *more)
    assert verbs(desk) == ["callbacks.make", "callbacks.cancel"]


def test_the_callback_of_a_promise_is_one_like_any(desk: Desk, talk: Talk) -> None:
    talk.store.write_now(promises.take, talk.call, 9301, "+1", "14")
    row = desk.row(Callback)
    assert (row.state, row.owner_id, row.phone, row.about) == (
        "promised", 1, "+12025550142", "promise to pay 26000001",
    )  # fmt: skip
    assert desk.rep.read_now(callback_lists.whole, row.id).of_promise
    talk.undo()
    assert desk.row(Callback).state == "cancelled"


def test_without_a_roster_it_is_the_owners_and_a_disabled_ones_is_nobodys(desk: Desk, talk: Talk) -> None:
    make(talk, "9:30")
    assert [each.words for each in desk.rep.read_now(queue.entries)] == ["invoice"]
    desk.change(Staff, {"id": 1}, disabled=True)
    (found,) = desk.lead.read_now(callback_lists.unowned)
    assert found.words == "unowned (rep7 is disabled): invoice"
    assert [each.words for each in desk.lead.read_now(queue.entries)] == [found.words]


def test_the_roster_says_in_whose_hands_a_callback_is(desk: Desk, talk: Talk) -> None:
    make(talk)
    roster(desk, ("rep7", "08:00", "14:00", ""), ("lead3", "12:00", "20:00", "lead"))
    desk.clock.pass_by(hours=5, minutes=40)  # 14:43 there, the owner has gone
    assert desk.rep.read_now(queue.entries) == ()
    assert [each.words for each in desk.lead.read_now(queue.entries)] == ["for rep7: invoice"]
    assert desk.rep.read_now(callback_lists.unowned) == ()
    view = desk.rep.read_now(callback_lists.whole, desk.row(Callback).id)
    assert view.unowned == "lead3 stands in: rep7 is not on shift"
    desk.change(Shift, {"staff_id": 2}, ended_at=desk.clock())
    (found,) = desk.rep.read_now(callback_lists.unowned)
    assert found.words == "unowned (rep7 is not on shift): invoice"


def test_every_open_callback_has_somebody_on_shift_or_is_listed_as_unowned(desk: Desk, talk: Talk) -> None:
    for when in ("9:30", "12", "15", "18", "+1 9"):
        make(talk, when)
    roster(desk, ("rep7", "08:00", "12:15", ""), ("lead3", "14:00", "17:00", "lead"))
    unowned = {each.id: each for each in desk.rep.read_now(callback_lists.unowned)}
    for each in desk.rep.read_now(callback_lists.offer_cancel, 1):
        if each.id in unowned:
            assert each.staff_id is None
        else:
            assert each.staff_id in {*desk.rep.read_now(rosters.on_shift, "North", "", each.due),
                                     *desk.rep.read_now(rosters.on_shift, "North", "lead", each.due)}  # fmt: skip
    assert [each.due.hour for each in unowned.values()] == [23, 14]
