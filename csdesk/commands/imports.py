"""Commands that take files in, put lists out and show figures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from csdesk.commands.common import Db, open_store, settings_from

if TYPE_CHECKING:
    from csdesk.importing.driver import Controls, Watch
    from csdesk.services.loading_types import FileResult
    from csdesk.store import Store

Files = Annotated[list[Path] | None, typer.Argument(help="Files and folders to take in.", show_default=False)]
Map = Annotated[str, typer.Option("--map", help="A shipped mapping's name, or a TOML file.", show_default=False)]
Company = Annotated[int | None, typer.Option("--company", help="Company number (CSDESK_COMPANY).", show_default=False)]
As = Annotated[str, typer.Option("--as", help="csv, json or xlsx.")]
Out = Annotated[Path | None, typer.Option("--out", help="File to write; else standard output.", show_default=False)]
AsOf = Annotated[str, typer.Option("--as-of", help="Key date, YYYY-MM-DD; else the day the books stand at.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("import")(take_in)
    app.command("export")(put_out)
    app.command("report")(show)


def take_in(
    files: Files = None,
    map_: Map = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, do nothing.")] = False,
    control: Annotated[
        list[str] | None, typer.Option("--control", help="PART.COLUMN=TOTAL that must come out, or PART.rows=N.")
    ] = None,
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="List the rows that wait in the quarantine.")
    ] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try the rows in the quarantine again.")] = False,
    company: Company = None,
    db: Db = None,
) -> None:
    """Take in CSV and XLSX files by a mapping. Every row is imported, merged, or quarantined with a reason.

    Exit codes: 0 done (rows may wait in the quarantine), 1 refused, 2 wrong use, 3 database unavailable.
    """
    if sum((bool(files), quarantine, retry)) != 1:
        typer.echo("Name files, or one of --quarantine and --retry.", err=True)
        raise typer.Exit(2)
    if files and not map_:
        typer.echo("Say with --map how these files are to be read.", err=True)
        raise typer.Exit(2)
    with _opened(db, company) as store:
        if quarantine:
            _list_quarantine(store, map_)
        elif retry:
            _retry(store, map_)
        else:
            _import(store, files or [], map_, dry_run, _controls(control or []))


def put_out(
    what: Annotated[str, typer.Argument(help="A list, a report or the audit journal.")] = "",
    as_: As = "csv",
    out: Out = None,
    as_of: AsOf = "",
    company: Company = None,
    db: Db = None,
) -> None:
    """Write a list, a report or the audit journal as CSV, JSON or XLSX. Without a name it says what there is."""
    from csdesk.importing import exporting
    from csdesk.services import reports, reports_lists

    if not what:
        typer.echo("Lists: " + ", ".join(reports_lists.LISTS))
        typer.echo("Reports: " + ", ".join(f"report-{name}" for name, _ in reports.available()))
        return
    with _opened(db, company) as store:
        columns, rows = exporting.exported(store, what, _day(as_of), _say_aside)
        count = exporting.write(columns, rows, as_, out)
    if out is not None:
        typer.echo(f"{out}: {count} rows")


def show(
    name: Annotated[str, typer.Argument(help="The report; without one they are listed.")] = "",
    as_of: AsOf = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    company: Company = None,
    db: Db = None,
) -> None:
    """Show a report, computed from the desk's own records."""
    from csdesk.services import reports

    if not name:
        for each, definition in reports.available():
            typer.echo(f"{each:20} {definition}")
        return
    with _opened(db, company) as store:
        made = store.read_now(reports.run, name, _day(as_of))
    typer.echo(_as_json(made) if as_json else "\n".join(_as_text(made)))


@contextmanager
def _opened(db: str | None, company: int | None) -> Iterator[Store]:
    store = open_store(settings_from(db=db, company=company))
    try:
        yield store
    finally:
        store.close()


def _day(text: str) -> Any:
    from datetime import date

    from csdesk.errors import Invalid

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(f"{text!r} is no day; write it as 2016-05-31.", field="as-of") from None


def _controls(texts: Sequence[str]) -> Controls:
    from csdesk.errors import Invalid
    from csdesk.money import decimal_of

    made = {}
    for text in texts:
        place, _, total = text.rpartition("=")
        part, _, column = place.partition(".")
        if not (part and column and total):
            raise Invalid(f"{text!r} is no control total; write PART.COLUMN=TOTAL.", field="control")
        made[part, column] = decimal_of(total)
    return made


def _import(store: Store, files: Sequence[Path], map_: str, dry_run: bool, controls: Controls) -> None:
    from csdesk.importing import driver, mapping

    todo = driver.plan(mapping.find(map_), files, controls)
    for stranger in todo.strangers:
        typer.echo(f"{stranger.name}: left alone, no part of the mapping takes it")
    with _watching() as watch:
        results = (driver.rehearse if dry_run else driver.run)(store, todo, watch)
    _sum_up(results, "would be" if dry_run else "were")


def _retry(store: Store, map_: str) -> None:
    from csdesk.importing import driver

    with _watching() as watch:
        results = driver.retry(store, map_, watch)
    if not results:
        typer.echo("Nothing waits in the quarantine.")
        return
    _sum_up(results, "were")


def _list_quarantine(store: Store, map_: str) -> None:
    from csdesk.importing import mapping
    from csdesk.services import loading_quarantine

    source = mapping.find(map_).spec.name if map_ else ""
    after, count = 0, 0
    while page := store.read_now(loading_quarantine.listed, source, after):
        for row in page:
            typer.echo(f"{row.source}  {row.file}  row {row.row}  {row.entity}  [{row.code}] {row.reason}")
            typer.echo(f"    {row.data}")
        after, count = page[-1].id, count + len(page)
    typer.echo(f"{count} rows wait in the quarantine.")


@contextmanager
def _watching() -> Iterator[Watch]:
    """A progress bar on a terminal, none when the output is piped; a line for every file that is done."""
    from csdesk.importing.driver import Watch

    if not (sys.stderr.isatty() and sys.stdout.isatty()):
        yield Watch(done=lambda result: _done(result, typer.echo))
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield Watch(
            begins=lambda name, total: bar.reset(task, description=name, total=total or None, completed=0),
            rows=lambda rows: bar.update(task, completed=rows),
            done=lambda result: _done(result, lambda text: bar.console.print(text, markup=False, highlight=False)),
        )


def _done(result: FileResult, say: Callable[[str], Any]) -> None:
    """rows = imported + merged + quarantined, as it is stored with the run."""
    more = f" ({result.updated} of them changed what was there)" if result.updated else ""
    text = f"{result.file}: {result.rows} rows = {result.imported} imported{more} + {result.merged} merged"
    text += f" + {result.quarantined} quarantined"
    if result.left_out:
        text += f"; {result.left_out} blank or total lines left out"
    say(text)
    if result.quarantined:
        reasons = ", ".join(f"{code} {count}" for code, count in result.reasons)
        say(f"    quarantined for: {reasons}; first {result.example}")
    sys.stdout.flush()


def _sum_up(results: Sequence[FileResult], did: str) -> None:
    sums = [sum(getattr(result, name) for result in results) for name in ("rows", "imported", "merged", "quarantined")]
    typer.echo(f"{sums[0]} rows = {sums[1]} imported + {sums[2]} merged + {sums[3]} quarantined {did} taken in all.")
    if sums[3]:
        typer.echo("'csdesk import --quarantine' lists what waits, '--retry' tries it again.")


def _say_aside(words: str) -> None:
    if words:
        typer.echo(f"read {words}", err=True)  # what is written out stays as it is


def _as_json(made: Any) -> str:
    import json

    from csdesk.importing.exporting import plain

    records = [dict(zip(made.columns, map(plain, row), strict=True)) for row in made.rows]
    whole = {"report": made.name, "definition": made.definition, "as_of": made.as_of.isoformat()}
    whole |= {"stands": made.stands} if made.stands else {}
    whole |= {"currency": made.currency, "rows": records, "total": [plain(cell) for cell in made.total]}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _as_text(made: Any) -> list[str]:
    """A table in plain text: numbers to the right, texts to the left, safe for a terminal."""
    from decimal import Decimal

    from csdesk.importing.exporting import plain
    from csdesk.rules.text import printable

    rows = [*made.rows, *([made.total] if made.total else [])]
    texts = [[printable("" if cell is None else str(plain(cell))) for cell in row] for row in rows]
    right = [any(isinstance(row[n], int | Decimal) for row in rows if n < len(row)) for n in range(len(made.columns))]
    widths = [
        max(len(t) for t in (name, *(row[n] for row in texts if n < len(row)))) for n, name in enumerate(made.columns)
    ]
    head = f"{made.name} as of {made.as_of}, {made.currency}"
    lines = [f"{head}; read {made.stands}" if made.stands else head, made.definition, ""]
    for row in [list(made.columns), *texts]:
        cells = (t.rjust(w) if r else t.ljust(w) for t, w, r in zip(row, widths, right, strict=False))
        lines.append("  ".join(cells).rstrip())
    if made.total:
        lines.insert(len(lines) - 1, "-" * min(100, sum(widths) + 2 * len(widths) - 2))
    return lines if made.rows else [*lines, "(none)"]
