"""The commands. Parsing comes first: nothing heavy is imported until a command runs."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from csdesk import __version__
from csdesk.errors import DeskError, Unavailable

app = typer.Typer(no_args_is_help=False, add_completion=False, pretty_exceptions_enable=False)

# Each module has `register(app)`; a new family of commands is one entry here.
FAMILIES = (
    "desk",
    "line",
    "database",
    "deductions",
    "returns",
    "imports",
    "sample",
    "staff",
    "staff_access",
    "surveys",
    "tick",
    "documents",
    "outbox",
    "collections",
    "credit",
    "dunning",
    "books",
    "settings",
    "knowledge",
    "service",
    "clock",
    "roster",
    "handover",
    "serve",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"csdesk {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """csdesk: the desk customer-service reps work at."""
    if context.invoked_subcommand is None:
        context.invoke(app_command("run"))


def app_command(name: str):  # type: ignore[no-untyped-def]
    """The function of a registered command."""
    return next(each.callback for each in app.registered_commands if each.name == name)


for _family in FAMILIES:
    import_module(f"csdesk.commands.{_family}").register(app)


def main() -> None:
    """Runs the command line. Exit codes: 0 done, 1 refused or not found, 2 wrong use, 3 database unavailable."""
    try:
        app()
    except Unavailable as error:
        from csdesk.store import AWAY

        away = "The database does not answer; check --db or CSDESK_DB, and that its server runs."
        print(away if error.message == AWAY else error.message, file=sys.stderr)
        sys.exit(3)
    except DeskError as error:
        print(error.message, file=sys.stderr)
        sys.exit(1)
