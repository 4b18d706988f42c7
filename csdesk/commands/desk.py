"""Commands that sit a rep down: the desk, the demonstration, a ringing call."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from csdesk.commands.common import Db, User, open_store, settings_from

if TYPE_CHECKING:
    from csdesk.config import Settings
    from csdesk.prompt.page import Page
    from csdesk.store import Store

Theme = Annotated[str | None, typer.Option("--theme", help="dark, light or mono (CSDESK_THEME).", show_default=False)]
A11y = Annotated[
    bool | None,
    typer.Option(
        "--a11y", help="Linear layout and visible cursor for screen readers (CSDESK_A11Y).", show_default=False
    ),
]
Mono = Annotated[
    bool | None, typer.Option("--mono", help="No colour at all (CSDESK_MONO, NO_COLOR).", show_default=False)
]
OsUser = Annotated[
    bool, typer.Option("--os-user", help="For sshd's ForceCommand: the login is the OS user, whatever else says so.")
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config", help="With --os-user: root's settings file, /etc/csdesk/desk.toml as a rule.", show_default=False
    ),
]
DEMO_USER = "rep7"


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("run")(run)
    app.command("demo")(demo)
    app.command("pop")(pop)


def run(
    db: Db = None,
    user: User = None,
    theme: Theme = None,
    a11y: A11y = None,
    mono: Mono = None,
    os_user: OsUser = False,
    config: Config = None,
) -> None:
    """Open the desk in this terminal. This is what 'csdesk' alone does."""
    if os_user:
        return _run_forced(config, user, db=db, theme=theme, a11y=a11y, mono=mono)
    _need_terminal()
    settings = settings_from(db=db, user=user, theme=theme, a11y=a11y, mono=mono)
    _sit_down(replace(settings, user=settings.user or _os_login()))


def _run_forced(config: Path | None, user: str | None, **flags: object) -> None:
    from csdesk.errors import Invalid
    from csdesk.server import forced

    if user is not None:
        raise Invalid("With --os-user the login is the OS user; leave --user away.", field="user")
    settings = forced.settings(config or forced.FILE, **flags)
    _need_terminal()
    _sit_down(settings)


def demo(
    theme: Theme = None,
    a11y: A11y = None,
    mono: Mono = None,
    keep: Annotated[bool, typer.Option("--keep", help="Go on with the last demonstration's data.")] = False,
) -> None:
    """Try the desk on a sample: nothing you do there touches your own data. Without a terminal it plays by itself."""
    from csdesk.server import terminal

    if not terminal.is_terminal():
        from csdesk.prompt.demo import play

        raise typer.Exit(play())
    from csdesk.config import data_dir

    path = data_dir() / "demo" / "csdesk.db"
    settings = settings_from(db=str(path), user=DEMO_USER, company=1, theme=theme, a11y=a11y, mono=mono)
    _sit_down(settings, _greeting(), None if keep and path.exists() else path)


def pop(
    number: Annotated[str, typer.Argument(help="The caller's phone number.", show_default=False)],
    db: Db = None,
    user: User = None,
) -> None:
    """Tell a rep's desk that a call rings; for telephone systems. The desk shows it and moves nothing."""
    from csdesk.server import bell
    from csdesk.services import calls

    settings = settings_from(db=db, user=user)
    login = settings.user or _os_login()
    store = open_store(settings)
    try:
        store.write_now(calls.ring, login, number)
    finally:
        store.close()
    heard = bell.poke(settings.company, login, number)
    typer.echo(
        f"{number} rings at {login}" + ("" if heard else "; no desk of theirs is open, it will show when one is")
    )


def _need_terminal() -> None:
    from csdesk.server import terminal

    if not terminal.is_terminal():
        typer.echo("The desk needs a terminal; 'csdesk line' takes plain lines instead.", err=True)
        raise typer.Exit(2)


def _os_login() -> str:
    import getpass

    return getpass.getuser()


def _sit_down(settings: Settings, greeting: Page | None = None, sample: Path | None = None) -> None:
    """Runs the app; with `sample` that file is first made anew from the sample desk."""
    from csdesk.server import terminal

    def stored() -> Store:
        if sample is not None:
            from csdesk.sample import copy

            sample.parent.mkdir(parents=True, exist_ok=True)
            copy.fresh(sample)
        return open_store(settings)

    terminal.take()
    gc.disable()  # nothing that a start makes is garbage; looking for some took a third of its time
    try:
        from csdesk.app import sit_down
        from csdesk.opening import Opening

        desk = Opening(stored, settings.user, greeting)
        sit_down(settings, desk.begin, desk.commands)
        desk.close()
    finally:
        terminal.give_back()


def _greeting() -> Page:
    from csdesk.prompt.page import Page, Row

    words = (
        ("This is a sample desk: a day at a wholesaler. Your own data is not here.", "strong"),
        ("", "plain"),
        ("Somebody calls: type  550142  and Enter; any piece of a phone, name or code.", "plain"),
        ("Then  4711 12  and Enter adds a line,  r  repeats the last order,  .  places.", "plain"),
        ("Above the prompt stands what Enter would do;  u  takes the last thing back.", "plain"),
        ("", "plain"),
        ("?  help for where you are    Ctrl+P  every command    Ctrl+Q  leaves", "plain"),
    )
    return Page("Welcome", rows=tuple(Row((text,), tone, span=True) for text, tone in words))  # type: ignore[arg-type]
