"""What commands share: settings from flags and an open store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from csdesk.opening import open_store as open_store

if TYPE_CHECKING:
    from csdesk.config import Settings

Db = Annotated[str | None, typer.Option("--db", help="Database URL or SQLite file (CSDESK_DB).", show_default=False)]
User = Annotated[str | None, typer.Option("--user", help="Login at the desk (CSDESK_USER).", show_default=False)]


def settings_from(**flags: object) -> Settings:
    """Settings of file, environment and the flags that were given."""
    from csdesk.config import load

    return load(**flags)
