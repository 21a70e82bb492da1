"""The journal of a build in the service's database. Knows nothing of models or tools.

A step is stored only by who still holds the build's claim, so that a worker that was taken for dead writes nothing in
between the steps of the one that goes on.
"""

from dataclasses import dataclass

from sqlalchemy import select

from builder.agent.journal import Step
from workers.claims import Claim, locked
from workers.database import Database
from workers.models import StoredStep
from workers.plain import plain


@dataclass(frozen=True)
class DatabaseJournal:
    """Both methods raise when the database refuses; `append` raises ClaimLostError when the build is another's now."""

    database: Database
    claim: Claim

    def steps(self) -> list[Step]:
        query = select(StoredStep).where(StoredStep.build_id == self.claim.build.id).order_by(StoredStep.n)
        with self.database.read() as session:
            return [
                Step(row.n, row.messages, row.commit, row.state, row.compacted) for row in session.scalars(query).all()
            ]

    def append(self, step: Step) -> None:
        with self.database.write() as session:
            build, _ = locked(session, self.claim)
            build.attempts = 1  # a build that gets on is not one that stops its worker
            session.add(
                StoredStep(
                    build_id=build.id,
                    n=step.n,
                    messages=plain(list(step.messages)),
                    commit=step.commit,
                    state=plain(step.state),
                    compacted=step.compacted,
                )
            )
