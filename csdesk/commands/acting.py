"""Whose desk a command works at: of a named person where there must be a maker, else of the system too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from csdesk.commands.common import open_store, settings_from

if TYPE_CHECKING:
    from csdesk.store import Store


@contextmanager
def desk_of(user: str | None, db: str | None) -> Iterator[Store]:
    """The store in the hands of --user, CSDESK_USER or whoever is logged in here; closed afterwards."""
    import getpass

    from csdesk.services import staff

    settings = settings_from(db=db, user=user)
    store = open_store(settings)
    try:
        yield store.acting(store.read_now(staff.sign_in, settings.user or getpass.getuser()))
    finally:
        store.close()


@contextmanager
def people_desk(db: str | None, user: str | None = None, *, person: bool = False) -> Iterator[Store]:
    """The store in the hands of the login that --user or CSDESK_USER names, else of the system; with `person` a login
    is wanted."""
    from csdesk.errors import Invalid
    from csdesk.services import staff

    settings = settings_from(db=db, user=user)
    store = open_store(settings)
    try:
        if person and not settings.user:
            raise Invalid("Say who you are: --user LOGIN, or CSDESK_USER.", field="user")
        yield store.acting(store.read_now(staff.sign_in, settings.user)) if settings.user else store
    finally:
        store.close()


def typed_date(text: str, field: str) -> date:
    """A day as typed, 2026-11-30. Raises Invalid."""
    from csdesk.errors import Invalid

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"'{text}' is no day; type it as 2026-11-30.", field=field) from None
