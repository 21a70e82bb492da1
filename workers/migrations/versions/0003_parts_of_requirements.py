"""Requirements know which parts of the AppSpec they are about."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("requirements", sa.Column("about", sa.JSON))


def downgrade() -> None:
    op.drop_column("requirements", "about")
