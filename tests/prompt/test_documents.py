"""A document opened from the ledger and from the history."""

from __future__ import annotations

from csdesk.models import Document, DocumentLine, OpenItem
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books


async def test_enter_on_an_item_of_the_ledger_shows_its_document_whole(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("l⏎")
    page = seat.page()
    assert page.startswith("INVOICE 26000001")
    assert "Olive oil extra virgin 1 l" in page
    bill = books.row(Document, id=books.seeded.invoice)
    assert f"{bill.gross // 100}.{bill.gross % 100:02} USD" in page
    assert len(books.rows(DocumentLine, document_id=bill.id)) == len(seat.desk.face.page.rows)
    assert books.row(OpenItem).open == bill.gross
    assert f"open now {bill.gross // 100}.{bill.gross % 100:02} USD" in page
    assert seat.desk.now.shown is not None
    assert seat.desk.now.shown.name == f"document:{books.seeded.invoice}"


async def test_enter_on_an_invoice_of_the_history_shows_it(seat: Seat) -> None:
    await seat.sit()
    await seat.type("h")
    place = next(n for n, row in enumerate(seat.desk.face.page.rows) if row.cells[1] == "invoice")
    await seat.type("↓" * place + "⏎")
    assert seat.page().startswith("INVOICE 26000001")
