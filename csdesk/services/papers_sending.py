"""What a row of the outbox becomes: the paper and whom it goes to. Reads only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from csdesk.documents.paper import Paper, Party, Reminder, Statement, day_text, file_name
from csdesk.errors import Refused
from csdesk.services import papers, papers_reminder, papers_statement, surveys, ticket_mail
from csdesk.services.outbox import CONFIRMATIONS
from csdesk.services.tx import Tx, reads


@dataclass(frozen=True)
class Outgoing:
    """A paper with its receiver; `stem` names its files, `subject` the mail. `channel`: mail, letter or call."""

    subject: str
    stem: str
    seller: Party
    receiver: Party
    paper: Paper | None = None
    statement: Statement | None = None
    reminder: Reminder | None = None
    channel: str = "mail"
    message: str = ""  # of words alone, without a paper


@reads("outbox.run")
def outgoing(tx: Tx, kind: str, payload: str) -> Outgoing:
    """What a row of a kind sends. Raises NotFound when its subject is gone, Refused for an unknown kind."""
    told = json.loads(payload)
    if kind in CONFIRMATIONS:
        return _of(papers.confirmation(tx, int(told["order"])))
    if kind == "statement":
        return _of_statement(
            papers_statement.statement(
                tx, int(told["customer"]), date.fromisoformat(told["as_of"]), date.fromisoformat(told["since"])
            )
        )
    if kind == "dunning-notice":
        return _of_reminder(papers_reminder.reminder(tx, int(told["notice"])))
    if kind == "ticket-mail":
        return _of_ticket(ticket_mail.mail(tx, int(told["item"])))
    if kind == "survey-mail":
        return _of_ticket(surveys.mail(tx, int(told["survey"])))
    if "document" in told:
        return _of(papers.document(tx, int(told["document"])))
    raise Refused(f"Nobody knows what paper a row of kind '{kind}' is; 'csdesk outbox list' shows it.")


def _of(paper: Paper) -> Outgoing:
    subject = f"{paper.title} {paper.number}"
    return Outgoing(subject, file_name(paper.kind, paper.number), paper.seller, paper.buyer, paper)


def _of_statement(made: Statement) -> Outgoing:
    subject = f"Statement of account as of {day_text(made.as_of)}"
    stem = file_name("statement", f"{made.debtor.code}-{made.as_of.isoformat()}")
    return Outgoing(subject, stem, made.seller, made.debtor, statement=made)


def _of_reminder(made: Reminder) -> Outgoing:
    subject = f"{made.title} of {day_text(made.day)}"
    stem = file_name("reminder", f"{made.debtor.code}-{made.day.isoformat()}")
    return Outgoing(subject, stem, made.seller, made.debtor, reminder=made, channel=made.channel)


def _of_ticket(made: ticket_mail.Mail) -> Outgoing:
    stem = file_name("ticket", f"{made.ticket}-{made.seq}")
    return Outgoing(made.subject, stem, made.seller, made.receiver, message=made.text)
