"""The queue, mine or the team's, in its rank with the reason beside each row; and a held order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from csdesk.documents.cells import wrapped
from csdesk.money import show
from csdesk.prompt.page import Column, Page, Row, Tone
from csdesk.services.inbox import Waiting
from csdesk.services.queue import Entry, Having, Listed
from csdesk.services.releasing import HeldView

ROOMY = 96  # cells of a window in which whose a row is and what it is worth stand side by side
NAME = 8  # cells of a customer's name behind its code in a narrower one
OWNERS_A_LINE, OWNERS = 5, 10
TITLES = {"mine": "MY QUEUE", "team": "TEAM QUEUE"}


def _columns(team: bool, roomy: bool) -> tuple[Column, ...]:
    """In a narrow window the subject has what the customer's name gives up, and the team sees whose a row is rather
    than what it is worth."""
    worth, whose = (ROOMY, 0) if team else (0, ROOMY)
    return (
        Column("", 3, "right"), Column("Why", 16), Column("Kind", 9), Column("Customer", 12, flex=roomy),
        Column("About", 12, flex=True), Column("Amount", 9, "right", wide=worth), Column("Cur", 3, wide=worth),
        Column("With", 7, wide=whose), Column("Number", 8, wide=104), Column("Since", 6, wide=116),
    )  # fmt: skip


def queue_page(listed: Listed, zone: tzinfo | None, turned: int = 0, width: int = 80) -> Page:
    """A page of what waits, numbered, the requests one may not decide with the reason and one's own below; for the team
    who has how many and what was let pass. `turned` pages came before it."""
    rows = [_row(n, each, zone) for n, each in enumerate(listed.entries, 1)]
    rows += [_request(n, each, "not yours", "dim", zone) for n, each in enumerate(listed.barred, len(rows) + 1)]
    rows += [
        _request(n, each, "yours", "warn" if each.where.startswith(("returned", "rejected")) else "plain", zone)
        for n, each in enumerate(listed.own, len(rows) + 1)
    ]
    lead = [Row((text,), tone, span=True) for text, tone in _team(listed, zone)]
    if not rows:
        lead.append(Row(("Nothing waits.",), span=True))
    many = len(listed.entries)
    first = f"{turned + 1}. page of {many}" if turned else f"the first {many}" if listed.after else str(many)
    more = "   PgDn: more" if listed.after else ""
    yours = f"   {len(listed.own)} of yours" if listed.own else ""
    others = f"   {len(listed.barred)} for others to decide" if listed.barred else ""
    title = f"{TITLES[listed.whose]}   {first} waiting{others}{yours}{more}"
    if width < ROOMY:
        rows = [replace(row, cells=(*row.cells[:3], _brief(row.cells[3]), *row.cells[4:])) for row in rows]
    columns = _columns(listed.whose == "team", width >= ROOMY) if rows else ()
    return Page(title, columns, tuple(rows), tuple(lead), cursor=0 if rows else None)


def _brief(customer: str) -> str:
    """A customer's code and the beginning of its name."""
    code, _, name = customer.partition(" ")
    short = wrapped(name, NAME)
    return f"{code} {short[0]}{'…' * (len(short) > 1)}".strip()


def _row(n: int, each: Entry, zone: tzinfo | None) -> Row:
    amount = "" if each.amount is None else show(each.amount, each.currency)
    tone: Tone = "warn" if each.late or each.safety else "plain"
    return Row(
        (str(n), each.reason, each.label or each.kind, each.customer, each.words, amount,
         each.currency if amount else "", each.owner, each.number, f"{each.since.astimezone(zone):%d %b}"), tone,
    )  # fmt: skip


def _request(n: int, each: Waiting, why: str, tone: Tone, zone: tzinfo | None) -> Row:
    """A request one does not decide: where it stands, or by whom it is."""
    about, whose = (each.where, "you") if why == "yours" else (each.barred or each.reason, each.maker)
    return Row(
        (str(n), why, each.kind, each.customer, about, show(each.amount, each.currency), each.currency, whose,
         each.number, f"{each.submitted_at.astimezone(zone):%d %b}"), tone,
    )  # fmt: skip


def _team(listed: Listed, zone: tzinfo | None) -> list[tuple[str, Tone]]:
    shown = listed.having[:OWNERS]
    rest = sum(each.many for each in listed.having[OWNERS:])
    told = [*map(_having, shown), *([f"others {rest}"] if rest else [])]
    lines: list[tuple[str, Tone]] = [
        ("   ".join(told[at : at + OWNERS_A_LINE]), "plain") for at in range(0, len(told), OWNERS_A_LINE)
    ]
    return lines + [
        (f"let pass: {each.number} by {each.login} {each.at.astimezone(zone):%H:%M}, {each.why}", "dim")
        for each in listed.passed
    ]


def _having(each: Having) -> str:
    late = f" ({each.late} late)" if each.late else ""
    return f"{each.login or 'nobody'} {each.many}{late}"


def numbered_requests(listed: Listed) -> Sequence[tuple[int, int] | None]:
    """By row of the page the request one may decide there, in the version that is listed; None for other rows."""
    more = len(listed.barred) + len(listed.own)
    return [
        *((each.subject_id, each.version) if each.kind == "request" else None for each in listed.entries),
        *[None] * more,
    ]  # fmt: skip


def held_page(view: HeldView) -> Page:
    """A held order: why, what it would take of the limit, and what y and n do."""
    cur = view.currency
    left = "no limit" if view.limit is None else f"limit {show(view.limit, cur)}"
    lead = [
        Row((f"{show(view.gross, cur)} {cur}, placed by {view.placed_by} on {view.placed_at:%d %b %H:%M}",), "strong",
            span=True),
        Row((view.customer,), span=True),
        *(Row((f"held: {each}",), "warn", span=True) for each in view.holds),
        Row((f"exposure {show(view.exposure, cur)} -> {show(view.exposure + view.gross, cur)}   {left}",), span=True),
    ]  # fmt: skip
    if view.asked:
        lead.append(Row((f"request {view.asked} about it waits for a decision",), span=True))
    verdict = (
        f"! {view.barred}" if view.barred else "y releases it   n reason  leaves it held, with the reason   F3 back"
    )
    return Page(
        f"HELD ORDER {view.number}",
        rows=tuple(lead),
        foot=(Row((verdict,), "warn" if view.barred else "head", span=True),),
    )
