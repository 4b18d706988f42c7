"""Articles as they are seen at the desk: one whole, and those that fit what is being typed about a ticket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import TYPE_CHECKING

from csdesk.prompt.page import Column, Page, Row
from csdesk.prompt.parse import Command
from csdesk.services import knowledge
from csdesk.services.knowledge_rows import ArticleHit, ArticleView

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown

SUGGESTED = 3
LEAST = 4  # signs of text before articles are looked for
ABOUT_TICKETS = frozenset({"complaint", "ticket", "ticket-reply", "ticket-note", "ticket-call", "ticket-resolve"})
_NARROW = 40


async def article_view(desk: Desk, argument: str) -> Shown:
    """An article whole; "ID@ticket:12" knows the view it was opened from."""
    from csdesk.prompt.desk import Shown

    number = argument.partition("@")[0]
    view = await desk.store.read(knowledge.read, int(number))
    page = article_page(view, desk.now.width)
    return Shown(f"article:{argument}", page, (None,) * len(page.rows))


def article_page(view: ArticleView, width: int) -> Page:
    """The page of an article; its rows can be walked, so that a long one is read to its end."""
    about = [view.category_name or view.category, view.product or view.product_group]
    state = "" if view.published else "  [NOT PUBLISHED]"
    facts = "  ".join(each for each in about if each)
    lead = (
        Row((view.title,), "strong", span=True),
        Row((f"{facts}  version {view.published or view.version} of {view.written_at:%d %b %Y}".strip(),), "dim", True),
        Row(("",), span=True),
    )
    lines = [part for line in view.body.splitlines() for part in (wrap(line, max(width - 4, _NARROW)) or [""])]
    foot = (Row((f"Helped {view.helped} times.  * it helped   F3 goes back",), "dim", span=True),)
    rows = tuple(Row((line,), span=True) for line in lines)
    return Page(f"ARTICLE {view.code}{state}", (Column("", 10, flex=True),), rows, lead, foot, cursor=0)


async def suggested(
    desk: Desk, category: str, product_id: int | None, words: str, limit: int = SUGGESTED
) -> tuple[ArticleHit, ...]:
    """The articles that fit a ticket of this category and product while these words are typed, best first."""
    return await desk.store.read(knowledge.suggest, category, product_id, words, limit)


def suggestion_rows(hits: Sequence[ArticleHit]) -> tuple[Row, ...]:
    """Suggested articles as rows under a page; /CODE shows one."""
    return tuple(Row((f"/{hit.code}  {hit.title}",), "dim", span=True) for hit in hits)


async def beside(desk: Desk, command: Command) -> Shown | None:
    """The page that is open with the articles that fit what is typed about a ticket at its foot; None where nothing is
    typed that an article may know, or none fits."""
    from csdesk.prompt.desk import Shown

    now, words = desk.now, command.args.get("text", "")
    if command.verb.id not in ABOUT_TICKETS or len(words.strip()) < LEAST or now.shown is None or now.draft is not None:
        return None
    category, product_id = (now.shown.places.get("about") or [("", None)])[0]
    hits = await suggested(desk, category, product_id, words)
    if not hits:
        return None
    rows = (Row(("may help:",), "dim", span=True), *suggestion_rows(hits))
    return Shown("live", replace(now.shown.page, foot=(*rows, *now.shown.page.foot)))


VIEWS: dict[str, Callable[[Desk, str], Awaitable[Shown]]] = {"article": article_view}
