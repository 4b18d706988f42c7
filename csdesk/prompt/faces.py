"""The moment of a desk as a face: top line, context bar, page, echo, prompt and keys. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from csdesk.money import show
from csdesk.prompt.keyboard import MOST_TYPED
from csdesk.prompt.page import Echo, Face, Fact, Page, Tab
from csdesk.prompt.pages.help import explained
from csdesk.prompt.pages.idle import idle_page
from csdesk.prompt.pages.pad import pad_page
from csdesk.services.customers import Bar
from csdesk.services.tx import Actor

if TYPE_CHECKING:
    from csdesk.prompt.desk import Moment

KEYS = (("F1", "Help"), ("F3", "Back"), ("F4", "List"), ("F6", "Next call"), ("F8", "End"), ("F9", "Commit"),
        ("F12", "Cancel"))  # fmt: skip


def face_of(now: Moment, actor: Actor, at: datetime, greeting: Page | None) -> Face:
    """Everything a screen paints at this moment."""
    tabs = tuple(
        Tab(
            call.slot, call.customer_name or call.phone or "new call", int((at - call.started_at).total_seconds()),
            now.call is not None and call.id == now.call.id,
        )
        for call in now.calls
    )  # fmt: skip
    return Face(
        tabs=tabs,
        who=f"{actor.login}  {actor.team}".strip(),
        clock=f"{at.astimezone(now.zone):%H:%M}",
        ringing=f"RINGING {now.ringing.phone}" if now.ringing else "",
        context=_fitted(context(now.bar), now.width) if now.bar else (),
        page=_page(now, greeting),
        echo=_echo(now),
        prompt=now.keys.text,
        cursor=now.keys.cursor,
        keys=KEYS,
    )


def context(bar: Bar) -> tuple[Fact, ...]:
    """The context bar, most important first."""
    facts = [
        Fact("", f"{bar.code} {bar.name}", "strong"),
        *(Fact("", f"[{hold.upper()}]", "warn") for hold in bar.holds),
        Fact("BAL", show(bar.balance, bar.currency)),
    ]
    if bar.overdue > 0:
        facts.append(Fact("OD!", show(bar.overdue, bar.currency), "warn"))
    if bar.left is not None:
        tone = "warn" if bar.left <= 0 else "plain"
        facts.append(Fact("LEFT", show(bar.left, bar.currency), tone))  # type: ignore[arg-type]
    if bar.last_payment is not None and bar.last_payment_on is not None:
        day = bar.last_payment_on
        facts.append(Fact("PD", f"{show(bar.last_payment, bar.currency)} {day.day}{day:%b}".upper()))
    if bar.tickets:
        facts.append(Fact("TKT", str(bar.tickets)))
    if bar.open_orders:
        facts.append(Fact("ORD", str(bar.open_orders)))
    if bar.tier:
        facts.append(Fact("TIER", bar.tier))
    if bar.town:
        facts.append(Fact("", bar.town, "dim"))
    return tuple(facts)


ALWAYS = frozenset({"BAL", "OD!", "LEFT", "PD", "TKT"})  # what is there at any width, and costs the name its end
LEAST_NAME = 12


def _fitted(facts: tuple[Fact, ...], width: int) -> tuple[Fact, ...]:
    """The facts with the customer's name cut as far as it hinders those that are always there."""
    wanted = [each for each in facts if each.label in ALWAYS or each.tone in {"strong", "warn"}]
    over = sum(len(f"{each.label} {each.text}".strip()) + 2 for each in wanted) - 2 - width
    head, *rest = facts
    if over <= 0:
        return facts
    room = max(len(head.text) - over, LEAST_NAME)
    return (replace(head, text=f"{head.text[: room - 1]}…") if room < len(head.text) else head, *rest)


def _page(now: Moment, greeting: Page | None) -> Page:
    if now.help is not None:
        return explained(now.help)
    if now.choice is not None:
        return explained(replace(now.choice.page, cursor=now.cursor))
    if now.live is not None:
        return replace(now.live.page, cursor=now.cursor if now.live.acts else None)
    if now.shown is None:
        return greeting or idle_page(now.calls)
    if now.shown.name == "pad" and now.draft is not None:
        editing = now.keys.typed if now.keys.row is not None else None
        return replace(pad_page(now.draft), cursor=now.keys.row, edit=editing)
    page = now.shown.page
    return replace(page, cursor=min(now.cursor, len(page.rows) - 1)) if page.cursor is not None and page.rows else page


def _echo(now: Moment) -> Echo:
    if now.keys.lost:
        were = "sign was" if now.keys.lost == 1 else "signs were"
        words = f"The prompt takes {MOST_TYPED:,} signs; {now.keys.lost:,} {were} left out. Delete some, then go on."
        return Echo(words, "wrong")
    if now.echo.text or now.keys.text:
        return now.echo
    if now.keys.row is not None:
        return Echo("a number is the new quantity (2.5 as 3=2.5); Down goes on, . commits, letters are verbs", "info")
    return now.echo
