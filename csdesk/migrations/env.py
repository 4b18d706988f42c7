"""What Alembic runs around the revisions; the connection with its open transaction comes from `schema.upgrade`."""

from __future__ import annotations

from alembic import context

from csdesk.models import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
