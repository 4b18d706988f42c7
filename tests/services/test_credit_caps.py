"""An invoice is never credited for more than it was: lines in the customer's favour and notes from elsewhere count."""

from __future__ import annotations

import pytest

from csdesk.errors import Refused
from csdesk.services import credits
from csdesk.store import Store
from tests.services.conftest import Desk, faults
from tests.services.papers import approve, ask, bill, note_elsewhere, notes, pieces, post_all, state, worth
from tests.services.talk import Talk
from tests.support.clock import Clock
from tests.support.seed import Seeded, acting

GOODS, DISCOUNT = ("4711", 10, 100_000, 8_000), ("4720", 1, -10_000, -800)


@pytest.mark.parametrize("method", ["line", "document"])
def test_a_discount_line_is_credited_along_with_its_goods(desk: Desk, talk: Talk, method: str) -> None:
    """Goods of 1,080.00 less a discount of 108.00: never more than 972.00 are credited, and all of it can be."""
    paper = bill(desk, GOODS, DISCOUNT, tax_method=method)
    along = r"Of invoice F-9900 972\.00 USD are left to credit, not 1080\.00 USD; credit line 2, in the customer's fav"
    with pytest.raises(Refused, match=along):
        ask(talk, pieces(1, 10), invoice=paper)
    made = ask(talk, pieces(1, 10), pieces(2, 1), invoice=paper)
    assert made.amount == 97_200
    approve(desk, made, "boss1")
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    (note,) = notes(desk)
    assert (note.net, note.tax, note.gross) == (90_000, 7_200, 97_200)


@pytest.mark.parametrize("method", ["line", "document"])
def test_what_is_asked_of_the_goods_can_be_approved(desk: Desk, talk: Talk, method: str) -> None:
    """What the request took is what its approval finds, also where one line alone is more than its rate's sum."""
    paper = bill(desk, GOODS, DISCOUNT, tax_method=method)
    made = ask(talk, pieces(1, 9), invoice=paper)
    assert made.amount == 97_200
    approve(desk, made, "boss1")
    assert state(desk, made) == "approved"
    with pytest.raises(Refused, match=r"Of invoice F-9900 0\.00 USD are left to credit, not 108\.00"):
        ask(talk, pieces(1, 1), letter="q", invoice=paper)


def test_the_tax_of_one_rate_is_not_credited_beyond_what_was_billed(desk: Desk, talk: Talk) -> None:
    """Other goods make room on the document, but not in the tax of the discounted rate."""
    paper = bill(desk, GOODS, DISCOUNT, ("2208", 1, 50_000, 0), tax_method="document")
    with pytest.raises(Refused, match=r"Of tax of invoice F-9900 72\.00 USD are left to credit, not 80\.00 USD"):
        ask(talk, pieces(1, 10), invoice=paper)
    assert ask(talk, pieces(1, 10), pieces(2, 1), pieces(3, 1), invoice=paper).amount == 147_200


def test_a_note_from_elsewhere_on_no_line_of_the_invoice_counts(desk: Desk, talk: Talk) -> None:
    """Such as the one line brought forward of a header-only note: what it took is missing of the whole invoice."""
    paper = bill(desk, GOODS)
    note_elsewhere(desk, ("5001", 1, 60_000, 4_800), corrects=paper)
    with pytest.raises(
        Refused, match=r"Of invoice F-9900 432\.00 USD are left to credit, not 540\.00 USD; credit less"
    ):
        ask(talk, pieces(1, 5), invoice=paper)
    made = ask(talk, pieces(1, 3), invoice=paper)
    note_elsewhere(desk, ("5001", 1, 10_000, 800), corrects=paper, id=9991)
    with pytest.raises(Refused, match=r"Of invoice F-9900 0\.00 USD are left"):
        ask(talk, worth(1, 100), letter="q", invoice=paper)
    with pytest.raises(Refused, match=r"Of invoice F-9900 0\.00 USD are left"):
        desk.rep.read_now(credits.preview, paper, (pieces(1, 1),), "q")
    approve(desk, made, "boss1")
    assert state(desk, made) == "approved"


def test_a_note_from_elsewhere_beyond_the_invoice_is_found(store: Store, seeded: Seeded, clock: Clock) -> None:
    """The source's own doing, and told: what waits here is stopped at its approval, what is posted counts with it."""
    desk = Desk(store, acting(store, "rep7"), acting(store, "lead3"), seeded, clock)
    talk = Talk.with_(desk.rep, seeded.customer)
    paper = bill(desk, GOODS)
    ask(talk, pieces(1, 5), invoice=paper)
    note_elsewhere(desk, ("5001", 1, 60_000, 4_800), corrects=paper)
    assert faults(desk.store) == []
    note_elsewhere(desk, ("5001", 1, 50_000, 4_000), corrects=paper, id=9991)
    assert faults(desk.store) == ["credit.document: document F-9900: 1188.00 USD credited of 1080.00"]
