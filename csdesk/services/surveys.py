"""Asking customers how it was: once a ticket and round, by mail after it was closed or on the call; what they said.

CSAT is the share of the two best of five scores among the answers, NPS promoters (9, 10) less detractors (0 to 6) among
those who said whether they would recommend.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, false, insert, or_, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import Company, Contact, Customer, ServiceQueue, Survey, Ticket, table
from csdesk.services import (
    audit,
    customers,
    escalating,
    memory,
    papers_parties,
    seeing,
    service_settings,
    ticket_log,
    ticket_mail,
)
from csdesk.services import escalation_rows as rows
from csdesk.services.tx import Tx, reads, writes

SURVEY, TICKET, CUSTOMER, CONTACT = table(Survey), table(Ticket), table(Customer), table(Contact)
COMPANY, QUEUE = table(Company), table(ServiceQueue)
ASKED_WITHIN = timedelta(days=14)  # of its close, and of the end of the window for a reply; later nobody remembers
OWN = ("desk", "proactive")  # sources; of a ticket taken in from elsewhere nobody is asked by mail
SCORES, RECOMMENDS = range(1, 6), range(11)
MOST = 2000


@dataclass(frozen=True)
class Answered:
    """An answer that was noted, in one sentence."""

    ticket_id: int
    words: str


@reads("posting.run")
def to_ask(tx: Tx, limit: int = 200) -> tuple[int, ...]:
    """Tickets of the desk's own, ended lately, whose customer can be asked by mail and was not asked for a while."""
    if service_settings.text(tx, "survey") != "yes":
        return ()
    return tuple(row.id for row in tx.rows(_askable(tx).order_by(TICKET.c.closed_at, TICKET.c.id).limit(limit)))


def _askable(tx: Tx) -> Select[Any]:
    mine = select(SURVEY.c.id).where(
        SURVEY.c.company == TICKET.c.company, SURVEY.c.ticket_id == TICKET.c.id, SURVEY.c.round == TICKET.c.reopened + 1
    )
    other = TICKET.alias()
    lately = tx.now - timedelta(days=service_settings.whole(tx, "survey-days"))
    same = (other.c.company == SURVEY.c.company) & (other.c.id == SURVEY.c.ticket_id)
    asked = (
        select(SURVEY.c.id)
        .join(other, same)
        .where(
            SURVEY.c.company == TICKET.c.company,
            SURVEY.c.asked_at > lately,
            other.c.customer_id == TICKET.c.customer_id,
        )
    )
    contact = select(CONTACT.c.id).where(
        CONTACT.c.company == TICKET.c.company, CONTACT.c.customer_id == TICKET.c.customer_id, CONTACT.c.email != ""
    )
    here = (CUSTOMER.c.company == TICKET.c.company) & (CUSTOMER.c.id == TICKET.c.customer_id)
    return (
        select(TICKET.c.id)
        .join(CUSTOMER, here)
        .where(
            TICKET.c.company == tx.company, TICKET.c.base == "done", TICKET.c.state == "closed",
            TICKET.c.closed_at > tx.now - ASKED_WITHIN, or_(false(), *_lately_over(tx)),
            TICKET.c.kind != "proactive", TICKET.c.source.in_(OWN),
            or_(CUSTOMER.c.email != "", contact.exists()), ~mine.exists(), ~asked.exists(),
        )
    )  # fmt: skip


def _lately_over(tx: Tx) -> list[ColumnElement[bool]]:
    """By queue: resolved so late that its window for a reply is over since not long, or not yet."""
    every = tx.rows(select(QUEUE.c.code, QUEUE.c.reopen_days).where(QUEUE.c.company == tx.company))
    return [
        and_(TICKET.c.queue == each.code,
             TICKET.c.resolved_at > tx.now - timedelta(days=each.reopen_days) - ASKED_WITHIN)
        for each in every
    ]  # fmt: skip


@writes("posting.run")
def ask(tx: Tx, ticket_id: int) -> str:
    """Asks the customer of a closed ticket by mail, once; '' when he was asked meanwhile, or somebody else is at it."""
    row = rows.locked(tx, ticket_id)
    if row is None or row.customer_id is None:
        return ""
    who = customers.trading(tx, row.customer_id, lock=True)  # two tickets of one customer are asked about one by one
    if tx.value(_askable(tx).where(TICKET.c.id == ticket_id)) is None or not ticket_mail.addresses(tx, row):
        return ""
    survey = _asked(tx, row, "mail")
    memory.post(tx, "survey-mail", f"survey:{survey}", {"survey": survey, "number": row.number}, who.hold_seconds)
    audit.record(tx, "surveys.ask", "survey", survey, None, {"ticket": row.number, "via": "mail"})
    return f"Ticket {row.number}: {who.code} {who.name} is asked how it was."


def _asked(tx: Tx, row: Row[Any], via: str) -> int:
    survey = new_id()
    tx.do(insert(SURVEY), {
        "company": tx.company, "id": survey, "ticket_id": row.id, "round": row.reopened + 1,
        "code": secrets.token_urlsafe(9), "via": via, "asked_at": tx.now, "comment": "",
    })  # fmt: skip
    return survey


@reads("outbox.run")
def mail(tx: Tx, survey_id: int) -> ticket_mail.Mail:
    """The mail that asks. Raises NotFound when the survey is gone, Refused when it was answered meanwhile."""
    of = (TICKET.c.company == SURVEY.c.company) & (TICKET.c.id == SURVEY.c.ticket_id)
    row = tx.row(
        select(SURVEY, TICKET.c.number, TICKET.c.subject, TICKET.c.customer_id)
        .join(TICKET, of)
        .where(SURVEY.c.company == tx.company, SURVEY.c.id == survey_id)
    )
    if row is None:
        raise NotFound("The survey behind this row is gone; nothing is sent.")
    if row.answered_at is not None:
        raise Refused(f"The survey about ticket {row.number} was answered already; nothing is sent.")
    link = service_settings.text(tx, "survey-link")
    how = link.replace("{code}", row.code) if link else f"Reply to this message and leave the code {row.code} in it."
    words = (
        f"About {row.subject} ({row.number}):\n\n"
        "How satisfied are you with what we did, from 1 (not at all) to 5 (very)?\n"
        "How likely is it that you recommend us, from 0 to 10?\n\n"
        f"{how}\nCode: {row.code}"
    )
    company = tx.row(select(COMPANY).where(COMPANY.c.id == tx.company))
    assert company is not None
    seller = papers_parties.seller(company)
    to = " ".join(ticket_mail.addresses(tx, ticket_log.get(tx, row.ticket_id))[:1])
    receiver = replace(papers_parties.of(tx, row.customer_id).customer, email=to)
    return ticket_mail.Mail(
        row.number, 0, f"How was it? [{row.number}]", f"{words}\n\n{seller.name}\n", seller, receiver
    )


@writes("desk.act")
def answer(tx: Tx, code: str, score: int, recommend: int | None = None, comment: str = "") -> Answered:
    """Notes the answer to a survey by its code, once. Raises NotFound for a code that is none, Refused when it was
    answered already, Invalid for a score that is none."""
    found = tx.row(select(SURVEY).where(SURVEY.c.company == tx.company, SURVEY.c.code == code.strip()))
    if found is None:
        raise NotFound("No survey has this code; it stands at the end of the mail that asked.", field="code")
    return _answered(tx, found.ticket_id, found.id, score, recommend, comment, None, "surveys.answer")


@writes("ticket.work")
def answer_on_call(
    tx: Tx, ticket_id: int, score: int, recommend: int | None = None, comment: str = "", call_id: int | None = None
) -> Answered:
    """Notes what the customer says of a closed or resolved ticket one may see, on the call; the mail that asks is then
    not sent. Raises Refused for a ticket under way and when he answered already, Invalid for a score that is none."""
    row = seeing.working(tx, ticket_id)
    found = _may_answer(tx, row)
    survey = found.id if found is not None else _asked(tx, row, "call")
    if found is not None:
        memory.withdraw(tx, f"survey:{survey}")
    return _answered(tx, row.id, survey, score, recommend, comment, tx.actor.id, "surveys.answer_on_call")


@reads("customer.read")
def preview_on_call(tx: Tx, ticket_id: int) -> str:
    """About which ticket an answer would be noted. Raises Refused for one under way and one answered already."""
    row = seeing.one(tx, ticket_id)
    _may_answer(tx, row)
    return str(row.number)


def _may_answer(tx: Tx, row: Row[Any]) -> Row[Any] | None:
    """The survey of a ticket's present end, if there is one yet. Raises Refused as `answer_on_call`."""
    if row.base != "done":
        raise Refused(f"Ticket {row.number} is {row.state.replace('_', ' ')}; how it was is asked once it is resolved.")
    mine = (SURVEY.c.company == tx.company, SURVEY.c.ticket_id == row.id, SURVEY.c.round == row.reopened + 1)
    found = tx.row(select(SURVEY).where(*mine))
    if found is not None and found.answered_at is not None:
        raise Refused(f"The survey about ticket {row.number} was answered already, with {found.score} of 5.")
    return found


def _answered(
    tx: Tx, ticket_id: int, survey_id: int, score: int, recommend: int | None, comment: str, by: int | None, verb: str
) -> Answered:
    check(score, recommend)
    row = rows.locked(tx, ticket_id, wait=True)
    found = tx.row(select(SURVEY).where(SURVEY.c.company == tx.company, SURVEY.c.id == survey_id))
    assert row is not None
    assert found is not None
    if found.answered_at is not None:
        raise Refused(f"The survey about ticket {row.number} was answered already, with {found.score} of 5.")
    values = {"answered_at": tx.now, "answered_by": by, "score": score, "recommend": recommend,
              "comment": comment.strip()[:MOST]}  # fmt: skip
    mine: list[ColumnElement[bool]] = [SURVEY.c.company == tx.company, SURVEY.c.id == survey_id]
    tx.do(update(SURVEY).where(*mine).values(**values, via=found.via if by is None else "call"))
    more = f", recommends {recommend} of 10" if recommend is not None else ""
    said = f"{score} of 5{more}{f': {comment.strip()}' if comment.strip() else ''}"
    after = ticket_log.append(tx, row, "surveyed", {"score": score, "recommend": recommend, "round": found.round})
    ticket_log.say(tx, after, "system", f"The customer on how it was: {said}")
    done = escalating.follow(tx, after)
    audit.record(tx, verb, "survey", survey_id, None, {"ticket": row.number, "score": score, "recommend": recommend})
    return Answered(row.id, "; ".join([f"Ticket {row.number}: the customer gave {said}", *done]) + ".")


def check(score: int, recommend: int | None) -> None:
    """Raises Invalid for a score or recommendation that is none."""
    if score not in SCORES:
        raise Invalid(f"{score} is no score; 1 (not at all satisfied) to 5 (very) are.", field="score")
    if recommend is not None and recommend not in RECOMMENDS:
        raise Invalid(f"{recommend} is no recommendation; 0 (not likely) to 10 (very) are.", field="recommend")
