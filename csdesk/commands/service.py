"""Commands of how the desk serves: calendars, policies, queues, categories and causes, from a file or one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from csdesk.commands.acting import desk_of
from csdesk.commands.common import Db, User

service_app = typer.Typer(no_args_is_help=True, help="Opening hours, targets, queues, categories and causes.")
FileArgument = Annotated[
    Path, typer.Argument(help="A TOML file; 'csdesk service show' writes one.", show_default=False)
]
Code = Annotated[str, typer.Argument(help="Its code.", show_default=False)]
Several = list[str] | None


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.add_typer(service_app, name="service")


@service_app.command("load")
def load(file: FileArgument, db: Db = None, user: User = None) -> None:
    """Set what a file has, whole or not at all; what it does not name stays. The same file again changes nothing.

    A changed calendar or policy gets a further version; tickets with running clocks are told, all others keep theirs.
    """
    from csdesk.services import serving

    told = toml_of(file)
    with desk_of(user, db) as store:
        typer.echo(store.write_now(serving.load, told))


def toml_of(file: Path) -> dict[str, Any]:
    """What a TOML file says. Raises Invalid when it cannot be read, naming the line."""
    import tomllib

    from csdesk.errors import Invalid

    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror or error}.", field="file") from None
    except UnicodeDecodeError:
        raise Invalid(f"{file} is not UTF-8 text.", field="file") from None
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{file} is no TOML: {error}.", field="file") from None


@service_app.command("show")
def show(
    part: Annotated[str, typer.Argument(help="calendar, policy, queue, category or cause; else all.")] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """Show how the desk serves now, as a file that 'csdesk service load' takes."""
    from csdesk.errors import Invalid
    from csdesk.services import serving

    with desk_of(user, db) as store:
        shown = store.read_now(serving.shown)
    if part and part not in shown.words:
        raise Invalid(f"There is no '{part}' to show; there are {', '.join(shown.words)}.", field="part")
    for name, codes in shown.words.items():
        if part in ("", name):
            for code, words in codes.items():
                version = shown.versions.get((name, code))
                typer.echo("\n".join(_table(name, code, words, version)) + "\n")


def _table(part: str, code: str, words: Mapping[str, Any], version: int | None) -> list[str]:
    """A table of TOML; its version stands in a remark, since a file gives none."""
    lines = [f"[{part}.{code}]" + (f"  # version {version}" if version is not None else "")]
    for key, value in words.items():
        if key == "targets":
            lines += [f"targets.{kind} = {_toml(each)}" for kind, each in value.items()]
        else:
            lines.append(f"{key} = {_toml(value)}")
    return lines


def _toml(value: Any) -> str:
    import json

    if isinstance(value, Mapping):
        return "{ " + ", ".join(f'"{key}" = {_toml(each)}' for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@service_app.command("calendar")
def calendar(
    code: Code,
    zone: Annotated[str | None, typer.Option(help="Time zone, e.g. Europe/Berlin.", show_default=False)] = None,
    day: Annotated[
        Several, typer.Option(help="mon=08:00-12:00 13:00-17:00, or sun=closed.", show_default=False)
    ] = None,
    hours: Annotated[Several, typer.Option(help="2026-12-31=08:00-12:00; with nothing behind = as usual.")] = None,
    holiday: Annotated[Several, typer.Option(help="A date the desk is closed.", show_default=False)] = None,
    no_holiday: Annotated[Several, typer.Option("--no-holiday", help="A date that is none any more.")] = None,
    country: Annotated[str | None, typer.Option(help="Whose public holidays, e.g. CA; '' for none.")] = None,
    subdivision: Annotated[str | None, typer.Option(help="And of which part, e.g. NB.", show_default=False)] = None,
    db: Db = None,
    user: User = None,
) -> None:
    """Change the opening hours of a calendar, or make one; what is left out stays."""
    changes: dict[str, Any] = {"zone": zone, "country": country, "subdivision": subdivision}
    changes = {key: value for key, value in changes.items() if value is not None} | _pairs(day or ())
    changes |= {"hours": _pairs(hours)} if hours else {}
    changes |= {"holidays": holiday} if holiday else {}
    changes |= {"holidays-": no_holiday} if no_holiday else {}
    _edit("calendar", code, changes, db, user)


@service_app.command("policy")
def policy(
    code: Code,
    calendar: Annotated[str | None, typer.Option(help="The calendar it counts in.", show_default=False)] = None,
    target: Annotated[
        Several, typer.Option(help="resolution.1=4h or 2d (working days); nothing behind = takes it away.")
    ] = None,
    db: Db = None,
    user: User = None,
) -> None:
    """Change the targets of a policy, or make one; what is left out stays."""
    changes: dict[str, Any] = {} if calendar is None else {"calendar": calendar}
    targets: dict[str, dict[str, str]] = {}
    for key, text in _pairs(target or ()).items():
        kind, _, priority = key.partition(".")
        targets.setdefault(kind, {})[priority] = text
    _edit("policy", code, changes | ({"targets": targets} if targets else {}), db, user)


@service_app.command("queue")
def queue(
    code: Code,
    name: Annotated[str | None, typer.Option(help="What it is called.", show_default=False)] = None,
    policy: Annotated[str | None, typer.Option(help="The policy of its new tickets.", show_default=False)] = None,
    team: Annotated[str | None, typer.Option(help="The team that works it.", show_default=False)] = None,
    add: Annotated[Several, typer.Option(help="A login that works it.", show_default=False)] = None,
    drop: Annotated[Several, typer.Option(help="A login that does not any more.", show_default=False)] = None,
    reopen_days: Annotated[int | None, typer.Option(help="So long a reply reopens what was resolved.")] = None,
    db: Db = None,
    user: User = None,
) -> None:
    """Change a queue and who works it, or make one; what is left out stays."""
    changes: dict[str, Any] = {"name": name, "policy": policy, "team": team, "staff": add, "staff-": drop,
                               "reopen_days": reopen_days}  # fmt: skip
    _edit("queue", code, {key: value for key, value in changes.items() if value is not None}, db, user)


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    """ "key=text" as typed. Raises Invalid."""
    from csdesk.errors import Invalid

    found = {}
    for each in texts:
        key, equals, text = each.partition("=")
        if not equals or not key.strip():
            raise Invalid(f"'{each}' lacks what it sets: mon=08:00-17:00 or the like.")
        found[key.strip()] = text.strip()
    return found


def _edit(part: str, code: str, changes: Mapping[str, Any], db: str | None, user: str | None) -> None:
    from csdesk.errors import Invalid
    from csdesk.services import serving

    if not changes:
        raise Invalid(f"Say what is to change of the {part}; --help lists it.")
    with desk_of(user, db) as store:
        typer.echo(store.write_now(serving.edit, part, code, changes))
