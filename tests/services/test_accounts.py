"""Who pays: a branch is on its head office's account, and what one branch takes the other cannot."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from csdesk.models import CreditAccount, SalesOrder
from csdesk.services import customers
from tests.services.conftest import Desk


def test_a_branch_orders_on_the_account_of_its_head_office(desk: Desk) -> None:
    placed = desk.talk(desk.seeded.branch).order(("4711", 1))
    assert (placed.customer_id, placed.account_id) == (desk.seeded.branch, 3)
    assert desk.account(3).orders == placed.gross
    for customer in (desk.seeded.branch, desk.seeded.head_office):
        assert desk.rep.read_now(customers.bar, customer).left == 5_000_000 - placed.gross
    bar = desk.rep.read_now(customers.bar, desk.seeded.branch)
    assert bar.bill_to == "Northfield Foods Head Office"
    assert desk.rep.read_now(customers.bar, desk.seeded.head_office).bill_to == ""


def test_a_hold_on_the_head_offices_account_holds_the_branch(desk: Desk) -> None:
    desk.change(CreditAccount, {"id": 3}, on_hold=True)
    assert desk.talk(desk.seeded.branch).order(("4711", 1)).status == "held"
    assert desk.rep.read_now(customers.bar, desk.seeded.branch).holds[0] == "customer hold"


def test_two_branches_at_once_never_pass_the_head_offices_limit(desk: Desk) -> None:
    """Room for five of twelve; each half is placed by another rep for another of the two customers."""
    desk.change(CreditAccount, {"id": 3}, credit_limit=5 * 1987 + 1986)
    talks = [
        desk.talk(customer, login)
        for customer, login in ((desk.seeded.branch, "rep7"), (desk.seeded.head_office, "lead3"))
        for _ in range(6)
    ]
    for talk in talks:
        talk.add("4711", 1)
    with ThreadPoolExecutor(4) as pool:
        placed = list(pool.map(lambda talk: talk.commit(), talks))
    assert sorted(order.status for order in placed) == ["allocated"] * 5 + ["held"] * 7
    assert desk.account(3).orders == 5 * 1987
    numbers = sorted(int(order.number) for order in desk.rows(SalesOrder))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
