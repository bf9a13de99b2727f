"""Reads of the appeal: for pages, the API and other packages. Each starts from what the actor sees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from gongqing.appeals.models import Appeal, Category, EvaluationLink, GradePolicy
from gongqing.appeals.models.appeals import Sight, sight_of
from gongqing.appeals.rules.grading import GradeRule, rules_of
from gongqing.appeals.rules.intake import grams_of, phrases_of
from gongqing.appeals.rules.statuses import OPEN
from gongqing.audit import chain, scope
from gongqing.audit.actor import Actor, Role
from gongqing.audit.journeys import asked
from gongqing.audit.reading import Asking, Prepared, PreparedValues, ask, ask_locked
from gongqing.lib.errors import NotFound
from gongqing.lib.remembering import remembered

LEVEL_OF_ROLE = {
    Role.CITY_SUPERVISOR: "city",
    Role.COUNTY_SUPERVISOR: "county",
    Role.TOWN_SUPERVISOR: "town",
    Role.ZONE_CHIEF: "zone",
    Role.ZONE_WORKER: "zone",
    Role.ZONE_INSTRUCTOR: "zone",
    Role.GRASSROOTS_OFFICER: "grassroots",
    Role.DEPARTMENT_LIAISON: "department",
    Role.SYSTEM: "city",
}
MOST_FOUND = 2_000
LARGEST_NUMBER = 2**62


def level_of(actor: Actor) -> str:
    """The level the actor acts at; empty for those who act at none."""
    return LEVEL_OF_ROLE.get(actor.role, "")


def appeals_for(actor: Actor) -> QuerySet[Appeal]:
    """The appeals that the actor sees, with what every list shows."""
    return Appeal.objects.visible_to(actor).select_related("category", "handler", "region")


def appeal_with_code(code: str, actor: Actor) -> Appeal:
    """One appeal by its code.

    Raises:
        NotFound: no such appeal, or not in the actor's view: the answer is the same.
    """
    return the_one(ask(asked_with_code(code, actor))[0])


AROUND = ("category", "second_category", "handler", "region", "person", "employer", "together_with")


def asked_with_code(code: str, actor: Actor, around: tuple[str, ...] = AROUND) -> Asking[Appeal]:
    """What `the_one` needs, to be asked together with others."""
    shape, sight = sight_of(actor)
    return _with_code(code, *sight, shape=(shape, around))


def the_one(found: list[Appeal]) -> Appeal:
    """The appeal that `asked_with_code` has found.

    Raises:
        NotFound: no such appeal, or not in the actor's view: the answer is the same.
    """
    if not found:
        raise NotFound("没有这件诉求，或者不在您能看的范围内。")
    return found[0]


@Prepared
def _with_code(shape: tuple[Sight, tuple[str, ...]], code: str, *sight: int | str) -> QuerySet[Appeal]:
    how, around = shape
    return Appeal.objects.in_sight(how, *sight).select_related(*around).filter(code=code)


def id_of_code(code: str, actor: Actor) -> int:
    """The number of the appeal with this code.

    Raises:
        NotFound: no such appeal, or not in the actor's view: the answer is the same.
    """
    shape, sight = sight_of(actor)
    found = _numbered.first(code, *sight, shape=shape)
    if found is None:
        raise NotFound("没有这件诉求，或者不在您能看的范围内。")
    return found.pk


@Prepared
def _numbered(shape: Sight, code: str, *sight: int | str) -> QuerySet[Appeal]:
    return Appeal.objects.in_sight(shape, *sight).filter(code=code).only("pk")


def lock(appeal_id: int, actor: Actor) -> Appeal:
    """The appeal for an action, locked until its transaction ends.

    Raises:
        NotFound: not there or not in the actor's view.
    """
    shape, sight = sight_of(actor)
    appeal = _locked.first(appeal_id, *sight, shape=shape)
    if appeal is None:
        raise NotFound("没有这件诉求，或者不在您能看的范围内。")
    return appeal


def lock_and_ask(
    appeal_id: int, actor: Actor, *askings: Asking[Any], beside: Sequence[tuple[str, Sequence[Any]]] = ()
) -> tuple[Appeal, list[Any]]:
    """As `lock`, and in the same journey what its action will ask for, as `audit.reading.ask_locked` does.

    Raises:
        NotFound: not there or not in the actor's view.
    """
    shape, sight = sight_of(actor)
    trace = chain.asked_ahead(("appeal", appeal_id))
    appeal, answers = ask_locked(_locked(appeal_id, *sight, shape=shape), *askings, beside=[*beside, *trace])
    if appeal is None:
        raise NotFound("没有这件诉求，或者不在您能看的范围内。")
    chain.keep_ahead(("appeal", appeal_id), answers[len(beside) :])
    return appeal, answers[: len(beside)]


@Prepared
def _locked(shape: Sight, number: int, *sight: int | str) -> QuerySet[Appeal]:
    found = Appeal.objects.in_sight(shape, *sight).select_for_update(of=("self",)).filter(pk=number)
    return found.select_related("category", "handler", "region", "person", "employer")


def is_visible(appeal_id: int, actor: Actor) -> bool:
    """Does the actor see this appeal?"""
    shape, sight = sight_of(actor)
    return bool(_seen.all(appeal_id, *sight, shape=shape))


def asked_if_visible(appeal_id: int, actor: Actor) -> Asking[Any]:
    """What `is_visible` asks, to be asked together with others."""
    shape, sight = sight_of(actor)
    return _seen(appeal_id, *sight, shape=shape)


@PreparedValues
def _seen(shape: Sight, number: int, *sight: int | str) -> QuerySet[Appeal, Any]:
    return Appeal.objects.in_sight(shape, *sight).filter(pk=number).values_list("pk")


def is_party(appeal: Appeal, actor: Actor) -> bool:
    """Is it the actor's own matter?"""
    return actor.person_id is not None and actor.person_id == appeal.person_id


def is_reporter(appeal: Appeal, actor: Actor) -> bool:
    """Did this account bring it in?"""
    return actor.user_id is not None and actor.user_id == appeal.reporter_user_id


def found_ids(query: str, *, most: int = MOST_FOUND, before: int | None = None) -> list[int]:
    """The newest appeals in the bound actor's view whose words hold every phrase of the query, the newest first.

    Args:
        most: how many at most.
        before: only those with a smaller number, to go on where an earlier answer ended.

    Raises:
        BadInput: fewer than two characters.
    """
    (found,) = asked([(_SEARCH, [*sought(query), most, before or LARGEST_NUMBER])])
    return [row[0] for row in found.fetchall()]


_SEARCH = "SELECT gq_search($1::text[], $2::text[], $3::integer, $4::bigint)"


def sought(query: str) -> tuple[list[str], list[str]]:
    """The pairs of characters and the phrases that `gq_search` looks for.

    Raises:
        BadInput: fewer than two characters.
    """
    phrases = phrases_of(query)
    return sorted({gram for phrase in phrases for gram in grams_of(phrase)}), phrases


@remembered
def category_of(code: str, on: date) -> Category | None:
    """The category with this code in the version that holds on a day."""
    return categories(on).filter(code=code).first()


@remembered
def categories_known(on: date) -> tuple[Category, ...]:
    """`categories`, for whoever only shows them."""
    return tuple(categories(on))


def categories(on: date) -> QuerySet[Category]:
    """The categories by code, each in the highest version that holds on a day."""
    return Category.objects.filter(_held(on)).order_by("code", "-version").distinct("code")


def categories_in_version(version: int) -> QuerySet[Category]:
    """The categories of one version, by code."""
    return Category.objects.filter(version=version).order_by("code")


def has_categories() -> bool:
    """Whether any version of the categories is loaded."""
    return Category.objects.exists()


@remembered
def grade_policy(on: date) -> GradePolicy:
    """The grading rules in force on a day."""
    return GradePolicy.objects.filter(_held(on)).order_by("-version")[0:1].get()


@remembered
def grade_rules(on: date) -> tuple[GradeRule, ...]:
    """The rows of the grading rules in force on a day."""
    return rules_of(grade_policy(on).rules)


def _held(on: date) -> Q:
    return Q(effective_from__lte=on) & (Q(effective_to__isnull=True) | Q(effective_to__gt=on))


def similar_open_count(employer: str, *, since: datetime) -> tuple[int, str | None]:
    """How many open appeals name this employer since a moment, and the code of the newest; no text is shown."""
    if len(employer.strip()) < 4:
        return 0, None
    with scope.elevated():
        found = Appeal.objects.filter(
            employer_name=employer.strip(), received_at__gte=since, status__in=[status.value for status in OPEN]
        ).order_by("-received_at")
        codes: Sequence[str] = list(found.values_list("code", flat=True)[:200])
    return len(codes), codes[0] if codes else None


def appeal_of_link(digest: str, at: datetime) -> Appeal | None:
    """The appeal whose unused evaluation link has this digest."""
    with scope.elevated():
        link = EvaluationLink.objects.filter(digest=digest, used_at__isnull=True, expires_at__gt=at).first()
        return link.appeal if link else None


def appeal_of_password(code: str, digest: str) -> Appeal | None:
    """The appeal with this code and query password."""
    with scope.elevated():
        return Appeal.objects.filter(code=code, query_password_digest=digest).first()


def opens_still(appeal_id: int, digest: str) -> bool:
    """Whether the query password of this digest is still the one of the appeal."""
    with scope.elevated():
        return Appeal.objects.filter(pk=appeal_id, query_password_digest=digest).exists()
