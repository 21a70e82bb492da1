"""How Alembic reaches the database: over the connection of `backend.migrate`, in its transaction."""

from alembic import context

import backend.entities  # noqa: F401 - the tables
from backend.database import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
