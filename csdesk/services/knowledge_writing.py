"""Writing articles: every text that was written stays as a revision, readers see the published one.

One transaction takes one article or a whole folder of them. The search row goes with what is published.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Conflict, Invalid, NotFound
from csdesk.ids import new_id
from csdesk.models import ArticleRevision, ProductGroup, table
from csdesk.rules.text import printable
from csdesk.services import audit, knowledge_index
from csdesk.services.knowledge_rows import ARTICLE, CATEGORY, PRODUCT, ArticleView, views, whole
from csdesk.services.tx import Tx, writes

REVISION, GROUP = table(ArticleRevision), table(ProductGroup)
LONGEST_BODY = 20_000
_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TEXTS = ("title", "body", "category", "product_group", "product_id", "words")


@dataclass(frozen=True)
class ArticleDraft:
    """An article as somebody writes it; `product` is a product's code, `product_group` a group of products."""

    code: str
    title: str
    body: str
    category: str = ""
    product: str = ""
    product_group: str = ""
    words: str = ""
    publish: bool = False


@dataclass(frozen=True)
class Loaded:
    """What became of a folder of articles."""

    new: int
    changed: int
    unchanged: int
    published: int


@writes("knowledge.write")
def write(tx: Tx, draft: ArticleDraft, version: int | None = None) -> ArticleView:
    """Writes an article anew or its next revision; the same text again changes nothing.

    Readers see it once it is published. `version` is the one the writer began from. Raises Invalid with the field, and
    Conflict when somebody else has written a later one.
    """
    id_, before, after = _write(tx, draft, version)
    if draft.publish:
        after = {**after, "published": _publish(tx, id_)}
    audit.record(tx, "knowledge.write", "article", id_, before, after)
    return _view(tx, id_)


@writes("knowledge.write")
def load(tx: Tx, drafts: Sequence[ArticleDraft]) -> Loaded:
    """Writes many articles, all or none. Raises Invalid for the first that cannot be taken, with its code."""
    seen, counts = set[str](), {"new": 0, "changed": 0, "unchanged": 0, "published": 0}
    for draft in drafts:
        if draft.code in seen:
            raise Invalid(f"Article '{draft.code}' is there twice; give one of them another code.", field="code")
        seen.add(draft.code)
        try:
            id_, before, after = _write(tx, draft, None)
        except Invalid as error:
            raise Invalid(f"Article '{draft.code[:40]}': {error.message}", field=error.field) from None
        counts["unchanged" if before == after else "changed" if before else "new"] += 1
        if draft.publish and _shown(tx, id_) != after["version"]:
            counts["published"] += 1
            _publish(tx, id_)
    audit.record(tx, "knowledge.load", "article", 0, None, {**counts, "codes": sorted(seen)})
    return Loaded(**counts)


@writes("knowledge.write")
def publish(tx: Tx, code: str, version: int | None = None) -> ArticleView:
    """Shows readers the last revision of an article, or an earlier one. Raises NotFound."""
    row = _locked(tx, code)
    if row is None:
        raise NotFound(f"There is no article '{code[:40]}'.", field="code")
    if version is not None and not 1 <= version <= row.version:
        raise NotFound(f"Article '{row.code}' has the versions 1 to {row.version}, no {version}.", field="version")
    shown = _publish(tx, row.id, version)
    audit.record(tx, "knowledge.publish", "article", row.id, {"published": row.published}, {"published": shown})
    return _view(tx, row.id)


@writes("knowledge.write")
def withdraw(tx: Tx, code: str) -> ArticleView:
    """Takes an article from readers; its revisions stay, it can be published again. Raises NotFound."""
    row = _locked(tx, code)
    if row is None or not row.published:
        raise NotFound(f"There is no published article '{code[:40]}'.", field="code")
    _show(tx, row.id, row.version, 0)
    audit.record(tx, "knowledge.withdraw", "article", row.id, {"published": row.published}, {"published": 0})
    return _view(tx, row.id)


@writes("knowledge.write")
def reindex(tx: Tx) -> int:
    """Writes what articles are found by anew, as `csdesk check` asks for it; gives how many are found."""
    count = knowledge_index.rebuild(tx)
    audit.record(tx, "knowledge.reindex", "article", 0, None, {"rows": count})
    return count


def _write(tx: Tx, draft: ArticleDraft, version: int | None) -> tuple[int, dict[str, Any] | None, dict[str, Any]]:
    """(id, what stood last, what stands now); both with their version."""
    values = _checked(tx, draft)
    row = _locked(tx, draft.code)
    if row is None:
        id_ = new_id()
        head = {"company": tx.company, "id": id_, "code": draft.code, "version": 1, "published": 0}
        tx.do(insert(ARTICLE), {**head, **values, "written_at": tx.now, "written_by": tx.actor.id})
        _revise(tx, id_, 1, values)
        return id_, None, {**values, "version": 1}
    last = _revision(tx, row.id, row.version)
    before = {**{name: getattr(last, name) for name in _TEXTS}, "version": row.version}
    if all(before[name] == values[name] for name in _TEXTS):
        return row.id, before, before
    if version is not None and version != row.version:
        raise Conflict(f"Article '{draft.code}' was written again meanwhile; read version {row.version} first.")
    _revise(tx, row.id, row.version + 1, values)
    _set(tx, row.id, version=row.version + 1)
    if not row.published:
        _show(tx, row.id, row.version + 1, 0)
    return row.id, before, {**values, "version": row.version + 1}


def _checked(tx: Tx, draft: ArticleDraft) -> dict[str, Any]:
    """The texts of a draft as they are kept. Raises Invalid with one sentence."""
    if not _CODE.fullmatch(draft.code) or len(draft.code) > 40:
        raise Invalid(f"'{draft.code[:40]}' is no code: small letters, figures and hyphens, 40 at most.", field="code")
    title, words = printable(draft.title).strip(), printable(draft.words).strip()
    body = kept_text(draft.body)
    for name, value, most in (("title", title, 200), ("words", words, 500), ("body", body, LONGEST_BODY)):
        if len(value) > most:
            raise Invalid(f"The {name} has {len(value)} signs; {most} is the most.", field=name)
    if not title or not body:
        raise Invalid(f"The {'body' if title else 'title'} is missing.", field="body" if title else "title")
    if draft.product and draft.product_group:
        raise Invalid("An article is about a product or about a group, not both.", field="product")
    return {"title": title, "body": body, "category": _category(tx, draft.category), "words": words,
            "product_group": _group(tx, draft.product_group), "product_id": _product(tx, draft.product)}  # fmt: skip


def kept_text(source: str) -> str:
    """A text of several lines without signs that cannot be seen; blank lines at its ends and blanks at line ends go."""
    return "\n".join(printable(line).rstrip() for line in source.splitlines()).strip("\n").rstrip()


def _category(tx: Tx, code: str) -> str:
    """A category that exists; any, while the desk has none."""
    if not code:
        return ""
    rows = tx.rows(select(CATEGORY.c.code).where(CATEGORY.c.company == tx.company, CATEGORY.c.use == "category"))
    known = sorted(row.code for row in rows)
    if (known and code not in known) or len(code) > 40:
        raise Invalid(f"There is no category '{code[:40]}'; there are {', '.join(known[:20])}.", field="category")
    return code


def _group(tx: Tx, code: str) -> str:
    mine = select(GROUP.c.group_code).where(GROUP.c.company == tx.company, GROUP.c.group_code == code).limit(1)
    if code and tx.value(mine) is None:
        raise Invalid(f"No product is in a group '{code[:40]}'.", field="group")
    return code


def _product(tx: Tx, code: str) -> int | None:
    if not code:
        return None
    found = tx.value(select(PRODUCT.c.id).where(PRODUCT.c.company == tx.company, PRODUCT.c.code == code))
    if found is None:
        raise Invalid(f"There is no product '{code[:40]}'.", field="product")
    return int(found)


def _locked(tx: Tx, code: str) -> Row[Any] | None:
    found = select(ARTICLE).where(ARTICLE.c.company == tx.company, ARTICLE.c.code == code)
    return tx.row(found.with_for_update() if tx.postgres else found)


def _revision(tx: Tx, id_: int, version: int) -> Row[Any]:
    key = REVISION.c.company == tx.company, REVISION.c.article_id == id_, REVISION.c.version == version
    row = tx.row(select(REVISION).where(*key))
    assert row is not None
    return row


def _revise(tx: Tx, id_: int, version: int, values: dict[str, Any]) -> None:
    head = {"company": tx.company, "article_id": id_, "version": version, "at": tx.now, "by": tx.actor.id}
    tx.do(insert(REVISION), {**head, **values})


def _shown(tx: Tx, id_: int) -> int:
    return int(tx.value(select(ARTICLE.c.published).where(ARTICLE.c.company == tx.company, ARTICLE.c.id == id_)) or 0)


def _publish(tx: Tx, id_: int, version: int | None = None) -> int:
    """Shows a revision, the last one unless another is named."""
    last = tx.value(select(ARTICLE.c.version).where(ARTICLE.c.company == tx.company, ARTICLE.c.id == id_))
    _show(tx, id_, version or last, version or last)
    return int(version or last)


def _show(tx: Tx, id_: int, version: int, published: int) -> None:
    """The article says what a revision says; its search row follows."""
    made = _revision(tx, id_, version)
    texts = {name: getattr(made, name) for name in _TEXTS}
    _set(tx, id_, **texts, published=published, written_at=made.at, written_by=made.by)
    knowledge_index.index(tx, id_)


def _set(tx: Tx, id_: int, **values: Any) -> None:
    tx.do(update(ARTICLE).where(ARTICLE.c.company == tx.company, ARTICLE.c.id == id_).values(**values))


def _view(tx: Tx, id_: int) -> ArticleView:
    return views(tx, tx.rows(whole(tx).where(ARTICLE.c.id == id_)))[0]
