"""The probe of each feature: what a person does with it, and what must have changed."""

from collections.abc import Collection

from builder.agent.flow import FlowStep
from builder.proofs import lists, rows, together, work
from builder.proofs.app import App, Probe
from builder.spec import Feature, FeatureName

F = FeatureName


def prove(app: App, name: FeatureName, feature: Feature, asked: Collection[str] = ()) -> list[FlowStep]:
    """`asked` are the fields that the sentence names beside the feature."""
    probe = PROBES[name]
    first = app.of_feature(feature)
    first, *others = [first, *(e for e in app.view.entities if e is not first and e.has(name) and not feature.entity)]
    entered = [] if name is F.AUTH else app.enter()
    # Not every thing can be told from its neighbours by name: what holds for all is proven of one that can.
    options = dict(feature.options) | {"asked": asked}
    steps = next((found for e in (first, *others) if (found := probe(app, e, options))), [])
    return [*entered, *steps] if steps else []


PROBES: dict[FeatureName, Probe] = {
    F.CREATE: rows.create,
    F.EDIT: rows.edit,
    F.DELETE: rows.delete,
    F.DETAIL: rows.detail,
    F.RELATIONS: rows.relations,
    F.VALIDATION: rows.validation,
    F.UPLOAD: rows.upload,
    F.LOW_STOCK_ALERT: rows.low_stock,
    F.SEARCH: lists.search,
    F.FILTER: lists.narrowed,
    F.SORT: lists.ordered,
    F.PAGINATION: lists.pages,
    F.COMPARE: lists.compare,
    F.CHART: lists.chart,
    F.STATS: lists.stats,
    F.REPORT: lists.report,
    F.EXPORT: lists.export,
    F.IMPORT: lists.imported,
    F.PRINT: lists.printed,
    F.RANDOMIZE: lists.answers("/random"),
    F.TAGS: lists.tags,
    F.CATEGORIES: lists.categories,
    F.FAVORITES: together.favorites,
    F.LIKE: together.marks("like", "liked"),
    F.FOLLOW: together.marks("follow", "followed"),
    F.RATINGS: together.ratings,
    F.COMMENTS: together.comments,
    F.HISTORY: together.history,
    F.POLL: together.poll,
    F.AUTH: together.auth,
    F.ROLES: together.roles,
    F.ASSIGNMENT: together.assignment,
    F.NOTIFICATIONS: together.notifications,
    F.CHAT: together.chat,
    F.STREAMING_UPDATES: together.live,
    F.STATUS_WORKFLOW: work.workflow,
    F.KANBAN: work.board,
    F.DRAG_DROP: work.drag_drop,
    F.CALENDAR: work.page("calendar"),
    F.BOOKING: work.booked,
    F.AVAILABILITY: work.booked,
    F.APPROVAL: work.decided,
    F.TIMER: work.clocked,
    F.PROGRESS: work.progressed,
    F.SCORING: work.scoring,
    F.LEADERBOARD: work.ranked,
    F.STREAK: work.kept_up,
    F.QUIZ: work.asked,
    F.CART: work.cart,
    F.CHECKOUT: work.checkout,
    F.DASHBOARD: work.dashboard,
    F.CONTACT_FORM: work.contact,
}
