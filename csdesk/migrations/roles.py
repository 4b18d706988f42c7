"""Roles on Postgres: the owner of the tables, the desk's, which cannot switch off what keeps posted rows, the readers'.

Beside the services, called by commands and tests. Privileges are data: `DELETED`, `SECRET`, `UNREAD`, `GIVEN` and
`INSERT_ONLY` of the models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from csdesk.engine import PG_SETTINGS
from csdesk.errors import Invalid, NotFound, Refused
from csdesk.migrations.schema import MARK
from csdesk.models import INSERT_ONLY, metadata
from csdesk.services import audit
from csdesk.services.tx import Tx, reads, writes

# Tables the desk deletes from; elsewhere a row stays, and its state says that it is over.
DELETED = ("accepted_conflict", "approval_tier", "article_search", "canned_reply", "contact_phone",
           "corrective_action", "customer_reason", "delivery_event", "duty_conflict", "half_typed", "handover",
           "handover_line", "import_note", "price", "product_group", "reservation", "service_setting", "shift",
           "staff_queue", "staff_role", "ticket_lease", "ticket_line", "ticket_referral",
           "ticket_reply")  # fmt: skip
# What lets people in: hashes, codes, keys, and where they sit.
SECRET = ("desk_session", "login_authority", "staff_key", "staff_secret")
# No figure needs these: what somebody types at this moment, papers on their way, answers kept for a retry.
UNREAD = (
    *SECRET,
    "call",
    "command",
    "draft",
    "half_typed",
    "outbox",
    "request",
    "ringing",
    "ticket_lease",
    "ticket_reply",
)
# What somebody else gives to who works at a desk: rights, limits, prices, hours. Commands change it, never the desk.
GIVEN = ("accepted_conflict", "alternative", "approval_tier", "break_glass", "company", "deal", "delegation",
         "desk_session", "duty_conflict", "dunning_level", "pack_unit", "period", "person", "price", "price_list",
         "product", "product_group", "reason", "role", "role_duty", "service_calendar", "service_policy",
         "service_queue", "service_setting", "staff", "staff_queue", "staff_role", "tax_code", "terms",
         "ticket_category", "warehouse")  # fmt: skip
# Postgres lets only those lock a row who may change something of it: what does least harm. Who has a role
# cannot be given another id, the foreign keys see to that.
LOCKED = {"staff": "id", "period": "changed_at"}
# A report may take longer than a key; a reader of this database writes nothing, whatever else it is given.
READER_SETTINGS = {**PG_SETTINGS, "statement_timeout": "300000", "default_transaction_read_only": "on"}
_OWNED = text(
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
    "AND c.relkind = 'r' AND pg_has_role(current_user, c.relowner, 'MEMBER') ORDER BY c.relname"
)
_ROLE = text(
    "SELECT rolsuper, rolcanlogin, rolcreaterole OR rolreplication AS mighty, "
    "pg_has_role(rolname, c.relowner, 'MEMBER') AS owns FROM pg_roles, pg_class c "
    "WHERE rolname = :role AND c.oid = 'document'::regclass"
)
_HERE = text(
    "SELECT current_user AS login, current_database() AS base, current_schema() AS schema, "
    "pg_get_userbyid(c.relowner) AS owner, pg_has_role(current_user, c.relowner, 'MEMBER') AS owns "
    "FROM pg_class c WHERE c.oid = 'document'::regclass"
)
# A right may also be everybody's, or given by another one than the owner; of a whole table or of a column.
_TOO_MUCH = text(
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' "
    "AND c.relname = ANY(:names) AND has_table_privilege(:role, c.oid, :act) ORDER BY c.relname LIMIT 1"
)
_TOO_WIDE = text(
    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
    "WHERE NOT a.attisdropped AND c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' "
    "AND c.relname = ANY(:names) AND c.relname || '.' || a.attname <> ALL(:columns) "
    "AND has_column_privilege(:role, c.oid, a.attnum, :act) ORDER BY c.relname LIMIT 1"
)
_ACTS = {**dict.fromkeys(("SELECT", "INSERT", "UPDATE", "REFERENCES"), _TOO_WIDE),
         **dict.fromkeys(("DELETE", "TRUNCATE", "TRIGGER"), _TOO_MUCH)}  # fmt: skip
# What another role may do can be had by SET ROLE, programs and files of the server's machine among it.
_BELONGS = text(
    "SELECT g.rolname FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member "
    "WHERE r.rolname = :role AND g.rolname <> :group ORDER BY g.rolname LIMIT 1"
)
_MAKES = text(
    "SELECT has_schema_privilege(:role, current_schema(), 'CREATE') OR "
    "has_database_privilege(:role, current_database(), 'CREATE') OR "
    "has_database_privilege(:role, current_database(), 'TEMP')"
)


@writes("db.care")
def grant(tx: Tx, role: str) -> tuple[str, ...]:
    """Gives a role that is there what `provide` gives the desk's, time limits too, and takes what it had beside that;
    gives a line of words, and one for each thing that the administrator has still to do.

    Run it as the owner of the tables, again after each upgrade. Raises Refused on SQLite, for the owner itself and a
    superuser, and for a role that has more by another way; NotFound for a role the server does not know.
    """
    _needs_postgres(tx)
    base, schema, _ = _owned_here(tx)
    if not _known(tx, role):
        raise NotFound(f"The server has no role '{role}'; make it first: CREATE ROLE {role} LOGIN.")
    _give(tx, role, _of_app())
    lines = [f"Role '{role}' may work at this desk; what is posted it can neither change nor unlock."]
    lines += [*_limit(tx, role, PG_SETTINGS), *_close(tx, base, schema, [role])]
    audit.record(tx, "roles.grant", "role", 0, None, {"role": role})
    return tuple(lines)


@writes("db.care")
def provide(tx: Tx, app: str = "", reader: str = "", people: str = "", persons: Sequence[str] = ()) -> tuple[str, ...]:
    """Makes the roles that are missing, gives each its rights and time limits and takes the rest; a line for each.

    `app`: the desk's login; `reader`: that of reports; `people`: a group, no login, for `persons`, who log in to
    Postgres each as themselves. Run it as the owner, again after each upgrade. What this login may not do itself is a
    line with the statement for the administrator. Raises Refused and NotFound as `grant`, Invalid for persons without a
    group or a role named twice.
    """
    _needs_postgres(tx)
    named = [name for name in (app, reader, people, *persons) if name]
    if persons and not people:
        raise Invalid("Name the group the persons belong to with --people.", field="people")
    if not named or len(set(named)) < len(named):
        raise Invalid("Name the roles with --app, --reader and --people, each another one.", field="app")
    base, schema, owner = _owned_here(tx)
    lines = [f"owner   {owner}: upgrades, backups, rights; no desk logs in by it"]
    for role, rights, limits, words in (
        (app, _of_app(), PG_SETTINGS, "app     {}: works at the desk, cannot change what is posted"),
        (reader, _of_reader(), READER_SETTINGS, "reader  {}: reads what figures need, no secrets"),
        (people, _of_people(), {}, "people  {}: as the desk, but rights, limits and prices are read only"),
    ):
        if role:
            _make(tx, role, login=role != people)
            _give(tx, role, rights)
            lines += [words.format(role), *_limit(tx, role, limits)]
    for person in persons:
        _make(tx, person, login=True)
        _run(tx, [*_none(tx, person), f"GRANT {_quoted(tx, people)} TO {_quoted(tx, person)}"])
        _no_more(tx, person, _of_people(), people)
        lines += [f"person  {person}: logs in to Postgres as itself, of the group {people}"]
        lines += _limit(tx, person, PG_SETTINGS)
    lines += _close(tx, base, schema, named)
    audit.record(tx, "roles.provide", "role", 0, None, {"app": app, "reader": reader, "people": people,
                                                        "persons": ", ".join(persons)})  # fmt: skip
    return tuple(lines)


@reads("db.care")
def owned(tx: Tx) -> tuple[str, ...]:
    """The tables of posted rows whose triggers this login could switch off, since it owns them (Postgres only)."""
    if not tx.postgres:
        return ()
    return tuple(row.relname for row in tx.rows(_OWNED) if row.relname in INSERT_ONLY)


# ------------------------------------------------------------------ which rights


def _of_app() -> dict[str, str]:
    return {
        name: "SELECT, INSERT"
        + (", UPDATE" if name not in INSERT_ONLY else "")
        + (", DELETE" if name in DELETED else "")
        for name in metadata.tables
    }


def _of_reader() -> dict[str, str]:
    return {name: "SELECT" for name in metadata.tables if name not in UNREAD}


def _of_people() -> dict[str, str]:
    rights = {name: acts for name, acts in _of_app().items() if name not in SECRET}
    given = {name: "SELECT" if name in GIVEN else acts for name, acts in rights.items()}
    return {**given, **{name: f"SELECT, UPDATE ({column})" for name, column in LOCKED.items()}}


# ------------------------------------------------------------------ statements


def _needs_postgres(tx: Tx) -> None:
    if not tx.postgres:
        raise Refused("Only Postgres knows roles; on SQLite whoever may write the file may change all of it.")


def _owned_here(tx: Tx) -> tuple[str, str, str]:
    """Database, schema and the owner of the tables. Raises Refused for a login that is not the owner."""
    here = tx.row(_HERE)
    if here is None or not here.owns:
        raise Refused(f"These tables belong to '{here.owner if here else ''}'; log in as that role to give rights.")
    return str(here.base), str(here.schema), str(here.owner)


def _quoted(tx: Tx, name: str) -> str:
    return tx.connection.dialect.identifier_preparer.quote_identifier(name)


def _run(tx: Tx, statements: Iterable[str]) -> None:
    for statement in statements:
        tx.do(text(statement))


def _known(tx: Tx, role: str, login: bool = True) -> bool:
    """Whether the server has the role. Raises Refused for one that is no good for a desk."""
    known = tx.row(_ROLE, {"role": role})
    if known is not None and (known.rolsuper or known.owns):
        raise Refused(f"'{role}' owns the tables or is a superuser; the desk's role must be another one.")
    if known is not None and known.mighty:
        raise Refused(f"'{role}' may make roles or copy the whole server; the desk's role must be another one.")
    if known is not None and known.rolcanlogin and not login:
        raise Refused(f"'{role}' can log in; the group of the people must be a role that cannot.")
    return known is not None


def _make(tx: Tx, role: str, *, login: bool) -> None:
    if _known(tx, role, login):
        return
    statement = f"CREATE ROLE {_quoted(tx, role)} {'LOGIN' if login else 'NOLOGIN'}"
    if not _allowed(tx, statement):
        raise NotFound(
            f"The server has no role '{role}', and this login may make none; its administrator: {statement};"
        )


def _none(tx: Tx, role: str) -> list[str]:
    schema = _quoted(tx, str(tx.value(text("SELECT current_schema()"))))
    return [f"REVOKE ALL ON ALL {kind} IN SCHEMA {schema} FROM {_quoted(tx, role)}" for kind in ("TABLES", "SEQUENCES")]


def _rights(tx: Tx, role: str, rights: Mapping[str, str]) -> list[str]:
    schema, to = _quoted(tx, str(tx.value(text("SELECT current_schema()")))), _quoted(tx, role)
    made = [*_none(tx, role), f"GRANT USAGE ON SCHEMA {schema} TO {to}", f"GRANT SELECT ON {_quoted(tx, MARK)} TO {to}"]
    if any("INSERT" in acts for acts in rights.values()):
        made.append(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {to}")
    return made + [f"GRANT {acts} ON {_quoted(tx, name)} TO {to}" for name, acts in sorted(rights.items())]


def _give(tx: Tx, role: str, rights: Mapping[str, str]) -> None:
    _run(tx, _rights(tx, role, rights))
    _no_more(tx, role, rights)


def _no_more(tx: Tx, role: str, rights: Mapping[str, str], group: str = "") -> None:
    """Raises Refused when the role can do, by whatever way but the group, what these rights do not hold."""
    if other := tx.value(_BELONGS, {"role": role, "group": group}):
        raise Refused(f"'{role}' belongs to the role '{other}' and may do what that one may; take it out of there.")
    given = {name: dict(re.findall(r"(\w+)(?: \((\w+)\))?", acts)) for name, acts in {**rights, MARK: "SELECT"}.items()}
    for act, too_much in _ACTS.items():
        names = [name for name in (*metadata.tables, MARK) if given.get(name, {}).get(act) != ""]
        columns = [f"{name}.{acts[act]}" for name, acts in given.items() if acts.get(act)]
        if found := tx.value(too_much, {"role": role, "names": names, "columns": columns, "act": act}):
            raise Refused(f"'{role}' has {act} on {found} by a grant to PUBLIC or of another role; take that away.")


def _limit(tx: Tx, role: str, settings: Mapping[str, str]) -> list[str]:
    """Sets time limits on the role itself, so that they hold on whichever way it comes in, a pooler's too."""
    base = _quoted(tx, str(tx.value(text("SELECT current_database()"))))
    wanted = [f"ALTER ROLE {_quoted(tx, role)} IN DATABASE {base} SET {each} = '{value}'"
              for each, value in settings.items()]  # fmt: skip
    return [f"        still to do, by the administrator: {each};" for each in wanted if not _allowed(tx, each)]


def _close(tx: Tx, base: str, schema: str, roles: Sequence[str]) -> list[str]:
    """Nobody but the owner makes tables here, not even ones that last for a session."""
    everybody = ", ".join(("PUBLIC", *(_quoted(tx, role) for role in roles)))
    wanted = (
        f"REVOKE CREATE ON SCHEMA {_quoted(tx, schema)} FROM {everybody}",
        f"REVOKE CREATE, TEMPORARY ON DATABASE {_quoted(tx, base)} FROM {everybody}",
    )
    for statement in wanted:
        _allowed(tx, statement)
    makers = [role for role in roles if tx.value(_MAKES, {"role": role})]
    if not makers:
        return []
    return [f"        {', '.join(makers)} may still make tables; the administrator: {'; '.join(wanted)};"]


def _allowed(tx: Tx, statement: str) -> bool:
    """Runs a statement that this login may lack the right for; whether it had it."""
    try:
        with tx.connection.begin_nested():
            tx.do(text(statement))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":  # insufficient privilege
            raise
        return False
    return True
