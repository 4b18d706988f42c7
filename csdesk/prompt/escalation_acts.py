"""What the verbs of escalations do: by hand from a ticket or a call; on the one that is shown take on, done, close, up,
and what leads do about its ticket; how it was, of a ticket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from csdesk.errors import Refused
from csdesk.prompt.acting import call_id, customer_id, done, refresh, show
from csdesk.prompt.parse import Command
from csdesk.prompt.ticket_acts import on_line, shown_id
from csdesk.services import escalation_steps, supervising, surveys

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def _ticket(desk: Desk) -> int:
    """The ticket that is shown, else the one spoken of on the call."""
    shown = desk.now.shown
    if shown is not None and shown.name.startswith(("ticket:", "clocks:")):
        return shown_id(desk)
    return await desk.store.read(escalation_steps.of_call, call_id(desk), customer_id(desk))


async def escalate(desk: Desk, command: Command) -> None:
    """! why: to whoever is above and on shift."""
    ticket = await _ticket(desk)
    made = await desk.write(escalation_steps.by_hand, ticket, command.args["text"], on_line(desk))
    await _again(desk, "ticket", ticket, made.words)


async def escalate_words(desk: Desk, command: Command) -> str:
    """Whom it would go to. Raises like the act."""
    return await desk.store.read(escalation_steps.preview, await _ticket(desk), command.args["text"])


async def survey(desk: Desk, command: Command) -> None:
    """%4 9 text: how it was."""
    ticket, score, recommend, text = await _said(desk, command)
    made = await desk.write(surveys.answer_on_call, ticket, score, recommend, text, on_line(desk))
    await _again(desk, "ticket", ticket, made.words)


async def survey_words(desk: Desk, command: Command) -> str:
    """What would be noted."""
    ticket, score, recommend, text = await _said(desk, command)
    surveys.check(score, recommend)
    await desk.store.read(surveys.preview_on_call, ticket)
    more = f", recommends {recommend} of 10" if recommend is not None else ""
    return f"notes that the customer gives {score} of 5{more}{f': {text}' if text else ''}"


async def _said(desk: Desk, command: Command) -> tuple[int, int, int | None, str]:
    args = command.args
    recommend = int(args["recommend"]) if args.get("recommend") else None
    return await _ticket(desk), int(args["score"]), recommend, (args.get("text") or "").strip()


def _id(desk: Desk) -> int:
    shown = desk.now.shown
    if shown is None or not shown.name.startswith("escalation:"):
        raise Refused("Show an escalation first: q and its number.")
    return int(shown.name.removeprefix("escalation:"))


async def _again(desk: Desk, view: str, subject: int, words: str) -> None:
    await refresh(desk)
    await show(desk, view, str(subject))
    done(desk, words)


def _act(verb: Callable[..., Any], *names: str, back: bool = False) -> Callable[[Desk, Command], Awaitable[None]]:
    """An act on the escalation that is shown with some arguments of the command; then it, or the queue, is shown."""

    async def act(desk: Desk, command: Command) -> None:
        escalation = _id(desk)
        made = await desk.write(verb, escalation, *(_value(command, name) for name in names))
        if back:
            await refresh(desk)
            await show(desk, "inbox")
            done(desk, made.words)
        else:
            await _again(desk, "escalation", escalation, made.words)

    return act


def _value(command: Command, name: str) -> Any:
    found = command.args.get(name) or ""
    return bool(found) if name == "wish" else found


def _would(preview: Callable[..., str], *names: str) -> Callable[[Desk, Command], Awaitable[str]]:
    """What a verb would do to the escalation that is shown, or about its ticket. Raises like the act."""

    async def words(desk: Desk, command: Command) -> str:
        return await desk.store.read(preview, _id(desk), *(_value(command, name) for name in names))

    return words


def _asked(desk: Desk) -> tuple[tuple[int, int], ...]:
    """The requests that stand on the page, each with the version that was looked at."""
    shown = desk.now.shown
    return tuple(shown.places.get("asked", ())) if shown is not None else ()


async def grant(desk: Desk, command: Command) -> None:
    """g: approves what stands on the page; where that has changed the page shows it anew and nothing is approved."""
    escalation = _id(desk)
    try:
        made = await desk.write(supervising.grant, escalation, _asked(desk))
    except Refused:
        await show(desk, "escalation", str(escalation))
        raise
    await _again(desk, "escalation", escalation, made.words)


async def grant_words(desk: Desk, command: Command) -> str:
    """What would be approved, with its amounts. Raises like the act."""
    return await desk.store.read(supervising.preview_grant, _id(desk), _asked(desk))


async def undo_step(desk: Desk) -> bool:
    """u on an escalation: takes one's own newest step about its ticket back; False where none is shown."""
    shown = desk.now.shown
    if shown is None or not shown.name.startswith("escalation:"):
        return False
    escalation = _id(desk)
    await _again(desk, "escalation", escalation, (await desk.write(supervising.take_back, escalation)).words)
    return True


ACTS: dict[str, Callable[[Desk, Command], Awaitable[None]]] = {
    "escalate": escalate,
    "survey": survey,
    "escalation-acknowledge": _act(escalation_steps.acknowledge, "when", "text"),
    "escalation-done": _act(escalation_steps.action, "text"),
    "escalation-close": _act(escalation_steps.close, "text", back=True),
    "escalation-up": _act(escalation_steps.send_up, "text", back=True),
    "escalation-take": _act(supervising.take),
    "escalation-assign": _act(supervising.assign, "login"),
    "escalation-priority": _act(supervising.raise_priority, "text"),
    "escalation-extend": _act(supervising.extend, "when", "wish"),
    "escalation-grant": grant,
}
WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {
    "escalate": escalate_words,
    "survey": survey_words,
    "escalation-acknowledge": _would(escalation_steps.preview_acknowledge, "when", "text"),
    "escalation-done": _would(escalation_steps.preview_action, "text"),
    "escalation-close": _would(escalation_steps.preview_close, "text"),
    "escalation-up": _would(escalation_steps.preview_up, "text"),
    "escalation-take": _would(supervising.preview_take),
    "escalation-assign": _would(supervising.preview_assign, "login"),
    "escalation-priority": _would(supervising.preview_priority, "text"),
    "escalation-extend": _would(supervising.preview_extend, "when", "wish"),
    "escalation-grant": grant_words,
}
