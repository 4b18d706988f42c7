"""What commands share: settings from flags and an open store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from csdesk.config import Settings
    from csdesk.store import Store

Db = Annotated[str | None, typer.Option("--db", help="Database URL or SQLite file (CSDESK_DB).", show_default=False)]
User = Annotated[str | None, typer.Option("--user", help="Login at the desk (CSDESK_USER).", show_default=False)]


def settings_from(**flags: object) -> Settings:
    """Settings of file, environment and the flags that were given."""
    from csdesk.config import load

    return load(**flags)


def open_store(settings: Settings) -> Store:
    """The store of the settings, acting as the system; refuses a missing, older or newer schema in one sentence."""
    from csdesk.migrations.schema import require_current
    from csdesk.store import Store

    store = Store(settings.url, company=settings.company)
    require_current(store)
    return store
