"""What is typed while nobody is on the line: still there after another call, a killed terminal, the next login; never
there again once it was done."""

from __future__ import annotations

from typing import Any

import pytest

from csdesk.models import Escalation, HalfTyped, Ticket, TicketItem, TicketReply
from csdesk.prompt import line
from csdesk.prompt.acting import show
from csdesk.prompt.desk import Desk
from csdesk.services import ticket_drafts
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.services.ticket_acts import reachable


@pytest.fixture
async def shown(seat: Seat, books: Books) -> Seat:
    """A ticket in sight of the rep who opened it, nobody on the line, a parked call beside it."""
    reachable(books)
    await seat.sit()
    await seat.type("tq about the list⏎<f3>k")
    await show(seat.desk, "ticket", str(books.row(Ticket).id))
    seat.desk.sync_keys()
    return seat


async def gone(seat: Seat) -> Seat:
    """The rep's next login, the terminal having gone at a pause."""
    await seat.desk.pause()
    return await seat.again()


def kept(books: Books) -> list[tuple[str, str]]:
    return [(row.prompt, row.view.partition(":")[0]) for row in books.rows(HalfTyped)]


def counted(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the verbs that are written from now on."""
    names: list[str] = []
    write = seat.desk.store.write

    async def counting(verb: Any, *args: Any, **more: Any) -> Any:
        names.append(verb.__name__)
        return await write(verb, *args, **more)

    monkeypatch.setattr(seat.desk.store, "write", counting)
    return names


@pytest.mark.parametrize(
    ("typed", "there"),
    [
        ("a spoke of it", "a spoke of it"),
        ("< where is it⏎", None),
        ("wc fri which list", "wc fri which list"),
        ("w⏎1", "wc"),
        ("w⏎1+2⏎which li", "wc +2 which li"),
        ("wc fri which list<f4>", "wc fri which list"),
        ("wc fri which list<f4>1", "wc fri which list"),
        ("x opened twice<f4> indeed", "x opened twice indeed"),
        ("r it comes", "r it comes"),
        ("r⏎it comes", "r it comes"),
        ("i they ring", "i they ring"),
        ("/harb", "/harb"),
    ],
)
async def test_on_a_ticket_it_outlives_another_call_and_the_terminal(
    shown: Seat, books: Books, typed: str, there: str | None
) -> None:
    await shown.type(typed)
    if there is None:
        assert (await (await gone(shown)).desk.pause(), kept(books)) == (None, [])
        return
    await shown.type("<f6>")
    assert shown.desk.now.call is not None
    assert shown.prompt == ""
    await shown.type("m they called⏎k")
    assert shown.page().startswith("TICKET 26000001")
    assert shown.prompt == there
    again = await gone(shown)
    assert (again.page()[:15], again.prompt) == ("TICKET 26000001", there)
    assert again.desk.now.mode == "ticket"
    assert len(books.rows(TicketItem)) == 1


async def test_a_draft_is_kept_once_and_comes_back_in_its_line(shown: Seat, books: Books) -> None:
    await shown.type("r it comes")
    again = await gone(shown)
    assert kept(books) == [("r ", "ticket")]
    assert [row.body for row in books.rows(TicketReply)] == ["it comes"]
    assert (again.prompt, again.echo) == ("r it comes", "")
    await again.type(" soon⏎")
    assert again.tone == "done", again.echo
    assert (kept(books), books.rows(TicketReply)) == ([], [])
    await again.type("i they ring")
    await again.desk.pause()
    books.rep.write_now(ticket_drafts.drop, books.row(Ticket).id, False)
    third = await again.again()
    assert (third.page()[:15], third.prompt) == ("TICKET 26000001", ""), "what another window dropped is none"


async def test_lines_of_a_pasted_draft_come_back_as_they_were(shown: Seat) -> None:
    await shown.type("r ")
    shown.desk.paste("Dear all,\nit comes.")
    assert (await gone(shown)).prompt == "r Dear all,⏎it comes."


@pytest.mark.parametrize(("view", "typed"), [("inbox", "/harb"), ("handover", "/harb")])
async def test_in_the_queue_and_at_handover(seat: Seat, books: Books, view: str, typed: str) -> None:
    await seat.sit()
    await seat.type("k")
    await show(seat.desk, view)
    seat.desk.sync_keys()
    await seat.type(typed)
    await seat.type("<f6>k")
    again = await gone(seat)
    for each in (seat, again):
        assert (each.desk.now.shown and each.desk.now.shown.name.partition(":")[0], each.prompt) == (view, typed)


async def test_on_a_callback(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("b9:50-10 invoice⏎k")
    books.clock.pass_by(minutes=40)
    await seat.type("q⏎1")
    name = seat.desk.now.shown and seat.desk.now.shown.name
    assert str(name).startswith("callback:")
    await seat.type("n no answer, rang tw")
    again = await gone(seat)
    assert (again.desk.now.shown and again.desk.now.shown.name, again.prompt) == (name, "n no answer, rang tw")
    await again.type("ice⏎")
    assert (again.tone, kept(books)) == ("done", []), again.echo


async def test_what_was_done_never_comes_back(shown: Seat, books: Books) -> None:
    for typed in ("< where is it", "a spoke of it", "i they ring", "wc fri which list"):
        await shown.type(typed)
        await shown.desk.pause()
        assert [each[1] for each in kept(books)] == ["ticket"]
        await shown.type("⏎")
        assert shown.tone == "done", shown.echo
        assert kept(books) == [], "in the same save: no pause was needed"
        again = await shown.again()
        assert (again.prompt, again.desk.now.shown) == ("", None)


async def test_what_was_refused_stays(shown: Seat, books: Books) -> None:
    await shown.type("wc fri⏎")
    assert shown.tone == "wrong"
    assert (await gone(shown)).prompt == "wc fri"


async def test_f8_with_nobody_on_the_line_keeps_it(seat: Seat, books: Books) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("tq about the list⏎z")
    await show(seat.desk, "ticket", str(books.row(Ticket).id))
    seat.desk.sync_keys()
    await seat.type("x opened tw<f8>")
    assert seat.desk.quitting
    await seat.desk.stop()
    assert (await seat.again()).prompt == "x opened tw"


async def test_an_idle_desk_writes_nothing_and_a_text_once(
    shown: Seat, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = counted(shown, monkeypatch)
    for keys in ("<f3>", "q", "⏎", "↓", "↑", "<f1>", "<f3>", "h", "⌫", " ", "⌫", "<f3>"):
        await shown.type(keys)
        await shown.desk.pause()
    assert names == []
    await show(shown.desk, "ticket", str(books.row(Ticket).id))
    shown.desk.sync_keys()
    await shown.type("x opened")
    for _ in range(3):
        await shown.desk.pause()
        await shown.desk.look()
    await shown.type("←<f1>")
    await shown.desk.pause()
    assert names == ["keep"]
    await shown.type("<f12><f12>")
    for _ in range(3):
        await shown.desk.pause()
    assert (names, kept(books)) == (["keep", "keep"], [])


async def test_a_caller_typed_in_is_the_calls_text_alone(seat: Seat, books: Books) -> None:
    await seat.desk.start()
    await seat.type("/h")
    await seat.desk.pause()
    assert kept(books) == [("/h", "")]
    await seat.type("⌫⌫harb")
    await seat.desk.pause()
    assert kept(books) == []
    assert seat.desk.now.call is not None
    await seat.type("<f12>")
    assert (seat.desk.now.call, seat.prompt) == (None, "")


async def test_a_page_out_of_sight_says_what_stood_there(
    shown: Seat, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shown.type("a spoke of the list")
    await shown.desk.pause()
    books.change(HalfTyped, {"company": 1}, view="ticket:4")
    again = await shown.again()
    assert (again.tone, again.prompt) == ("wrong", "")
    assert again.echo == "What you had typed stood on a page that is out of your sight: a spoke of the list"
    await again.desk.pause()
    assert kept(books) == [("a spoke of the list", "ticket")], "it stays until something else is typed"


async def test_a_numbered_question_keeps_the_line_behind_it(shown: Seat) -> None:
    await shown.type("x opened tw")
    await shown.type("<f12>47 11<f4>")
    assert shown.desk.now.choice is not None
    assert (await gone(shown)).prompt == "47 11"


async def test_line_mode_leaves_it_to_the_desk_with_a_prompt(shown: Seat, books: Books) -> None:
    await shown.type("a spoke of")
    await shown.desk.pause()
    told: list[str] = []
    plain = Desk(shown.desk.store)
    assert await line.run(plain, ["20418"], told.append) == 0
    assert kept(books) == [("a spoke of", "ticket")]


async def test_a_desk_that_only_reads_keeps_nothing_and_says_nothing(shown: Seat, books: Books) -> None:
    shown.desk.store.read_only = True
    await shown.type("x opened")
    await shown.desk.pause()
    assert (kept(books), shown.echo) == ([], "")


async def test_f6_takes_no_form_away_whose_line_would_be_a_caller(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq when does it begin⏎! no news⏎")
    lead = Seat(Desk(books.lead))
    await (await lead.sit("20418")).type("k")
    await show(lead.desk, "escalation", str(books.row(Escalation).id))
    lead.desk.sync_keys()
    await lead.type("y⏎15:30⏎ring")
    await lead.type("<f6>k")
    assert (lead.desk.now.mode, lead.prompt) == ("escalation", "y15:30 ring")
    await lead.type("<f12>y⏎15:30<f6>")
    assert lead.echo == "The form that is begun here belongs to no call: F12 leaves it, then F6 goes there."
    assert (lead.desk.now.guide is not None, lead.prompt) == (True, "15:30")
