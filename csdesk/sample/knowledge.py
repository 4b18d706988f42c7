"""The articles and canned texts of the sample's desk, and which of them helped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from heapq import heappush

from csdesk.sample.company import REPS
from csdesk.sample.site import Site, moment, texts, working_day_before
from csdesk.services import canned, knowledge, knowledge_writing
from csdesk.services.canned import Acts, CannedDraft
from csdesk.services.knowledge_writing import ArticleDraft

WRITER = "lead3"
DAYS_BACK = 30  # working days since they were written
FIRST = -1000  # what stands in the way of two steps of one instant


def story(site: Site, later: list[tuple[datetime, int, Callable[[], object]]]) -> None:
    """Puts it where the days find it: written and published some weeks ago; since then every rep found some of use."""
    written = moment(working_day_before(site.today, DAYS_BACK), "15:10")
    heappush(later, (written, FIRST, partial(_write, site, written)))
    dice, number = site.chance("knowledge"), FIRST
    codes = [row["code"] for row in texts("knowledge")["article"]]
    for login in REPS:
        for code in dice.sample(codes, 3):
            at = written + timedelta(days=dice.randint(1, DAYS_BACK), minutes=dice.randint(0, 60))
            number -= 1
            heappush(later, (at, number, partial(_help, site, at, login, code)))


def _write(site: Site, at: datetime) -> None:
    tx, found = site.at(at, WRITER), texts("knowledge")
    knowledge_writing.load(tx, [ArticleDraft(**row, publish=True) for row in found["article"]])
    canned.load(tx, [_reply(row) for row in found["reply"]])


def _help(site: Site, at: datetime, login: str, code: str) -> None:
    tx = site.at(at, login)
    knowledge.helped(tx, knowledge.by_code(tx, code).id)


def _reply(row: dict[str, str]) -> CannedDraft:
    head = {name: row[name] for name in ("code", "title", "body")}
    acts = {name: value for name, value in row.items() if name not in head}
    return CannedDraft(**head, acts=Acts(**acts) if acts else None)  # type: ignore[arg-type]
