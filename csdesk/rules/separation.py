"""Segregation of duties: which two duties one person should not hold or use on the same object, and why. Pure.

The conflicts are data: two duties, a level when both are granted ("block" or "warn"), a level when one person uses both
on the same order or on the same customer within 90 days, and the risk in a sentence. Persons count, not logins.

Rule: two duties, one person, one object. Source: separation of duty (ANSI INCITS 359; NIST SP 800-53, AC-5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date

from csdesk.rules._exact import count
from csdesk.rules.approvals import APPROVAL_DUTIES

BLOCK, WARN = "block", "warn"
LEVELS = ("", WARN, BLOCK)  # rising
CUSTOMER_DAYS = 90


@dataclass(frozen=True)
class Conflict:
    """Two duties that conflict: the level at grant, on the same order, on the same customer ("" = none), the risk."""

    duty_a: str
    duty_b: str
    level: str
    risk: str
    same_order: str = BLOCK
    same_customer: str = WARN


@dataclass(frozen=True)
class Act:
    """What a person did: the duty it was done by, the local day, and the order and customer it was about."""

    person: int
    duty: str
    day: date
    order: int | str | None = None
    customer: int | str | None = None


@dataclass(frozen=True)
class Found:
    """A conflict that was met: its level here, and where - "grant", "order" or "customer"."""

    conflict: Conflict
    level: str
    where: str

    @property
    def sentence(self) -> str:
        """The two duties and the risk, for the one who decides."""
        on = {"grant": "held by one person", "order": "used on the same order", "customer": "used on the same customer"}
        return f"'{self.conflict.duty_a}' and '{self.conflict.duty_b}' {on[self.where]}: {self.conflict.risk}"


@dataclass(frozen=True)
class Holding:
    """Who holds what: a person, the role that gives it, the duty."""

    person: int
    role: str
    duty: str


@dataclass(frozen=True)
class ReviewRow:
    """A line of the access review: person, the two duties with the roles that give them, level, risk, and the
    compensating control that was accepted for it ("" = none)."""

    person: int
    duty_a: str
    roles_a: str
    duty_b: str
    roles_b: str
    level: str
    risk: str
    accepted: str = ""


# Every duty that moves money or goods, or decides what is charged; nobody who grants roles holds one.
MONEY_DUTIES: tuple[str, ...] = (
    "order.enter", "order.release", "price.override", "price.maintain", "limit.approve", "terms.approve",
    "invoice.post", "credit.request", "credit.approve", "credit.post", "cash.apply", "writeoff.request",
    "writeoff.approve", "dispute.resolve", "rebate.settle", "return.receive", "delivery.post", "ledger.post",
    "period.unlock", "dunning.approve", "delegation.approve", "reversal.request",
)  # fmt: skip

_ON_GOODS = ("return.receive", "delivery.post", "dunning.approve", "delegation.approve", "period.unlock")

# Source: published order-to-cash rule sets of SAP GRC access control and Oracle ERP (customer master, sales orders,
# pricing, deliveries, billing, credit notes, incoming payments, credit master, rebates), and the custody - recording -
# authorization separation of COSO and the revenue cycle of auditing textbooks.
CONFLICTS: tuple[Conflict, ...] = (
    Conflict("customer.maintain", "credit.post", BLOCK, "A fictitious customer could be set up and credited."),
    Conflict("customer.maintain", "credit.approve", BLOCK, "A fictitious customer could be set up and credited."),
    Conflict("customer.maintain", "credit.request", WARN, "A customer could be changed to receive a credit.", WARN),
    Conflict("customer.maintain", "order.enter", WARN, "A fictitious customer could be set up and supplied.", WARN, ""),
    Conflict("customer.maintain", "invoice.post", BLOCK, "A fictitious customer could be set up and billed."),
    Conflict("customer.maintain", "cash.apply", BLOCK, "Payments could be set against a customer made for it."),
    Conflict("customer.maintain", "delivery.post", WARN, "Goods could be sent to a customer made for it."),
    Conflict("customer.maintain", "limit.approve", BLOCK, "A customer could be set up and given credit unseen."),
    Conflict("customer.maintain", "writeoff.approve", BLOCK, "A debt could be hidden and written off."),
    Conflict("order.enter", "order.release", WARN, "The one who sells could release his own held order.", BLOCK, ""),
    Conflict("order.enter", "limit.approve", BLOCK, "A limit could be raised to sell into a debt that is never paid."),
    Conflict("order.enter", "terms.approve", BLOCK, "Terms could be given away to win one's own order."),
    Conflict("order.enter", "price.maintain", BLOCK, "Prices could be changed for one's own orders."),
    Conflict("order.enter", "price.override", WARN, "The one who sells could give his own discount.", BLOCK, ""),
    Conflict("order.enter", "credit.approve", WARN, "A sale could be undone by a credit nobody else saw."),
    Conflict("order.enter", "credit.post", BLOCK, "A sale could be undone by a credit nobody else saw."),
    Conflict("order.enter", "delivery.post", BLOCK, "Goods could be ordered and sent away by one person."),
    Conflict("order.enter", "invoice.post", WARN, "An order could be billed at other than what was agreed."),
    Conflict("order.enter", "cash.apply", BLOCK, "Payments could be diverted and the sale hidden."),
    Conflict("order.enter", "dunning.approve", WARN, "Reminders could be stopped to keep an own customer buying.", ""),
    Conflict("limit.approve", "order.release", WARN, "A limit could be raised to fit the order that is released."),
    Conflict("limit.approve", "cash.apply", WARN, "Payments could be moved to make a limit look kept."),
    Conflict("limit.approve", "writeoff.approve", WARN, "Credit could be granted and its loss hidden."),
    Conflict("price.maintain", "price.override", WARN, "A price could be set and its exception passed."),
    Conflict("price.maintain", "invoice.post", BLOCK, "Prices could be changed and billed unseen."),
    Conflict("price.maintain", "rebate.settle", BLOCK, "A rebate could be agreed and paid out by one person."),
    Conflict("rebate.settle", "credit.approve", BLOCK, "A rebate could be raised beyond what was agreed."),
    Conflict("rebate.settle", "credit.post", BLOCK, "A rebate could be raised beyond what was agreed."),
    Conflict("invoice.post", "delivery.post", BLOCK, "Goods could leave unbilled, or bills without goods be sent."),
    Conflict("invoice.post", "cash.apply", BLOCK, "A payment could be taken and its invoice changed to hide it."),
    Conflict("credit.request", "credit.approve", WARN, "A credit could be asked for and passed by one person."),
    Conflict("credit.request", "credit.post", BLOCK, "A credit could be asked for and posted by one person."),
    Conflict("credit.approve", "credit.post", WARN, "A credit could be passed and posted by one person."),
    Conflict("cash.apply", "credit.request", WARN, "A payment could be taken and covered by a credit."),
    Conflict("cash.apply", "credit.approve", BLOCK, "A payment could be taken and covered by a credit."),
    Conflict("cash.apply", "credit.post", BLOCK, "A payment could be taken and covered by a credit."),
    Conflict("cash.apply", "writeoff.request", BLOCK, "A payment could be taken and the debt written off."),
    Conflict("cash.apply", "writeoff.approve", BLOCK, "A payment could be taken and the debt written off."),
    Conflict("cash.apply", "dispute.resolve", WARN, "A payment could be taken and covered by a dispute."),
    Conflict("writeoff.request", "writeoff.approve", WARN, "A debt could be written off by one person.", BLOCK, BLOCK),
    Conflict("reversal.request", "writeoff.approve", WARN, "A posting could be reversed by one person."),
    Conflict("dispute.resolve", "credit.approve", WARN, "A dispute could be decided and paid by one person."),
    Conflict("dispute.resolve", "writeoff.approve", WARN, "A dispute could be decided and written off by one person."),
    Conflict("return.receive", "credit.request", BLOCK, "Goods that never came back could be credited."),
    Conflict("return.receive", "credit.approve", BLOCK, "Goods that never came back could be credited."),
    Conflict("return.receive", "credit.post", BLOCK, "Goods that never came back could be credited."),
    Conflict("period.unlock", "ledger.post", BLOCK, "A closed period could be opened to change its figures."),
    Conflict("period.unlock", "invoice.post", BLOCK, "Revenue could be moved into a closed period."),
    Conflict("period.unlock", "credit.post", BLOCK, "Credits could be moved into a closed period."),
    Conflict("period.unlock", "cash.apply", BLOCK, "Payments could be moved into a closed period."),
    *(
        Conflict("staff.admin", duty, BLOCK, "The one who grants roles could give himself what nobody checks.")
        for duty in MONEY_DUTIES
    ),
    *(
        Conflict("import.run", duty, BLOCK, "A file could say what a customer owes, or may owe, unseen.", "", "")
        for duty in ("customer.maintain", *(each for each in MONEY_DUTIES if each not in _ON_GOODS), "limit.request")
    ),
    *(
        Conflict("settings.admin", duty, BLOCK, "The one who sets the tiers could set them to decide alone.", "", "")
        for duty in sorted(set(APPROVAL_DUTIES.values()))
    ),
)  # fmt: skip


def conflict_between(duty: str, other: str, conflicts: Iterable[Conflict] = CONFLICTS) -> Conflict | None:
    """The conflict of two duties, whichever comes first; None if they may go together."""
    return next((each for each in conflicts if {each.duty_a, each.duty_b} == {duty, other}), None)


def at_grant(held: Set[str], added: Set[str], conflicts: Iterable[Conflict] = CONFLICTS) -> tuple[Found, ...]:
    """Conflicts that granting `added` to someone who holds `held` would bring, blocking ones first.

    Conflicts that were there before are not repeated. Duties no rule names conflict with nothing.

    Rule: a conflict whose two duties are held once `added` is granted, one of them new.

    Source: static separation of duty (ANSI INCITS 359, role-based access control).
    """
    new, both = added - held, held | added
    found = [
        Found(each, each.level, "grant")
        for each in conflicts
        if each.level and {each.duty_a, each.duty_b} <= both and {each.duty_a, each.duty_b} & new
    ]
    return _sorted(found)


def at_request(
    duty: str,
    person: int,
    acts: Iterable[Act],
    *,
    day: date,
    order: int | str | None = None,
    customer: int | str | None = None,
    days: int = CUSTOMER_DAYS,
    conflicts: Iterable[Conflict] = CONFLICTS,
) -> tuple[Found, ...]:
    """Conflicts of what a person asks for by `duty` with what the same person did on the object before.

    On the same order whenever it was; on the same customer in the last `days`, the edge included. Blocking ones first,
    each conflict once at its highest level.

    Switches: `days` (default 90).

    Rule: a conflict of `duty` with a duty the person used on the same order, or customer within the days.

    Source: dynamic separation of duty (ANSI INCITS 359); NIST SP 800-53, AC-5.
    """
    count(days, "days")
    found: dict[Conflict, Found] = {}
    rules = tuple(conflicts)
    for act in acts:
        conflict = conflict_between(duty, act.duty, rules) if act.person == person and act.duty != duty else None
        if conflict is None:
            continue
        met = [Found(conflict, conflict.same_order, "order")] if order is not None and act.order == order else []
        if customer is not None and act.customer == customer and 0 <= (day - act.day).days <= days:
            met.append(Found(conflict, conflict.same_customer, "customer"))
        for each in met:
            known = found.get(conflict)
            if LEVELS.index(each.level) > (LEVELS.index(known.level) if known else 0):
                found[conflict] = each
    return _sorted(found.values())


at_approval = at_request  # the same question, asked of the checker instead of the maker


def blocks(found: Iterable[Found]) -> str | None:
    """The sentence of the first conflict that blocks; None when there are warnings at most."""
    return next((each.sentence for each in found if each.level == BLOCK), None)


def review(
    holdings: Sequence[Holding],
    *,
    conflicts: Iterable[Conflict] = CONFLICTS,
    accepted: Mapping[tuple[int, str, str], str] | None = None,
) -> tuple[ReviewRow, ...]:
    """Every conflict anybody holds, for the periodic access review: by person, blocking ones first.

    A duty that several roles give is one line naming them all.

    Switches: `accepted` - compensating controls by (person, duty a, duty b), either order; such a line stays in.
    """
    known = accepted or {}
    rules = tuple(conflicts)
    rows = []
    for person in sorted({each.person for each in holdings}):
        roles: dict[str, set[str]] = {}
        for each in holdings:
            if each.person == person:
                roles.setdefault(each.duty, set()).add(each.role)
        for found in at_grant(frozenset(), frozenset(roles), rules):
            a, b = found.conflict.duty_a, found.conflict.duty_b
            control = known.get((person, a, b)) or known.get((person, b, a), "")
            given = (", ".join(sorted(roles[a])), ", ".join(sorted(roles[b])))
            rows.append(ReviewRow(person, a, given[0], b, given[1], found.level, found.conflict.risk, control))
    return tuple(rows)


def _sorted(found: Iterable[Found]) -> tuple[Found, ...]:
    return tuple(
        sorted(found, key=lambda each: (-LEVELS.index(each.level), each.conflict.duty_a, each.conflict.duty_b))
    )
