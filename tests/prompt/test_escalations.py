"""Escalations at the prompt: by hand on a call, taken on from the queue, sent up, and how it was."""

from __future__ import annotations

from decimal import Decimal

from csdesk.models import ApprovalRequest, Escalation, Survey, Ticket
from csdesk.prompt.desk import Desk
from csdesk.services import changing, escalation_steps, ticket_moves, ticket_resolving
from csdesk.services.asking import Change
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


async def lead_at_it(books: Books) -> Seat:
    """The lead's desk with the only escalation shown."""
    from csdesk.prompt.acting import show

    lead = Seat(Desk(books.lead))
    await lead.desk.start()
    await show(lead.desk, "escalation", str(books.row(Escalation).id))
    lead.desk.sync_keys()
    return lead


async def looked(seat: Seat, typed: str) -> str:
    """What the echo says of a typed line before Enter."""
    seat.desk.sync_keys(typed)
    await seat.desk.look()
    return seat.echo


async def test_money_is_granted_as_it_stands_on_the_page(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("t1.1d2 2 crushed⏎c⏎! he shouts⏎")
    lead = await lead_at_it(books)
    assert "asked: credit 26000001 39.74 USD by rep7: Damaged" in lead.page()
    assert await looked(lead, "g") == "approves credit 26000001 39.74 USD by rep7: Damaged"
    seen = books.row(ApprovalRequest)
    books.rep.write_now(changing.edit, seen.id, Change("d", Decimal(1)), seen.version)
    assert (await looked(lead, "g")).startswith("Request 26000001 was changed since you looked at it")
    await lead.type("⏎")
    assert (lead.tone, lead.prompt) == ("wrong", "g")
    assert books.row(ApprovalRequest).state == "in_approval"
    assert "asked: credit 26000001 19.87 USD by rep7: Damaged" in lead.page(), "it stands there anew"
    assert len(lead.desk.face.page.lead) + len(lead.desk.face.page.rows) + len(lead.desk.face.page.foot) <= 16
    await lead.type("⏎")
    assert books.row(ApprovalRequest).state == "approved"
    assert "asked:" not in lead.page()
    assert await lead.type("u") == "Taken back: request 26000001 is in approval again."
    assert books.row(ApprovalRequest).state == "in_approval"


async def test_what_cannot_be_is_refused_before_enter(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq when does the list begin⏎! no news⏎")
    lead = await lead_at_it(books)
    assert (await looked(lead, "o zz")).startswith("'zz' is neither a login nor a queue")
    assert (await looked(lead, "m15:30")).startswith("Nothing is promised about ticket 26000001")
    assert (await looked(lead, "g")).startswith("Nothing that is asked for ticket 26000001 waits")
    assert await looked(lead, "x rang him") == "closes the escalation of ticket 26000001: rang him"
    assert (await looked(lead, "n help")).startswith(
        "sends the escalation of ticket 26000001 up to Bo Sand (supervisor)"
    )
    await lead.type("<f12>o lead3⏎u")
    assert lead.echo == "Undone: the last step on ticket 26000001 is taken back."
    assert lead.page().startswith("ESCALATION")
    from csdesk.prompt.acting import show

    await seat.desk.enter_call(None)
    await show(seat.desk, "escalation", str(books.row(Escalation).id))
    for typed in ("x done", "n done", "d done"):
        assert (await looked(seat, typed)).startswith("The escalation of ticket 26000001 is Lee Dale's"), typed
    seat.desk.sync_keys()
