"""Dunning notices gathered whole for paper. Reads only."""

from __future__ import annotations

from sqlalchemy import func, select

from csdesk.documents.paper import OpenLine, Reminder
from csdesk.errors import NotFound
from csdesk.models import CreditAccount, Customer, DunnedItem, DunningLevel, DunningNotice, OpenItem, table
from csdesk.rules.ageing import days_past_due
from csdesk.services import papers_parties as parties
from csdesk.services.tx import Tx, reads

NOTICE, DUNNED, LEVEL = table(DunningNotice), table(DunnedItem), table(DunningLevel)
ITEM, ACCOUNT, CUSTOMER = table(OpenItem), table(CreditAccount), table(Customer)


@reads("customer.read")
def reminder(tx: Tx, notice_id: int) -> Reminder:
    """A notice whole, as it was made: its items with what was open then, fee, interest, its level's words.

    Raises NotFound.
    """
    notice = tx.row(select(NOTICE).where(NOTICE.c.company == tx.company, NOTICE.c.id == notice_id))
    if notice is None:
        raise NotFound("This reminder is not in the books; 'csdesk report dunning' shows those that are.")
    debtor = select(func.min(CUSTOMER.c.id)).where(
        CUSTOMER.c.company == tx.company, CUSTOMER.c.account_id == notice.account_id, CUSTOMER.c.bill_to_id.is_(None)
    )
    who = parties.of(tx, tx.value(debtor))
    of = (ITEM.c.company == DUNNED.c.company) & (ITEM.c.id == DUNNED.c.item_id)
    rows = tx.rows(
        select(ITEM, DUNNED.c.open.label("then"))
        .join_from(DUNNED, ITEM, of)
        .where(DUNNED.c.company == tx.company, DUNNED.c.notice_id == notice_id)
        .order_by(ITEM.c.due_on, ITEM.c.id)
    )
    items = tuple(
        OpenLine(row.number, row.kind, row.posted_on, row.due_on, row.face, row.then,
                 days_past_due(row.due_on, notice.run_on))
        for row in rows
    )  # fmt: skip
    return Reminder(
        notice.run_on, notice.level, notice.channel, notice.currency, who.seller, who.debtor, items, notice.amount,
        notice.fee, notice.interest, _words(tx, notice.account_id, notice.level), who.account,
    )  # fmt: skip


def _words(tx: Tx, account_id: int, level: int) -> str:
    procedure = select(ACCOUNT.c.dunning_procedure).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == account_id)
    here = (LEVEL.c.company == tx.company, LEVEL.c.level == level)
    statement = select(LEVEL.c.text).where(*here, LEVEL.c.procedure == procedure.scalar_subquery())
    return str(tx.value(statement) or "")
