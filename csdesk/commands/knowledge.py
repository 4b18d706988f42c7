"""Commands of articles and canned texts: load them from files, list, show, find and publish them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from csdesk.commands.acting import desk_of
from csdesk.commands.common import Db, User

if TYPE_CHECKING:
    from csdesk.services.knowledge_rows import ArticleView

article_app = typer.Typer(no_args_is_help=True, help="Articles: what the desk knows.")
reply_app = typer.Typer(no_args_is_help=True, help="Canned texts and macros: ;cd in the prompt.")
Files = Annotated[list[Path], typer.Argument(help="Text files, or folders of .txt and .md files.", show_default=False)]
Code = Annotated[str, typer.Argument(help="The article's code.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.add_typer(article_app, name="article")
    app.add_typer(reply_app, name="reply")


@article_app.command("add")
def add(files: Files, db: Db = None, user: User = None) -> None:
    """Load articles, all or none: lines of code:, title:, category:, product: or group:, words:, publish: (yes unless
    no), an empty line, the text. A code that is there gets a new revision."""
    from csdesk.commands.knowledge_files import articles
    from csdesk.services import knowledge_writing

    drafts = articles(files)
    with desk_of(user, db) as store:
        made = store.write_now(knowledge_writing.load, drafts)
    typer.echo(f"{made.new} new, {made.changed} changed, {made.unchanged} as they were; {made.published} published.")


@article_app.command("list")
def list_(db: Db = None, user: User = None) -> None:
    """List articles by code, with their versions and how often they helped."""
    from csdesk.services import knowledge

    with desk_of(user, db) as store:
        rows = store.read_now(knowledge.listed)
    for row in rows:
        about = row.product or row.product_group
        typer.echo(f"{row.code:<24}  {_state(row):<24}  {row.helped:>4}  {row.category:<16}  {about:<10}  {row.title}")
    typer.echo(f"{len(rows)} articles.")


@article_app.command("show")
def show(code: Code, db: Db = None, user: User = None) -> None:
    """Show an article as readers see it."""
    from csdesk.services import knowledge

    with desk_of(user, db) as store:
        view = store.read_now(knowledge.by_code, code)
    typer.echo(f"{view.title}\n{view.code}, {_state(view)}, {view.written_by}, {view.written_at:%d %b %Y}\n")
    typer.echo(view.body)


@article_app.command("find")
def find(
    words: Annotated[list[str], typer.Argument(help="Words, whole or begun.", show_default=False)],
    db: Db = None,
    user: User = None,
) -> None:
    """Find published articles by words, best first."""
    from csdesk.services import knowledge

    with desk_of(user, db) as store:
        hits = store.read_now(knowledge.find, " ".join(words), 20)
    for hit in hits:
        typer.echo(f"{hit.code:<24}  {hit.title}")
    if not hits:
        typer.echo("No article holds any of these words.")


@article_app.command("publish")
def publish(
    code: Code,
    version: Annotated[int | None, typer.Option("--version", help="An earlier version; else the last one.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take it from readers instead.")] = False,
    db: Db = None,
    user: User = None,
) -> None:
    """Show readers the last version of an article, or an earlier one; or take it from them."""
    from csdesk.services import knowledge_writing

    with desk_of(user, db) as store:
        if withdraw:
            view = store.write_now(knowledge_writing.withdraw, code)
        else:
            view = store.write_now(knowledge_writing.publish, code, version)
    typer.echo(f"{view.code}: {_state(view)}.")


@article_app.command("reindex")
def reindex(db: Db = None, user: User = None) -> None:
    """Write anew what articles are found by; 'csdesk check' says when it is needed."""
    from csdesk.services import knowledge_writing

    with desk_of(user, db) as store:
        typer.echo(f"{store.write_now(knowledge_writing.reindex)} articles can be found.")


@reply_app.command("add")
def add_reply(files: Files, db: Db = None, user: User = None) -> None:
    """Load canned texts, all or none: lines of code: (letters), title:, an empty line, the text; of a macro also
    category:, state:, wait: with days: and question:, reply:. A code that is there is replaced."""
    from csdesk.commands.knowledge_files import replies
    from csdesk.services import canned

    drafts = replies(files)
    with desk_of(user, db) as store:
        changed = store.write_now(canned.load, drafts)
    typer.echo(f"{len(changed)} written, {len(drafts) - len(changed)} as they were.")


@reply_app.command("list")
def list_replies(db: Db = None, user: User = None) -> None:
    """List canned texts and macros by code."""
    from csdesk.services import canned

    with desk_of(user, db) as store:
        rows = store.read_now(canned.listed)
    for row in rows:
        typer.echo(f";{row.code:<12}  {'macro' if row.acts else 'text':<5}  {row.title}")
    typer.echo(f"{len(rows)} canned texts.")


@reply_app.command("remove")
def remove_reply(
    code: Annotated[str, typer.Argument(help="Its letters.", show_default=False)], db: Db = None, user: User = None
) -> None:
    """Take a canned text away."""
    from csdesk.services import canned

    with desk_of(user, db) as store:
        typer.echo(f";{store.write_now(canned.remove, code)} is gone.")


def _state(row: ArticleView) -> str:
    if not row.published:
        return f"version {row.version}, not published"
    newer = f", {row.version} waits" if row.version > row.published else ""
    return f"version {row.published}{newer}"
