"""Runs the revisions on the connection that crm.store.migrate hands over, in its transaction."""

from alembic import context
from sqlmodel import SQLModel

import crm.models

assert crm.models.Contact.metadata is SQLModel.metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
