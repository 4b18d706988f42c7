"""Approval tiers: which approvals an amount needs, and the amounts that count together so that splitting does not help.

Tiers are data: per kind of request and currency an upper edge (inclusive) and the roles that must approve, one a step.
Pure; amounts in minor units.

Rule: edges are inclusive. Source: approval limits of purchasing and finance workflows (SAP, Dynamics 365).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from csdesk.errors import Invalid, Refused
from csdesk.money import show
from csdesk.rules._exact import minor, whole

# Rank of the usual roles; a higher rank may always stand in for a lower one. A company's own ranks go in as `ranks`.
RANKS: dict[str, int] = {
    "rep": 10, "warehouse": 10, "cashier": 10, "collector": 10, "lead": 20, "supervisor": 30, "finance": 30,
    "controller": 40, "manager": 40, "director": 50,
}  # fmt: skip
WINDOW_HOURS = 72
# A request in one of these states holds nothing, so it does not count towards the tier of a later one.
NOT_COUNTED = frozenset({"draft", "rejected", "withdrawn", "expired", "superseded"})


@dataclass(frozen=True)
class Tier:
    """Up to and including `up_to` minor units (None = unlimited) the `steps` approve: a role each, in this order.

    No step at all means that the request needs no approval.
    """

    kind: str
    currency: str
    up_to: int | None
    steps: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        whole(self, "up_to")


@dataclass(frozen=True)
class Asked:
    """What the tier of a request is picked by: maker (the person, not the login), customer, reason, amount, instant."""

    maker: int
    customer: int
    reason: str
    amount: int
    at: datetime
    currency: str = ""
    kind: str = ""
    state: str = "submitted"
    id: int | str | None = None

    def __post_init__(self) -> None:
        whole(self, "amount")


def tier_for(amount: int, tiers: Iterable[Tier], *, kind: str | None = None, currency: str | None = None) -> Tier:
    """The tier an amount falls in: the one with the lowest upper edge not below it; the size counts, not the sign.

    Raises Refused when no tier covers the amount, Invalid when tiers of several kinds or currencies are given without
    saying which one is meant.

    Switches: `kind`, `currency` - only tiers of these (default: all that are given).

    Source: approval limits of purchasing and finance workflows (SAP release strategy value ranges, Dynamics 365
    signing limits): an amount equal to the limit is within it.

    Rule: the lowest upper edge with amount <= edge; an open-ended tier last.
    """
    minor(amount)
    fits = [each for each in tiers if kind in (None, each.kind) and currency in (None, each.currency)]
    if len({(each.kind, each.currency) for each in fits}) > 1:
        raise Invalid("Tiers of several kinds or currencies were given; say which kind and currency is meant.")
    covering = [each for each in fits if each.up_to is None or abs(amount) <= each.up_to]
    if not covering:
        of = " ".join(part for part in (kind or (fits[0].kind if fits else ""), "request") if part).replace("_", " ")
        unit = currency or (fits[0].currency if fits else "")
        raise Refused(
            f"Nobody may approve a {of} of {_money(abs(amount), unit)}: no tier covers it; ask who sets the tiers.",
            field="amount",
        )
    return min(covering, key=lambda each: (each.up_to is None, each.up_to or 0))


def needed_rank(tier: Tier, ranks: Mapping[str, int] | None = None) -> int:
    """The highest rank a tier asks for; 0 when it needs no approval. Raises Invalid for a role without a rank."""
    return max((rank_of(role, ranks) for role in tier.steps), default=0)


def rank_of(role: str, ranks: Mapping[str, int] | None = None) -> int:
    """The rank of a role. Raises Invalid for a role that has none.

    Switches: `ranks` - a company's own (default RANKS).
    """
    known = RANKS if ranks is None else ranks
    if role not in known:
        raise Invalid(f"The role '{role}' has no rank; there are: {', '.join(sorted(known))}.", field="role")
    return known[role]


def counted_amount(
    request: Asked,
    earlier: Iterable[Asked],
    *,
    hours: int = WINDOW_HOURS,
    not_counted: Set[str] = NOT_COUNTED,
    same_kind: bool = False,
) -> int:
    """The amount that picks the tier of a request, so that splitting it raises the tier.

    Formula: own amount + amounts of the same maker's (person's) requests for the same customer, reason and currency
    made in the `hours` before it; exactly `hours` before still counts, a later request does not. Sizes are added,
    signs do not matter.

    Switches: `hours` (default 72); `not_counted` states (default draft, rejected, withdrawn, expired, superseded);
    `same_kind` - only requests of the same kind (default no).

    Source: anti-splitting ("structuring") controls of delegation-of-authority policies.
    """
    since = request.at - timedelta(hours=hours)
    counted = abs(minor(request.amount))
    for each in earlier:
        if request.id is not None and each.id == request.id:
            continue
        same = (each.maker, each.customer, each.reason, each.currency) == (
            request.maker, request.customer, request.reason, request.currency
        )  # fmt: skip
        if same_kind and each.kind != request.kind:
            continue
        if same and each.state not in not_counted and since <= each.at <= request.at:
            counted += abs(minor(each.amount))
    return counted


def tier_of(
    request: Asked,
    earlier: Iterable[Asked],
    tiers: Iterable[Tier],
    *,
    hours: int = WINDOW_HOURS,
    not_counted: Set[str] = NOT_COUNTED,
    same_kind: bool = False,
) -> Tier:
    """The tier of a request with the maker's earlier ones counted in, among the tiers of its kind and currency.

    Raises Refused when no tier covers the counted amount.

    Switches: those of `counted_amount`.
    """
    amount = counted_amount(request, earlier, hours=hours, not_counted=not_counted, same_kind=same_kind)
    return tier_for(amount, tiers, kind=request.kind or None, currency=request.currency or None)


def tier_faults(tiers: Sequence[Tier], ranks: Mapping[str, int] | None = None) -> list[str]:
    """What is wrong with a set of tiers: an edge given twice, a negative edge, a higher tier that asks for less rank.

    An empty list means the set may be used. A set without an unlimited tier is allowed: above it nobody approves.

    Switches: `ranks` - a company's own (default RANKS).
    """
    faults = []
    for kind, currency in sorted({(each.kind, each.currency) for each in tiers}):
        of = f"{kind.replace('_', ' ')} {currency}".strip()
        group = sorted(
            (each for each in tiers if (each.kind, each.currency) == (kind, currency)),
            key=lambda each: (each.up_to is None, each.up_to or 0),
        )
        for lower, upper in pairwise(group):
            if lower.up_to == upper.up_to:
                edge = "unlimited" if upper.up_to is None else f"up to {_money(upper.up_to, currency)}"
                faults.append(f"{of}: there are two tiers {edge}.")
            elif needed_rank(upper, ranks) < needed_rank(lower, ranks):
                faults.append(
                    f"{of}: the tier above {_money(lower.up_to or 0, currency)} asks for less than the one below."
                )
        if any(each.up_to is not None and each.up_to < 0 for each in group):
            faults.append(f"{of}: an upper edge is below 0.")
    return faults


def _money(amount: int, currency: str) -> str:
    return f"{show(amount, currency)} {currency}" if currency else f"{amount} minor units"
