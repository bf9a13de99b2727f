"""Who is this, as what does he or she act, and how far does that reach?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, FilteredRelation, Min, OuterRef, Q, QuerySet

from gongqing.accounts import rules
from gongqing.accounts.models import PHONE, ApiKey, FirstPassword, Posting, User
from gongqing.audit import scope
from gongqing.audit.actor import ANONYMOUS, Actor, Role
from gongqing.audit.reading import Asking, Prepared, ask
from gongqing.lib import crypto
from gongqing.lib.errors import BadInput
from gongqing.lib.times import day_of
from gongqing.registry import queries as registry
from gongqing.registry.models import Load, Organisation, Person, ZoneLink, sealing
from gongqing.registry.rules import plain

_OWN = Q(user__postings__deputy_of__isnull=True)  # a key acts in the account's own postings, never for another
WORKER_NAME = "职工"  # the trace must not name a worker who hides from the employer


STAFF_SHOWN = 300


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The actor behind an API key, and how many calls a minute the key allows (None: no limit)."""

    actor: Actor
    limit_per_minute: int | None


@dataclass(frozen=True, slots=True)
class StaffCard:
    """An account as the administrator sees it; `current` and `past` split the postings at today."""

    user: User
    current: list[Posting]
    past: list[Posting]
    keys: list[ApiKey]
    is_locked: bool


@dataclass(frozen=True, slots=True)
class WorkerCard:
    """A worker's own data, the phone masked."""

    name: str
    phone_mask: str
    union: str


def actor_of(user: User, posting: Posting | None = None, *, on: date) -> Actor:
    """The actor that this account is on this day.

    Args:
        posting: the chosen one; without it the account's first current posting, or the worker behind the account.

    Returns:
        ANONYMOUS when the account is inactive, the posting has ended or is another's, or nothing is held at all.
    """
    return actor_in_posting(user, posting.pk if posting is not None else None, on=on)


def actor_in_posting(user: User, posting_id: int | None, *, on: date) -> Actor:
    """`actor_of` for a posting known by its id; one query."""
    return _acting(user, posting_id, ask(_asked_posting(user.pk, posting_id, on))[0])


def account_in_posting(user_id: int, posting_id: int | None, *, on: date) -> tuple[User | None, Actor]:
    """The account with this id, and who it is in this posting, as `actor_in_posting` says; in one journey."""
    users, held = ask(_numbered(user_id), _asked_posting(user_id, posting_id, on))
    return (users[0], _acting(users[0], posting_id, held)) if users else (None, ANONYMOUS)


def _acting(user: User, posting_id: int | None, held: Sequence[Posting]) -> Actor:
    if not user.is_active:
        return ANONYMOUS
    chosen = held[0] if held else None
    if chosen is not None:
        return _staff(chosen, user, list(getattr(chosen, "linked", ())))
    if posting_id is None and user.person_id is not None:
        return worker_of(user)
    return ANONYMOUS


def _asked_posting(user_id: int, posting_id: int | None, on: date) -> Asking[Posting]:
    """The chosen posting of an account on a day, or its first."""
    chosen = () if posting_id is None else (posting_id,)
    return _posting(user_id, on, *chosen)


@Prepared
def _posting(_: None, user_id: int, on: date, *chosen: int) -> QuerySet[Posting]:
    held = postings_of(user_id, on)
    return (held.filter(pk=chosen[0]) if chosen else held)[:1]


def worker_of(user: User) -> Actor:
    """The worker behind an account."""
    return Actor(role=Role.WORKER, name=WORKER_NAME, user_id=user.pk, person_id=user.person_id)


def actor_by_key(key: str, at: datetime) -> Actor | None:
    """The actor behind an API key; None when the key is unknown or revoked, or its account has lost access."""
    holder = holder_of_key(key, at)
    return holder.actor if holder else None


def holder_of_key(key: str, at: datetime) -> KeyHolder | None:
    """The actor and the limit behind an API key, in one query; None as `actor_by_key` says."""
    if not key.startswith("gq_") or len(key) > 200:
        return None
    on = day_of(at)
    row = (
        ApiKey.objects.filter(digest=crypto.digest(key.encode()), revoked_at__isnull=True, user__is_active=True)
        .annotate(held=FilteredRelation("user__postings", condition=held_on(on, "user__postings__") & _OWN))
        .annotate(linked=ArraySubquery(_linked_paths(on, "held__organisation_id")), org=F("held__organisation__name"))
        .order_by("held__since", "held__id")
        .values_list(
            *("id", "scopes", "limit_per_minute", "user_id", "user__name", "user__person_id"),
            *("held__role", "held__organisation_id", "org", "held__organisation__path", "linked"),
        )
        .first()
    )
    return _holder(*row) if row else None


def postings_of(user_id: int, on: date) -> QuerySet[Posting]:
    """The postings of an account on this day with their organisations; `.linked` holds union paths.

    The own ones come first, oldest first, then those of others whom the account stands in for.
    """
    return (
        Posting.objects.filter(held_on(on), user_id=user_id)
        .select_related("organisation", "deputy_of__user")
        .annotate(linked=ArraySubquery(_linked_paths(on, "organisation_id")))
        .order_by(F("deputy_of").asc(nulls_first=True), "since", "id")
    )


def name_in(posting: Posting, user: User) -> str:
    """How the trace names somebody in a posting: `王岚`, or `王岚（代李文斌）` for a deputy."""
    return f"{user.name}（代{posting.deputy_of.user.name}）" if posting.deputy_of else user.name


def deputies_of(user_id: int, on: date, *, organisation_id: int | None = None) -> list[User]:
    """The active accounts that stand in for somebody on this day, at one organisation or at any, each once, by id."""
    held = Posting.objects.filter(held_on(on), deputy_of__user_id=user_id)
    if organisation_id is not None:
        held = held.filter(organisation_id=organisation_id)
    return list(User.objects.filter(id__in=held.values("user_id"), is_active=True).order_by("id"))


def phone_of(user: User) -> str:
    """The phone of an account in clear, for a message that leaves; empty when none is known. Never for a page."""
    return sealing.open_sealed(user.phone_sealed, PHONE) if user.phone_sealed else ""


def staff_called(text: str) -> User:
    """The one staff account of this username, or of this name when nobody shares it.

    Raises:
        BadInput: on `user`.
    """
    wanted = plain(text)
    staff = User.objects.filter(person__isnull=True, is_active=True)
    found = list(staff.filter(username=wanted)) or list(staff.filter(name=wanted)[:2])
    if not found:
        raise BadInput("user", "没有这个在用的工作账号，请填用户名。")
    if len(found) > 1:
        raise BadInput("user", f"有几位“{wanted[:20]}”，请填用户名。")
    return found[0]


def posting_numbered(posting_id: int) -> Posting | None:
    """The posting with this id."""
    return Posting.objects.filter(id=posting_id).select_related("organisation", "user").first()


def user_numbered(user_id: int) -> User | None:
    """The account with this id."""
    return _numbered.first(user_id)


@Prepared
def _numbered(_: None, user_id: int) -> QuerySet[User]:
    return User.objects.filter(id=user_id)


def user_named(username: str) -> User | None:
    """The account with this username."""
    return User.objects.filter(username=plain(username)).first()


def holders(organisation_id: int, on: date, *, roles: frozenset[Role] | None = None) -> list[User]:
    """The active accounts that hold a posting at an organisation on this day, each once, by id."""
    held = Posting.objects.filter(held_on(on), organisation_id=organisation_id)
    if roles is not None:
        held = held.filter(role__in=roles)
    return list(User.objects.filter(id__in=held.values("user_id"), is_active=True).order_by("id"))


def administrators(on: date) -> list[User]:
    """The active accounts that administer the platform on this day, by id."""
    held = Posting.objects.filter(held_on(on), role=Role.ADMINISTRATOR)
    return list(User.objects.filter(id__in=held.values("user_id"), is_active=True).order_by("id"))


def successors_of(posting: Posting, on: date) -> list[User]:
    """Who could take over the work of a posting: the others who hold one at its organisation."""
    if posting.organisation_id is None:
        return []
    able = frozenset(Role) - rules.HANDLE_NOTHING
    return [one for one in holders(posting.organisation_id, on, roles=able) if one.pk != posting.user_id]


def postings_at(organisation_id: int, on: date) -> list[Posting]:
    """Who holds what at an organisation on this day."""
    held = Posting.objects.filter(held_on(on), organisation_id=organisation_id)
    return list(held.select_related("user").order_by("role", "id"))


def staff_cards(*, at: datetime, text: str = "", limit: int = STAFF_SHOWN) -> list[StaffCard]:
    """Accounts that hold or held a posting or belong to no worker, by username; a text searches both names."""
    found = User.objects.filter(Q(person__isnull=True) | Q(postings__isnull=False)).distinct().order_by("username")
    if wanted := plain(text):
        found = found.filter(Q(username__icontains=wanted) | Q(name__contains=wanted))
    users = list(found[:limit])
    held: dict[int, list[Posting]] = {}
    for posting in Posting.objects.filter(user__in=users).select_related("organisation").order_by("-since", "-id"):
        held.setdefault(posting.user_id, []).append(posting)
    return [_card(user, held.get(user.pk, []), [], at) for user in users]


def staff_card(user_id: int, *, at: datetime) -> StaffCard | None:
    """One account with all its postings and keys; None when there is no such account."""
    user = user_numbered(user_id)
    if user is None:
        return None
    held = Posting.objects.filter(user=user).select_related("organisation").order_by("-since", "-id")
    return _card(user, list(held), keys_of(user_id), at)


def worker_card(person_id: int, on: date) -> WorkerCard:
    """What a worker's own page shows: name, masked phone, union; empty when the person is not visible."""
    person = Person.objects.filter(id=person_id).first()
    if person is None:
        return WorkerCard("", "", "")
    union = registry.union_of_person(person_id, on)
    return WorkerCard(person.name, person.phone_mask, union.name if union else "")


def keys_of(user_id: int) -> list[ApiKey]:
    """The keys of an account, newest first; never the keys themselves."""
    return list(ApiKey.objects.filter(user_id=user_id).order_by("-id"))


def first_passwords_waiting(
    at: datetime, *, load_id: int | None = None, organisation_id: int | None = None, user_id: int | None = None
) -> QuerySet[FirstPassword]:
    """The first passwords that can still be handed over, with their accounts; read them elevated."""
    found = FirstPassword.objects.filter(
        password_sealed__isnull=False, made_at__gt=at - rules.FIRST_PASSWORD_LASTS, user__is_active=True
    )
    if load_id is not None:
        found = found.filter(load_id=load_id)
    if user_id is not None:
        found = found.filter(user_id=user_id)
    if organisation_id is not None:
        place = registry.organisation_numbered(organisation_id)
        below = Organisation.objects.under(place.path) if place else Organisation.objects.none()
        held = Posting.objects.filter(held_on(day_of(at)), organisation__in=below)
        found = found.filter(user__in=held.values("user_id"))
    return found.select_related("user", "load")


@dataclass(frozen=True, slots=True)
class Pile:
    """The first passwords of one load, or those made one by one, that wait to be handed over."""

    load: Load | None
    count: int
    first_made_at: datetime
    expires_at: datetime


def first_password_piles(at: datetime) -> list[Pile]:
    """What waits to be handed over, by load, the newest first; nobody's name and no password."""
    with scope.elevated():
        found = (
            first_passwords_waiting(at)
            .values("load")
            .annotate(count=Count("id"), first=Min("made_at"))
            .order_by("-first")
        )
        rows = list(found)
        loads = Load.objects.in_bulk([row["load"] for row in rows if row["load"]])
    return [
        Pile(loads.get(row["load"] or 0), row["count"], row["first"], row["first"] + rules.FIRST_PASSWORD_LASTS)
        for row in rows
    ]


def first_password_count(at: datetime, *, organisation_id: int | None = None, user_id: int | None = None) -> int:
    """How many wait at an organisation and below it, or for one account."""
    with scope.elevated():
        return first_passwords_waiting(at, organisation_id=organisation_id, user_id=user_id).count()


def first_passwords_lost(at: datetime, *, limit: int = 100) -> list[User]:
    """Accounts whose first password ran out before they signed in: they need a new one."""
    with scope.elevated():
        old = FirstPassword.objects.filter(made_at__lte=at - rules.FIRST_PASSWORD_LASTS, user__is_active=True)
        lost = old.filter(user__must_change_password=True).select_related("user").order_by("user__username")
        return [row.user for row in lost[:limit]]


def places_of(user_ids: Collection[int], on: date) -> dict[int, str]:
    """Where each account holds its first posting from this day on, by id; empty for the whole city."""
    held = Posting.objects.filter(Q(until__isnull=True) | Q(until__gt=on), user_id__in=user_ids)
    names = held.order_by("-since", "-id").values_list("user_id", "organisation__name")
    return {user_id: name or "" for user_id, name in names}


def steps_before_entering(user: User, *, on: date) -> tuple[str, ...]:
    """What is left between the right password and the desk: `code`, `password`, `enrol`, in this order."""
    steps = ["code"] if user.totp_confirmed_at else []
    if user.must_change_password:
        steps.append("password")
    if not user.totp_confirmed_at and settings.GONGQING.require_totp:
        roles = set(Posting.objects.filter(held_on(on), user_id=user.pk).values_list("role", flat=True))
        if roles & settings.GONGQING.require_totp:
            steps.append("enrol")
    return tuple(steps)


def postings_ending(at: datetime, *, days: int = 30, limit: int = 100) -> list[Posting]:
    """Running postings whose end is near, the nearest first; deputies' not counted."""
    on = day_of(at)
    ending = Posting.objects.filter(held_on(on), until__lte=on + timedelta(days=days), deputy_of__isnull=True)
    return list(ending.select_related("user", "organisation").order_by("until", "id")[:limit])


def held_on(on: date, prefix: str = "") -> Q:
    """Postings that are held on a day."""
    return Q(**{f"{prefix}since__lte": on}) & (Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gt": on}))


def _card(user: User, held: list[Posting], keys: list[ApiKey], at: datetime) -> StaffCard:
    on = day_of(at)
    return StaffCard(
        user=user,
        current=[one for one in held if one.until is None or one.until > on],
        past=[one for one in held if one.until is not None and one.until <= on],
        keys=keys,
        is_locked=user.locked_until is not None and user.locked_until > at,
    )


def linked_paths(on: date) -> Mapping[int, Sequence[str]]:
    """Zone → the paths of the unions that it holds on this day, as its postings see them."""
    links = ZoneLink.objects.filter(Q(until__isnull=True) | Q(until__gt=on), since__lte=on)
    found: dict[int, list[str]] = {}
    for zone, path in links.order_by("union__path").values_list("zone_id", "union__path"):
        found.setdefault(zone, []).append(path)
    return found


def _linked_paths(on: date, zone: str) -> QuerySet[ZoneLink, Any]:
    links = ZoneLink.objects.filter(Q(until__isnull=True) | Q(until__gt=on), zone_id=OuterRef(zone), since__lte=on)
    return links.order_by("union__path").values("union__path")


def _staff(posting: Posting, user: User, linked: list[str]) -> Actor:
    role, place = Role(posting.role), posting.organisation
    path = place.path if place else ""
    return Actor(
        role=role,
        name=name_in(posting, user),
        user_id=user.pk,
        organisation_id=posting.organisation_id,
        organisation_name=place.name if place else "",
        path=path,
        paths=rules.paths_of(role, path, linked),
    )


def _holder(
    key_id: int,
    scopes: list[str],
    limit: int | None,
    user_id: int,
    name: str,
    person_id: int | None,
    role: str | None,
    organisation_id: int | None,
    organisation: str | None,
    path: str | None,
    linked: list[str],
) -> KeyHolder | None:
    if role is None and person_id is None:
        return None
    acts_as = Role(role) if role else Role.WORKER
    actor = Actor(
        role=acts_as,
        name=name if role else WORKER_NAME,
        user_id=user_id,
        person_id=None if role else person_id,
        organisation_id=organisation_id,
        organisation_name=organisation or "",
        path=path or "",
        paths=rules.paths_of(acts_as, path or "", linked),
        scopes=frozenset(scopes),
        key_id=key_id,
    )
    return KeyHolder(actor, limit)
