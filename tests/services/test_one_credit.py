"""One credit per source, whichever way it came in: asked for, edited, set up again, linked, approved and posted; and
splitting by withdrawing, taking back and editing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from csdesk.errors import Refused
from csdesk.models import ApprovalRequest, CreditClaim, Dispute, Document
from csdesk.services import approving, changing, credits, deductions, posting
from csdesk.services.asking import Change
from csdesk.services.credits import Requested
from csdesk.store import Store
from tests.services.conftest import Desk
from tests.services.papers import ask, bill, decide, pieces, post_all, state, worth
from tests.services.talk import Talk
from tests.services.test_disputing import FACE, pay, raised


@pytest.fixture
def clerk(desk: Desk) -> Store:
    """The desk of who works deductions; the invoice is 39.74 short."""
    pay(desk.store, FACE - 3974)
    return desk.as_("coll1")


def valid(desk: Desk, clerk: Store, amount: int = 1987) -> int:
    """A deduction found valid."""
    id = raised(desk.store, amount)
    clerk.write_now(deductions.decide, id, "valid")
    return id


def requests(desk: Desk) -> list[Any]:
    return sorted(desk.rows(ApprovalRequest), key=lambda row: row.number)


def edit(store: Store, id: int, letter: str, quantity: str | None = None, note: str = "") -> changing.Changed:
    more = {"quantity": Decimal(quantity)} if quantity else {}
    return store.write_now(changing.edit, id, Change(letter, note=note, **more))


def test_the_same_asked_twice_directly_is_one_request(desk: Desk, talk: Talk) -> None:
    first = ask(talk, pieces(1, 1))
    why = r"line 1 is credited for this reason already: request 26000001; it waits: edit it \(e\)"
    for again in (pieces(1, 1), worth(1, 100)):
        with pytest.raises(Refused, match=why):
            ask(talk, again, note="once more")
        with pytest.raises(Refused, match=why):
            desk.rep.read_now(credits.preview, 9201, (again,), "d")
    ask(talk, pieces(1, 1), letter="q")  # another reason is another case
    decide(desk.lead, first)
    with pytest.raises(Refused, match=why):
        ask(talk, pieces(1, 1))
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    assert desk.rep.read_now(credits.preview, 9201, (pieces(1, 1),), "d").startswith("asks credit")
    ask(talk, pieces(1, 1))  # one more broke later


def test_what_waited_too_long_stands_in_nobodys_way(desk: Desk, talk: Talk) -> None:
    ask(talk, pieces(1, 1))
    desk.clock.pass_by(days=15)
    desk.rep.read_now(credits.preview, 9201, (pieces(1, 1),), "d")
    ask(desk.talk(), pieces(1, 1))
    assert len(requests(desk)) == 2


def test_a_deductions_credit_is_never_edited_above_what_is_valid(desk: Desk, clerk: Store) -> None:
    id = valid(desk, clerk)
    clerk.write_now(deductions.credit, id, (pieces(1, 1),))
    (made,) = requests(desk)
    with pytest.raises(Refused, match=r"39\.74 USD are more than the 19\.87 USD that are valid of deduction 26000001"):
        edit(clerk, made.id, "d", "2")
    assert (requests(desk)[0].version, desk.row(CreditClaim).quantity) == (1, 1)
    desk.change(Dispute, {"id": id}, valid=1000)  # decided anew meanwhile
    with pytest.raises(Refused, match=r"more than the 10\.00 USD that are valid"):
        decide(desk.lead, made)


def test_posting_gives_back_what_is_more_than_valid_by_then(desk: Desk, clerk: Store) -> None:
    id = valid(desk, clerk)
    clerk.write_now(deductions.credit, id, (pieces(1, 1),))
    (made,) = requests(desk)
    decide(desk.lead, made)
    desk.change(Dispute, {"id": id}, valid=1000)
    desk.clock.pass_by(minutes=5)
    (words,) = post_all(desk)
    assert "goes back to its maker" in words
    assert desk.rows(Document, kind="credit_note") == []


def test_another_credit_is_not_edited_into_what_a_deduction_asks(desk: Desk, clerk: Store, talk: Talk) -> None:
    clerk.write_now(deductions.credit, valid(desk, clerk), (pieces(1, 1),))
    other = ask(talk, pieces(1, 1), letter="l")
    for note in ("", "late and broken"):
        with pytest.raises(Refused, match="request 26000001 out of deduction 26000001"):
            edit(talk.store, other.id, "d", "1", note)
    assert requests(desk)[1].reason == "late"


@pytest.mark.parametrize("back", ["rejected", "returned"])
def test_a_request_whose_deduction_went_on_does_not_come_back(desk: Desk, clerk: Store, back: str) -> None:
    id = valid(desk, clerk)
    clerk.write_now(deductions.credit, id, (pieces(1, 1),))
    (first,) = requests(desk)
    if back == "rejected":
        desk.lead.write_now(approving.reject, first.id, "no")
    else:
        desk.change(ApprovalRequest, {"id": first.id}, state="returned")
        desk.change(CreditClaim, {"request_id": first.id}, state="void")
    clerk.write_now(deductions.credit, id, (worth(2, 1000),))

    def again() -> object:
        return desk.lead.write_now(approving.take_back) if back == "rejected" else edit(clerk, first.id, "d", "1")

    with pytest.raises(Refused, match="went on without request 26000001: request 26000002 settles it"):
        again()
    clerk.write_now(changing.withdraw, requests(desk)[1].id)
    with pytest.raises(Refused, match="went on without request 26000001: it is valid"):
        again()
    assert requests(desk)[0].state == back


def test_a_rejection_is_taken_back_while_nothing_came_between(desk: Desk, clerk: Store) -> None:
    clerk.write_now(deductions.credit, valid(desk, clerk), (pieces(1, 1),))
    (first,) = requests(desk)
    desk.lead.write_now(approving.reject, first.id, "no")
    desk.lead.write_now(approving.take_back)
    decide(desk.lead, first)
    desk.clock.pass_by(minutes=5)
    assert desk.store.write_now(posting.post, first.id).startswith("Credit note")


def test_a_request_that_waits_is_linked_for_what_is_valid_only(desk: Desk, clerk: Store, talk: Talk) -> None:
    id = valid(desk, clerk)
    large = ask(talk, pieces(1, 2))
    with pytest.raises(Refused, match=r"39\.74 USD are more than the 19\.87 USD"):
        clerk.write_now(deductions.link, id, large.number)
    edit(talk.store, large.id, "d", "1")
    clerk.write_now(deductions.link, id, large.number)
    with pytest.raises(Refused, match=r"39\.74 USD are more than the 19\.87 USD"):
        edit(talk.store, large.id, "d", "2")


# ---------------------------------------------------------------- splitting


@pytest.fixture
def big(desk: Desk) -> int:
    """An invoice of three large lines."""
    return bill(desk, *((code, 10, 100_000, 0) for code in ("2208", "4711", "4720")))


def test_taking_a_withdrawal_back_counts_what_was_asked_meanwhile(desk: Desk, talk: Talk, big: int) -> None:
    first = ask(talk, worth(1, 24_000), invoice=big)
    talk.store.write_now(changing.withdraw, first.id)
    second = ask(talk, worth(2, 24_000), invoice=big)
    assert [row.counted for row in requests(desk)] == [24_000, 24_000]
    with pytest.raises(Refused, match=r"counts 480\.00 USD, which is for supervisor; its maker must ask anew"):
        talk.store.write_now(approving.take_back)
    assert [state(desk, each) for each in (first, second)] == ["withdrawn", "in_approval"]


def test_within_its_tier_it_stands_again_and_counts_more(desk: Desk, talk: Talk, big: int) -> None:
    first = ask(talk, worth(1, 5_000), invoice=big)
    talk.store.write_now(changing.withdraw, first.id)
    ask(talk, worth(2, 4_000), invoice=big)
    talk.store.write_now(approving.take_back)
    assert [(row.state, row.counted) for row in requests(desk)] == [("in_approval", 9_000), ("in_approval", 4_000)]


@pytest.mark.parametrize("first", ["asks", "edits"])
def test_an_edit_of_anothers_request_counts_for_the_editor(desk: Desk, talk: Talk, big: int, first: str) -> None:
    other = ask(desk.talk(login="lead3"), worth(1, 100), invoice=big)

    def asks() -> Requested:
        return ask(talk, worth(2, 24_000), invoice=big)

    def edits() -> None:
        talk.store.write_now(changing.edit, other.id, Change("d", value="240"))

    for act in (asks, edits) if first == "asks" else (edits, asks):
        act()
    counted = {row.number: (row.counted, row.steps) for row in requests(desk)}
    last = "26000001" if first == "asks" else "26000002"
    assert counted[last] == (48_000, "supervisor")
