"""Automatic allocation of a receipt or open credit over open items, and its reversal. Pure, minor units.

Open amounts are debit positive. Cash, early-payment discount and small difference are rows of their own; money above
the debt stays on account. No item is taken past zero, and rows plus what stays on account are the money received.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from csdesk.errors import Invalid, Refused
from csdesk.money import decimal_of, share
from csdesk.rules._exact import minor
from csdesk.rules.combinations import unique_combination
from csdesk.rules.settlement import Allocation, Applied, OpenItem, Policy, Reference, named_by
from csdesk.rules.tax import spread

__all__ = ["Allocation", "Applied", "OpenItem", "Policy", "Reference", "allocate", "open_after", "unapply"]


def allocate(
    amount: int,
    items: Iterable[OpenItem],
    *,
    day: date,
    currency: str = "",
    references: Sequence[str | Reference] = (),
    policy: Policy | None = None,
) -> Allocation:
    """Rows that allocate `amount` (>= 0) received on `day` over the open debit items of its currency.

    Credit items take part only when a reference names them: they add to the money for the debits. Raises Invalid for a
    negative or inexact amount.

    Rule: the steps of the policy one after the other, each on what the one before left; rows + what stays on account =
    the amount received.

    Switches: all of `Policy`; the default is remittance reference, exact amount, unique combination of up to 4, oldest
    due; disputed items only when named; no tolerance; discount as far as the money falls short.

    Source: order of cash application as in Oracle Receivables AutoCash rules (match payment with invoice, combination,
    oldest invoice first), JD Edwards automatic receipts, Dynamics 365 settlement priority; tolerance as in Business
    Central (payment tolerance percent and maximum amount, the lower one binds).
    """
    if minor(amount, "The amount received") < 0:
        raise Invalid("The amount received cannot be below 0.", field="amount")
    policy, known = policy or Policy(), list(items)
    currencies = {item.currency for item in known}
    if not currency and len(currencies) > 1:
        raise Invalid("The items are of several currencies; say which one was received.", field="currency")
    currency = currency or next(iter(currencies), "")
    fitting = [item for item in known if item.currency == currency and item.open]
    work = _Work(policy, day, amount)
    unmatched = work.run(fitting, references)
    return Allocation(work.rows(), min(work.left, amount), unmatched)


def unapply(rows: Sequence[Applied]) -> tuple[Applied, ...]:
    """The reversing rows of an allocation, last first. Raises Refused for a row that reverses another already.

    Formula: the same rows with the other sign, so that a row and its reversal add up to 0.

    Source: the ledger's own: allocations are never changed, an un-apply is a reversing row.
    """
    if any(row.amount < 0 for row in rows):
        raise Refused("A reversing row is not un-applied again; allocate anew.")
    return tuple(replace(row, amount=-row.amount) for row in reversed(rows))


def open_after(faces: Mapping[Any, int], opens: Mapping[Any, int], rows: Iterable[Applied]) -> dict[Any, int]:
    """The open amounts after rows (reversing ones too). Raises Refused where one would pass zero or its face amount.

    Formula: open = face - sum of allocations, with the sign of the face amount.

    Source: open-item accounting; `csdesk check` asks the same of the books.
    """
    after = dict(opens)
    for row in rows:
        if row.item not in after or (row.credit is not None and row.credit not in after):
            raise Invalid(f"A row names an item that was not given: {row.item}.")
        after[row.item] -= row.amount
        if row.credit is not None:
            after[row.credit] += row.amount
    for key, left in after.items():
        face = faces[key]
        if left * face < 0 or abs(left) > abs(face):
            raise Refused(f"Item {key}: {left} minor units would be open of {face}; the allocation does not fit.")
    return after


@dataclass
class _Work:
    """The state of one allocation: money left, and cash and discount per item in the order they were found."""

    policy: Policy
    day: date
    left: int
    cash: dict[Any, int] = field(default_factory=dict)
    discounts: dict[Any, int] = field(default_factory=dict)
    differences: dict[Any, int] = field(default_factory=dict)
    rules: dict[Any, str] = field(default_factory=dict)
    items: dict[Any, OpenItem] = field(default_factory=dict)
    credits: dict[Any, int] = field(default_factory=dict)

    def rest(self, item: OpenItem) -> int:
        """What is open of an item after cash and discount."""
        return item.open - self.cash.get(item.id, 0) - self.discounts.get(item.id, 0)

    def offer(self, item: OpenItem) -> int:
        """The discount that may still be taken of an item on this day."""
        until = item.discount_until
        if self.policy.discount == "none" or until is None or item.id in self.discounts:
            return 0
        in_time = self.day <= until + timedelta(days=self.policy.discount_grace)
        return max(0, min(item.discount, self.rest(item))) if in_time else 0

    def pay(self, item: OpenItem, cash: int, rule: str, discount: int = 0) -> None:
        """Sets money and discount against an item."""
        self.items[item.id] = item
        self.rules.setdefault(item.id, rule)
        self.cash[item.id] = self.cash.get(item.id, 0) + cash
        if discount:
            self.discounts[item.id] = discount
        self.left -= cash

    def run(self, items: Sequence[OpenItem], references: Sequence[str | Reference]) -> tuple[str, ...]:
        """Takes the steps of the policy one after the other; returns the references nothing was found for."""
        unmatched = self.named(items, references) if "reference" in self.policy.steps else ()
        free = [item for item in items if item.open > 0 and not (item.disputed and self.policy.skip_disputed)]
        for step in self.policy.steps:
            untouched = [item for item in free if item.id not in self.cash]
            if self.left <= 0:
                break
            if step == "exact" and self.exact(untouched):  # ambiguous, or paid: what is left stays on account
                break
            if step == "combination" and self.combined(untouched):
                break
            if step == "order":
                self.ordered([item for item in free if self.rest(item)])
        self.close()
        return unmatched

    def settle(self, group: Sequence[OpenItem], rule: str, partial: bool = True) -> None:
        """Pays a group one after the other, with discounts as far as they are due."""
        short = sum(self.rest(item) for item in group) - self.left
        earned = self.policy.discount == "earned" or short > sum(self.offer(item) for item in group)
        for item in group:
            offer = self.offer(item) if earned else max(0, min(self.offer(item), short))
            need = self.rest(item) - offer
            if self.left >= need:
                short -= offer
                self.pay(item, need, rule, offer)
            elif partial and self.left > 0:
                part = self.left
                self.pay(item, part, rule, self._part(item, part, offer))

    def _part(self, item: OpenItem, cash: int, offer: int) -> int:
        """The discount a part payment earns: discount x cash / (open - discount)."""
        if not (self.policy.partial_discount and offer):
            return 0
        return min(share(offer, cash, self.rest(item) - offer, "half_up"), self.rest(item) - cash)

    def named(self, items: Sequence[OpenItem], references: Sequence[str | Reference]) -> tuple[str, ...]:
        """Pays what the remittance names: stated amounts first, then the others; returns what it could not find.

        Lines that name the same item are one: their amounts add up, and a line without an amount is for all of it.
        """
        lines = [Reference(each) if isinstance(each, str) else each for each in references]
        found = list(zip(lines, named_by([line.number for line in lines], items), strict=True))
        stated: dict[Any, int] = {}
        whole: list[OpenItem] = []
        of = {item.id: item for _, item in found if item is not None and item.open}
        for line, item in found:
            if item is None or item.id not in of:
                continue
            if line.amount is not None:
                stated[item.id] = stated.get(item.id, 0) + (abs(line.amount) if item.open < 0 else line.amount)
            elif item not in whole:
                whole.append(item)
        for item in (each for each in of.values() if each.open < 0):
            self.credits[item.id] = -item.open if item in whole else min(-item.open, stated[item.id])
            self.left += self.credits[item.id]
        for item in (each for each in of.values() if each.open > 0 and each.id in stated):
            self.paid_as_stated(item, max(0, min(stated[item.id], self.left, item.open)))
        self.settle([item for item in whole if item.open > 0], "reference")
        return tuple(line.number for line, item in found if item is None)

    def paid_as_stated(self, item: OpenItem, cash: int) -> None:
        """Pays the amount a remittance states; an earned discount is taken of it once it reaches the net."""
        offer = self.offer(item) if self.policy.discount == "earned" else 0
        if offer and cash >= item.open - offer:
            self.pay(item, item.open - offer, "reference", offer)
        else:
            self.pay(item, cash, "reference")

    def exact(self, items: Sequence[OpenItem]) -> str:
        """Pays the one item that has the amount: in full, less its discount, or within tolerance when alone in that.

        A discount that is earned comes first, and is taken of an amount paid in full too.
        """
        by_due, earned = sorted(items, key=_by_due), self.policy.discount == "earned"
        for discount in (True, False) if earned else (False, True):
            hits = [item for item in by_due if item.open - (self.offer(item) if discount else 0) == self.left]
            if len(hits) > 1 and self.policy.same_amount == "on_account":
                return "ambiguous"
            if hits:
                offer = self.offer(hits[0]) if discount or earned else 0
                self.pay(hits[0], hits[0].open - offer, "exact", offer)
                return "paid"
        near = [item for item in by_due if self.forgiven(item, item.open - self.offer(item) - self.left)]
        if len(near) == 1:
            self.pay(near[0], self.left, "exact")
        return ""

    def combined(self, items: Sequence[OpenItem]) -> bool:
        """Pays the only combination that has the amount: in full, or else with every discount taken; first with them
        where they are earned."""
        earned, offers = self.policy.discount == "earned", [self.offer(item) for item in items]
        none = [0] * len(items)
        for discounts in (offers, none) if earned else (none, offers):
            nets = [item.open - discount for item, discount in zip(items, discounts, strict=True)]
            places = unique_combination(nets, self.left, most=self.policy.combination)
            if places is not None:
                for place in places:
                    offer = offers[place] if earned else discounts[place]
                    self.pay(items[place], items[place].open - offer, "combination", offer)
                return True
        return False

    def ordered(self, items: Sequence[OpenItem]) -> None:
        """Pays in the order of the policy until the money is used up."""
        order = self.policy.order
        if order == "proportional":
            rests = [self.rest(item) for item in items]
            if items and self.left < sum(rests) - sum(self.offer(item) for item in items):
                for item, part in zip(items, spread(self.left, rests), strict=True):
                    self.pay(item, part, order)
                return
        if order == "oldest_document":
            items = sorted(items, key=lambda item: (item.issued or item.due, item.due, item.number))
        elif order in ("largest", "smallest"):
            sign = -1 if order == "largest" else 1
            items = sorted(items, key=lambda item: (sign * self.rest(item), *_by_due(item)))
        else:
            items = sorted(items, key=_by_due)
        self.settle(items, order, self.policy.partial)

    def forgiven(self, item: OpenItem, short: int) -> bool:
        """Whether a payment may fall short by so much: above 0, within amount and percent."""
        percent = self.policy.tolerance_percent
        within = percent is None or short * 100 <= decimal_of(percent) * item.open
        return 0 < short <= self.policy.tolerance and within

    def close(self) -> None:
        """Closes what was paid a little short, discount first, once no money is left that could pay it."""
        allowed = self.policy.tolerance
        for key, item in self.items.items():
            rest, offer = self.rest(item), self.offer(item)
            if rest <= 0 or self.left > 0 or not self.cash[key]:
                continue
            if rest <= offer:
                self.discounts[key] = rest
            elif rest - offer <= allowed and self.forgiven(item, rest - offer):
                allowed -= rest - offer
                self.differences[key] = rest - offer
                if offer:
                    self.discounts[key] = offer

    def rows(self) -> tuple[Applied, ...]:
        """The rows: named credits are used before the receipt."""
        funds = dict(self.credits)
        made: list[Applied] = []
        for key in self.items:
            need, rule = self.cash[key], self.rules[key]
            for credit, usable in funds.items():
                if part := min(need, usable):
                    made.append(Applied(key, part, "cash", credit, rule))
                    funds[credit], need = usable - part, need - part
            if need:
                made.append(Applied(key, need, "cash", None, rule))
            if self.discounts.get(key):
                made.append(Applied(key, self.discounts[key], "discount", None, rule))
            if self.differences.get(key):
                made.append(Applied(key, self.differences[key], "difference", None, rule))
        return tuple(made)


def _by_due(item: OpenItem) -> tuple[date, date, str]:
    return (item.due, item.issued or item.due, item.number)
