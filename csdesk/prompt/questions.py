"""The questions of the guided forms: what each asks, and the answers it offers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from csdesk.errors import Invalid, NotFound
from csdesk.money import show, show_quantity
from csdesk.prompt import delivery_forms, ticket_forms
from csdesk.prompt.delivery_forms import Options
from csdesk.prompt.verbs import Verb
from csdesk.services import credits, disputing, history, promises, reasons
from csdesk.services.calls import WRAP_UPS

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

# Questions whose answers must be among those offered.
CHOSEN = frozenset({"line", "reason", "code", "billed", "why", "short", "short-reason", "goodwill-reason",
                    "write-off-reason", "delivery", "carried", "complaint-reason"}) | ticket_forms.CHOSEN  # fmt: skip
# Questions where what is typed may itself begin with a digit (a day, a code), so that none chooses.
TYPED = frozenset({"day", "product", "invoice", "item", "pay-day", "value", "past-day"}) | ticket_forms.TYPED


@dataclass(frozen=True)
class Guide:
    """A form under way: the verb, what was answered so far, and the present question. `typed` is the line it was opened
    behind, which F12 puts back, `said` what of it is the answer where any text is one."""

    verb: Verb
    questions: tuple[str, ...]
    answers: tuple[str, ...] = field(default=())
    offered: tuple[str, ...] = field(default=())  # the values of the present question's options
    typed: str = ""
    said: str = ""

    @property
    def question(self) -> str:
        """The name of the present question."""
        return self.questions[len(self.answers)]


async def _no_options(desk: Desk) -> Options:
    return []


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


async def day_options(desk: Desk) -> Options:
    """The next days by name."""
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
    found = tuple(hit for hit in found if hit.number == ending) or found  # the short form means the whole number too
    if len(found) > 1:
        raise Invalid(f"{', '.join(hit.number for hit in found)} end so; type more of the number.", field="invoice")
    lines = await desk.store.read(credits.billed, found[0].id)
    return [
        (str(line.line), (line.code, line.name, show_quantity(line.left), f"of {show_quantity(line.quantity)}"))
        for line in lines
    ]


async def _items(desk: Desk) -> Options:
    assert desk.now.bar is not None
    rows = await desk.store.read(promises.items, desk.now.bar.customer_id, "")
    return [(row.number, (row.number, f"due {row.due_on:%d %b}", show(row.open, row.currency))) for row in rows]


async def _short(desk: Desk) -> Options:
    assert desk.now.bar is not None
    rows = await desk.store.read(disputing.short_payments, desk.now.bar.customer_id)
    return [(str(row.place), (row.number, f"{show(row.missing, row.currency)} short")) for row in rows]


async def _of_use(desk: Desk, use: str) -> Options:
    return [(row.letter, (row.letter, row.name)) for row in await desk.store.read(reasons.for_use, use)]


async def _deliveries(desk: Desk) -> Options:
    assert desk.now.bar is not None
    found = await delivery_forms.deliveries(desk, desk.now.bar.customer_id)
    if not found:
        raise NotFound("This customer has no delivery yet; tq or tr and words open a ticket without one.")
    return found


async def _carried(desk: Desk) -> Options:
    assert desk.now.bar is not None
    assert isinstance(desk.now.guide, Guide)
    return await delivery_forms.carried(desk, desk.now.bar.customer_id, int(desk.now.guide.answers[0]))


QUESTIONS: dict[str, tuple[str, Callable[[Desk], Awaitable[Options]]]] = {
    "day": ("Which day? Arrows and Enter, or type 12, +3, fri", day_options),
    "line": ("Which line?", _lines),
    "reason": ("Why?", partial(_of_use, use="cancel")),
    "code": ("What was the call about?", _wrap_ups),
    "product": ("Which product? Arrows and Enter, or type a code or part of a name", _products),
    "quantity": ("How many?", _no_options),
    "invoice": ("Which invoice? Arrows and Enter, or type its ending", _invoices),
    "billed": ("Which line of it? What is left to credit stands beside it", _billed),
    "why": ("Why?", partial(_of_use, use="credit")),
    "item": ("Which item? Arrows and Enter, or type its ending", _items),
    "pay-day": ("Paid on which day? Arrows and Enter, or type 19, +3, fri", day_options),
    "clock": ("Call back at what time? 14 or 14:30, - for no callback", _no_options),
    "short": ("Which short payment?", _short),
    "short-reason": ("Why?", partial(_of_use, use="short")),
    "past-day": ("As of which past day? 30/4, 30/4/16 or -7", _no_options),
    "value": ("How much? 25 or 25.50, without tax", _no_options),
    "goodwill-reason": ("Why?", partial(_of_use, use="goodwill")),
    "write-off-reason": ("Why?", partial(_of_use, use="write-off")),
    "callback-when": ("When? 15, 15:30, 15-16, mon10, 12/6 10 on the customer's clock", _no_options),
    "callback-about": ("About what?", _no_options),
    "text": ("Type the text", _no_options),
    "next-when": ("By when is the next step taken? 15:30, mon10, +1 9", _no_options),
    "next-step": ("Which step?", _no_options),
    "score": ("How satisfied, 1 to 5?", _no_options),
    "recommend": ("Recommends us, 0 to 10?", _no_options),
    "delivery": ("Which delivery? 1 is the latest", _deliveries),
    "carried": ("Which line of it?", _carried),
    "complaint-reason": ("What is wrong?", partial(_of_use, use="complaint")),
    **ticket_forms.QUESTIONS,
    "said": ("What does the customer say? - for nothing", _no_options),
}
