"""The verb of articles, part of the verb table."""

from __future__ import annotations

from csdesk.prompt.grammar import ANY, Verb
from csdesk.prompt.grammar import made as _verb

ARTICLE_VERBS: tuple[Verb, ...] = (
    _verb(
        "helped", "*", "*", "the article that is shown helped: it comes up sooner next time",
        ANY, r"\*", example="*", duty="desk.act", at_once=True, words=("helped", "article"),
    ),
)  # fmt: skip
