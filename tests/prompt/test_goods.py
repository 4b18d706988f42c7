"""Goods that come again and corrective actions by keys: each ends in a row, or in a sentence."""

from __future__ import annotations

from decimal import Decimal

from csdesk.models import ApprovalRequest, CorrectiveAction, Delivery, DeliveryLine, TicketLine
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.services.talk import Talk
from tests.services.test_tickets import complain


async def test_goods_come_again_by_one_key_and_back(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("t1.1d2 crushed⏎b")
    await seat.desk.look()
    assert seat.echo.startswith(
        "sends 2 EA 4711 Olive oil extra virgin 1 l again for nothing, worth 39.74 USD; in stock"
    )
    await seat.type("⏎")
    assert seat.echo.startswith("Replacement request 26000001: 2 EA 4711")
    request = books.row(ApprovalRequest)
    assert (request.kind, books.row(TicketLine).replacement_request_id) == ("replacement", request.id)
    assert "again by request 26000001 in approval" in seat.page()
    await seat.type("c⏎")
    assert "come again already (request 26000001)" in seat.echo
    await seat.type("⌫u")
    assert "replacement request 26000001 withdrawn" in seat.echo
    assert books.row(TicketLine).replacement_request_id is None


async def test_a_corrective_action_by_keys(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("t1.1d2 crushed⏎")
    await seat.type("d dock1 +14 weigh every pallet")
    await seat.desk.look()
    assert seat.echo.startswith("corrective action on ticket 26000001: Ray Tulk until ")
    await seat.type("⏎")
    action = books.row(CorrectiveAction)
    assert (action.action, action.owner_id) == ("weigh every pallet", books.seeded.staff["dock1"])
    assert "d1  Ray Tulk until" in seat.page()
    await seat.type("d2=x⏎")
    assert "There is no corrective action 2 here" in seat.echo
    assert books.row(CorrectiveAction).done_at is None


async def test_a_lead_lists_them_and_says_what_came_of_one(books: Books) -> None:
    from csdesk.prompt.desk import Desk

    talk = Talk.with_(books.rep, 1)
    made = complain(books, talk)
    from csdesk.services import corrective

    books.rep.write_now(corrective.add, made.id, "dock1", "+14", "weigh every pallet")
    seat = Seat(Desk(books.lead))
    await seat.desk.start()
    await seat.type("t⏎d⏎")
    assert "1 open" in seat.page()
    assert "weigh every pallet" in seat.page()
    await seat.type("d1=scales at gate 2⏎")
    assert books.row(CorrectiveAction).result == "scales at gate 2"
    assert "No corrective action is open." in seat.page()


async def test_what_came_short_is_offered_first_under_its_own_place(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("t1.1d2 crushed⏎<f3>")
    first = books.row(Delivery, id=9101)
    later = first._asdict() | {"id": 9102, "number": "26000002", "planned_on": None, "delivered_at": books.clock()}
    books.put(Delivery, later)
    books.put(DeliveryLine, books.row(DeliveryLine, delivery_id=9101, line=1)._asdict() | {"delivery_id": 9102})
    books.change(DeliveryLine, {"delivery_id": 9101, "line": 1}, short=Decimal(2))
    await seat.type("t⏎")
    assert "Which delivery?" in seat.echo
    assert [row.cells[:2] for row in seat.desk.face.page.rows] == [("2", "26000001"), ("1", "26000002")]
    await seat.type("⏎")
    assert "! short" in seat.page()
    assert "before 26000001: 2 EA damaged" in seat.page()
    await seat.type("1d2⏎")
    await seat.type("-⏎" if "say?" in seat.echo else "")
    assert books.rows(TicketLine)[-1].subject_id == 9101
