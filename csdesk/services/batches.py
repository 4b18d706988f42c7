"""What deciding would do, one request or several at once, in words and amounts: read before Enter."""

from __future__ import annotations

from csdesk.errors import Refused
from csdesk.money import show
from csdesk.services import approving, asking, inbox
from csdesk.services.inbox import Waiting
from csdesk.services.tx import Tx, reads


def _looked_at(tx: Tx, request_id: int, version: int | None) -> Waiting:
    """A request that this person may decide, in the version that was looked at. Raises Refused."""
    head = inbox.request(tx, request_id).head
    if version is not None and head.version != version:
        raise Refused(
            f"Request {head.number} was changed since you looked at it (version {head.version} now); look again."
        )
    if head.barred:
        raise Refused(f"Request {head.number}: {head.barred}")
    return head


@reads("request.read")
def preview(tx: Tx, requests: tuple[tuple[int, int | None], ...]) -> str:
    """What approving several requests at once would do. Raises like the act."""
    approving.few_enough(requests)
    heads = [_looked_at(tx, request_id, version) for request_id, version in sorted(set(requests))]
    approving.alike([asking.get(tx, head.id) for head in heads])
    total = f"{show(sum(head.amount for head in heads), heads[0].currency)} {heads[0].currency}"
    told = ", ".join(f"{head.number} {show(head.amount, head.currency)}" for head in heads)
    return f"approves {len(heads)} requests of {total} in all: {told}"


@reads("request.read")
def granted(tx: Tx, requests: tuple[tuple[int, int | None], ...]) -> str:
    """What approving requests of several kinds would do, each named with its maker and reason. Raises like the act."""
    return f"approves {'; '.join(told(_looked_at(tx, *each)) for each in requests)}"


def told(head: Waiting) -> str:
    """A request in a phrase: what is asked, how much, by whom and why. Internal."""
    amount = f" {show(head.amount, head.currency)} {head.currency}" if head.amount else ""
    return f"{head.kind} {head.number}{amount} by {head.maker}: {head.reason}"


@reads("request.read")
def rejection(tx: Tx, request_id: int, version: int | None, why: str) -> str:
    """What rejecting a request would do. Raises like the act."""
    head = _looked_at(tx, request_id, version)
    return f"rejects {head.kind} {head.number}, {show(head.amount, head.currency)} {head.currency}: {why}"
