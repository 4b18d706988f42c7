"""Guided forms: a verb typed alone asks for its arguments one by one, then does the short form and shows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from csdesk.errors import DeskError, Invalid, NotFound
from csdesk.money import show, show_quantity
from csdesk.prompt.page import Column, Echo, Page, Row
from csdesk.prompt.parse import Command, parse
from csdesk.prompt.verbs import VERBS, Verb
from csdesk.services import credits, disputing, history, promises, reasons
from csdesk.services.calls import WRAP_UPS

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

Options = list[tuple[str, tuple[str, ...]]]  # (value, cells)


@dataclass(frozen=True)
class Guide:
    """A form under way: the verb, what was answered so far, and the present question."""

    verb: Verb
    questions: tuple[str, ...]
    answers: tuple[str, ...] = field(default=())

    @property
    def question(self) -> str:
        """The name of the present question."""
        return self.questions[len(self.answers)]


LINE_QUESTIONS = ("product", "quantity")
CHOSEN = frozenset(
    {"line", "reason", "code", "billed", "why", "short", "short-reason"}
)  # answers that must be among those offered


async def begin(desk: Desk, verb: Verb) -> None:
    """Opens the form of a verb."""
    desk.now.guide = Guide(verb, verb.guide or LINE_QUESTIONS)
    try:
        await _put(desk)
    except DeskError:
        desk.now.guide = None
        raise


async def _put(desk: Desk) -> None:
    from csdesk.prompt.desk import Choice

    guide = desk.now.guide
    assert isinstance(guide, Guide)
    words, source = QUESTIONS[guide.question]
    options = await source(desk)
    done = "".join(guide.answers)
    step = f"{len(guide.answers) + 1} of {len(guide.questions)}"
    title = f"{guide.verb.title}   step {step}"
    widest = max((len(cells) for _, cells in options), default=1)
    columns = (Column("", 2, "right"), *(Column("", 10, flex=n == widest - 1) for n in range(widest)))
    digits = _by_digit(guide.question, options)
    marks = [str(n) if digits else value if value.isdecimal() else "" for n, (value, _) in enumerate(options, 1)]
    rows = tuple(Row((mark, *cells)) for mark, (_, cells) in zip(marks, options, strict=True))
    page = Page(title.upper(), columns, rows, cursor=0 if rows else None)
    picks = [partial(answer, desk, value) for value, _ in options]
    desk.now.choice = Choice(page, picks, digits=digits) if options else None
    desk.now.cursor = 0
    desk.now.echo = Echo(f"{words}  [{guide.verb.letter}{done}…]   F12 leaves, F3 one step back", "ask")
    desk.sync_keys()


def _by_digit(question: str, options: Options) -> bool:
    """Whether a digit chooses: not where what is typed may itself begin with one (a day, a code, line 12 of 30)."""
    numbers = [value for value, _ in options if value.isdecimal()]
    return question not in {"day", "product", "invoice", "item", "pay-day"} and numbers in (
        [],
        [str(n) for n in range(1, min(len(options), 9) + 1)],
    )


async def answer(desk: Desk, text: str) -> None:
    """Takes an answer, by choice or typed; the last one does the short form, and so does one that says all the rest."""
    guide = desk.now.guide
    assert isinstance(guide, Guide)
    plain = text.strip()
    if not plain:
        raise Invalid("An answer is wanted; F12 leaves the form.")
    answered = guide
    guide = replace(guide, answers=(*guide.answers, plain))
    whole = _complete(guide, desk.now.mode)
    if answered.question in CHOSEN and not whole:
        await _check(desk, answered.question, plain)
    if len(guide.answers) < len(guide.questions) and not whole:
        desk.now.guide = guide
        await _put(desk)
        return
    short = short_form(guide)
    desk.now.guide = desk.now.choice = None
    await _do(desk, short)


async def _check(desk: Desk, question: str, plain: str) -> None:
    """Raises Invalid when an answer is none of those offered."""
    values = [value for value, _ in await QUESTIONS[question][1](desk)]
    if values and plain.lower() not in values:
        raise Invalid(f"'{plain[:20]}' is not offered here; it can be {', '.join(values[:12])}.", field="answer")


async def _do(desk: Desk, short: str) -> None:
    from csdesk.prompt import acts

    try:
        await acts.run(desk, parse(short, desk.now.mode))
    except DeskError:
        desk.sync_keys(short)
        raise
    echo = desk.now.echo
    desk.now.echo = replace(echo, text=f"{echo.text}   (short: {short.strip()})") if echo.tone == "done" else echo


def _complete(guide: Guide, mode: str) -> bool:
    """Whether the answers so far are the whole short form already: "4c" where the line was asked."""
    try:
        command = parse(short_form(guide), mode)
    except DeskError:
        return False
    left_out = command.args.get("clock") == ""  # it may be left out, but only by saying so
    return command.verb == guide.verb and not command.ask and not left_out


def short_form(guide: Guide) -> str:
    """The line that does the same without a form."""
    if guide.verb.id == "line":
        return " " + " ".join(guide.answers)
    if guide.verb.id == "credit":
        first, *more = guide.answers
        return f"c{first}" + "".join(f"{mark}{text}" for mark, text in zip((".", " ", ""), more, strict=False))
    if guide.verb.id == "promise":
        item, *more = guide.answers
        clock = [f"c{text}" for text in more[1:] if text != "-"]
        return " ".join([f"p{item}", *more[:1], *clock])
    between = " " if guide.verb.id in {"note", "reject"} else ""
    return guide.verb.letter + between + "".join(guide.answers)


async def leave(desk: Desk) -> None:
    """Leaves the form."""
    desk.now.guide = desk.now.choice = None
    desk.now.echo = Echo("Left the form; nothing was done.", "info")
    desk.sync_keys()


async def back(desk: Desk) -> None:
    """One question back; from the first one out of the form."""
    guide = desk.now.guide
    if isinstance(guide, Guide) and guide.answers:
        desk.now.guide = replace(guide, answers=guide.answers[:-1])
        await _put(desk)
    else:
        await leave(desk)


async def offer(desk: Desk) -> None:
    """F4: the form of the verb being typed, or the list of all verbs that work here."""
    from csdesk.prompt.desk import Choice

    text = desk.now.keys.text.strip().lower()
    typed = next((verb for verb in VERBS if verb.letter and verb.guide and text.startswith(verb.letter)), None)
    if typed is not None and desk.now.mode in typed.where:
        await begin(desk, typed)
        return
    verbs = [verb for verb in VERBS if desk.now.mode in verb.where and verb.id not in {"find", "usual", "set"}]
    rows = tuple(Row((str(n) if n < 10 else "", verb.shape, verb.does)) for n, verb in enumerate(verbs, 1))
    columns = (Column("", 2, "right"), Column("Type", 12), Column("It does", 40, flex=True))
    page = Page("WHAT CAN I DO HERE?", columns, rows, cursor=0)
    desk.now.choice = Choice(page, [partial(_chosen, desk, verb) for verb in verbs], desk.now.keys.text)
    desk.now.cursor = 0
    desk.now.echo = Echo("Type a number, or arrows and Enter", "ask")
    desk.sync_keys()


async def _chosen(desk: Desk, verb: Verb) -> None:
    from csdesk.prompt import acts

    if verb.guide or verb.id == "line":
        await begin(desk, verb)
        return
    await acts.run(desk, Command(verb, dict.fromkeys(verb.pattern.groupindex, ""), verb.letter))


# --- questions --------------------------------------------------------------------------------------------------


async def _no_options(desk: Desk) -> Options:
    return []


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


async def _days(desk: Desk) -> Options:
    return [("+1", ("+1", "tomorrow")), *((day[:3].lower(), (day[:3].lower(), f"next {day}")) for day in DAYS)]


async def _lines(desk: Desk) -> Options:
    now = desk.now
    if now.bar is None:
        return []
    if now.draft is not None and now.draft.order_id is not None:
        order_id = now.draft.order_id
    else:
        rows = await desk.store.read(history.orders, now.bar.customer_id, only_open=True, limit=1)
        if not rows:
            raise Invalid("This customer has no open order.")
        order_id = rows[0].id
    order = await desk.store.read(history.order, order_id)
    return [
        (str(line.line), (line.code, f"{show_quantity(line.quantity)} {line.unit}", line.name)) for line in order.lines
    ]


async def _reasons(desk: Desk) -> Options:
    return [(r.letter, (r.letter, r.name)) for r in await desk.store.read(reasons.for_use, "cancel")]


async def _wrap_ups(desk: Desk) -> Options:
    return [(letter, (letter, name)) for letter, name in WRAP_UPS.items()]


async def _products(desk: Desk) -> Options:
    bar = desk.now.bar
    if bar is None:
        return []
    usual = await desk.store.read(history.usual, bar.customer_id)
    return [(row.code, (row.code, row.name)) for row in usual]


async def _invoices(desk: Desk) -> Options:
    assert desk.now.bar is not None
    rows = await desk.store.read(credits.invoices, desk.now.bar.customer_id, "")
    return [(row.number, (row.number, row.issued_on, show(row.gross, row.currency))) for row in rows]


async def _billed(desk: Desk) -> Options:
    assert desk.now.bar is not None
    assert isinstance(desk.now.guide, Guide)
    ending = desk.now.guide.answers[0]
    found = await desk.store.read(credits.invoices, desk.now.bar.customer_id, ending)
    if not found:
        raise NotFound(f"This customer has no invoice that ends in {ending}.", field="invoice")
    lines = await desk.store.read(credits.billed, found[0].id)
    return [
        (str(line.line), (line.code, line.name, show_quantity(line.left), f"of {show_quantity(line.quantity)}"))
        for line in lines
    ]


async def _credit_reasons(desk: Desk) -> Options:
    return [(row.letter, (row.letter, row.name)) for row in await desk.store.read(reasons.for_use, "credit")]


async def _items(desk: Desk) -> Options:
    assert desk.now.bar is not None
    rows = await desk.store.read(promises.items, desk.now.bar.customer_id, "")
    return [(row.number, (row.number, f"due {row.due_on:%d %b}", show(row.open, row.currency))) for row in rows]


async def _short(desk: Desk) -> Options:
    assert desk.now.bar is not None
    rows = await desk.store.read(disputing.short_payments, desk.now.bar.customer_id)
    return [(str(row.place), (row.number, f"{show(row.missing, row.currency)} short")) for row in rows]


async def _short_reasons(desk: Desk) -> Options:
    return [(row.letter, (row.letter, row.name)) for row in await desk.store.read(reasons.for_use, "short")]


QUESTIONS: dict[str, tuple[str, Callable[[Desk], Awaitable[Options]]]] = {
    "day": ("Which day? Arrows and Enter, or type 12, +3, fri", _days),
    "line": ("Which line?", _lines),
    "reason": ("Why?", _reasons),
    "code": ("What was the call about?", _wrap_ups),
    "product": ("Which product? Arrows and Enter, or type a code or part of a name", _products),
    "quantity": ("How many?", _no_options),
    "invoice": ("Which invoice? Arrows and Enter, or type its ending", _invoices),
    "billed": ("Which line of it? What is left to credit stands beside it", _billed),
    "why": ("Why?", _credit_reasons),
    "item": ("Which item? Arrows and Enter, or type its ending", _items),
    "pay-day": ("Paid on which day? Arrows and Enter, or type 19, +3, fri", _days),
    "clock": ("Call back at what time? 14 or 14:30, - for no callback", _no_options),
    "short": ("Which short payment?", _short),
    "short-reason": ("Why?", _short_reasons),
    "text": ("Type the text", _no_options),
}
