"""The verbs of the queue beside y and n: several approved at once, one's own request edited or withdrawn."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csdesk.errors import Invalid, Refused
from csdesk.prompt.acting import done, show
from csdesk.prompt.money_acts import shown_request
from csdesk.prompt.parse import Command
from csdesk.services import approving, changing
from csdesk.services.asking import Change

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


def places(typed: str) -> tuple[int, ...]:
    """The numbers of "2-5" or "2,4,6-8", each once, rising. Raises Invalid for a span that runs backwards."""
    found: set[int] = set()
    for part in re.split(r"\s*,\s*", typed.strip()):
        first, *last = (int(each) for each in re.split(r"\s*-\s*", part))
        end = last[0] if last else first
        if len(last) > 1 or end < first:
            raise Invalid(f"'{part}' is no span; 2-5 or 2,4 is wanted.", field="places")
        found.update(range(first, end + 1))
    return tuple(sorted(found))


async def approve_all(desk: Desk, command: Command) -> None:
    """y2-5: approves the requests with these numbers of the list, in the versions that are listed."""
    decided = await desk.write(approving.approve_all, listed(desk, command))
    await show(desk, "inbox")
    done(desk, decided.words)


def listed(desk: Desk, command: Command) -> tuple[tuple[int, int], ...]:
    """The requests with the typed numbers of the list, each with the version that is listed. Raises Refused for none,
    Invalid for a number that is none."""
    shown = desk.now.shown
    rows = shown.places.get("requests", ()) if shown is not None else ()
    if not command.args["places"]:
        raise Refused("Show a request first: its number, or Down and Enter; y2-5 approves several.")
    wanted = places(command.args["places"])
    many = sum(1 for each in rows if each is not None)
    if not wanted or wanted[0] < 1 or wanted[-1] > len(rows):
        raise Invalid(f"{many} requests to decide are listed; y2-5 takes numbers of them.", field="places")
    chosen = [rows[place - 1] for place in wanted]
    if None in chosen:
        place = wanted[chosen.index(None)]
        raise Invalid(f"Row {place} is no request you may decide; y2-5 takes numbers of those.", field="places")
    return tuple(chosen)


async def edit(desk: Desk, command: Command) -> None:
    """e 1d: a new version of the request that is shown."""
    request_id, version = shown_request(desk)
    changed = await desk.write(changing.edit, request_id, change_of(command), version)
    await show(desk, "request", str(request_id))
    done(desk, changed.words)


def change_of(command: Command) -> Change:
    """What a typed edit asks for instead."""
    args = command.args
    return Change(
        args["reason"], command.quantity() if args.get("quantity") else None, args.get("value") or "",
        int(args.get("line") or 0), args.get("text") or "",
    )  # fmt: skip


async def withdraw(desk: Desk, command: Command) -> None:
    """x: takes one's own request back."""
    changed = await desk.write(changing.withdraw, shown_request(desk)[0])
    await show(desk, "inbox")
    done(desk, changed.words)
