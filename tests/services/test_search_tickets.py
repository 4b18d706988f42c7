"""Tickets by number, words and customer, and never one that the reader may not see; both databases."""

from __future__ import annotations

import pytest

from csdesk.models import TicketSearch
from csdesk.services import search, search_tickets
from csdesk.services.search import JumpHit, _order, _place
from csdesk.services.tx import SYSTEM, Tx
from csdesk.store import Store
from tests.services.conftest import Desk
from tests.services.waiting import second_queue, ticket, works


def numbers(store: Store, text: str) -> list[str]:
    """The numbers of the tickets a text leads to."""
    return [hit.code for hit in store.read_now(search.jump, text) if hit.kind == "ticket"]


def test_a_ticket_is_found_by_number_words_and_customer(desk: Desk) -> None:
    ticket(desk, "Café crème: L'Île d'Orléans 24x50", owner=1, customer=2)
    ticket(desk, "crushed tomatoes", owner=1)
    assert numbers(desk.rep, "26000002")[0] == "26000002"
    assert set(numbers(desk.rep, "2600")) == {"26000001", "26000002"}
    for words in ("creme", "CAFÉ", "cre ile", "24x50", "orl", "tomat crush"):
        assert numbers(desk.rep, words) == (["26000002"] if "tomat" in words else ["26000001"]), words
    assert numbers(desk.rep, "smiths hotel") == ["26000001"]
    assert numbers(desk.rep, "crushed creme") == []
    hit = next(hit for hit in desk.rep.read_now(search.jump, "creme") if hit.kind == "ticket")
    assert (hit.title, hit.detail) == ("Café crème: L'Île d'Orléans 24x50", "20418 Smiths Hotel  new")


@pytest.mark.parametrize("text", ["'", '"', "' OR 1=1", "a:* & !b", "%", "_", "\\", "NEAR(a b)", "\x00", "-", "💥"])
def test_signs_are_no_queries(desk: Desk, text: str) -> None:
    ticket(desk, "[/x] \x1b[31m OR 'quoted' :*", owner=1)
    assert numbers(desk.rep, text) in ([], ["26000001"])
    assert numbers(desk.rep, "quoted") == ["26000001"]


@pytest.mark.parametrize("bounds", [{}, {"PROBE": 1, "BOUND": 1}])
def test_nobody_finds_what_he_may_not_see(desk: Desk, monkeypatch: pytest.MonkeyPatch, bounds: dict[str, int]) -> None:
    """Whatever route is taken: with the smallest bounds every word is one that many have."""
    for name, value in bounds.items():
        monkeypatch.setattr(search_tickets, name, value)
    second_queue(desk)
    works(desk, "rep7", "desk")
    ticket(desk, "crushed boxes", owner=1, queue="south")
    ticket(desk, "crushed boxes", owner=2)
    ticket(desk, "crushed boxes", queue="south")
    ticket(desk, "crushed boxes")
    assert set(numbers(desk.rep, "crushed")) == {"26000001", "26000004"}
    assert numbers(desk.rep, "26000002") == numbers(desk.rep, "26000003") == []
    assert set(numbers(desk.rep, "Harbour View Deli")) == {"26000001", "26000004"}
    assert set(numbers(desk.lead, "crush box")) == {"26000002", "26000004"}
    assert len(numbers(desk.as_("audit1"), "boxes")) == 4
    assert numbers(desk.as_("dock1"), "crushed") == []


def test_rows_that_are_missing_are_written(desk: Desk) -> None:
    ticket(desk, "crushed", owner=1)
    ticket(desk, "spilled", owner=1)
    assert [row.body for row in desk.rows(TicketSearch)] == [" crushed ", " spilled "]
    with desk.store.engine.execution_options(desk_write=True).begin() as connection:
        assert search_tickets.index_missing(Tx(connection, 1, SYSTEM, desk.clock())) == 0


def test_of_a_whole_number_the_ticket_comes_first_and_callers_found_by_papers_last(desk: Desk) -> None:
    """An order of somebody else has the same number: its customer's call is not what a ticket's number opens."""
    ticket(desk, "crushed", owner=1, customer=2)
    ticket(desk, "spilled", owner=1, customer=2)
    found = [(hit.kind, hit.customer_id) for hit in desk.rep.read_now(search.jump, "26000002")]
    assert found[0] == ("ticket", None), found
    assert found[-1] == ("customer", 1), "found by the number of his order alone"
    assert [kind for kind, owner in found if owner == 1] == ["order", "customer"]
    theirs = [JumpHit("invoice", 1, "26000002", "", "", 0, 7, _place(7, 1)),
              JumpHit("order", 2, "26000002", "", "", 0, 1, _place(1, 1))]  # fmt: skip
    assert [hit.kind for hit in sorted(theirs, key=_order)] == ["order", "invoice"], "the present customer's first"
