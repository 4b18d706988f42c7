"""Two roles on Postgres: the owner of the tables, and the desk's, which cannot switch off what keeps posted rows.

Beside the services, called by commands and tests. Privileges are data: `DELETED` and `INSERT_ONLY` of the models.
"""

from __future__ import annotations

from sqlalchemy import text

from csdesk.errors import NotFound, Refused
from csdesk.migrations.schema import MARK
from csdesk.models import INSERT_ONLY, metadata
from csdesk.services import audit
from csdesk.services.tx import Tx, reads, writes

# Tables the desk deletes from; elsewhere a row stays, and its state says that it is over.
DELETED = ("accepted_conflict", "approval_tier", "article_search", "canned_reply", "contact_phone",
           "corrective_action", "customer_reason", "delivery_event", "duty_conflict", "import_note", "price",
           "product_group", "reservation", "service_setting", "shift", "staff_queue", "staff_role", "ticket_lease",
           "ticket_line", "ticket_referral", "ticket_reply")  # fmt: skip
_OWNED = text(
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
    "AND c.relkind = 'r' AND pg_has_role(current_user, c.relowner, 'MEMBER') ORDER BY c.relname"
)
_ROLE = text(
    "SELECT rolsuper, pg_has_role(:role, c.relowner, 'MEMBER') AS owns FROM pg_roles, pg_class c "
    "WHERE rolname = :role AND c.oid = 'document'::regclass"
)


@writes("db.care")
def grant(tx: Tx, role: str) -> str:
    """Gives a role what the desk needs and no more, and takes from it what it had beside that; gives words.

    Run it as the owner of the tables, again after each upgrade. Raises Refused on SQLite, for the owner itself and a
    superuser; NotFound for a role the server does not know.
    """
    if not tx.postgres:
        raise Refused("Only Postgres knows roles; on SQLite whoever may write the file may change all of it.")
    known = tx.row(_ROLE, {"role": role})
    if known is None:
        raise NotFound(f"The server has no role '{role}'; make it first: CREATE ROLE {role} LOGIN.")
    if known.rolsuper or known.owns:
        raise Refused(f"'{role}' owns the tables or is a superuser; the desk's role must be another one.")
    for statement in _statements(tx, role):
        tx.do(text(statement))
    audit.record(tx, "roles.grant", "role", 0, None, {"role": role})
    return f"Role '{role}' may work at this desk; what is posted it can neither change nor unlock."


def _statements(tx: Tx, role: str) -> list[str]:
    quote = tx.connection.dialect.identifier_preparer.quote_identifier
    schema, to = quote(str(tx.value(text("SELECT current_schema()")))), quote(role)
    made = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {to}",
        f"GRANT USAGE ON SCHEMA {schema} TO {to}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {to}",
        f"GRANT SELECT ON {quote(MARK)} TO {to}",
    ]
    for name in sorted(metadata.tables):
        acts = "SELECT, INSERT" + (", UPDATE" if name not in INSERT_ONLY else "")
        made.append(f"GRANT {acts}{', DELETE' if name in DELETED else ''} ON {quote(name)} TO {to}")
    return made


@reads("db.care")
def owned(tx: Tx) -> tuple[str, ...]:
    """The tables of posted rows whose triggers this login could switch off, since it owns them (Postgres only)."""
    if not tx.postgres:
        return ()
    return tuple(row.relname for row in tx.rows(_OWNED) if row.relname in INSERT_ONLY)
