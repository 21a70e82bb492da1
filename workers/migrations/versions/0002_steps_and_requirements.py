"""Steps and requirements of builds with a model; releases keep their AppSpec, builds know when only scoring is left."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "steps",
        sa.Column("build_id", sa.String(32), sa.ForeignKey("builds.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("messages", sa.JSON, nullable=False),
        sa.Column("commit", sa.String(64), nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("compacted", sa.Boolean, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "requirements",
        sa.Column("project_id", sa.String(32), sa.ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("id", sa.String(8), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("source", sa.JSON),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("flow", sa.JSON, nullable=False),
        sa.Column("proof", sa.JSON),
        sa.Column("reason", sa.Text),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.add_column("builds", sa.Column("built", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("releases", sa.Column("spec", sa.JSON))
    _keep_specs()


def downgrade() -> None:
    op.drop_column("releases", "spec")
    op.drop_column("builds", "built")
    for table in ("requirements", "steps"):
        op.drop_table(table)


def _keep_specs() -> None:
    """Give each release the AppSpec that its build told last; a restored one has that of the release it repeats."""
    connection, known = op.get_bind(), dict[tuple[str, int], Any]()
    builds = sa.text("select id, project_id, release, payload from builds where release is not null order by release")
    told = sa.text("select data from events where build_id = :id and event = 'spec' order by id desc limit 1")
    keep = sa.text("update releases set spec = :spec where project_id = :project and n = :n")
    for build_id, project, n, payload in connection.execute(builds).all():
        data = connection.execute(told, {"id": build_id}).scalar()
        spec = _json(data)["spec"] if data is not None else known.get((project, _json(payload).get("n", 0)))
        if spec is not None:
            known[project, n] = spec
            connection.execute(
                keep.bindparams(sa.bindparam("spec", type_=sa.JSON)), {"spec": spec, "project": project, "n": n}
            )


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
