"""Reports on receivables where things went back: what bounced was not received, what was reversed not billed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from csdesk.models import Document
from csdesk.services import applying, approving, reports, reversing, writing_off
from tests.services import papers
from tests.services.conftest import Desk
from tests.support.seed import TODAY

ZERO = {"opening (derived)": 0, "billed": 0, "debit notes": 0, "credited": 0, "written off": 0, "notes reversed": 0,
        "received": 0, "closing": 0, "open debit items": 0, "open credits": 0, "difference": 0}  # fmt: skip


@pytest.fixture
def bills(desk: Desk) -> Desk:
    """Two further invoices, of 100.00 and 60.00."""
    papers.bill(desk, ("4711", 10, 10_000, 0), id=9901)
    papers.bill(desk, ("4711", 6, 6_000, 0), id=9902)
    return desk


def rolled(desk: Desk, day: date = TODAY) -> dict[str, int]:
    """The roll-forward in cents."""
    return {name: int(value * 100) for name, value in desk.lead.read_now(reports.run, "roll-forward", day).rows}


def moved(desk: Desk, before: dict[str, int], **figures: int) -> None:
    """What changed since, and nothing else: `notes_reversed=5` for "notes reversed"."""
    wanted = ZERO | {name.replace("_", " "): value for name, value in figures.items()}
    now = rolled(desk)
    assert now["difference"] == 0
    assert {name: now[name] - before[name] for name in wanted} == wanted


def payments(desk: Desk, day: date) -> list[Any]:
    return [tuple(row) for row in desk.lead.read_now(reports.run, "payments", day).rows]


def test_a_receipt_that_bounced_was_not_received(bills: Desk) -> None:
    before, paid = rolled(bills), payments(bills, TODAY)
    cashier = bills.as_("cash1")
    money = cashier.write_now(applying.receive, 1, 10_000, TODAY, "cheque").id
    cashier.write_now(applying.apply, None, money, 9901)
    moved(bills, before, received=-10_000, closing=-10_000, open_debit_items=-10_000)
    assert len(payments(bills, TODAY)) == len(paid) + 1
    bills.clock.pass_by(days=1)
    cashier.write_now(reversing.receipt, money, "bounced")
    later = TODAY + timedelta(days=1)
    assert rolled(bills, later) == before
    assert payments(bills, later) == paid
    assert len(payments(bills, TODAY)) == len(paid) + 1  # on that day it had not bounced
    assert rolled(bills)["received"] == before["received"] - 10_000


def test_a_write_off_and_its_reversal_have_rows_of_their_own(bills: Desk) -> None:
    before = rolled(bills)
    made = bills.as_("coll1").write_now(writing_off.ask, 9902, "j", "")
    bills.as_("fin2").write_now(approving.approve, made.id)
    bills.clock.pass_by(minutes=2)
    papers.post_all(bills)
    moved(bills, before, written_off=-6_000, closing=-6_000, open_debit_items=-6_000)
    note = bills.row(Document, kind="write_off")
    asked = bills.as_("coll1").write_now(reversing.ask, note.id, "they paid after all")
    bills.as_("mgr1").write_now(approving.approve, asked.id)
    bills.clock.pass_by(minutes=2)
    papers.post_all(bills)
    moved(bills, before, written_off=-6_000, notes_reversed=6_000)


def test_an_open_credit_note_is_no_difference(bills: Desk) -> None:
    before = rolled(bills)
    papers.note_elsewhere(bills, ("4711", 1, 1_000, 0), corrects=9901)
    moved(bills, before, credited=-1_000, closing=-1_000, open_credits=-1_000)
