"""The verbs of a deduction clerk: the work list, one deduction whole, and each step of it by its letter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from csdesk.errors import Refused
from csdesk.money import typed_minor
from csdesk.prompt.acting import done, refresh, show
from csdesk.prompt.page import Echo
from csdesk.prompt.parse import Command
from csdesk.rules.credit_notes import LineCredit
from csdesk.services import deduction_lists, deduction_previews, deductions
from csdesk.services.deduction_lists import DeductionView
from csdesk.services.deductions import Worked

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def list_(desk: Desk, command: Command) -> None:
    """s where there is no short payment: the deductions of the caller's account, or of all."""
    await show(desk, "deductions", "account" if desk.now.bar else "")
    words = "a digit or Enter shows one whole with what may be done" if desk.now.shown and desk.now.shown.acts else ""
    desk.now.echo = Echo(words or "no deduction is worked on", "info")
    desk.sync_keys()


def _id(desk: Desk) -> int:
    shown = desk.now.shown
    if shown is None or not shown.name.startswith("deduction:"):
        raise Refused("Show a deduction first: its number in the list, or Down and Enter.")
    return int(shown.name.removeprefix("deduction:"))


async def _step(desk: Desk, verb: Callable[..., Worked], *args: Any) -> None:
    """Does a step on the deduction that is shown and shows what became of it."""
    dispute = _id(desk)
    call = desk.now.call.id if desk.now.call and desk.now.call.customer_id is not None else None
    worked = await desk.write(verb, dispute, *args, call)
    await refresh(desk)
    await show(desk, "deduction", str(dispute))
    done(desk, worked.words)


async def take(desk: Desk, command: Command) -> None:
    """t: takes it into research."""
    await _step(desk, deductions.take)


async def recode(desk: Desk, command: Command) -> None:
    """rd: another reason."""
    await _step(desk, deductions.code, command.args["reason"])


async def valid(desk: Desk, command: Command) -> None:
    """y: valid; y 20: valid in part."""
    value = await _value(desk, command)
    await _step(desk, deductions.decide, "part" if value is not None else "valid", value, "")


async def _value(desk: Desk, command: Command) -> int | None:
    typed = command.args["value"]
    return typed_minor(typed, (await _view(desk)).row.currency) if typed else None


async def _view(desk: Desk) -> DeductionView:
    return await desk.store.read(deduction_lists.whole, _id(desk))


async def invalid(desk: Desk, command: Command) -> None:
    """n: not valid; what follows is noted."""
    await _step(desk, deductions.decide, "invalid", None, command.args["text"])


async def evidence(desk: Desk, command: Command) -> None:
    """e pod 123 text: what speaks for or against it."""
    await _step(desk, deductions.evidence, command.args["kind"], command.args["reference"], command.args["text"])


def _wanted(command: Command, currency: str) -> tuple[LineCredit, ...]:
    line, value = int(command.args["line"]), command.args["value"]
    if value:
        return (LineCredit(line, value=typed_minor(value, currency)),)
    return (LineCredit(line, command.quantity()),)


async def credit(desk: Desk, command: Command) -> None:
    """c1 2: asks the credit of 2 of line 1 of its invoice, for its reason."""
    wanted = _wanted(command, (await _view(desk)).row.currency)
    await _step(desk, deductions.credit, wanted, command.args["text"])


async def attach(desk: Desk, command: Command) -> None:
    """a26000004: a credit request made already settles it."""
    await _step(desk, deductions.link, command.args["number"])


async def bill_back(desk: Desk, command: Command) -> None:
    """b: bills it back; what follows is noted."""
    await _step(desk, deductions.bill_back, command.args["text"])


async def write_off(desk: Desk, command: Command) -> None:
    """wj: asks to write it off, reason j."""
    await _step(desk, deductions.write_off, command.args["reason"], command.args["text"])


async def undo_step(desk: Desk) -> bool:
    """u on a deduction while nobody is on the line: takes one's own last step back; False where none is shown."""
    shown = desk.now.shown
    if shown is None or not shown.name.startswith("deduction:") or desk.now.bar is not None:
        return False
    worked = await desk.write(deductions.take_back, _id(desk))
    await show(desk, "deduction", str(worked.id))
    done(desk, worked.words)
    return True


async def credit_words(desk: Desk, command: Command) -> str:
    """What asking its credit would ask."""
    wanted = _wanted(command, (await _view(desk)).row.currency)
    return await _words(desk, deduction_previews.credit, wanted, command.args["text"])


async def valid_words(desk: Desk, command: Command) -> str:
    """What is valid of it."""
    value = await _value(desk, command)
    return await _words(desk, deduction_previews.decide, "part" if value is not None else "valid", value)


async def _words(desk: Desk, preview: Callable[..., str], *args: Any) -> str:
    """What a step on the deduction that is shown would do. Raises like the step."""
    return await desk.store.read(preview, _id(desk), *args)


def _from(preview: Callable[..., str], *names: str) -> Callable[[Desk, Command], Awaitable[str]]:
    """The words of a step that takes arguments of the typed line as they are."""

    async def words(desk: Desk, command: Command) -> str:
        return await _words(desk, preview, *(command.args[name] for name in names))

    return words


async def invalid_words(desk: Desk, command: Command) -> str:
    """What of it is not valid."""
    return await _words(desk, deduction_previews.decide, "invalid", None, command.args["text"])


ACTS: dict[str, Callable[[Desk, Command], Awaitable[None]]] = {
    "deductions": list_, "deduction-take": take, "deduction-code": recode, "deduction-valid": valid,
    "deduction-invalid": invalid, "deduction-evidence": evidence, "deduction-credit": credit,
    "deduction-attach": attach, "deduction-bill": bill_back, "deduction-write-off": write_off,
}  # fmt: skip
WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {
    "deduction-code": _from(deduction_previews.code, "reason"),
    "deduction-valid": valid_words,
    "deduction-invalid": invalid_words,
    "deduction-evidence": _from(deduction_previews.evidence, "kind", "reference"),
    "deduction-credit": credit_words,
    "deduction-attach": _from(deduction_previews.link, "number"),
    "deduction-bill": _from(deduction_previews.bill_back),
    "deduction-write-off": _from(deduction_previews.write_off, "reason"),
}
