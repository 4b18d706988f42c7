"""Commands that open and close ways in from outside: keys, passwords, second factors, authorities of certificates."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from csdesk.commands.acting import people_desk
from csdesk.commands.common import Db, User
from csdesk.commands.staff import Login, staff_app

if TYPE_CHECKING:
    from csdesk.services.access_keys import KeyView
    from csdesk.store import Store

KeyFile = Annotated[str, typer.Argument(metavar="FILE", help="The .pub file, - for standard input.")]
Fingerprint = Annotated[str, typer.Argument(help="SHA256:…, or its beginning.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds the commands of this family to 'csdesk staff'."""
    for command in (add_key, keys, remove_key, passwd, no_passwd, totp, no_totp, trust_ca, distrust_ca, authorities):
        staff_app.command(command.__name__.replace("_", "-"))(command)


def add_key(login: Login, file: KeyFile, db: Db = None, user: User = None) -> None:
    """Let a login in by a public key."""
    from csdesk.server import public_keys
    from csdesk.services import access_keys

    key = public_keys.read(file)
    with people_desk(db, user) as store:
        typer.echo(store.write_now(access_keys.add_key, login, key.public, key.comment))


def keys(login: Login, db: Db = None, user: User = None) -> None:
    """The keys a login may come in by."""
    from csdesk.services import access_keys

    with people_desk(db, user) as store:
        found = store.read_now(access_keys.keys, login)
    typer.echo("\n".join(map(_line, found)) or f"{login} comes in by no key.")


def remove_key(login: Login, fingerprint: Fingerprint, db: Db = None, user: User = None) -> None:
    """Take a key from a login."""
    from csdesk.services import access_keys

    with people_desk(db, user) as store:
        typer.echo(store.write_now(access_keys.remove_key, login, fingerprint))


def passwd(
    login: Login,
    stdin: Annotated[
        bool,
        typer.Option("--stdin", help="Read it from standard input: old and new line by line, or the one-time one."),
    ] = False,
    hours: Annotated[int, typer.Option("--hours", help="How long a one-time password is good.")] = 24,
    db: Db = None,
    user: User = None,
) -> None:
    """Give a login a one-time password, shown once; or, as --user LOGIN itself, change it by the old one."""
    from csdesk.errors import Invalid
    from csdesk.rules.passwords import weakness
    from csdesk.server import passwords
    from csdesk.services import access_secrets

    with people_desk(db, user) as store:
        if store.actor.id and store.actor.login == login:
            typer.echo(_own(store, login, stdin))
            return
        once = _read_line() if stdin else passwords.one_time()
        if words := weakness(once, login):
            raise Invalid(words, field="password")
        typer.echo(store.write_now(access_secrets.set_password, login, passwords.hashed(once), hours))
        if not stdin:
            typer.echo(f"It is shown this once: {once}")


def no_passwd(login: Login, db: Db = None, user: User = None) -> None:
    """Take the password from a login; its keys stay."""
    from csdesk.services import access_secrets

    with people_desk(db, user) as store:
        typer.echo(store.write_now(access_secrets.clear_password, login))


def totp(login: Login, db: Db = None, user: User = None) -> None:
    """Want a code beside the password; the secret for the person's authenticator app is shown once."""
    from csdesk.server import passwords
    from csdesk.services import access_secrets

    secret = passwords.new_totp()
    with people_desk(db, user) as store:
        typer.echo(store.write_now(access_secrets.set_totp, login, secret))
    typer.echo(f"It is shown this once: {secret}")
    typer.echo(passwords.totp_uri(secret, login, "csdesk"))


def no_totp(login: Login, db: Db = None, user: User = None) -> None:
    """Want no code beside the password any more."""
    from csdesk.services import access_secrets

    with people_desk(db, user) as store:
        typer.echo(store.write_now(access_secrets.clear_totp, login))


def trust_ca(file: KeyFile, db: Db = None, user: User = None) -> None:
    """Believe the certificates an authority signs: each lets in as the login it names."""
    from csdesk.server import public_keys
    from csdesk.services import access_keys

    key = public_keys.read(file)
    with people_desk(db, user) as store:
        typer.echo(store.write_now(access_keys.trust, key.public, key.comment))


def distrust_ca(fingerprint: Fingerprint, db: Db = None, user: User = None) -> None:
    """Believe an authority no more."""
    from csdesk.services import access_keys

    with people_desk(db, user) as store:
        typer.echo(store.write_now(access_keys.distrust, fingerprint))


def authorities(db: Db = None, user: User = None) -> None:
    """The authorities whose certificates let in."""
    from csdesk.services import access_keys

    with people_desk(db, user) as store:
        found = store.read_now(access_keys.authorities)
    typer.echo("\n".join(map(_line, found)) or "No authority is trusted: certificates let in nobody.")


def _line(key: KeyView) -> str:
    return f"{key.fingerprint}  {key.kind}  since {key.added_at:%Y-%m-%d} by {key.added_by}  {key.comment}".rstrip()


def _own(store: Store, login: str, stdin: bool) -> str:
    from csdesk.errors import Invalid
    from csdesk.server import passwords

    old, new, again = (_read_line(), _read_line(), None) if stdin else _ask()
    if again is not None and again != new:
        raise Invalid("The two are not the same; nothing was changed.", field="password")
    return asyncio.run(passwords.change(store, login, old, new))


def _ask() -> tuple[str, str, str]:
    """The old password and twice the new one, typed unseen."""
    from getpass import getpass

    from csdesk.errors import Invalid

    if not sys.stdin.isatty():
        raise Invalid("There is no terminal to ask at; use --stdin.", field="stdin")
    return getpass("Old password: "), getpass("New password: "), getpass("New password again: ")


def _read_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")
