"""Credit requests of the last days: some wait for approval, as on any morning."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from csdesk.models import Document, DocumentLine, table
from csdesk.rules.credit_notes import LineCredit
from csdesk.sample.site import STAR, Site, moment, working_day_before
from csdesk.services import calls, credits
from csdesk.services.customers import CUSTOMER

# rep, clock of the evening before (a lane of the audit runs forward), reason, pieces, note
ASKED = (
    ("rep2", "17:20", "d", 2, "crushed in the crate, the driver saw it"),
    ("rep9", "17:35", "s", 1, "one short, the slip is signed so"),
    ("rep4", "17:50", "q", 2, "leaking, thrown away on the spot"),
)
DOCUMENT, LINE = table(Document), table(DocumentLine)


def make(site: Site) -> None:
    """Asks for what ASKED says, each on a fresh invoice of another customer, by a call that is ended then."""
    day = working_day_before(site.today, 1)
    rows = site.tx.rows(
        select(DOCUMENT.c.id, DOCUMENT.c.customer_id, LINE.c.line)
        .join(LINE, (LINE.c.company == DOCUMENT.c.company) & (LINE.c.document_id == DOCUMENT.c.id))
        .join(CUSTOMER, (CUSTOMER.c.company == DOCUMENT.c.company) & (CUSTOMER.c.id == DOCUMENT.c.customer_id))
        .where(
            DOCUMENT.c.company == site.tx.company, DOCUMENT.c.kind == "invoice", DOCUMENT.c.issued_on < day,
            CUSTOMER.c.code != STAR, LINE.c.quantity >= 4, LINE.c.line == 2,
        )
        .order_by(DOCUMENT.c.issued_on.desc(), DOCUMENT.c.id.desc())
        .limit(40)
    )  # fmt: skip
    seen: set[int] = set()
    fresh = iter([row for row in rows if not (row.customer_id in seen or seen.add(row.customer_id))])  # type: ignore[func-returns-value]
    for login, clock, reason, pieces, note in ASKED:
        row = next(fresh)
        tx = site.at(moment(day, clock), login)
        call = calls.begin(tx, "")
        calls.identify(tx, call.id, row.customer_id)
        credits.ask(tx, call.id, row.id, (LineCredit(row.line, Decimal(pieces)),), reason, note)
        calls.code(tx, call.id, "c")
        calls.end(tx, call.id)
