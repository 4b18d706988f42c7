"""Claims at random on both databases: credited, replaced, disputed, upheld, billed back, disputed again, paid,
approved, rejected, posted, resolved; cancelled, reversed, bounced or taken back; in any order. After each run every
check of the desk holds: the identity of each claim, and that no goods are both credited and sent again. CSDESK_LONG=1
does thousands of steps."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from csdesk.errors import DeskError
from csdesk.models import ApprovalRequest, Dispute, Document, OpenItem, SalesOrder, Ticket, TicketLine
from csdesk.services import (
    amendments,
    applying,
    approving,
    calls,
    deductions,
    replacing,
    reversing,
    ticket_claims,
    ticket_lines,
    ticket_money,
    ticket_resolving,
    undo,
)
from csdesk.services.tx import SYSTEM, Tx
from tests.services.conftest import Desk, faults
from tests.services.papers import post_all
from tests.services.talk import Talk
from tests.services.test_tickets import complain
from tests.services.ticket_acts import reachable

SEEDS, STEPS = (range(20), 150) if os.environ.get("CSDESK_LONG") == "1" else (range(1), 50)

EVERY = 5


class Claims:
    """What may happen to the claims of a customer."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.dice = desk, random.Random(seed)
        self.talk: Talk = desk.talk()
        self.done = 0

    def step(self) -> None:
        """One act, allowed or refused."""
        act: Callable[[], object] = self.dice.choice(
            (self.complain, self.credit, self.again, self.dispute, self.dispute, self.decide, self.decide, self.post,
             self.pay, self.cancel, self.undo, self.uphold, self.bill_back, self.resolve, self.reverse, self.bounce)
        )  # fmt: skip
        try:
            act()
            self.done += 1
        except DeskError:
            self.talk.store.write_now(calls.end, self.talk.call)
            self.talk = self.desk.talk()

    def complain(self) -> None:
        complain(self.desk, self.talk, self.dice.choice((1, 1, 2)), self.dice.randint(1, 6), self.dice.choice("dq"))

    def _ticket(self) -> int:
        """A ticket with lines, one that goes on where there is one: nothing is asked on what was taken back."""
        on = {each.id for each in self.desk.rows(Ticket) if each.state != "cancelled"}
        lines = self.desk.rows(TicketLine)
        return int(self.dice.choice([each for each in lines if each.ticket_id in on] or lines).ticket_id)

    def credit(self) -> None:
        if self.desk.rows(TicketLine):
            self.talk.store.write_now(ticket_money.credit, self._ticket(), 1, self.talk.call)

    def again(self) -> None:
        if self.desk.rows(TicketLine):
            self.talk.store.write_now(replacing.ask, self._ticket(), 1, self.talk.call)

    def dispute(self) -> None:
        if self.desk.rows(TicketLine):
            self.talk.store.write_now(ticket_money.dispute, self._ticket(), 1, self.talk.call)

    def decide(self) -> None:
        waiting = self.desk.rows(ApprovalRequest, state="in_approval")
        if waiting:
            request = self.dice.choice(waiting).id
            if self.dice.random() < 0.75:
                self.desk.as_("boss1").write_now(approving.approve, request, None)
            else:
                self.desk.as_("boss1").write_now(approving.reject, request, "no", None)

    def post(self) -> None:
        self.desk.clock.pass_by(minutes=5)
        post_all(self.desk)

    def pay(self) -> None:
        cash = self.desk.as_("cash1")
        made = cash.write_now(applying.receive, 1, self.dice.randint(100, 9_000), self.desk.clock().date())
        cash.write_now(applying.apply, None, made.id, 9301)

    def cancel(self) -> None:
        free = [each for each in self.desk.rows(SalesOrder) if each.id not in (9001, 9002)]
        if free:
            self.talk.store.write_now(amendments.cancel_line, self.dice.choice(free).id, 1, "c", self.talk.call)

    def uphold(self) -> None:
        if self.desk.rows(TicketLine):
            self.talk.store.write_now(ticket_lines.uphold, self._ticket(), 1, "signed for", self.talk.call)

    def bill_back(self) -> None:
        """A clerk decides against the customer: the dispute ends, and may be raised again."""
        live = [each.id for each in self.desk.rows(Dispute) if each.closed_at is None]
        if live:
            one, clerk = self.dice.choice(live), self.desk.as_("coll1")
            clerk.write_now(deductions.take, one)
            clerk.write_now(deductions.decide, one, "invalid")
            clerk.write_now(deductions.bill_back, one)

    def resolve(self) -> None:
        """What is resolved may be opened again by what comes next."""
        id = self._ticket()
        version = self.desk.row(Ticket, id=id).version
        self.talk.store.write_now(ticket_resolving.resolve, id, "t", "decided", self.talk.call, version)

    def reverse(self) -> None:
        notes = self.desk.rows(Document, kind="credit_note")
        if notes:
            self.desk.as_("coll1").write_now(reversing.ask, self.dice.choice(notes).id, "was wrong")
            asked = [each for each in self.desk.rows(ApprovalRequest, state="in_approval") if each.kind == "reversal"]
            self.desk.as_("mgr1").write_now(approving.approve, asked[-1].id, None)

    def bounce(self) -> None:
        receipts = self.desk.rows(OpenItem, source="receipt")
        if receipts:
            self.desk.as_("cash1").write_now(reversing.receipt, self.dice.choice(receipts).id, "bounced")

    def undo(self) -> None:
        self.talk.store.write_now(undo.last, self.talk.call)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_claim_adds_up_whatever_happens(desk: Desk, seed: int) -> None:
    claims = Claims(desk, seed)
    reachable(desk)
    claims.complain()
    for number in range(STEPS):
        claims.step()
        if number % EVERY == 0:
            holds(desk)
    assert faults(desk.store) == []
    assert claims.done > STEPS // 5
    holds(desk)


def holds(desk: Desk) -> None:
    """Each claim adds up by what all disputes of its line came to; what is over has nothing open, and whatever is in
    dispute is open of the claim."""
    with desk.store.engine.connect() as connection:
        tx = Tx(connection, 1, SYSTEM, desk.clock())
        for line in desk.rows(TicketLine):
            assert ticket_claims.taken(tx, line) <= line.quantity
            parts = ticket_claims.claim_of(tx, line)
            assert parts.pop("claimed") == sum(parts.values()) == line.claimed
            held = [each for each in desk.rows(Dispute) if each.ticket_id == line.ticket_id]
            paid = sum(each.paid for each in held)
            assert parts["paid"] == min(paid, line.claimed - parts["credited"] - parts["replaced"])
            assert desk.row(Ticket, id=line.ticket_id).base != "done" or parts["open"] == 0


def test_a_line_credited_in_full_and_upheld_too_is_named(desk: Desk, talk: Talk) -> None:
    """What is shown of a claim always adds up; the checks look at what was really decided."""
    id = complain(desk, talk).id
    talk.store.write_now(ticket_money.credit, id, 0, talk.call)
    desk.lead.write_now(approving.approve, desk.row(ApprovalRequest).id, None)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    assert faults(desk.store) == []
    desk.change(TicketLine, {"ticket_id": id}, upheld=1)
    assert [each.partition(":")[0] for each in faults(desk.store)] == ["ticket.claims"]
    desk.change(TicketLine, {"ticket_id": id}, upheld=0, quantity=1)
    assert [each.partition(":")[0] for each in faults(desk.store)] == ["claim.parts"]
    desk.change(TicketLine, {"ticket_id": id}, quantity=2)
