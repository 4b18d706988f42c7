"""The first administrator: a way in for a company nobody can administer from outside. No password is a default."""

from __future__ import annotations

from pathlib import Path

from csdesk.server import passwords
from csdesk.services import access_secrets
from csdesk.store import Store

FILE = "first-login"  # in a server's folder, where there is no terminal to tell it on


def used(folder: Path, login: str, method: str) -> None:
    """Somebody came in. Once it is the first administrator, by a password of his own, the file has nothing to say."""
    if login == access_secrets.FIRST and method.startswith("password"):
        (folder / FILE).unlink(missing_ok=True)


def first_way_in(store: Store) -> str:
    """When no administrator can come in, gives the login 'admin' a one-time password and the sentence that holds it.

    The sentence is for the server's console alone, never for a log; '' when somebody can come in. `store` acts as the
    system. Raises Refused when the login 'admin' is disabled or no administrator's.
    """
    if store.read_now(access_secrets.way_in):
        return ""
    password = passwords.one_time()
    login = store.write_now(access_secrets.open_first, passwords.hashed(password))
    if not login:
        return ""
    return (
        f"No administrator can come in yet. For an hour the login '{login}' takes the password {password} once, and "
        "wants one of your own at the first login."
    )
