"""The questions of the forms of tickets, and what stands for a form where none is wanted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from csdesk.errors import NotFound, Refused
from csdesk.money import show
from csdesk.prompt import delivery_forms
from csdesk.prompt.delivery_forms import Options
from csdesk.prompt.grammar import LINE_END
from csdesk.prompt.page import Echo
from csdesk.prompt.parse import Command
from csdesk.services import (
    ticket_drafts,
    ticket_lines,
    ticket_lists,
    ticket_macros,
    ticket_referring,
    ticket_resolving,
    ticket_views,
)

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk
    from csdesk.prompt.questions import Guide

LEVELS = (("1", "high"), ("2", "medium"), ("3", "low"))


def _ticket(desk: Desk) -> int:
    shown = desk.now.shown
    if shown is None or not shown.name.startswith("ticket:"):
        raise Refused("Show a ticket first: its number in the list, or Down and Enter.")
    return int(shown.name.partition(":")[2])


async def _none(desk: Desk) -> Options:
    return []


async def _causes(desk: Desk) -> Options:
    found = await desk.store.read(ticket_resolving.causes)
    return [(letter, (letter, name, owner)) for letter, (_, name, owner) in found.items()]


async def _parties(desk: Desk) -> Options:
    return [("c", ("c", "the customer")), ("i", ("i", "somebody inside; the clocks run on")),
            ("t", ("t", "a third party, say who: and the question"))]  # fmt: skip


async def _days(desk: Desk) -> Options:
    from csdesk.prompt.questions import day_options  # which has the questions of this module in its table

    return await day_options(desk)


async def _impacts(desk: Desk) -> Options:
    told = ("many, or their business stops", "one delivery, one customer", "a nuisance")
    return [(level, (f"{level} {name}", words)) for (level, name), words in zip(LEVELS, told, strict=True)]


async def _urgencies(desk: Desk) -> Options:
    told = ("within hours", "today or tomorrow", "it can wait")
    return [(level, (f"{level} {name}", words)) for (level, name), words in zip(LEVELS, told, strict=True)]


async def _categories(desk: Desk) -> Options:
    return [(code, (code, name)) for code, name in await desk.store.read(ticket_lists.categories)]


async def _others(desk: Desk) -> Options:
    rows = await desk.store.read(ticket_lists.others, _ticket(desk))
    if not rows:
        raise NotFound("This customer has no other ticket under way that you may see.")
    return [(row.number, (row.number, row.kind, row.subject)) for row in rows]


async def _workers(desk: Desk) -> Options:
    return [(code, (code, name)) for code, name in await desk.store.read(ticket_lists.workers)]


async def _investigators(desk: Desk) -> Options:
    return [(login, (login, name)) for login, name in await desk.store.read(ticket_referring.investigators)]


async def _claims(desk: Desk) -> Options:
    view = await desk.store.read(ticket_views.whole, _ticket(desk))
    return [
        (str(each.line), (each.code, each.name, f"{show(each.parts['open'], each.currency)} open"))
        for each in view.lines
        if not each.of
    ]


async def _deliveries(desk: Desk) -> Options:
    found = await delivery_forms.deliveries(desk, await desk.store.read(ticket_lines.customer_of, _ticket(desk)))
    if not found:
        raise NotFound("This customer has no delivery yet.")
    return found


async def _carried(desk: Desk) -> Options:
    place = int(getattr(desk.now.guide, "answers", ("1",))[0])
    customer = await desk.store.read(ticket_lines.customer_of, _ticket(desk))
    return await delivery_forms.carried(desk, customer, place)


async def _macros(desk: Desk) -> Options:
    found = await desk.store.read(ticket_macros.macros)
    if not found:
        raise NotFound("There are no macros yet; a supervisor adds them ('csdesk reply add').")
    return [(each.code, (each.code, each.title, each.does)) for each in found]


QUESTIONS: dict[str, tuple[str, Callable[[Desk], Awaitable[Options]]]] = {
    "reply": ("What is the customer told?", _none),
    "note-inside": ("What is kept inside?", _none),
    "spoken": ("What was spoken of?", _none),
    "written": ("What did the customer write?", _none),
    "wait-for": ("For whom does it wait?", _parties),
    "wake-day": ("Back on which day? Arrows and Enter, or type 12, +3, fri", _days),
    "asked": ("What was asked? (who: and the question names whom)", _none),
    "cause": ("What was the root cause?", _causes),
    "decision": ("What became of it? Of a complaint the customer gets these words", _none),
    "found": ("What did you find? It stays inside", _none),
    "to-whom": ("To whom? Arrows and Enter, or type a login or a queue", _workers),
    "impact": ("How much does it touch?", _impacts),
    "urgency": ("How soon must it be solved?", _urgencies),
    "category": ("What is it about? Arrows and Enter, or type its beginning", _categories),
    "other-ticket": ("Into which ticket? Arrows and Enter, or type its ending", _others),
    "investigator": ("Who looks into it?", _investigators),
    "claim-line": ("Which line?", _claims),
    "macro": ("Which macro? Arrows and Enter, or type its code", _macros),
    "their-delivery": ("Which delivery? 1 is the latest", _deliveries),
    "their-carried": ("Which line of it?", _carried),
}
CHOSEN = frozenset({"wait-for", "cause", "impact", "urgency", "investigator", "claim-line", "their-delivery",
                    "their-carried", "macro"})  # fmt: skip
TYPED = frozenset({"wake-day", "other-ticket", "category", "to-whom"})


async def draft_back(desk: Desk, guide: Guide) -> bool:
    """r or i alone: the draft that is kept comes back into the prompt; False when there is none, the form asks."""
    verb = guide.verb
    if guide.said:
        return False
    kept = await desk.store.read(ticket_drafts.mine, _ticket(desk), verb.letter == "r")
    if kept is None:
        return False
    desk.sync_keys(f"{verb.letter} {LINE_END.join(kept.body.splitlines())}")
    return True


async def ending(desk: Desk, guide: Guide) -> bool:
    """y alone: closes what is resolved, F4 behind it says so; asks no cause where none is wanted."""
    from csdesk.prompt import acts, guides

    view = await desk.store.read(ticket_views.whole, _ticket(desk))
    if view.head.state == "resolved" and guide.typed:
        desk.now.echo = Echo("It is resolved: y and Enter closes it, e and why opens it again.", "ask")
        return True
    if view.head.state == "resolved":
        await acts.run(desk, Command(guide.verb, {"cause": "", "text": ""}, "y"))
        return True
    if view.head.kind in ticket_resolving.COMPLAINTS and not view.inside:
        return False
    inside = replace(guide, questions=("cause", "found")) if view.inside else guide
    await guides.begin_at(desk, replace(inside, answers=(guides.LEFT_OUT,)))
    return True


INSTEAD: dict[str, Callable[[Desk, Guide], Awaitable[bool]]] = {
    "ticket-reply": draft_back, "ticket-note": draft_back, "ticket-resolve": ending,
}  # fmt: skip
