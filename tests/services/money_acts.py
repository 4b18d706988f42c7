"""What can happen to money, each act with whatever the dice give it: `test_money_machine.py` throws them."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from csdesk.models import Allocation, ApprovalRequest, Dispute, table
from csdesk.rules.credit_notes import LineCredit
from csdesk.services import (
    applying,
    approving,
    credits,
    debits,
    goodwill,
    posting,
    reversing,
    unidentified,
    writing_off,
)
from tests.services.money_world import CUSTOMERS, DOCUMENT, ITEM, LOGINS, World, bill
from tests.services.talk import Talk

ALLOCATION, REQUEST, DISPUTE = table(Allocation), table(ApprovalRequest), table(Dispute)
PICK = st.integers(0, 10_000)
CENTS = st.sampled_from((1, 33, 100, 499, 500, 501, 2_500, 9_999, 10_000, 33_333))


class Cash(World):
    """Invoices, and the money for them."""

    @rule(
        customer=st.sampled_from(CUSTOMERS), quantity=st.sampled_from(("1", "3", "7.5")), net=CENTS, tax=st.booleans()
    )
    def bills(self, customer: int, quantity: str, net: int, tax: bool) -> None:
        self.store.write_now(bill, customer, [(Decimal(quantity), net, net * 8 // 100 if tax else 0)])

    @rule(customer=st.sampled_from(CUSTOMERS), amount=CENTS)
    def pays(self, customer: int, amount: int) -> None:
        self.try_("cash1", applying.receive, customer, amount, self.clock().date(), "", "")

    @rule(pick=PICK)
    def pays_exactly(self, pick: int) -> None:
        item = self.some(ITEM, pick, ITEM.c.open > 0)
        if item is not None:
            self.try_("cash1", applying.receive, item.customer_id, item.open, self.clock().date(), "", item.number)

    @rule(amount=CENTS, pick=PICK, back=st.booleans())
    def unknown_money(self, amount: int, pick: int, back: bool) -> None:
        self.try_("cash1", unidentified.take_in, amount, self.clock().date())
        waiting = self.as_["cash1"].read_now(unidentified.queue)
        one = waiting[pick % len(waiting)].id
        if back:
            self.try_("cash1", unidentified.give_back, one, "not ours")
        else:
            self.try_("cash1", unidentified.identify, one, CUSTOMERS[pick % len(CUSTOMERS)])

    @rule(a=PICK, b=PICK, amount=st.one_of(st.none(), CENTS), small=st.booleans())
    def applies(self, a: int, b: int, amount: int | None, small: bool) -> None:
        credit = self.some(ITEM, a, ITEM.c.open < 0)
        if credit is None:
            return
        mine = () if a % 7 == 6 else (ITEM.c.account_id == credit.account_id,)
        debit = self.some(ITEM, b, ITEM.c.open > 0, *mine)
        if debit is not None:
            self.try_("cash1", applying.apply, None, credit.id, debit.id, amount, "m" if small else "")

    @rule(pick=PICK)
    def applies_by_rule(self, pick: int) -> None:
        credit = self.some(ITEM, pick, ITEM.c.open < 0)
        if credit is not None:
            self.try_("cash1", applying.automatic, None, credit.id)

    @rule(pick=PICK)
    def takes_back(self, pick: int) -> None:
        row = self.some(ALLOCATION, pick)
        if row is not None:
            self.try_("cash1", applying.unapply, None, row.id)

    @rule(pick=PICK)
    def takes_back_and_applies_again(self, pick: int) -> None:
        """Invariant 11: un-apply and apply again change no figure."""
        row = self.some(ALLOCATION, pick, ALLOCATION.c.amount > 0)
        live = row is not None and self.some(DISPUTE, 0, DISPUTE.c.item_id == row.debit_item_id) is None
        if row is None or not live:
            return
        before = self.figures()
        if self.try_("cash1", applying.unapply, None, row.id):
            self.as_["cash1"].write_now(applying.apply, None, row.credit_item_id, row.debit_item_id, row.amount)
            assert self.figures() == before

    @rule(pick=PICK)
    def bounces(self, pick: int) -> None:
        item = self.some(ITEM, pick, ITEM.c.source == "receipt")
        if item is not None:
            self.try_("cash1", reversing.receipt, item.id, "bounced")

    @rule(customer=st.sampled_from(CUSTOMERS), amount=CENTS)
    def pays_and_bounces(self, customer: int, amount: int) -> None:
        """Invariant 10: post and reverse leave every balance as it was."""
        before = self.figures()
        made = self.try_("cash1", applying.receive, customer, amount, self.clock().date(), "", "")
        self.as_["cash1"].write_now(reversing.receipt, made.id, "at once")
        assert self.figures() == before


class Notes(Cash):
    """Requests, and what becomes of them; those of the rep belong to a call with each customer."""

    talks: dict[int, Talk]

    @rule(pick=PICK, line=st.integers(1, 2), quantity=st.sampled_from((None, "1", "2", "3", "0.5")), value=CENTS,
          letter=st.sampled_from("dpgq"))  # fmt: skip
    def asks_credit(self, pick: int, line: int, quantity: str | None, value: int, letter: str) -> None:
        invoice = self.some(DOCUMENT, pick, DOCUMENT.c.kind == "invoice")
        talk = self.talks.get(invoice.customer_id)
        wanted = LineCredit(line, Decimal(quantity)) if quantity else LineCredit(line, value=value)
        if talk is not None:
            self.try_("rep7", credits.ask, talk.call, invoice.id, (wanted,), letter)

    @rule(pick=PICK, quantity=st.sampled_from(("1", "2.5")))
    def asks_debit(self, pick: int, quantity: str) -> None:
        invoice = self.some(DOCUMENT, pick, DOCUMENT.c.kind == "invoice")
        talk = self.talks.get(invoice.customer_id)
        if talk is not None:
            self.try_("rep7", debits.ask, talk.call, invoice.id, (LineCredit(1, Decimal(quantity)),), "p")

    @rule(customer=st.sampled_from(CUSTOMERS), value=CENTS)
    def asks_goodwill(self, customer: int, value: int) -> None:
        self.try_("rep7", goodwill.ask, self.talks[customer].call, value, "g")

    @rule(pick=PICK)
    def asks_write_off(self, pick: int) -> None:
        item = self.some(ITEM, pick, ITEM.c.open > 0)
        if item is not None:
            self.try_("coll1", writing_off.ask, item.id, "j")

    @rule(pick=PICK)
    def asks_reversal(self, pick: int) -> None:
        note = self.some(DOCUMENT, pick, DOCUMENT.c.kind.in_(reversing.REVERSIBLE))
        if note is not None:
            self.try_("coll1", reversing.ask, note.id, "was wrong")

    @rule(pick=PICK, login=st.sampled_from(LOGINS))
    def approves(self, pick: int, login: str) -> None:
        row = self.some(REQUEST, pick, REQUEST.c.state == "in_approval")
        if row is not None:
            self.try_(login, approving.approve, row.id)

    @rule(pick=PICK)
    def approves_whole(self, pick: int) -> None:
        row = self.some(REQUEST, pick, REQUEST.c.state == "in_approval")
        for login in ("lead3", "boss1", "fin2", "mgr1") if row is not None else ():
            self.try_(login, approving.approve, row.id)

    @rule(pick=PICK, login=st.sampled_from(LOGINS))
    def rejects(self, pick: int, login: str) -> None:
        row = self.some(REQUEST, pick, REQUEST.c.state == "in_approval")
        if row is not None:
            self.try_(login, approving.reject, row.id, "no")

    @rule()
    def posts(self) -> None:
        for one in self.store.read_now(posting.due):
            self.try_("", posting.post, one)
