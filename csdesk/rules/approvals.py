"""A request and its approvals, maker and checker: allowed moves as data, who may not approve and why. Pure.

draft -> submitted -> in_approval (step k of n) -> approved -> posted, with rejected, returned, withdrawn, expired,
superseded and failed. Persons are counted, not logins. Nothing approves itself: neither a maker nor the passing of
time.

Rule: the table of moves; no self-approval at any step. Source: maker-checker (COSO control activities; SOX 404).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from csdesk.errors import Refused
from csdesk.rules._exact import whole
from csdesk.rules.delegation import Delegation, is_delegate_of, why_not_delegated
from csdesk.rules.payloads import payload_hash
from csdesk.rules.tiers import rank_of

_LEAVE = {"withdraw": "withdrawn", "expire": "expired", "supersede": "superseded"}
# State -> event -> next state. A material edit ("edit") begins a new version as draft; no event leaves a final state.
MOVES: dict[str, dict[str, str]] = {
    "draft": {"submit": "submitted", **_LEAVE},
    "submitted": {"route": "in_approval", "waive": "approved", "return": "returned", "edit": "draft", **_LEAVE},
    "in_approval": {
        "approve": "in_approval", "complete": "approved", "reject": "rejected", "return": "returned", "edit": "draft",
        **_LEAVE,
    },
    "approved": {"post": "posted", "fail": "failed", "return": "returned", "edit": "draft", **_LEAVE},
    "failed": {"retry": "approved", "return": "returned", "edit": "draft", **_LEAVE},
    "returned": {"edit": "draft", **_LEAVE},
    "posted": {}, "rejected": {}, "withdrawn": {}, "expired": {}, "superseded": {},
}  # fmt: skip
FINAL = frozenset(state for state, events in MOVES.items() if not events)
# States in which a request holds what it asks for (quantity, value, headroom); leaving them frees it.
HOLDING = frozenset({"submitted", "in_approval", "approved", "failed"})
EXPIRY_DAYS = 14

# Kind of request -> the duty its approvers need.
APPROVAL_DUTIES: dict[str, str] = {
    "credit_note": "credit.approve",
    "goodwill_credit": "credit.approve",
    "debit_note": "credit.approve",
    "replacement": "credit.approve",
    "small_difference": "cash.apply",
    "reversal": "writeoff.approve",
    "provision": "writeoff.approve",
    "override": "delegation.approve",
    "price_override": "price.override",
    "order_release": "order.release",
    "credit_limit": "limit.approve",
    "terms": "terms.approve",
    "write_off": "writeoff.approve",
    "deduction_write_off": "writeoff.approve",
    "dunning_block": "dunning.approve",
    "period_unlock": "period.unlock",
    "delegation": "delegation.approve",
}


@dataclass(frozen=True)
class Approval:
    """One signature: which version and content, which step, who (person), in which role, when, in whose place."""

    version: int
    payload_hash: str
    step: int
    person: int
    role: str
    at: datetime
    on_behalf_of: int | None = None


@dataclass(frozen=True)
class Approver:
    """Who wants to approve: the person behind the login, rank, duties - and, standing in, for whom by what."""

    person: int
    rank: int
    duties: frozenset[str]
    acting_for: Approver | None = None
    delegation: Delegation | None = None


@dataclass(frozen=True)
class Request:
    """A request for a controlled act. `steps` are the roles of its tier; `step` is the one at work, 1 the first.

    `editors` edited any version; `creators` made the order, or the change of the invoice, that it is about. `counted`
    is the amount its tier was picked by, what the maker asked for beside it counted in.
    """

    kind: str
    maker: int
    amount: int = 0
    currency: str = ""
    state: str = "draft"
    version: int = 1
    steps: tuple[str, ...] = ()
    step: int = 0
    maker_rank: int = 0
    editors: frozenset[int] = frozenset()
    creators: frozenset[int] = frozenset()
    payload_hash: str = ""
    approvals: tuple[Approval, ...] = ()
    submitted_at: datetime | None = None
    counted: int = 0

    def __post_init__(self) -> None:
        whole(self, "amount", "counted")


def move(state: str, event: str) -> str:
    """The state after an event. Raises Refused, naming the events that are possible."""
    events = MOVES.get(state, {})
    if event not in events:
        can = ", ".join(sorted(events)) or "nothing any more"
        raise Refused(f"A request that is {state.replace('_', ' ')} cannot take '{event}'; it can: {can}.")
    return events[event]


def moved(request: Request, event: str) -> Request:
    """The request after an event that carries nothing else (reject, return, withdraw, expire, post, fail ...)."""
    return replace(request, state=move(request.state, event))


def submitted(request: Request, payload: object, at: datetime) -> Request:
    """The request with its content frozen by hash. Raises Refused unless it is a draft."""
    state = move(request.state, "submit")
    return replace(request, state=state, payload_hash=payload_hash(payload), submitted_at=at, approvals=(), step=0)


def routed(request: Request, steps: tuple[str, ...]) -> Request:
    """A submitted request on its way through the roles of its tier; approved at once where the tier asks for none."""
    if not steps:
        return replace(request, state=move(request.state, "waive"), steps=(), step=0)
    return replace(request, state=move(request.state, "route"), steps=steps, step=1)


def edited(request: Request, editor: int) -> Request:
    """A new version as draft after a material edit: every approval is void, the editor never approves any version.

    An edit of a draft changes no version: nobody has seen it yet.
    """
    if request.state == "draft":
        return replace(request, editors=request.editors | {editor})
    state = move(request.state, "edit")
    return replace(
        request, state=state, version=request.version + 1, editors=request.editors | {editor}, approvals=(), step=0,
        steps=(), payload_hash="", submitted_at=None,
    )  # fmt: skip


def approved(
    request: Request,
    approver: Approver,
    payload: object,
    at: datetime,
    *,
    day: date | None = None,
    delegations: Iterable[Delegation] = (),
    ranks: Mapping[str, int] | None = None,
    duties: Mapping[str, str] | None = None,
) -> Request:
    """The request with one more signature: at the next step, or approved after the last one.

    Raises Refused with the sentence of `why_not`, or when `payload` is no longer what was submitted.

    Switches: `day` - the local day delegations are asked for (default that of `at`); others as `why_not`.
    """
    day = at.date() if day is None else day
    if reason := why_not(approver, request, day=day, delegations=delegations, ranks=ranks, duties=duties):
        raise Refused(reason)
    if payload_hash(payload) != request.payload_hash:
        raise Refused("The request was changed after it was submitted; return it to its maker.")
    principal = approver.acting_for.person if approver.acting_for else None
    role = request.steps[request.step - 1]
    mark = Approval(request.version, request.payload_hash, request.step, approver.person, role, at, principal)
    last = request.step == len(request.steps)
    return replace(
        request,
        state=move(request.state, "complete" if last else "approve"),
        step=request.step if last else request.step + 1,
        approvals=(*request.approvals, mark),
    )


def why_not(
    approver: Approver,
    request: Request,
    *,
    day: date,
    delegations: Iterable[Delegation] = (),
    ranks: Mapping[str, int] | None = None,
    duties: Mapping[str, str] | None = None,
) -> str | None:
    """The sentence why a person may not approve a request at its present step; None if he may.

    Never: the maker, an editor of any version, the creator of the order or invoice change, the maker's delegate, one
    ranking below the maker or the step, one already counted in this version, one without the duty for the kind. Whoever
    stands in is asked all of it for himself and for the one he stands in for; rank for the step and duty are then the
    giver's, within kinds, cap and dates of the delegation.

    Switches: `ranks` (default tiers.RANKS), `duties` per kind (default APPROVAL_DUTIES).

    Source: maker-checker (four eyes) and independence rules of internal control (COSO control activities; SOX 404).

    Rule: the first reason that holds, in this order.
    """
    if request.state != "in_approval":
        return f"The request is {request.state.replace('_', ' ')}; only one in approval can be approved."
    right = approver.acting_for or approver
    if approver.acting_for is not None and (reason := _stands_in(approver, right, request, day)):
        return reason
    known = tuple(delegations)
    for person in dict.fromkeys((approver.person, right.person)):
        if reason := _barred(person, request, known, day):
            return reason
    if min(approver.rank, right.rank) < request.maker_rank:
        return "Nobody approves what was asked for by somebody above him; a person of at least the maker's rank must."
    return lacking(right, request, ranks, duties)


def why_not_post(request: Request, payload: object) -> str | None:
    """Why an approved request cannot be posted; None if its approvals are complete and for just this content."""
    if request.state != "approved":
        return f"The request is {request.state.replace('_', ' ')}, not approved."
    if payload_hash(payload) != request.payload_hash:
        return "The request was changed after it was submitted; return it to its maker."
    right = [
        each
        for each in request.approvals
        if (each.version, each.payload_hash) == (request.version, request.payload_hash)
    ]
    if [each.step for each in right] != list(range(1, len(request.steps) + 1)):
        return f"The request has {len(right)} of {len(request.steps)} approvals of version {request.version}."
    persons = {request.maker, *request.editors, *request.creators}
    for each in right:
        if {each.person, each.on_behalf_of or each.person} & persons:
            return "A person approved who had a hand in the request, or was counted before."
        persons |= {each.person, each.on_behalf_of or each.person}
    return None


def is_expired(request: Request, now: datetime, *, days: int = EXPIRY_DAYS) -> bool:
    """Whether a request waited too long: more than `days` since it was submitted, and still not approved.

    To expire is to end without approval, and frees what the request held.

    Switches: `days` (default 14; the last instant of it still counts as in time).
    """
    waiting = request.state in {"submitted", "in_approval"}
    return waiting and request.submitted_at is not None and now > request.submitted_at + timedelta(days=days)


def _stands_in(approver: Approver, giver: Approver, request: Request, day: date) -> str | None:
    given = approver.delegation
    if given is None or (given.from_person, given.to_person) != (giver.person, approver.person):
        return "There is no delegation to stand in by."
    if giver.acting_for is not None:
        return "A delegation cannot be passed on."
    amount = max(abs(request.amount), request.counted)  # what is split over requests is capped as one
    return why_not_delegated(given, kind=request.kind, amount=amount, currency=request.currency, day=day)


def _barred(person: int, request: Request, delegations: tuple[Delegation, ...], day: date) -> str | None:
    if person == request.maker:
        return "The maker of a request never approves it; somebody else must."
    if person in request.editors:
        return "Whoever edited a version of a request never approves it; somebody else must."
    if person in request.creators:
        return "Whoever made the order or changed the invoice never approves the request about it; somebody else must."
    if is_delegate_of(person, request.maker, delegations, day):
        return "The maker's delegate never approves the maker's request; somebody else must."
    if any(person in (each.person, each.on_behalf_of) for each in request.approvals if each.version == request.version):
        return "This person is already counted in this request; another must take this step."
    return None


def lacking(
    right: Approver,
    request: Request,
    ranks: Mapping[str, int] | None = None,
    duties: Mapping[str, str] | None = None,
) -> str | None:
    """The duty or rank a person lacks for the present step of a request, as a sentence; a delegation may lend it."""
    duties = APPROVAL_DUTIES if duties is None else duties
    needed, kind = duties.get(request.kind), request.kind.replace("_", " ")
    if needed is None:
        return f"Nobody holds a duty to approve a {kind}."
    if needed not in right.duties:
        return f"Approving a {kind} needs the duty '{needed}'."
    role = request.steps[request.step - 1]
    if right.rank < rank_of(role, ranks):
        return f"Step {request.step} of {len(request.steps)} is for a {role} or above."
    return None
