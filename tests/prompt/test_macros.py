"""Macros by keys: ';ph' says what it will do, Enter does it as one step; refused, the line stays."""

from __future__ import annotations

import pytest

from csdesk.models import Command, Contact, Outbox, Ticket, TicketEvent, TicketItem
from csdesk.prompt import line
from csdesk.prompt.desk import Desk
from csdesk.services import canned, ticket_thread
from csdesk.services.canned import Acts, CannedDraft
from tests.prompt.seat import Seat
from tests.prompt.test_tickets import listed, looked
from tests.services.conftest import Desk as Books
from tests.services.ticket_acts import MAIL, reachable
from tests.support.seed import acting

MACROS = (
    CannedDraft("cd", "The credit", "The credit is on its way to {customer}."),
    CannedDraft("ph", "Ask for a photo", "Could you send a photo?",
                Acts("order", wait="customer", days=2, question="A photo", reply="visible")),
    CannedDraft("in", "Of an invoice", "About {invoice}.", Acts(reply="visible")),
    CannedDraft("ok", "Settled", "We are glad.", Acts(state="resolved", reply="visible")),
)  # fmt: skip


@pytest.fixture
async def query(seat: Seat, books: Books) -> Seat:
    """A rep who looks at a query of a customer that can be written to; there are macros."""
    reachable(books)
    books.lead.write_now(canned.load, MACROS)
    await seat.sit()
    await seat.type("tq when does the new list begin⏎")
    return seat


async def test_a_macro_says_what_it_does_and_is_taken_back_by_u(query: Seat, books: Books) -> None:
    said = await looked(query, ";ph")
    assert said.startswith(f";ph: category Order and availability · reply to {MAIL}: 'Could you send …' · waits")
    assert books.rows(Outbox) == []
    assert await query.type(";ph⏎") == f"Ticket 26000001 {said}."
    assert (query.tone, query.prompt) == ("done", "")
    row = books.row(Ticket)
    assert (row.category, row.state, row.question) == ("order", "waiting_customer", "A photo")
    assert books.row(TicketItem, kind="outbound").body == "Could you send a photo?"
    assert "waits for the customer: A photo" in query.page()
    await query.type("u")
    row = books.row(Ticket)
    assert (row.category, row.state) == ("", "open")
    assert books.row(Outbox).withdrawn_at is not None
    assert query.page().startswith("TICKET 26000001")


async def test_a_refused_macro_stays_in_the_prompt_with_its_sentence(query: Seat, books: Books) -> None:
    events = len(books.rows(TicketEvent))
    for typed, said in (
        (";in", "{invoice} is not known for ticket 26000001: 'r ;in' puts the text into the line to be completed."),
        (";cd", ";cd is a text, no macro: 'r ;cd' answers with it, 'i ;cd' keeps it inside."),
        (";o", "There is no macro ;o; there are ok Settled."),
        (";ok", "Ticket 26000001 has no category yet; g and the beginning of one says what it is about."),
        (";7", "';7' is not complete: ;ph  ;ok t carries out the macro ph;"),
    ):
        assert (await looked(query, typed)).startswith(said)
        await query.type(f"{typed}⏎")
        assert (query.echo.startswith(said), query.tone, query.prompt) == (True, "wrong", typed)
        await query.type("<f12>")
    books.change(Contact, {"id": 8800}, email="")
    assert "has no mail address" in await query.type(";ph⏎") or "has a mail address: ring" in query.echo
    await query.type("<f12>f⏎")
    assert (await query.type(";ph⏎")) == "Ticket 26000001 is nobody's yet; t takes it, then ;ph."
    assert [each.event for each in books.rows(TicketEvent)][events:] == ["released"]


async def test_what_came_meanwhile_is_shown_and_enter_then_sends(query: Seat, books: Books) -> None:
    acting(books.store, "rep7").write_now(ticket_thread.inbound, books.row(Ticket).id, "the big list")
    await query.type(";ph⏎")
    assert "(inbound) 'the big list'. Enter sends it all the same." in query.echo
    assert (query.prompt, books.rows(Outbox)) == (";ph", [])
    assert "the big list" in query.page()
    await query.type("⏎")
    assert (books.row(Ticket).state, len(books.rows(Outbox))) == ("waiting_customer", 1)


async def test_the_form_offers_macros_alone_and_a_text_goes_into_the_line(query: Seat, books: Books) -> None:
    await query.type(";⏎")
    assert "ph Ask for a photo category order, replies, waits 2 days for the customer" in query.page()
    assert "The credit" not in query.page()
    await query.type("3")
    await query.desk.look()
    assert query.echo.startswith("Enter: ;ph: category Order")
    await query.type("⏎")
    assert query.echo.endswith("(short: ;ph)")
    assert books.row(Ticket).state == "waiting_customer"
    await query.type("e⏎r ;cd⏎")
    assert books.rows(TicketItem, kind="outbound")[-1].body == "The credit is on its way to Harbour View Deli."


async def test_line_mode_and_with_nobody_on_the_line(query: Seat, books: Books) -> None:
    seat = Seat(Desk(books.rep))
    await seat.desk.start()
    await seat.type("zt⏎")
    assert await line.enter(seat.desk, ";ph") is False
    assert seat.echo == "Show a ticket first: its number in the list, or Down and Enter."
    await listed(seat, books.row(Ticket).id)
    assert await line.enter(seat.desk, ";PH")
    assert books.row(Ticket).state == "waiting_customer"
    await seat.type("u")
    assert books.row(Ticket).state == "open"
    assert books.row(Command, verb="ticket_macros.carry_out").undone_at is not None


async def test_a_database_that_is_away_is_asked_once_more_with_the_same_request(
    query: Seat, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost behind the commit; Enter again finds it done."""
    from csdesk.errors import Unavailable
    from csdesk.store import Store

    real, lost = Store.write_now, []

    def losing(self: Store, verb: object, *args: object, **more: object) -> object:
        answer = real(self, verb, *args, **more)  # type: ignore[arg-type]
        if not lost and getattr(verb, "__name__", "") == "carry_out":
            lost.append(answer)
            raise Unavailable("The database is away; what you typed is kept.")
        return answer

    monkeypatch.setattr(Store, "write_now", losing)
    await query.type(";ph⏎")
    assert (query.tone, query.prompt) == ("wrong", ";ph")
    await query.type("⏎")
    assert (query.tone, len(books.rows(Outbox))) == ("done", 1)
    assert len(books.rows(TicketItem, kind="outbound")) == len(books.rows(Command, verb="ticket_macros.carry_out")) == 1
