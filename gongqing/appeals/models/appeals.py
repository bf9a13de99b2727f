"""The appeal, its search text and the origin of its day's serial."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from gongqing.appeals.models.access import Access
from gongqing.appeals.models.configuration import Category
from gongqing.appeals.models.titles import MaskedTitle
from gongqing.appeals.rules.statuses import CLOSED, OPEN, Status
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.registry.models import Enterprise, Organisation, Person, Region


class Kind(models.TextChoices):
    APPEAL = "appeal", "诉求"
    NEED = "need", "需求"


class Channel(models.TextChoices):
    APP = "app", "职工端"
    HOME_APP = "home_app", "职工之家"
    HOTLINE_12351 = "hotline_12351", "12351 热线"
    HOTLINE_12345 = "hotline_12345", "12345 热线"
    GOVERNANCE = "governance", "基层治理平台"
    VISIT = "visit", "走访"
    TALK = "talk", "职工说事"
    WALK_IN = "walk_in", "来访"
    IMPORT = "import", "文件导入"


class HotlineKind(models.TextChoices):
    """How hard a matter of the 12351 hotline is; each has its own limit."""

    ORDINARY = "ordinary", "一般"
    DIFFICULT = "difficult", "难点"
    VERY_COMPLEX = "very_complex", "特别复杂"


# what lists of work in hand walk: a few per cent of a city's appeals
IS_OPEN = Q(status__in=[status.value for status in sorted(OPEN)])
HAS_ENDED = Q(status__in=[status.value for status in sorted(CLOSED - {Status.ARCHIVED})])


Sight = tuple[str, int, bool, bool]  # everything, one appeal or what was granted; so many paths; a person; an account


def sight_of(actor: Actor) -> tuple[Sight, tuple[int | str, ...]]:
    """How an actor sees appeals: the shape of the condition, and what goes into it."""
    if sees_all(actor):
        return ("all", 0, False, False), ()
    if actor.appeal_id is not None:
        return ("one", 0, False, False), (actor.appeal_id,)
    bounds = [bound for path in actor.paths for bound in (path, path[:-1] + "0")]
    selves = [number for number in (actor.person_id, actor.user_id) if number is not None]
    shape = ("granted", len(actor.paths), actor.person_id is not None, actor.user_id is not None)
    return shape, (*bounds, *selves)


def grants_of(actor: Actor) -> models.QuerySet[Access]:
    """What is granted to this actor now; it says nothing of who sees everything."""
    mine = _mine(*sight_of(actor))
    return Access.objects.filter(mine, until__isnull=True) if mine else Access.objects.none()


def _mine(shape: Sight, given: tuple[int | str, ...]) -> Q:
    _, paths, with_person, with_account = shape
    mine, rest = Q(), list(given)
    for _ in range(paths):
        mine |= Q(path__gte=rest.pop(0), path__lt=rest.pop(0))
    if with_person:
        mine |= Q(person_id=rest.pop(0))
    if with_account:
        mine |= Q(user_id=rest.pop(0))
    return mine


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, actor: Actor) -> AppealQuerySet:
        """The appeals granted to this actor now. Row-level security holds the same line again."""
        shape, given = sight_of(actor)
        return self.in_sight(shape, *given)

    def in_sight(self, shape: Sight, *given: int | str) -> AppealQuerySet:
        """The appeals that are seen in this way, as `sight_of` says it."""
        how = shape[0]
        if how == "all":
            return self
        if how == "one":
            return self.filter(pk=given[0])
        mine = _mine(shape, given)
        if not mine:
            return self.none()
        return self.filter(pk__in=Access.objects.filter(mine, until__isnull=True).values("appeal_id"))


class Appeal(models.Model):
    """One matter of a worker (诉求 or 需求), from any door to its archive.

    `text` is the worker's own words, never rewritten. `handler` and `due_at` mirror the main order and its closing
    clock for lists; `dispatch` alone writes them, through `appeals.actions`. `source_due_at` is the day by which the
    source itself asks for an answer (工单自带时限); it stands beside our own deadline and never replaces it.
    """

    code = models.CharField(max_length=24, unique=True)
    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=64)
    content_digest = models.CharField(max_length=64)
    query_password_digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.APPEAL)
    channel = models.CharField(max_length=16, choices=Channel)
    title = MaskedTitle(max_length=200)
    text = models.TextField()
    region = models.ForeignKey(Region, null=True, on_delete=models.PROTECT)
    place = models.CharField(max_length=200, blank=True)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    employer_name = models.CharField(max_length=128, blank=True)
    employer = models.ForeignKey(Enterprise, null=True, on_delete=models.PROTECT, db_index=False)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)
    reporter_user_id = models.BigIntegerField(null=True)
    anonymous_to_employer = models.BooleanField(default=False)
    is_anonymous = models.BooleanField(default=False)
    together_with = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, db_index=False, related_name="joined"
    )
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, db_index=False, related_name="parts")
    hotline_kind = models.CharField(max_length=12, choices=HotlineKind, blank=True)
    source_due_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    entered_at = models.DateTimeField()

    status = models.CharField(max_length=20, default=Status.TRIAGE, choices=[(s.value, s.value) for s in Status])
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, db_index=False)
    second_category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, db_index=False, related_name="+")
    category_confidence = models.FloatField(null=True)
    category_words = models.JSONField(default=list)
    category_by_person = models.BooleanField(default=False)
    labour_related = models.BooleanField(default=True)
    labour_confidence = models.FloatField(null=True)
    model_version = models.CharField(max_length=32, blank=True)
    grade = models.CharField(max_length=6, default="green")
    grade_reasons = models.JSONField(default=list)
    restricted = models.BooleanField(default=False)
    needs_call_back = models.BooleanField(default=False)
    worker_count = models.PositiveIntegerField(null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)

    handler = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, db_index=False, related_name="handled"
    )
    handler_level = models.CharField(max_length=10, blank=True)
    due_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)
    is_overdue = models.BooleanField(default=False)

    result = models.TextField(blank=True)
    outcome = models.CharField(max_length=24, blank=True)
    helped_count = models.PositiveIntegerField(null=True)
    recovered_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    evidence = models.TextField(blank=True)
    resource = models.CharField(max_length=128, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_level = models.CharField(max_length=10, blank=True)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    satisfaction = models.CharField(max_length=12, blank=True)

    objects = AppealQuerySet.as_manager()

    reply_check: Any = None  # what was found about the answer that has just been given
    has_files: Any = None  # whether the action that has just ended saw files beside it; None where it did not look
    in_hand: Any = None  # what the action that has just ended knows of its clocks, to spare reading them again

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="appeal_once"),
            models.CheckConstraint(condition=Q(code__startswith="GQ"), name="appeal_code_form"),
            models.CheckConstraint(condition=~Q(text=""), name="appeal_has_words"),
            models.CheckConstraint(condition=Q(grade__in=["green", "yellow", "orange", "red"]), name="appeal_grade"),
            models.CheckConstraint(
                condition=~Q(status=Status.ARCHIVED) | Q(closed_at__isnull=False), name="appeal_archived_has_date"
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="appeal_not_into_itself"),
        ]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="appeal_recent"),
            models.Index(fields=["next_due_at", "received_at", "id"], name="appeal_open_due", condition=IS_OPEN),
            models.Index(fields=["-received_at", "-id"], name="appeal_open_recent", condition=IS_OPEN),
            models.Index(fields=["status", "-received_at", "-id"], name="appeal_open_newest", condition=IS_OPEN),
            models.Index(fields=["status", "-received_at", "-id"], name="appeal_ended_newest", condition=HAS_ENDED),
            models.Index(fields=["resolved_at"], name="appeal_resolved_at", condition=Q(resolved_at__isnull=False)),
            models.Index(fields=["received_at"], name="appeal_overdue", condition=Q(is_overdue=True)),
            models.Index(fields=["handler", "status"], name="appeal_handler"),
            models.Index(fields=["employer_name", "received_at"], name="appeal_employer"),
            models.Index(fields=["category", "received_at"], name="appeal_category"),
            models.Index(fields=["grade", "-received_at"], name="appeal_grade_recent"),
            models.Index(fields=["employer"], name="appeal_enterprise", condition=Q(employer__isnull=False)),
            models.Index(fields=["merged_into"], name="appeal_merged", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["together_with"], name="appeal_joined", condition=Q(together_with__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.code


class GramsField(SearchVectorField):  # type: ignore[type-arg]
    """A text search vector that is written from a list of grams as they are."""

    spelled_type = "text[]"
    spelled = "array_to_tsvector({})"


class SearchText(models.Model):
    """The 2-grams of an appeal's words. The bound role may write it, and reads it through `gq_search` alone."""

    appeal = models.OneToOneField(Appeal, primary_key=True, on_delete=models.PROTECT)
    body = models.TextField()
    grams = GramsField()

    def __str__(self) -> str:
        return f"words of {self.appeal_id}"


class SerialDay(models.Model):
    """Where the running number stood when a day's first appeal came; the day's serial is the distance from it."""

    day = models.DateField(primary_key=True)
    origin = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.day)
