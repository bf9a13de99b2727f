"""What texts are like, the shared needs that were heard in them, and whose voices each is made of."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from gongqing.appeals.models import Appeal, Category
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.registry.models import Organisation
from gongqing.voices.rules.hearing import ROUTE_WORDS, is_heard_usually
from gongqing.voices.rules.track import STATE_WORDS, NeedState


class TextVectorQuerySet(models.QuerySet["TextVector"]):
    def visible_to(self, actor: Actor) -> TextVectorQuerySet:
        """Those of the appeals that the actor sees."""
        if sees_all(actor):
            return self
        return self.filter(appeal_id__in=Appeal.objects.visible_to(actor).values("pk"))


class TextVector(models.Model):
    """What the words of an appeal are like, as numbers (文本向量); made after it came in, forgotten with its words.

    `marks` are the pieces by which near texts are looked up; `town` the town's code, empty when unknown; `group` the
    number of the group that the appeal speaks with, None until it was placed.
    """

    appeal = models.OneToOneField(Appeal, primary_key=True, on_delete=models.PROTECT, related_name="text_vector")
    version = models.CharField(max_length=16)
    content = models.BinaryField()
    marks = ArrayField(models.IntegerField())
    town = models.CharField(max_length=12, blank=True)
    received_at = models.DateTimeField()
    group = models.BigIntegerField(null=True)

    objects = TextVectorQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["marks"], name="text_vector_marks", fastupdate=False),
            models.Index(fields=["received_at"], name="text_vector_window"),
            models.Index(fields=["town", "-appeal"], name="text_vector_town"),
            models.Index(fields=["group"], name="text_vector_group", condition=Q(group__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"vector of {self.appeal_id}"


class SharedNeedQuerySet(models.QuerySet["SharedNeed"]):
    def visible_to(self, actor: Actor) -> SharedNeedQuerySet:
        """Those of one's own union and of the unions below, and those in which an appeal speaks that one sees."""
        if sees_all(actor):
            return self
        given = (list(actor.paths), actor.user_id, actor.person_id)
        mine = Q(pk__in=RawSQL("SELECT gq_heard_needs(%s::text[], %s::bigint, %s::bigint)", given))
        for path in actor.paths:
            mine |= Q(organisation__path__gte=path, organisation__path__lt=path[:-1] + "0")
        return self.filter(mine)


class SharedNeed(models.Model):
    """Something that many workers ask for (共性需求), from the day it was heard until everybody in it was told the end.

    It belongs to the union of the smallest division that holds nearly all of its voices. The numbers are those of the
    last hearing; `usual` and `high` are what a week without the matter would bring. One that is the same as another
    is merged into that; `state_before` is where it stood, and where it stands again when it is taken apart.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="shared_needs")
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=100)
    words = models.JSONField(default=list)
    group = models.BigIntegerField(null=True, unique=True)
    state = models.CharField(
        max_length=10, choices=[(each.value, words) for each, words in STATE_WORDS.items()], default=NeedState.PROPOSED
    )
    suggested_route = models.CharField(max_length=12)
    route = models.CharField(
        max_length=12, blank=True, choices=[(each.value, words) for each, words in ROUTE_WORDS.items()]
    )
    partner = models.CharField(max_length=128, blank=True)
    plan = models.CharField(max_length=500, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    answered_by = models.CharField(max_length=128, blank=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    state_before = models.CharField(max_length=10, blank=True)
    result = models.CharField(max_length=500, blank=True)
    done_on = models.DateField(null=True)
    feedback = models.CharField(max_length=500, blank=True)
    found_at = models.DateTimeField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    voice_count = models.PositiveIntegerField()
    person_count = models.PositiveIntegerField()
    employer_count = models.PositiveIntegerField()
    week_count = models.PositiveIntegerField()
    usual = models.FloatField()
    high = models.PositiveIntegerField()
    chance = models.FloatField()
    heard_at = models.DateTimeField()

    objects = SharedNeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["taken_up", "answered", "done", "fed_back"]) | ~Q(route=""),
                name="shared_need_taken_up_has_route",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "fed_back"]) | (~Q(result="") & Q(done_on__isnull=False)),
                name="shared_need_done_has_result",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="shared_need_merged_into_one",
            ),
            models.CheckConstraint(
                condition=~Q(state="fed_back") | ~Q(feedback=""), name="shared_need_fed_back_has_words"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "state", "-last_at"], name="shared_need_of_union")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_heard_usually(self) -> bool:
        """Whether a usual week brings so much that its number says something."""
        return is_heard_usually(self.usual)


class NeedVoiceQuerySet(models.QuerySet["NeedVoice"]):
    def visible_to(self, actor: Actor) -> NeedVoiceQuerySet:
        """Those whose appeal the actor sees."""
        if sees_all(actor):
            return self
        return self.filter(appeal_id__in=Appeal.objects.visible_to(actor).values("pk"))


class NeedVoice(models.Model):
    """One appeal as a part of a shared need (共性需求里的一件), since when, and when its worker was told the end.

    `left_at` and `left_because` say that a person found it to be something else; it does not join again. `came_from` is
    the need that it was a part of before a person merged that into this one, or split it off.
    """

    need = models.ForeignKey(SharedNeed, on_delete=models.PROTECT, related_name="voices")
    came_from = models.ForeignKey(SharedNeed, null=True, on_delete=models.PROTECT, related_name="given_away")
    appeal = models.OneToOneField(Appeal, on_delete=models.PROTECT, related_name="need_voice")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    left_because = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField(null=True)

    objects = NeedVoiceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["need", "appeal"], name="need_voice_of_need")]

    def __str__(self) -> str:
        return f"{self.appeal_id} in {self.need_id}"


class NeedMark(models.Model):
    """A grant that a voice of a shared need has or had (需求所及), by the need.

    The database keeps it, and alone reads it: it says where to look for a voice that somebody sees now.

    Attributes:
        mark: the path of an organisation, `u<account>` or `p<worker>`.
    """

    pk = models.CompositePrimaryKey("need", "mark", "appeal")
    need = models.ForeignKey(
        SharedNeed, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    mark = models.TextField(db_collation="C")
    appeal = models.ForeignKey(
        Appeal, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    def __str__(self) -> str:
        return f"need {self.need_id} {self.mark}"
