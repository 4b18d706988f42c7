"""The first schema: every table, index and trigger, as SQL beside this file (written by csdesk.migrations.regenerate).

Plain SQL, so that a later change of a model never changes what this revision makes.
"""

from __future__ import annotations

from alembic import op

from csdesk.migrations.sql import statements_of

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes everything in an empty database."""
    for statement in statements_of("0001", op.get_bind().dialect.name):
        op.get_bind().exec_driver_sql(statement, execution_options={"no_parameters": True})
