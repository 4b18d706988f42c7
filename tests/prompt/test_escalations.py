"""Escalations at the prompt: by hand on a call, taken on from the queue, sent up, and how it was."""

from __future__ import annotations

from csdesk.models import Escalation, Survey, Ticket
from csdesk.prompt.desk import Desk
from csdesk.services import escalation_steps, ticket_moves, ticket_resolving
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books


async def test_by_hand_on_the_shown_ticket_then_taken_on_and_sent_up_by_the_lead(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq when does the list begin⏎! no news for a week")
    await seat.desk.look()
    assert seat.echo == "escalates ticket 26000001 to Lee Dale (lead): no news for a week"
    await seat.type("⏎")
    assert seat.echo == "Ticket 26000001 escalated to Lee Dale (lead): no news for a week."
    lead = Seat(Desk(books.lead))
    await lead.desk.start()
    await lead.type("q⏎")
    assert "no news for a week" in lead.page()
    await lead.type("1")
    assert lead.desk.now.mode == "escalation"
    assert "ESCALATION   ticket 26000001   lead   raised" in lead.page()
    assert "waits for Lee Dale; goes up 09:33 unless it is taken on" in lead.page()
    await lead.type("y15:30 ring the printer")
    await lead.desk.look()
    assert lead.echo == ("acknowledges it: ring the printer, by 15:30; ticket 26000001 does not go up before")
    await lead.type("⏎")
    assert "next step by 15:30: ring the printer" in lead.page()
    assert books.row(Escalation).state == "acknowledged"
    await lead.type("p⏎")
    assert books.row(Ticket).priority == 2
    await lead.type("d printed on Friday⏎n needs the price list too⏎")
    assert lead.echo.startswith("Ticket 26000001 escalated to Bo Sand (supervisor)")
    assert [row.state for row in books.rows(Escalation)] == ["passed", "raised"]
    await seat.type("<f3>")
    await seat.type("! and now⏎")
    assert seat.echo.startswith("Ticket 26000001 escalated to Lee Dale (lead): and now")


async def test_by_hand_pressed_twice_is_one(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq when does the list begin⏎! no news⏎")
    await seat.type("! no news⏎")
    assert seat.echo == "Ticket 26000001 is with Lee Dale already (raised: no news); a note (i) tells more."
    assert seat.tone == "wrong"
    assert [row.state for row in books.rows(Escalation)] == ["raised"]
    books.lead.write_now(escalation_steps.close, books.row(Escalation).id, "rang them")
    await seat.type("⏎")
    assert sorted(row.state for row in books.rows(Escalation)) == ["closed", "raised"], "one that has ended may follow"


async def test_the_page_fits_a_small_terminal(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq when does the list begin⏎! no news⏎")
    await seat.desk.enter_call(None)
    from csdesk.prompt import acts

    await acts.show(seat.desk, "escalation", str(books.row(Escalation).id))
    page = seat.desk.face.page
    assert len(page.lead) + len(page.rows) + len(page.foot) <= 16
    assert all(len(row.cells[0]) <= 79 for row in (*page.lead, *page.foot))
    await seat.type("⏎")
    assert seat.desk.now.shown is not None
    assert seat.desk.now.shown.name.startswith("ticket:")


async def test_how_it_was_is_asked_of_a_resolved_ticket(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq when does the list begin⏎%4⏎")
    assert "how it was is asked once it is resolved" in seat.echo
    ticket = books.row(Ticket).id
    books.rep.write_now(ticket_moves.category, ticket, "other")
    books.rep.write_now(ticket_resolving.resolve, ticket, "", "on Monday")
    await seat.type("<f12>%⏎4⏎9⏎quick⏎")
    assert "(short: %4 9 quick)" in seat.echo
    assert seat.echo.startswith("Ticket 26000001: the customer gave 4 of 5, recommends 9 of 10: quick")
    survey = books.row(Survey)
    assert (survey.score, survey.recommend, survey.comment, survey.via) == (4, 9, "quick", "call")


async def test_a_desk_at_leisure_does_what_is_due_until_a_key_comes(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq glass splinters in a jar⏎")
    before = (seat.echo, seat.page())
    await seat.desk.leisure(lambda: True)
    assert books.rows(Escalation) == []
    await seat.desk.leisure(lambda: False)
    assert [row.rule for row in books.rows(Escalation, ticket_id=books.rows(Ticket)[0].id)] == ["safety"]
    assert (seat.echo, seat.page()) == before
