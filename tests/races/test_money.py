"""Two processes race for one thing of money: exactly one wins, the other is told why, and the books stay right."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from csdesk.models import Allocation, CreditAccount, OpenItem, SalesOrder
from csdesk.services import applying
from tests.races.pair import Racer, race
from tests.services import papers
from tests.services.conftest import Desk, faults
from tests.support.seed import TODAY

ROUNDS = 8 if os.environ.get("CSDESK_LONG") == "1" else 4


@pytest.fixture
def two(desk: Desk, database_url: str) -> Iterator[list[Racer]]:
    """Starts racers by login; ends them with the test."""
    started: list[Racer] = []
    yield started
    for racer in started:
        racer.leave()


def start(two: list[Racer], desk: Desk, url: str, *logins: str) -> tuple[Racer, Racer]:
    two += [Racer(url, login, desk.clock()) for login in logins]
    return two[0], two[1]


def one_wins(results: list[tuple[bool, str]], why: str) -> None:
    """Exactly one was done; the other says why it was not."""
    assert sorted(done for done, _ in results) == [False, True], results
    assert why in next(words for done, words in results if not done)


def test_the_last_piece_of_a_line_is_credited_once(desk: Desk, two: list[Racer], database_url: str) -> None:
    racers = start(two, desk, database_url, "rep7", "lead3")
    calls = [desk.talk(1, login).call for login in ("rep7", "lead3")]
    for n in range(ROUNDS):
        invoice = papers.bill(desk, ("4711", 1, 1_000, 80), id=9700 + n, number=f"R-{n}")
        results = race(racers, *(("credit", call, invoice, 1, "1", "d") for call in calls))
        one_wins(results, "are left to credit")
    assert faults(desk.store) == []


def test_one_receipt_pays_one_invoice(desk: Desk, two: list[Racer], database_url: str) -> None:
    racers = start(two, desk, database_url, "cash1", "cash1")
    for n in range(ROUNDS):
        bills = [papers.bill(desk, ("4711", 1, 1_000, 0), id=9700 + 2 * n + k, number=f"R-{n}-{k}") for k in (0, 1)]
        money = desk.as_("cash1").write_now(applying.receive, 1, 1_000, TODAY).id
        results = race(racers, *(("apply", None, money, bill, 1_000) for bill in bills))
        one_wins(results, "0.00 USD are left of")
        assert desk.row(OpenItem, id=money).open == 0
    assert len(desk.rows(Allocation)) == ROUNDS
    assert faults(desk.store) == []


def test_one_invoice_is_paid_once(desk: Desk, two: list[Racer], database_url: str) -> None:
    racers = start(two, desk, database_url, "cash1", "cash1")
    for n in range(ROUNDS):
        bill = papers.bill(desk, ("4711", 1, 1_000, 0), id=9700 + n, number=f"R-{n}")
        money = [desk.as_("cash1").write_now(applying.receive, 1, 1_000, TODAY).id for _ in (0, 1)]
        results = race(racers, *(("apply", None, each, bill, 1_000) for each in money))
        one_wins(results, f"0.00 USD are open of R-{n}")
    assert faults(desk.store) == []


def test_the_last_headroom_is_taken_once(desk: Desk, two: list[Racer], database_url: str) -> None:
    racers = start(two, desk, database_url, "rep7", "lead3")
    talks = [desk.talk(1, login) for login in ("rep7", "lead3")]
    for _ in range(ROUNDS):
        drafts = [(talk.add("4711"), talk.pad().id)[1] for talk in talks]
        account = desk.account()
        used = account.orders + account.delivered + account.billed + account.open_debit - account.open_credit
        desk.change(CreditAccount, {"id": 1}, credit_limit=used + 1987)  # 18.40 and 8 % tax: one fits
        race(racers, *(("place", draft) for draft in drafts))
        placed = [desk.row(SalesOrder, id=draft) for draft in drafts]
        assert sorted(row.status == "held" for row in placed) == [False, True]
    assert faults(desk.store) == []
