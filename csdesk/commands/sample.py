"""The command that builds the sample desk."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

FILE = Path("csdesk.db.sample")


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    sample = typer.Typer(no_args_is_help=True, help="The sample desk that 'csdesk demo' plays on.")
    sample.callback()(_family)
    sample.command()(build)
    app.add_typer(sample, name="sample")


def _family() -> None:
    """The sample desk that 'csdesk demo' plays on."""


def build(
    out: Annotated[Path, typer.Option("--out", help="The file to write; one that is there is replaced.")] = FILE,
    seed: Annotated[int | None, typer.Option("--seed", help="Another throw of the dice.", show_default=False)] = None,
    today: Annotated[
        datetime | None,
        typer.Option("--today", formats=["%Y-%m-%d"], help="The day the sample stands at.", show_default=False),
    ] = None,
) -> None:
    """Build the sample desk anew: the same seed and day always give the same rows. Its checks must all hold."""
    from csdesk.sample import build as making

    made = making.build(out, today.date() if today else making.TODAY, making.SEED if seed is None else seed)
    for name, count in made.counts.items():
        typer.echo(f"{count:>7,}  {name}")
    typer.echo(f"written: {made.file} ({made.size:,} bytes), standing at {made.today:%A %d %B %Y}; every check holds")
