"""Numbers that came in from elsewhere never stop the desk: it goes on in a series of its own, without a gap."""

from __future__ import annotations

from csdesk.models import CreditAccount, NumberSeries, OpenItem
from csdesk.services import applying
from tests.services.conftest import Desk
from tests.services.papers import approve, ask, note_elsewhere, notes, pieces, post_all
from tests.services.talk import Talk
from tests.support.seed import TODAY


def test_a_foreign_credit_note_in_the_way_blocks_no_posting(desk: Desk, talk: Talk) -> None:
    note_elsewhere(desk, ("4711", 1, 5, 0), corrects=9201, id=9990, number="26000001")
    for _ in range(2):
        approve(desk, ask(talk, pieces(1, 1)))
        desk.clock.pass_by(minutes=5)
        post_all(desk)
    assert [row.number for row in notes(desk)] == ["26000001", "D26000001", "D26000002"]
    counters = desk.rows(NumberSeries, kind="credit_note")
    assert [(row.series, row.last) for row in counters] == [("", 0), ("D", 2)]


def test_a_series_in_the_way_too_is_stepped_over(desk: Desk) -> None:
    for place, number in enumerate(("26000001", "D26000001")):
        same = {"id": 60 + place, "number": number, "account_id": 2, "currency": "USD"}
        desk.put(OpenItem, {
            **same, "customer_id": 2, "source": "receipt", "source_id": 60 + place, "kind": "receipt",
            "posted_on": TODAY, "due_on": TODAY, "face": -5, "open": -5,
        })  # fmt: skip
    desk.change(CreditAccount, {"id": 2}, open_credit=10)
    made = desk.as_("cash1").write_now(applying.receive, 1, 5, TODAY)
    assert made.words.startswith("Receipt DD26000001")


def test_kinds_count_apart(desk: Desk, talk: Talk) -> None:
    approve(desk, ask(talk, pieces(1, 1)))
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    assert [row.number for row in notes(desk)] == ["26000001"]  # though there is an invoice 26000001
