"""Canned replies and macros: their texts with variables, what of these is known for a ticket, who wrote them.

A macro also says what becomes of the ticket (`Acts`); `ticket_macros` does that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select, update

from csdesk.errors import DeskError, Invalid, NotFound
from csdesk.models import CannedReply, Company, Customer, Document, Product, SalesOrder, TicketCategory, TicketLine
from csdesk.models import table as table_of
from csdesk.rules.canned_texts import VARIABLES, filled, unknown
from csdesk.rules.delivery import SOON_DAYS
from csdesk.rules.text import printable
from csdesk.services import audit, seeing
from csdesk.services.knowledge_writing import kept_text
from csdesk.services.ticket_waiting import WHO
from csdesk.services.tx import Tx, reads, writes

REPLY, COMPANY, CUSTOMER = table_of(CannedReply), table_of(Company), table_of(Customer)
LINE, ORDER, DOCUMENT = table_of(TicketLine), table_of(SalesOrder), table_of(Document)
PRODUCT, CATEGORY = table_of(Product), table_of(TicketCategory)
LONGEST = 1500  # signs of a text; the prompt takes 2000
STATES = ("open", "resolved", "closed")
PARTIES = ("customer", "internal", "third")
SENDS = ("visible", "internal")
_CODE = re.compile(r"[a-z]{1,12}")


@dataclass(frozen=True)
class Acts:
    """What a macro does beside its text: sets a category or a state, waits for a `wait` party so many days with a
    question (variables in it too), sends the text as a `reply` (visible, or internal). '' and 0: nothing of that."""

    category: str = ""
    state: str = ""
    wait: str = ""
    days: int = 0
    question: str = ""
    reply: str = ""


@dataclass(frozen=True)
class CannedDraft:
    """A canned text as somebody writes it; with `acts` it is a macro."""

    code: str
    title: str
    body: str
    acts: Acts | None = None


@dataclass(frozen=True)
class CannedView:
    """A canned text; `acts` is None unless it is a macro."""

    code: str
    title: str
    body: str
    acts: Acts | None


@dataclass(frozen=True)
class CannedTable:
    """All canned texts by code; `stamp` changes with any of them."""

    stamp: str
    texts: tuple[CannedView, ...]


@dataclass(frozen=True)
class Filled:
    """A text with what is known put in; `missing` are the variables that stand in it still, `words` says so."""

    text: str
    missing: tuple[str, ...] = ()
    words: str = ""
    acts: Acts | None = None


@reads("customer.read")
def listed(tx: Tx) -> tuple[CannedView, ...]:
    """All canned texts and macros by code."""
    rows = tx.rows(select(REPLY).where(REPLY.c.company == tx.company).order_by(REPLY.c.code))
    return tuple(CannedView(row.code, row.title, row.body, _acts(row.kind, row.acts)) for row in rows)


@reads("customer.read")
def table(tx: Tx, stamp: str = "") -> CannedTable | None:
    """All canned texts for a desk to keep; None when those it has, by their stamp, are still the ones there are."""
    latest = select(func.count().label("n"), func.max(REPLY.c.written_at).label("last"))
    (found,) = tx.rows(latest.where(REPLY.c.company == tx.company))
    now = f"{found.n} {audit.stamp(found.last) if found.last else ''}"
    return None if now == stamp else CannedTable(now, listed(tx))


@reads("customer.read")
def expand(tx: Tx, code: str, ticket_id: int | None = None, customer_id: int | None = None) -> Filled:
    """A canned text with what is known of the ticket, else the customer. Raises NotFound with the codes there are."""
    there = {each.code: each for each in listed(tx)}
    found = there.get(code.strip().lower())
    if found is None:
        raise NotFound(f"There is no canned text '{code[:20]}'; there are {', '.join(there) or 'none'}.", field="code")
    made = fill(tx, found.body, ticket_id, customer_id)
    return Filled(made.text, made.missing, made.words, found.acts)


@reads("customer.read")
def fill(tx: Tx, text: str, ticket_id: int | None = None, customer_id: int | None = None) -> Filled:
    """Any text with its variables filled in. Raises Invalid for a variable there is none of, with those there are."""
    _known_variables(text)
    made, missing = filled(text, values(tx, ticket_id, customer_id))
    where = "this ticket" if ticket_id is not None else "here"
    words = f"{_braced(missing)} not known for {where}; type it in its place." if missing else ""
    return Filled(made, missing, words.replace("for here", "here"))


@reads("customer.read")
def values(tx: Tx, ticket_id: int | None = None, customer_id: int | None = None) -> dict[str, str]:
    """What is known of the variables for a ticket one may see, or a customer; those without a value are left out."""
    company = tx.row(select(COMPANY.c.name, COMPANY.c.timezone).where(COMPANY.c.id == tx.company))
    zone = ZoneInfo(company.timezone if company is not None else "UTC")
    found = {"rep": tx.actor.name, "company": company.name if company is not None else "",
             "today": f"{tx.now.astimezone(zone):%d %b %Y}"}  # fmt: skip
    if ticket_id is not None:
        ticket = seeing.one(tx, ticket_id)
        customer_id = ticket.customer_id
        found |= {"ticket": ticket.number, "contact": ticket.contact, **_subjects(tx, ticket_id)}
        found["due"] = f"{ticket.due_at.astimezone(zone):%a %d %b %H:%M}" if ticket.due_at else ""
        if ticket.product_id is not None:
            name = select(PRODUCT.c.name).where(PRODUCT.c.company == tx.company, PRODUCT.c.id == ticket.product_id)
            found["product"] = tx.value(name) or found.get("product", "")
    if customer_id is not None:
        name = select(CUSTOMER.c.name).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.id == customer_id)
        found["customer"] = tx.value(name) or ""
    return {key: printable(value) for key, value in found.items() if value}


@writes("knowledge.write")
def load(tx: Tx, drafts: Sequence[CannedDraft]) -> tuple[str, ...]:
    """Writes canned texts and macros, all or none; one with the code of another replaces it. Gives the codes that
    changed. Raises Invalid with the code and what is wrong."""
    there = {each.code: each for each in listed(tx)}
    changed: list[str] = []
    seen = set[str]()
    for draft in drafts:
        made = _checked(tx, draft)
        if made.code in seen:
            raise Invalid(f"Canned text '{made.code}' is there twice; give one of them another code.", field="code")
        seen.add(made.code)
        if there.get(made.code) != made:
            _put(tx, made, made.code in there)
            changed.append(made.code)
    before = {code: there[code].body for code in changed if code in there}
    audit.record(tx, "canned.load", "canned_reply", 0, before, {"codes": changed})
    return tuple(changed)


@writes("knowledge.write")
def remove(tx: Tx, code: str) -> str:
    """Takes a canned text away. Raises NotFound."""
    mine = REPLY.c.company == tx.company, REPLY.c.code == code.strip().lower()
    row = tx.row(select(REPLY).where(*mine))
    if row is None:
        raise NotFound(f"There is no canned text '{code[:20]}'.", field="code")
    tx.do(delete(REPLY).where(*mine))
    audit.record(tx, "canned.remove", "canned_reply", 0, {"code": row.code, "body": row.body}, None)
    return str(row.code)


def faults(tx: Tx) -> list[str]:
    """What is wrong with stored texts: a variable or an act the desk does not know."""
    found = []
    for row in tx.rows(select(REPLY).where(REPLY.c.company == tx.company).order_by(REPLY.c.code)):
        try:
            _known_variables(row.body)
            acts = _acts(row.kind, row.acts)
            if acts is not None:
                _checked_acts(acts)
        except (DeskError, TypeError, ValueError) as error:
            found.append(f"canned text {row.code}: {error}")
    return found


def _acts(kind: str, stored: str) -> Acts | None:
    return Acts(**json.loads(stored)) if kind == "macro" else None


def _checked(tx: Tx, draft: CannedDraft) -> CannedView:
    code, title, body = draft.code.strip().lower(), printable(draft.title).strip(), kept_text(draft.body)
    if not _CODE.fullmatch(code):
        raise Invalid(f"'{draft.code[:20]}' is no code of a canned text: one to twelve letters a-z.", field="code")
    try:
        if not title or not body:
            raise Invalid(f"The {'text' if title else 'title'} is missing.", field="body" if title else "title")
        if len(body) > LONGEST or len(title) > 200:
            raise Invalid(f"The text has {len(body)} signs; {LONGEST} is the most, 200 for the title.", field="body")
        _known_variables(body)
        if draft.acts is not None:
            _checked_acts(draft.acts)
            _checked_category(tx, draft.acts.category)
    except Invalid as error:
        raise Invalid(f"Canned text '{code}': {error.message}", field=error.field) from None
    return CannedView(code, title, body, draft.acts)


def _checked_acts(acts: Acts) -> None:
    for name, value, allowed in (
        ("state", acts.state, STATES), ("wait", acts.wait, PARTIES), ("reply", acts.reply, SENDS)
    ):  # fmt: skip
        if value and value not in allowed:
            raise Invalid(f"{name} can be {', '.join(allowed)}, not '{value[:20]}'.", field=name)
    if not any(getattr(acts, each.name) for each in fields(Acts)):
        raise Invalid("A macro does something: category, state, wait or reply.", field="acts")
    if acts.wait and not (acts.question and 1 <= acts.days <= SOON_DAYS):
        raise Invalid(f"A macro that waits names a question and 1 to {SOON_DAYS} days.", field="wait")
    if acts.wait and acts.state:
        raise Invalid("A macro either waits or sets a state.", field="state")
    if (acts.question or acts.days) and not acts.wait:
        raise Invalid(f"A question and days go with wait: {', '.join(PARTIES)}.", field="wait")
    if acts.wait == "third" and not WHO.fullmatch(acts.question):
        raise Invalid("A wait for a third party names it in the question: 'Carrier: where is it'.", field="wait")
    _known_variables(acts.question)


def _checked_category(tx: Tx, code: str) -> None:
    known = sorted(
        row.code
        for row in tx.rows(
            select(CATEGORY.c.code).where(CATEGORY.c.company == tx.company, CATEGORY.c.use == "category")
        )
    )
    if code and known and code not in known:
        raise Invalid(f"There is no category '{code[:40]}'; there are {', '.join(known[:20])}.", field="category")


def _known_variables(text: str) -> None:
    if names := unknown(text):
        there = ", ".join(f"{{{name}}}" for name in VARIABLES)
        raise Invalid(f"{_braced(names)} no variable; there are {there}.", field="body")


def _braced(names: Sequence[str]) -> str:
    return f"{', '.join(f'{{{name}}}' for name in names)} {'is' if len(names) == 1 else 'are'}"


def _put(tx: Tx, made: CannedView, there: bool) -> None:
    row: Mapping[str, Any] = {
        "title": made.title, "body": made.body, "kind": "text" if made.acts is None else "macro",
        "acts": json.dumps(asdict(made.acts) if made.acts else {}, sort_keys=True, ensure_ascii=False),
        "written_at": tx.now, "written_by": tx.actor.id,
    }  # fmt: skip
    if there:
        tx.do(update(REPLY).where(REPLY.c.company == tx.company, REPLY.c.code == made.code).values(**row))
    else:
        tx.do(insert(REPLY), {"company": tx.company, "code": made.code, **row})


def _subjects(tx: Tx, ticket_id: int) -> dict[str, str]:
    """Order, invoice and product of the ticket's first line that has them."""
    rows = tx.rows(
        select(LINE.c.subject, LINE.c.subject_number, LINE.c.name, ORDER.c.number.label("ordered"),
               DOCUMENT.c.number.label("billed"))
        .outerjoin(ORDER, (ORDER.c.company == LINE.c.company) & (ORDER.c.id == LINE.c.order_id))
        .outerjoin(DOCUMENT, (DOCUMENT.c.company == LINE.c.company) & (DOCUMENT.c.id == LINE.c.document_id))
        .where(LINE.c.company == tx.company, LINE.c.ticket_id == ticket_id)
        .order_by(LINE.c.line)
    )  # fmt: skip
    found: dict[str, str] = {}
    for row in rows:
        own = {row.subject: row.subject_number}
        of_line = {"order": row.ordered or own.get("order"), "invoice": row.billed or own.get("invoice")}
        for name, value in {**of_line, "product": row.name}.items():
            found[name] = found.get(name) or value or ""
    return found
