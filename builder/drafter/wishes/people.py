"""Accounts, roles, and whose a row is."""

from builder.drafter.lexicon import PALETTE
from builder.drafter.reference import find
from builder.drafter.sketch import AppSketch, EntitySketch, FieldSketch
from builder.drafter.wishes import wish as w
from builder.drafter.wishes.wish import Wish, at, chosen, ensure, field, put, rule, text, thing
from builder.spec import FeatureName, FieldType, RuleKind

SHARED = frozenset(  # what people publish: all may read it
    "post topic thread reply comment article entry review recipe listing ad offer event poll question answer idea "
    "photo song story video page job vacancy film book gallery picture".split()
)
COMMON = frozenset(  # what belongs to nobody
    "category product service room course class table plan tag genre department subject branch team company doctor "
    "supplier menu dish item type brand movie shift project".split()
)
OWNERS = (
    "owner",
    "author",
    "user",
    "member",
    "employee",
    "created by",
    "student",
    "player",
    "poster",
    "seller",
    "host",
)


def auth(wish: Wish) -> bool:
    sign_in(wish.app)
    return True


def roles(wish: Wish) -> bool:
    account = sign_in(wish.app)
    role = ensure(
        account,
        field(
            "Role", FieldType.CHOICE, choices=[("Member", PALETTE["slate"]), ("Admin", PALETTE["violet"])], said=True
        ),
    )
    admin = next((label for label, _ in role.choices if "admin" in label.lower()), None)
    if admin is None:
        role.type, admin = FieldType.CHOICE, "Admin"
        role.choices = [*(role.choices or [("Member", PALETTE["slate"])]), (admin, PALETTE["violet"])]
    put(wish.app, FeatureName.ROLES, field=at(account, role), admin=chosen(role, admin))
    return True


def owner_only(wish: Wish) -> bool:
    """ "everyone sees only their own": asks for accounts, and hides the rows of others."""
    account = sign_in(wish.app)
    subject = wish.subject
    own(wish.app, w.main(wish.app) if subject is account else subject, account, read="own")
    return True


def sign_in(app: AppSketch) -> EntitySketch:
    """The entity of people who sign in, with what an account needs."""
    feature = next((f for f in app.features if f.name is FeatureName.AUTH), None)
    if feature is not None:
        return next(found[0] for place in feature.options["entity"].places if (found := find(app, place)))
    account = next((e for e in app.entities if w.last(e.key) in w.ACCOUNTS), None)
    doers = {f.target for e in app.entities for f in e.fields if f.key in w.DOERS and f.target}
    account = account or next((e for e in app.entities if e.key in doers and w.is_person(e)), None)
    if account is None:
        account = w.made(app, "User", [text("Name", required=True)], icon="user")
    name = w.called(account, {"name", "username", "first name"}, {FieldType.STRING}) or ensure(account, text("Name"), 0)
    name.required = True
    login = w.called(account, {"email", "e-mail"}, {FieldType.EMAIL}) or ensure(
        account, field("Email", FieldType.EMAIL)
    )
    login.required = login.unique = True
    secret = w.called(account, {"password", "password hash"}) or ensure(account, text("Password", key="password hash"))
    secret.type, secret.choices, secret.name = FieldType.STRING, [], "password_hash"
    secret.required = secret.unique = False
    for row in account.seed:
        row.pop(secret.key, None)
    put(app, FeatureName.AUTH, entity=thing(account), name=at(account, name), login=at(account, login),
        secret=at(account, secret))  # fmt: skip
    return account


def usual(app: AppSketch) -> None:
    """With accounts each thing that a person makes has an owner; what they publish all can read."""
    feature = next((f for f in app.features if f.name is FeatureName.AUTH), None)
    if feature is None:
        return
    account = sign_in(app)
    community = any(w.has(app, name) for name in (FeatureName.COMMENTS, FeatureName.POLL, FeatureName.FOLLOW))
    pointed = {f.target for e in app.entities for f in e.fields}
    for entity in sorted(app.entities, key=lambda e: e.key in pointed):  # a thing before what it names
        if entity is account or entity.dataset or w.ruled(app, RuleKind.OWNER_ONLY, entity):
            continue
        if _is_common(app, entity, account):
            continue
        shared = community or w.last(entity.key) in SHARED
        own(app, entity, account, read="all" if shared else "own")


def _is_common(app: AppSketch, entity: EntitySketch, account: EntitySketch) -> bool:
    """Lists that others choose from: kept by all who are let in, unless each keeps a collection of their own."""
    if _owner(entity, account):
        return False
    pointed = any(f.target == entity.key for e in app.entities for f in e.fields)
    named = [e for e in app.entities if e is not entity and any(f.target == entity.key for f in e.fields)]
    if any(_is_booking(app, e) or _is_read_by_all(app, e) for e in named):
        return True  # the courts that members book, the sections that every ad stands in: nobody's own
    return w.last(entity.key) in COMMON and (pointed or w.has(app, FeatureName.ROLES)) and w.last(entity.key) != "tag"


def _is_read_by_all(app: AppSketch, entity: EntitySketch) -> bool:
    rules = (r for r in app.rules if r.kind is RuleKind.OWNER_ONLY and r.entity == entity.key)
    return any(r.options.get("read") == "all" for r in rules)


def _is_booking(app: AppSketch, entity: EntitySketch) -> bool:
    booked = {FeatureName.BOOKING, FeatureName.AVAILABILITY}
    return any(f.name in booked and f.entity == entity.key for f in app.features)


def own(app: AppSketch, entity: EntitySketch, account: EntitySketch, read: str) -> None:
    owner = _owner(entity, account)
    if owner is None:
        label = "Author" if read == "all" else "Owner"
        owner = ensure(entity, FieldSketch(label, label.lower(), FieldType.RELATION, target=account.key))
    owner.type, owner.target, owner.choices, owner.many = FieldType.RELATION, account.key, [], False
    for row in entity.seed:
        row.pop(owner.key, None)
    rule(app, RuleKind.OWNER_ONLY, entity, owner, read=read, write="own")


def _owner(entity: EntitySketch, account: EntitySketch) -> FieldSketch | None:
    pointing = next((f for f in entity.fields if f.target == account.key and not f.many), None)
    keys = (account.key, *OWNERS)
    named = next((f for key in keys for f in entity.fields if f.key == key and f.type is FieldType.STRING), None)
    return pointing or named
