"""The articles and canned texts of the sample's desk, and which of them helped."""

from __future__ import annotations

from datetime import timedelta

from csdesk.sample.company import REPS
from csdesk.sample.site import Site, moment, texts, working_day_before
from csdesk.services import canned, knowledge, knowledge_writing
from csdesk.services.canned import Acts, CannedDraft
from csdesk.services.knowledge_writing import ArticleDraft

WRITER = "lead3"
DAYS_BACK = 30  # working days since they were written


def make(site: Site) -> None:
    """Writes and publishes them some weeks ago; since then every rep found some of use."""
    found = texts("knowledge")
    written = moment(working_day_before(site.today, DAYS_BACK), "15:10")
    tx = site.at(written, WRITER)
    knowledge_writing.load(tx, [ArticleDraft(**row, publish=True) for row in found["article"]])
    canned.load(tx, [_reply(row) for row in found["reply"]])
    dice = site.chance("knowledge")
    shown = knowledge.listed(tx)
    for login in REPS:
        for article in dice.sample(shown, 3):
            at = written + timedelta(days=dice.randint(1, DAYS_BACK), minutes=dice.randint(0, 60))
            knowledge.helped(site.at(at, login), article.id)


def _reply(row: dict[str, str]) -> CannedDraft:
    head = {name: row[name] for name in ("code", "title", "body")}
    acts = {name: value for name, value in row.items() if name not in head}
    return CannedDraft(**head, acts=Acts(**acts) if acts else None)  # type: ignore[arg-type]
