"""What a person wishes beyond rows and lists: accounts, votes, bookings, carts. Each wish shapes the sketch.

A wish finds the thing it is about, gives it the fields, features and rules it needs, or makes the things it can't do
without. It says nothing of sentences: what asks for it was found before (`features.py`).
"""

from collections.abc import Callable, Mapping, Sequence

from builder.drafter.features import Mention
from builder.drafter.lexicon import lexicon
from builder.drafter.sketch import AppSketch
from builder.drafter.text import Prompt, Word
from builder.drafter.wishes import data, habits, people, shop, social, time, work
from builder.drafter.wishes.wish import Wish
from builder.spec import FeatureName, RuleKind

F, R = FeatureName, RuleKind
ORDER: Mapping[FeatureName | RuleKind, Callable[[Wish], bool]] = {
    # accounts first: votes, marks and bookings are theirs
    F.AUTH: people.auth,
    F.ROLES: people.roles,
    R.OWNER_ONLY: people.owner_only,
    F.TAGS: social.tags,
    F.CATEGORIES: social.categories,
    F.COMMENTS: social.comments,
    F.LIKE: social.on_main,
    F.RATINGS: social.on_main,
    F.FOLLOW: social.on_main,
    F.HISTORY: social.history,
    F.POLL: social.poll,
    R.AT_MOST_ONCE: social.at_most_once,
    F.CHAT: social.chat,
    F.NOTIFICATIONS: social.notifications,
    F.STREAMING_UPDATES: social.whole_app,
    F.CONTACT_FORM: social.contact_form,
    F.LEADERBOARD: habits.leaderboard,
    F.STATUS_WORKFLOW: work.status_workflow,
    R.TRANSITION: work.transition,
    F.APPROVAL: work.approval,
    F.ASSIGNMENT: work.assignment,
    F.KANBAN: work.kanban,
    F.DRAG_DROP: work.drag_drop,
    F.STREAK: habits.streak,  # before a calendar gives a habit a day of its own
    F.CALENDAR: time.calendar,
    F.BOOKING: time.booking,
    F.AVAILABILITY: time.availability,
    R.NO_OVERLAP: time.no_overlap,
    R.CAPACITY: time.capacity,
    F.TIMER: time.timer,
    F.PROGRESS: habits.progress,
    F.SCORING: habits.scoring,
    F.QUIZ: habits.quiz,
    F.CART: shop.cart,
    F.CHECKOUT: shop.checkout,
    F.LOW_STOCK_ALERT: shop.low_stock_alert,
    F.REPORT: data.report,
    F.IMPORT: data.on_main,
    F.PRINT: data.on_main,
    F.RANDOMIZE: data.on_main,
    F.UPLOAD: data.upload,
    F.DASHBOARD: social.whole_app,
}


def fulfil(
    app: AppSketch, mentions: Sequence[Mention], prompt: Prompt
) -> tuple[list[tuple[str, tuple[Word, ...]]], list[Mention]]:
    """The words that were understood, and the mentions that are left to others."""
    used: list[tuple[str, tuple[Word, ...]]] = []
    to_come = lexicon().features_to_come
    left = [m for m in mentions if m.name not in ORDER or m.name in to_come]
    mentions = [m for m in mentions if m.name in ORDER and m.name not in to_come]
    for name, grant in ORDER.items():
        for mention in (m for m in mentions if m.name == name):
            if grant(Wish(app, mention, prompt)):
                used.append((f"features.{name}", mention.words))
            else:
                left.append(mention)
    for usual in (work.usual, social.usual, people.usual):
        usual(app)
    return used, left
