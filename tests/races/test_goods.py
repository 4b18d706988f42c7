"""Two processes want the goods of one line at once, one as a credit, one again for nothing: exactly one gets them."""

from __future__ import annotations

from csdesk.models import ApprovalRequest, CreditClaim
from csdesk.services import approving
from tests.races.pair import Racer, race
from tests.services.conftest import Desk
from tests.services.test_tickets import complain

ROUNDS = 4


def test_goods_are_credited_or_come_again(desk: Desk, database_url: str) -> None:
    talk, other = desk.talk(), desk.talk(login="lead3").call
    racers = (Racer(database_url, "rep7", desk.clock()), Racer(database_url, "lead3", desk.clock()))
    for n in range(ROUNDS):
        ticket = complain(desk, talk, quantity=10).id
        by_line = ("credit", other, 9201, 1, "10", "q") if n % 2 else ("ticket-credit", ticket)
        results = race(racers, ("ticket-replace", ticket), by_line)
        assert sorted(done for done, _ in results) == [False, True], results
        (held,) = [each for each in desk.rows(CreditClaim) if each.state == "pending"]
        assert held.quantity == 10
        desk.as_("boss1").write_now(approving.reject, held.request_id, "next round", None)
    for racer in racers:
        racer.leave()
    assert len(desk.rows(ApprovalRequest)) == ROUNDS
