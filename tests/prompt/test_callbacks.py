"""Callbacks, promises and handing over by keys, with the rows they leave.

Key paths: on a call `b15 invoice` Enter promises a callback; `q`, a digit and `y` say that the customer was spoken to,
`n words`, `m15` / `m15c`, `x why` what else became of it; `=` Enter lists what was promised; `>` Enter the handover.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from csdesk.models import Callback, CallbackAttempt, Draft, HandoverLine, Shift, Ticket, TicketEvent
from csdesk.prompt import line
from csdesk.prompt.desk import Desk
from csdesk.services import callbacks, calls, handover, rosters, ticket_views
from csdesk.services.rosters import Line
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.support.seed import SHORT_CODE, TODAY, acting

THREE = datetime(2026, 3, 3, 20, tzinfo=UTC)  # 15:00 on the customer's clock


async def seat_of(books: Books, login: str) -> Seat:
    seat = Seat(Desk(acting(books.store, login)))
    await seat.desk.start()
    return seat


@pytest.fixture
async def shown(seat: Seat, books: Books) -> Seat:
    """A callback of ten to ten, shown whole to whoever promised it."""
    await seat.sit()
    await seat.type("b9:50-10 invoice⏎z")
    books.clock.pass_by(minutes=40)
    await seat.type("q⏎1")
    assert seat.page().startswith(
        "CALLBACK\n20417 Harbour View Deli   +12025550142\npromised for Tue 03 Mar 09:50-10:00: "
    )
    return seat


async def test_a_callback_in_twelve_keys(seat: Seat, books: Books) -> None:
    await seat.sit()
    echo = await seat.type("b15 invoice⏎")
    assert echo == "Callback promised: Tue 03 Mar 15:00 at +12025550142 about invoice."
    row = books.row(Callback)
    assert (row.due_at, row.until_at, row.about, row.owner_id, row.state) == (THREE, None, "invoice", 1, "promised")
    assert "Promised: callback Tue 03 Mar 15:00 invoice   =" in seat.page()
    await seat.type("u")
    assert books.row(Callback).state == "cancelled"
    assert "Promised:" not in seat.page()


@pytest.mark.parametrize(
    ("typed", "opens", "until", "about"),
    [("bmon10 late truck⏎", "2026-03-09 14:00", None, "late truck"), ("b12/6 10 x⏎", "2026-06-12 14:00", None, "x"),
     ("b15-16 price⏎", "2026-03-03 20:00", "2026-03-03 21:00", "price"),
     ("b+1 9:30 price⏎", "2026-03-04 14:30", None, "price")],
)  # fmt: skip
async def test_other_days_and_windows(
    seat: Seat, books: Books, typed: str, opens: str, until: str | None, about: str
) -> None:
    await seat.sit()
    await seat.type(typed)
    row = books.row(Callback)
    assert f"{row.due_at:%Y-%m-%d %H:%M}" == opens
    assert (row.until_at and f"{row.until_at:%Y-%m-%d %H:%M}") == until
    assert row.about == about


async def test_what_enter_would_promise_stands_there_and_what_is_wrong_stays(seat: Seat, books: Books) -> None:
    await seat.sit()
    for typed, said in (
        ("b15 invoice", "calls back Tue 03 Mar 15:00 at +12025550142 about invoice"),
        ("b9 invoice", "9 is over, it is 09:03 on the customer's clock; +1 9 is tomorrow."),
        ("b16-15 invoice", "ends before it begins"),
    ):
        seat.desk.sync_keys(typed)
        await seat.desk.look()
        assert said in seat.echo, typed
    seat.desk.sync_keys()
    assert "9 is over" in await seat.type("b9 invoice⏎")
    assert seat.prompt == "b9 invoice"
    assert books.rows(Callback) == []


async def test_the_form_asks_when_and_about_what(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("b⏎")
    assert seat.echo.startswith("When? 15, 15:30")
    await seat.type("mon10⏎")
    assert (await seat.type("invoice⏎")).endswith("(short: bmon10 invoice)")
    assert books.row(Callback).about == "invoice"


async def test_b_of_a_short_line_acts_as_it_did(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type(f"{SHORT_CODE} 6⏎b")
    assert '"choice":"part"' in books.row(Draft).lines
    await seat.type("b15 invoice⏎")
    assert books.row(Callback).about == "invoice"
    assert seat.lines == [(SHORT_CODE, 6)]
    await seat.type("b7 3⏎")
    assert books.row(Callback).about == "invoice", "a code that begins with b and a quantity stay an order line"


async def test_y_is_spoken_to_and_opens_the_customer(shown: Seat, books: Books) -> None:
    await shown.type("y")
    await shown.desk.look()
    assert shown.echo == "notes that 20417 Harbour View Deli was spoken to about invoice; the customer opens"
    assert books.rows(CallbackAttempt) == [], "a name may begin with y"
    assert await shown.type("⏎") == "Callback to 20417 Harbour View Deli: invoice."
    assert shown.page().startswith("CUSTOMER")
    assert shown.desk.now.bar is not None
    assert shown.desk.now.bar.code == "20417"
    row = books.row(Callback)
    assert (row.state, row.done_at, books.row(CallbackAttempt).outcome) == ("kept", books.clock(), "spoke")
    assert await shown.type("u") == "Undone: the callback to 20417 about invoice is as it was before"
    row = books.row(Callback)
    assert (row.state, row.done_at, row.moved_ours) == ("promised", None, False)
    await shown.type("zq⏎1")
    assert "promised for Tue 03 Mar 09:50-10:00" in shown.page()
    assert "spoken to in time" not in shown.page()


@pytest.mark.parametrize(
    ("typed", "events"),
    [("y⏎", ["callback_kept", "call", "undone"]), ("m15⏎", ["callback_moved", "undone"]),
     ("x settled⏎", ["callback_cancelled", "undone"]), ("n engaged⏎", [])],
)  # fmt: skip
async def test_what_became_of_it_is_taken_back_its_ticket_too(
    seat: Seat, books: Books, typed: str, events: list[str]
) -> None:
    await seat.sit()
    await seat.type("tq about the list⏎")
    ticket = books.row(Ticket)
    books.rep.write_now(callbacks.make, books.rep.read_now(calls.mine)[0].id, "9:50-10", "list", ticket.id)
    await seat.type("z")
    books.clock.pass_by(minutes=40)
    before, clocks = books.row(Callback), books.rep.read_now(ticket_views.whole, ticket.id).clocks
    await seat.type("q⏎")
    from csdesk.prompt.acting import show

    await show(seat.desk, "callback", str(before.id))
    seat.desk.sync_keys()
    await seat.type(f"{typed}u")
    assert seat.echo.startswith("Undone: the callback to 20417 about list is as it was before"), seat.echo
    after = books.row(Callback)
    assert (after.state, after.due_at, after.until_at, after.done_at, after.moved_ours, after.owner_id) == (
        before.state, before.due_at, before.until_at, before.done_at, before.moved_ours, before.owner_id
    )  # fmt: skip
    named = [row.event for row in books.rows(TicketEvent, ticket_id=ticket.id)]
    assert named[named.index("callback_promised") + 1 :] == events
    assert books.rep.read_now(ticket_views.whole, ticket.id).clocks == clocks


async def test_what_is_typed_on_a_callback_or_at_handover_is_a_name_until_enter(shown: Seat, books: Books) -> None:
    await shown.type("york")
    assert (shown.prompt, books.row(Callback).done_at) == ("york", None)
    await shown.type("<f12><f3>>⏎ever")
    assert shown.prompt == "ever"


async def test_n_is_an_attempt_and_it_stays_due(shown: Seat, books: Books) -> None:
    assert await shown.type("n left a message⏎") == "Not reached about invoice: left a message. It stays in the queue."
    assert shown.page().startswith("MY QUEUE   1 waiting")
    assert (books.row(Callback).state, books.row(CallbackAttempt).outcome) == ("attempted", "message left")
    await shown.type("1")
    assert "rep7: message left, left a message" in shown.page()
    assert shown.page().splitlines()[3].startswith("attempted   promised by rep7, in the hands of rep7")


@pytest.mark.parametrize(("typed", "counts"), [("m15⏎", True), ("m15c⏎", False), ("m⏎15c⏎", False)])
async def test_m_moves_it_by_us_or_as_the_customer_wishes(shown: Seat, books: Books, typed: str, counts: bool) -> None:
    books.clock.pass_by(minutes=10)
    assert (await shown.type(typed)).startswith("Callback to 20417 moved to Tue 03 Mar 15:00")
    row = books.row(Callback)
    assert (row.due_at, row.until_at, row.moved_ours, row.state) == (THREE, None, counts, "promised")
    assert "20417" not in shown.page(), "it is not due any more"


async def test_x_cancels_it_with_a_reason(shown: Seat, books: Books) -> None:
    shown.desk.sync_keys("x settled by mail")
    await shown.desk.look()
    assert shown.echo == "cancels the callback to 20417 Harbour View Deli about invoice: settled by mail"
    assert await shown.type("⏎") == "Callback about invoice cancelled: settled by mail."
    assert (books.row(Callback).state, books.row(Callback).done_at) == ("cancelled", books.clock())


async def test_all_that_was_promised_opens_by_enter(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("=⏎")
    assert "Nothing is promised to this customer." in seat.page()
    await seat.type("b15 invoice⏎c001.1 2d⏎=⏎")
    assert seat.page().splitlines() == [
        "PROMISED   2 open",
        "callback  Tue 03 Mar 15:00 invoice open",
        "credit 26000001 of 03 Mar 39.74 USD in approval open",
    ]
    await seat.type("⏎")
    assert seat.page().startswith("CALLBACK")
    await seat.type("<f3>")
    assert seat.desk.now.mode != "callback"


async def test_a_shift_is_handed_over_by_keys(seat: Seat, books: Books) -> None:
    lines = (Line(2, "rep7", f"{TODAY} 08:00", "16:00"), Line(3, "lead3", f"{TODAY} 09:00", "22:00"))
    acting(books.store, "boss1").write_now(rosters.load, lines)
    await seat.sit()
    await seat.type("b15 invoice⏎b15:30 price⏎b17 truck⏎z>⏎")
    assert "Nothing was packed for North yet." in seat.page()
    assert (await seat.type("e⏎")).startswith("2 callbacks are due and not handed over: 20417 Harbour View Deli 15:00 ")
    await seat.type("<f12>")
    assert await seat.type("m truck 4 is late⏎") == "Packed for North: 4 lines, due until 03 Mar 22:00."
    await seat.type("e")
    await seat.desk.look()
    assert seat.echo == "ends your shift, which lasts until 16:00; your calls go to who is on shift"
    assert await seat.type("⏎") == "Shift ended at 09:03."
    assert books.row(Shift, staff_id=1).ended_at == books.clock()
    assert await seat.type("u") == "Undone: your shift goes on."
    assert books.row(Shift, staff_id=1).ended_at is None
    assert await seat.type("e⏎") == "Shift ended at 09:03."
    lead = await seat_of(books, "lead3")
    await lead.type(">⏎")
    page = lead.page().splitlines()
    assert page[0] == "HANDOVER   North   4 of 4 to accept"
    assert page[2] == "rep7: truck 4 is late"
    assert page[3] == "1 callback 03 Mar 15:00 rep7 20417 Harbour View Deli +12025550142: invoice "
    assert (await lead.type("2")).startswith("Yours: callback 20417 Harbour View Deli +12025550142: price")
    assert await lead.type("2") == "lead3 has accepted it: 20417 Harbour View Deli +12025550142: price"
    assert await lead.type("u") == "Undone: line 2 of the pack can be accepted again."
    assert lead.page().startswith("HANDOVER   North   4 of 4 to accept")
    await lead.type("2")
    assert (await lead.type("y1,3-4⏎")).startswith("Yours: callback 20417")
    assert {row.accepted_by for row in books.rows(HandoverLine)} == {2}
    assert {row.owner_id for row in books.rows(Callback)} == {2}


async def test_a_place_means_the_line_that_is_shown_there(seat: Seat, books: Books) -> None:
    acting(books.store, "boss1").write_now(rosters.load, (Line(2, "lead3", f"{TODAY} 09:00", "22:00"),))
    lead = await seat_of(books, "lead3")
    await lead.sit()
    await lead.type("tq the lead's secret⏎")
    books.lead.write_now(callbacks.make, books.lead.read_now(calls.mine)[0].id, "17", "truck", books.row(Ticket).id)
    books.lead.write_now(handover.pack, "", "truck 4 is late")
    kinds = {row.line: row.kind for row in books.rows(HandoverLine)}
    assert kinds == {1: "callback", 2: "ticket", 3: "note"}
    await seat.type(">⏎")
    assert "HANDOVER   North   2 of 2 to accept" in seat.page()
    assert "secret" not in seat.page()
    await seat.type("y3⏎")
    assert "The pack has 2 lines" in seat.echo
    await seat.type("<f12>y2⏎")
    assert [row.line for row in books.rows(HandoverLine) if row.accepted_by == 1] == [3]


async def test_a_line_is_read_before_it_is_taken(seat: Seat, books: Books) -> None:
    note = "the driver of truck 4 left the crates at the back door and wants the key from us before six, ask Mo"
    await seat.sit()
    await seat.type(f"b15 invoice⏎z>⏎m {note}⏎")
    assert note.split() == [word for line in seat.page().splitlines()[2:4] for word in line.split()][1:], "whole"
    await seat.type("⏎")
    assert seat.page().startswith("CALLBACK"), "Enter shows it"
    assert {row.accepted_by for row in books.rows(HandoverLine)} == {None}
    await seat.type("<f3>>⏎↓⏎")
    assert seat.echo == f"note of rep7: {note}; its digit or y accepts it"
    assert "Enter shows a line   a digit accepts it" in seat.page()
    await seat.type("2")
    assert [row.line for row in books.rows(HandoverLine) if row.accepted_by] == [2]


async def test_a_page_of_80_by_24_holds_a_pack(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("b15 invoice about a truck that came late and a crate that had fallen from it⏎z>⏎m⏎")
    columns = seat.desk.face.page.columns
    assert sum(column.width + 1 for column in columns) <= 80


async def test_line_mode_promises_a_callback_in_one_line(books: Books) -> None:
    told: list[str] = []
    await line.run(Desk(books.rep), ["20417", "b15 invoice"], told.append)
    assert any("Callback promised: Tue 03 Mar 15:00" in words for words in told)


async def test_line_mode_hands_over_too(books: Books) -> None:
    told: list[str] = []
    typed = ["20417", "b15 invoice", "b16 price", "b17 truck", "z", ">", "m", "y1-2", "3"]
    await line.run(Desk(books.lead), typed, told.append)
    assert any(words.startswith("Yours: callback 20417 Harbour View Deli") for words in told)
    assert [row.accepted_by for row in books.rows(HandoverLine)] == [2, 2, 2]
