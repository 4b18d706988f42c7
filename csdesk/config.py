"""Settings: file < environment < flags. Frozen once made."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from csdesk.errors import Invalid


@dataclass(frozen=True)
class Settings:
    """What a desk runs with. Each field can be set in the file, as CSDESK_<NAME>, or by a flag of the same name.

    db: database URL or a path of a SQLite file; read_db: a standby of the Postgres that db names, which reports and
    exports are read from, empty = none; user: login at the desk; company: company number; theme: dark, light
    or mono; a11y: linear layout for screen readers; keys: remapped bindings (id -> key), file only.

    smtp_host: the mail server papers leave by, empty = no mail; smtp_port: 587 as a rule; smtp_user and smtp_password:
    to sign in there, empty = without; smtp_from: who papers come from, empty = the company's e-mail; smtp_starttls:
    insist on encryption, only a server on this machine goes without; outbox_folder: where papers go that have no mail
    address, or all of them without a mail server.

    What 'csdesk serve' goes by: serve_host, empty = all addresses of this machine; serve_port; serve_name, by which its
    sessions are known, empty = the machine's name; serve_folder: host keys, empty = in the data folder; serve_most:
    sessions at once; serve_per_login: of one login; serve_idle: minutes without a key after which a desk is parked, 0 =
    never; serve_grace: seconds to log in, and then to ask for a desk; serve_half_open: connections that have not logged
    in; serve_per_address: of these from one address, of IPv6 from its first 64 bits; serve_drain: seconds between the
    notice and the end; serve_reserve: megabytes of memory that stay free; serve_metrics: port on this machine alone for
    figures, 0 = none.
    """

    db: str = ""
    read_db: str = ""
    user: str = ""
    company: int = 1
    theme: str = "dark"
    a11y: bool = False
    mono: bool = False
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_from: str = ""
    smtp_starttls: bool = True
    outbox_folder: str = ""
    serve_host: str = ""
    serve_port: int = 2022
    serve_name: str = ""
    serve_folder: str = ""
    serve_most: int = 200
    serve_per_login: int = 1
    serve_idle: int = 60
    serve_grace: int = 120
    serve_half_open: int = 100
    serve_per_address: int = 20
    serve_drain: int = 30
    serve_reserve: int = 128
    serve_metrics: int = 0
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def url(self) -> str:
        """The database as a SQLAlchemy URL."""
        return database_url(self.db)

    @property
    def read_url(self) -> str:
        """The standby as a SQLAlchemy URL, empty for none."""
        return database_url(self.read_db) if self.read_db else ""


def data_dir() -> Path:
    """The user's data folder of csdesk."""
    import platformdirs

    return Path(platformdirs.user_data_dir("csdesk", appauthor=False))


def config_file() -> Path:
    """The settings file: CSDESK_CONFIG or config.toml in the user's config folder."""
    import platformdirs

    named = os.environ.get("CSDESK_CONFIG")
    return Path(named) if named else Path(platformdirs.user_config_dir("csdesk", appauthor=False)) / "config.toml"


def database_url(db: str) -> str:
    """A SQLAlchemy URL from a URL, a path, or nothing (a SQLite file in the user's data folder).

    Raises Invalid for several servers that are not named host:port,host:port.
    """
    if not db:
        return f"sqlite:///{data_dir() / 'csdesk.db'}"
    if "://" not in db:
        return f"sqlite:///{Path(db).expanduser().absolute()}"
    scheme, _, rest = db.partition("://")
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return f"postgresql+psycopg://{_hosts_apart(rest)}"
    return db


def _hosts_apart(rest: str) -> str:
    """Several servers, named as Postgres' own programs want it (user@a:5432,b:5432/desk), as SQLAlchemy reads them."""
    place, _, path = rest.partition("/")
    who, at, servers = place.rpartition("@")
    if "," not in servers:
        return rest
    apart = [re.fullmatch(r"(\[.*\]|[^:]*):?(\d*)", each) for each in servers.split(",")]
    if None in apart:
        raise Invalid(f"The database's address names its servers as '{servers}'; write host:port,host:port.")
    hosts, ports = zip(*((each[1].strip("[]"), each[2] or "5432") for each in apart if each), strict=True)
    base, _, query = path.partition("?")
    several = f"host={','.join(hosts)}&port={','.join(ports)}"
    return f"{who}{at}/{base}?{several}{'&' if query else ''}{query}"


def load(**flags: Any) -> Settings:
    """Settings from file, environment and flags (None = not given). Raises Invalid for an unknown or wrong entry."""
    path = config_file()
    settings = _overlay(Settings(), _read(path), str(path))
    environment = {
        each.name: os.environ[f"CSDESK_{each.name.upper()}"]
        for each in fields(Settings)
        if f"CSDESK_{each.name.upper()}" in os.environ and each.name != "keys"
    }
    settings = _overlay(settings, environment, "the environment")
    if os.environ.get("NO_COLOR"):
        settings = replace(settings, mono=True)
    return _overlay(settings, {name: value for name, value in flags.items() if value is not None}, "the flags")


def load_file(path: Path, **flags: Any) -> Settings:
    """Settings of one file and of flags alone. Raises Invalid as `load`."""
    given = {name: value for name, value in flags.items() if value is not None}
    return _overlay(_overlay(Settings(), _read(path), str(path)), given, "the flags")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"The settings file {path} cannot be read: {error}.") from None


def _overlay(settings: Settings, entries: dict[str, Any], where: str) -> Settings:
    known = {each.name: getattr(settings, each.name) for each in fields(Settings)}
    taken: dict[str, Any] = {}
    for name, value in entries.items():
        if name not in known:
            raise Invalid(f"'{name}' in {where} is no setting; known are {', '.join(sorted(known))}.")
        taken[name] = _coerce(name, known[name], value, where)
    return replace(settings, **taken)


def _coerce(name: str, default: Any, value: Any, where: str) -> Any:
    if name == "keys":
        return tuple(sorted((str(key), str(bound)) for key, bound in dict(value).items()))
    if isinstance(default, bool):
        return value if isinstance(value, bool) else str(value).lower() in {"1", "true", "yes", "on"}
    if isinstance(default, int):
        try:
            return int(value)
        except ValueError:
            raise Invalid(f"'{name}' in {where} must be a whole number, not {value!r}.") from None
    return str(value)
