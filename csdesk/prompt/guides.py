"""Guided forms: a verb typed alone asks for its arguments one by one, then does the short form and shows it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from csdesk.errors import DeskError, Invalid
from csdesk.prompt import dispute_acts
from csdesk.prompt.delivery_forms import Options
from csdesk.prompt.expansions import FREE_QUESTIONS
from csdesk.prompt.grammar import LINE_END
from csdesk.prompt.page import Column, Echo, Page, Row
from csdesk.prompt.parse import Command, parse
from csdesk.prompt.questions import CHOSEN, QUESTIONS, TYPED, Guide
from csdesk.prompt.ticket_forms import INSTEAD
from csdesk.prompt.verbs import VERBS, Verb

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


LEFT_OUT = "-"  # the answer that leaves a question out
LINE_QUESTIONS = ("product", "quantity")
TYPED_ONLY = frozenset({"find", "usual", "set", "price", "reprice"})  # no form asks for their arguments


async def begin(desk: Desk, verb: Verb, typed: str = "") -> None:
    """Opens the form of a verb, perhaps behind a line that is typed already."""
    if verb.id == "short" and not await QUESTIONS["short"][1](desk):
        await dispute_acts.list_(desk, Command(verb))
        return
    instead = INSTEAD.get(verb.id)
    guide = Guide(verb, verb.guide or LINE_QUESTIONS, typed=typed, said=_said(verb, typed, desk.now.mode))
    if instead is None or not await instead(desk, guide):
        await begin_at(desk, guide)


def _said(verb: Verb, typed: str, mode: str) -> str:
    """The text in a typed line that a form may take over: that of its verb, or all of it when it is no verb's line."""
    plain = typed.strip()
    try:
        command = parse(typed, mode)
    except DeskError:
        if typed[:1].isspace() or not plain.lower().startswith(verb.letter):
            return plain
        rest = plain[len(verb.letter) :]
        free = bool(verb.guide) and verb.guide[0] in FREE_QUESTIONS
        return "" if not free else plain if rest[:1].isalnum() and verb.letter.isalpha() else rest.strip()
    if command.verb == verb or command.verb.id == "find":
        return command.args.get("text", "").replace("\n", LINE_END)
    return ""


async def begin_at(desk: Desk, guide: Guide) -> None:
    """Opens a form, perhaps with some of its questions answered."""
    desk.now.guide = guide
    try:
        await _put(desk)
    except DeskError:
        desk.now.guide = None
        raise


async def _put(desk: Desk) -> None:
    from csdesk.prompt.desk import Choice

    guide = desk.now.guide
    assert isinstance(guide, Guide)
    options = await QUESTIONS[guide.question][1](desk)
    desk.now.guide = guide = replace(guide, offered=tuple(value for value, _ in options))
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
    desk.now.echo = Echo(question_words(desk), "ask")
    desk.sync_keys(guide.said if guide.question in FREE_QUESTIONS else "")


def question_words(desk: Desk) -> str:
    """The present question, with what was answered so far."""
    guide = desk.now.guide
    assert isinstance(guide, Guide)
    done = "".join(guide.answers)
    return f"{QUESTIONS[guide.question][0]}  [{guide.verb.letter}{done}…]   F12 leaves, F3 one step back"


def foreseen(desk: Desk, place: int | None = None) -> Command | None:
    """The command that Enter runs with the answer that is typed, marked, or at a place of those offered; None while
    the form would ask on."""
    guide, now = desk.now.guide, desk.now
    assert isinstance(guide, Guide)
    marked = now.cursor if place is None else place
    offered = guide.offered[marked] if now.choice is not None and marked < len(guide.offered) else ""
    text = now.keys.text.strip() if place is None else ""
    if not (text or offered):
        return None
    whole = replace(guide, answers=(*guide.answers, text or offered))
    if len(whole.answers) < len(whole.questions) and not _complete(whole, now.mode):
        return None
    try:
        command = parse(short_form(whole), now.mode)
    except DeskError:
        return None
    return command if command.verb == guide.verb and not command.ask else None


def _by_digit(question: str, options: Options) -> bool:
    """Whether a digit chooses: not where what is typed may itself begin with one (a day, a code, line 12 of 30)."""
    numbers = [value for value, _ in options if value.isdecimal()]
    return question not in TYPED and numbers in (
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
        try:
            await _put(desk)
        except DeskError:
            desk.now.guide = answered  # the question stands until its answer leads on
            raise
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
    left_out = any(not command.args.get(name) for name in guide.verb.optional)  # that wants saying
    return command.verb == guide.verb and not command.ask and not left_out


def short_form(guide: Guide) -> str:
    """The line that does the same without a form."""
    verb = guide.verb
    marks = verb.joins + ("",) * (len(guide.answers) - len(verb.joins))
    given = (f"{mark}{text}" for mark, text in zip(marks, guide.answers, strict=False) if text != LEFT_OUT)
    return verb.letter + "".join(given)


async def leave(desk: Desk) -> None:
    """Leaves the form; the line it was opened behind is there again."""
    guide = desk.now.guide
    desk.now.guide = desk.now.choice = None
    desk.now.echo = Echo("Left the form; nothing was done.", "info")
    desk.sync_keys(guide.typed if isinstance(guide, Guide) else "")


async def back(desk: Desk) -> None:
    """One question back; from the first one out of the form."""
    guide = desk.now.guide
    if isinstance(guide, Guide) and guide.answers:
        desk.now.guide = replace(guide, answers=guide.answers[:-1])
        await _put(desk)
    else:
        await leave(desk)


async def offer(desk: Desk) -> None:
    """F4: the form of the verb being typed, or the list of all verbs that work here. In a form: its question."""
    from csdesk.prompt.desk import Choice

    now, text = desk.now, desk.now.keys.text
    if now.guide is not None:
        now.echo = Echo(question_words(desk), "ask")
        return
    verbs = [verb for verb in VERBS if now.mode in verb.where and verb.id not in TYPED_ONLY]
    begun = text.lower() if text[:1].isspace() else text.strip().lower()
    typed = next((verb for verb in verbs if verb.letter and verb.guide and begun.startswith(verb.letter)), None)
    if typed is not None:
        await begin(desk, typed, text)
        return
    rows = tuple(Row((str(n) if n < 10 else "", verb.shape, verb.does)) for n, verb in enumerate(verbs, 1))
    columns = (Column("", 2, "right"), Column("Type", 12), Column("It does", 40, flex=True))
    page = Page("WHAT CAN I DO HERE?", columns, rows, cursor=0)
    text = text or (now.choice.restore if now.choice is not None else "")
    now.choice = Choice(page, [partial(_chosen, desk, verb, text) for verb in verbs], text)
    now.cursor = 0
    now.echo = Echo("Type a number, or arrows and Enter", "ask")
    desk.sync_keys()


async def _chosen(desk: Desk, verb: Verb, text: str) -> None:
    """A verb of the list: its form, with the text that was typed; one without a form is done, and the text stays."""
    from csdesk.prompt import acts

    if verb.guide or verb.id == "line":
        await begin(desk, verb, text)
        return
    here = desk.now.mode
    await acts.run(desk, Command(verb, dict.fromkeys(verb.pattern.groupindex, ""), verb.letter))
    if len(text.strip()) > 1 and here == desk.now.mode and not desk.now.keys.text and desk.now.choice is None:
        desk.sync_keys(text)
