"""F4 and F1 behind what is typed: nothing typed is lost, and the form is that of the verb that works here."""

from __future__ import annotations

import pytest

from csdesk.models import Ticket, TicketItem
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.services.ticket_acts import reachable


@pytest.fixture
async def shown(seat: Seat, books: Books) -> Seat:
    """A ticket about no line, in sight of the rep who opened it."""
    reachable(books)
    await seat.sit()
    await seat.type("tq about the list⏎")
    return seat


@pytest.mark.parametrize(
    ("typed", "asks", "said"),
    [
        ("r it comes on Friday", "What is the customer told?", "it comes on Friday"),
        ("i they ring often", "What is kept inside?", "they ring often"),
        ("< where is it", "What did the customer write?", "where is it"),
        ("<where is it", "What did the customer write?", "where is it"),
        ("a spoke of it", "What was spoken of?", "spoke of it"),
        ("x opened twice", "Type the text", "opened twice"),
        ("n French", "Type the text", "French"),
        ("m0042", "Into which ticket?", ""),
        ("h1 why", "Which line?", ""),
        ("v dock1 why", "Who looks into it?", ""),
        ("wc fri", "For whom does it wait?", ""),
        ("g dam", "What is it about?", ""),
        ("o rep", "To whom?", ""),
        ("p1", "How much does it touch?", ""),
        ("/harb", "Type the text", "harb"),
    ],
)
async def test_f4_behind_a_text_asks_for_its_verb_and_keeps_it(shown: Seat, typed: str, asks: str, said: str) -> None:
    await shown.type(f"{typed}<f4>")
    if asks not in shown.echo:  # nothing can be offered: the line stays
        assert (shown.tone, shown.prompt) == ("wrong", typed), shown.echo
        return
    assert shown.prompt == said
    assert await shown.type("<f4>"), "F4 in a form says its question again"
    assert (shown.prompt, shown.desk.now.guide is not None) == (said, True)
    await shown.type("<f12>")
    assert (shown.prompt, shown.echo) == (typed, "Left the form; nothing was done.")


async def test_the_text_comes_along_to_the_question_that_takes_it(shown: Seat, books: Books) -> None:
    await shown.type("wc fri which list is meant<f4>1+2⏎")
    assert "What was asked?" in shown.echo
    assert shown.prompt == "which list is meant"
    await shown.type("⏎")
    assert shown.tone == "done", shown.echo
    assert books.row(Ticket).state == "waiting_customer"


async def test_a_text_without_a_letter_goes_into_the_form_that_is_chosen(shown: Seat, books: Books) -> None:
    shown.desk.paste("Dear all,\nwhere is it?\n")
    await shown.type("<f4>")
    places = [row.cells[1] for row in shown.desk.face.page.rows]
    await shown.type("↓" * places.index("< text") + "⏎")
    assert shown.prompt == "Dear all,⏎where is it?"
    await shown.type("⏎")
    assert [each.body for each in books.rows(TicketItem)][1:] == ["Dear all,\nwhere is it?"]
    await shown.type("47 11<f4>")
    await shown.type("↓" * places.index("l") + "⏎")
    assert (shown.page()[:6], shown.prompt) == ("CLOCKS", "47 11"), "what is done beside it leaves it there"


async def test_f4_closes_nothing(shown: Seat, books: Books) -> None:
    await shown.type("g dam⏎y it was sent⏎")
    assert shown.tone == "done", shown.echo
    await shown.type("y<f4>")
    assert (shown.echo, shown.prompt) == ("It is resolved: y and Enter closes it, e and why opens it again.", "y")
    assert books.row(Ticket).state == "resolved"


# ---------------------------------------------------------------- help over it


async def test_help_lies_over_a_ticket_and_leaves_it_with_the_text(shown: Seat, books: Books) -> None:
    page = shown.page()
    await shown.type("i they ring <f1>")
    assert shown.page().startswith("WHAT CAN I TYPE AMONG TICKETS?")
    await shown.type("often")
    assert shown.page().startswith("WHAT CAN I TYPE AMONG TICKETS?"), "it stays while a line is typed"
    first = shown.desk.face.page.cursor
    await shown.type("↓↓")
    assert shown.desk.face.page.cursor == (first or 0) + 2
    await shown.desk.look()
    await shown.type("<f3>")
    assert (shown.page(), shown.prompt) == (page, "i they ring often")
    await shown.type("<f1>")
    await shown.desk.pause()
    await shown.type("<f12>")
    assert (shown.page(), shown.prompt) == (page, "i they ring often")
    await shown.type("<f1>⏎")
    assert [each.body for each in books.rows(TicketItem)][1:] == ["they ring often"]
    await shown.type("?date⏎")
    assert "about 'date'" in shown.page()
    await shown.type("⏎")
    assert shown.page().startswith("TICKET 26000001")


async def test_help_in_a_form_leaves_the_form(shown: Seat, books: Books) -> None:
    await shown.type("w⏎<f1>")
    assert shown.page().startswith("WHAT CAN I TYPE")
    await shown.type("2")
    assert shown.page().startswith("WHAT IT WAITS FOR   STEP 1"), "no row is chosen that nobody sees"
    await shown.type("1<f1><f12>+2⏎<f1>which list<f3>⏎")
    assert (shown.tone, books.row(Ticket).state) == ("done", "waiting_customer"), shown.echo


async def test_hits_are_seen_again_when_somebody_is_typed_after_help(seat: Seat) -> None:
    await seat.desk.start()
    await seat.type("<f1>harb")
    await seat.desk.look()
    assert seat.page().startswith("WHO IS CALLING?")
    await seat.type("<f1>")
    await seat.desk.look()
    assert seat.page().startswith("WHAT CAN I TYPE")
    await seat.type("⏎")
    assert "20417" in seat.echo
