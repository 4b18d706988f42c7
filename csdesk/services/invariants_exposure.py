"""What must hold of the exposure parts of credit accounts, from orders and their lines; adds itself to `invariants`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, and_, case, exists, func, literal, or_, select

from csdesk.models import CreditAccount, Document, OrderLine, SalesOrder, table
from csdesk.models.orders import UNDELIVERED
from csdesk.services.derived import NAMED, part, raw
from csdesk.services.invariants import account_part, checks
from csdesk.services.loading_settle import exposed
from csdesk.services.tx import Tx

ORDER, LINE, ACCOUNT, DOCUMENT = table(SalesOrder), table(OrderLine), table(CreditAccount), table(Document)
_BILLED = exists(
    select(DOCUMENT.c.id).where(
        DOCUMENT.c.company == ORDER.c.company, DOCUMENT.c.order_id == ORDER.c.id, DOCUMENT.c.kind == "invoice"
    )
)
_LINES = and_(LINE.c.company == ORDER.c.company, LINE.c.order_id == ORDER.c.id)


@checks("order.exposure", "an order takes of the limit what is still to be delivered of it, none once it is")
def _order_exposure(tx: Tx) -> Sequence[str]:
    o, gone = ORDER.c, or_(raw(LINE.c.picked) > 0, raw(LINE.c.delivered) > 0)
    live = o.status.in_(UNDELIVERED)
    whole = func.coalesce(func.sum(raw(LINE.c.net) + raw(LINE.c.tax)), 0)
    moved = func.coalesce(func.max(case((gone, 1), else_=0)), 0)
    wanted = case((live, whole), else_=0)
    rows = tx.rows(
        select(o.id, o.number, raw(o.exposure).label("stored"), wanted.label("wanted"), moved.label("moved"))
        .outerjoin_from(ORDER, LINE, _LINES)
        .where(o.company == tx.company, or_(live, raw(o.exposure) != 0))
        .group_by(o.id, o.number, o.exposure, o.status)
        .having(or_(raw(o.exposure) != wanted, and_(live, moved == 1)))
        .order_by(o.number)
    )
    left = _left(tx, [row.id for row in rows if row.moved and row.wanted])
    found = [(row, int(left.get(row.id, row.wanted))) for row in rows]
    wrong = [(row, value) for row, value in found if row.stored != value]
    return [f"order {row.number}: exposure {row.stored}, derived {value} (minor units)" for row, value in wrong[:NAMED]]


def _left(tx: Tx, orders: Sequence[int]) -> dict[int, int]:
    """What is still to come of orders that went out in part, in minor units."""
    found: dict[int, int] = defaultdict(int)
    for start in range(0, len(orders), 500):
        some = orders[start : start + 500]
        lines: Any = select(LINE, _BILLED.label("billed")).join_from(LINE, ORDER, _LINES)
        for row in tx.rows(lines.where(ORDER.c.company == tx.company, ORDER.c.id.in_(some))):
            found[row.order_id] += exposed(dict(row._mapping), bool(row.billed))
    return found


@checks("account.delivered", "what an account has delivered and not billed is what its orders are past their exposure")
def _account_delivered(tx: Tx) -> Sequence[str]:
    o = ORDER.c
    rest = part(tx, ORDER, o.account_id, raw(o.gross) - raw(o.exposure))
    return account_part(tx, ACCOUNT.c.delivered, rest.where(o.status.in_((*UNDELIVERED, "delivered")), ~_BILLED))


@checks("account.billed", "a bill is posted with its open item, so that no account has any part billed and not posted")
def _account_billed(tx: Tx) -> Sequence[str]:
    none = part(tx, ACCOUNT, ACCOUNT.c.id, literal(0, BigInteger))
    return account_part(tx, ACCOUNT.c.billed, none)
