"""What boards and lists count, narrow and side by side: kept by the database itself, in the transaction of each change.

Nothing in Python writes here: triggers of `dispatch/migrations/0020` and `0021` do; `0023` counts for somebody.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from gongqing.appeals.models import Appeal, Category
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.dispatch.models.clocks import Clock
from gongqing.registry.models import Organisation

_HELD = (
    '("dispatch_openappeal"."appeal_id" IN (SELECT mine FROM gq_open_to_me() mine)'
    ' OR "dispatch_openappeal"."appeal_id" = (SELECT gq_code_appeal()))'
)
_GRANTED = '"dispatch_openappeal"."appeal_id" IN (SELECT granted FROM gq_granted_open(%s::text[], %s::text[]) granted)'
# both lines at once: what is granted to the actor, and held by whom PostgreSQL knows to act
_COUNTED = '"dispatch_openappeal"."appeal_id" = ANY ((SELECT gq_counted_open(%s::text[], %s::text[]))::bigint[])'

# in the words of `open_in_hand`, an index for those who look up numbers (dispatch/0025)
LOOKED_UP_IN_HAND = """("dispatch_openappeal"."status" NOT IN ('awaiting_evaluation', 'resolved')) IS TRUE"""


def open_sight_of(actor: Actor) -> tuple[str, tuple[Any, ...]]:
    """How an actor sees what is open, `all`, `one` or what was `granted`, and what goes into that condition.

    Of what was granted: from each of the first marks up to below each of the second (`OpenGrant.mark`).
    """
    if sees_all(actor):
        return "all", ()
    if actor.appeal_id is not None:
        return "one", (actor.appeal_id,)
    selves = [f"u{actor.user_id}"] if actor.user_id else []
    selves += [f"p{actor.person_id}"] if actor.person_id else []
    below = [f"{path[:-1]}0" for path in actor.paths]
    # no longer number of an account stands before `!`
    return "granted", ((*actor.paths, *selves), (*below, *(f"{mark}!" for mark in selves)))


def _lists(given: tuple[Any, ...]) -> list[list[str]]:
    """As Django hands them on; a prepared query takes them as they are."""
    return [list(marks) for marks in given]


class OpenAppealQuerySet(models.QuerySet["OpenAppeal"]):
    def visible_to(self, actor: Actor) -> OpenAppealQuerySet:
        """Those granted to this actor now. Row-level security holds the same line again."""
        how, given = open_sight_of(actor)
        if how == "granted":
            return self.filter(RawSQL(_GRANTED, _lists(given), output_field=BooleanField()))  # noqa: S611
        return self.filter(pk=given[0]) if how == "one" else self

    def counted_for(self, actor: Actor) -> OpenAppealQuerySet:
        """As `visible_to`, for whoever counts elevated: it holds the acting person's own scope beside the actor's.

        Elevation lifts row-level security; whom PostgreSQL knows to act stays as it was.
        """
        how, given = open_sight_of(actor)
        return self.counted_as(how, *(_lists(given) if how == "granted" else given))

    def counted_as(self, how: str, *given: Any) -> OpenAppealQuerySet:
        """As `counted_for`, by what `open_sight_of` says."""
        if how == "granted":
            return self.filter(RawSQL(_COUNTED, given, output_field=BooleanField()))  # noqa: S611
        if how == "one":
            return self.filter(RawSQL(_HELD, [], output_field=BooleanField()), pk=given[0])  # noqa: S611
        return self


class OpenAppeal(models.Model):
    """What lists and boards ask of an appeal that is open (在手一览); what is closed has no row.

    The names are those of `Appeal`, so one condition counts here and lists there.

    Attributes:
        unsigned_since: since when its main order waits to be signed.
        asks_extension: more time is asked for. is_extended: it was granted to the present handler.
    """

    appeal = models.OneToOneField(
        Appeal, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    received_at = models.DateTimeField()
    reopened_count = models.PositiveSmallIntegerField()
    is_overdue = models.BooleanField()
    asks_extension = models.BooleanField()
    is_extended = models.BooleanField()
    status = models.CharField(max_length=20)
    grade = models.CharField(max_length=6)
    handler = models.ForeignKey(
        Organisation, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    category = models.ForeignKey(
        Category, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    next_due_at = models.DateTimeField(null=True)
    unsigned_since = models.DateTimeField(null=True)
    reporter_user_id = models.BigIntegerField(null=True)
    worker_count = models.PositiveIntegerField(null=True)
    amount = models.FloatField(null=True)

    objects = OpenAppealQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["handler"], name="open_handler"),
            models.Index(fields=["status"], name="open_status"),
            models.Index(fields=["next_due_at", "received_at", "appeal"], name="open_due_first"),
            models.Index(fields=["appeal"], condition=models.Q(is_overdue=True), name="open_overdue"),
        ]

    def __str__(self) -> str:
        return f"open {self.appeal_id}"


class OpenGrant(models.Model):
    """To whom an open appeal is granted now (在手可见): what in `Access` has no end, once for each.

    Attributes:
        mark: the path of an organisation, `u<account>` or `p<worker>`.
    """

    pk = models.CompositePrimaryKey("mark", "appeal")
    mark = models.TextField(db_collation="C")
    appeal = models.ForeignKey(Appeal, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")

    def __str__(self) -> str:
        return f"open {self.appeal_id} {self.mark}"


class Closing(models.Model):
    """A closing clock that has ended, met or late, beside what its appeal stands under (办结计时)."""

    clock = models.OneToOneField(
        Clock, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    ended_at = models.DateTimeField()
    handler = models.ForeignKey(
        Organisation, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    category = models.ForeignKey(
        Category, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    grade = models.CharField(max_length=6)
    state = models.CharField(max_length=8)

    class Meta:
        # with all that is counted of a closing, so no row is looked up
        indexes = [
            models.Index(fields=["ended_at"], include=["state"], name="closing_ended"),
            models.Index(fields=["handler", "ended_at"], include=["state"], name="closing_handler"),
        ]

    def __str__(self) -> str:
        return f"closing {self.clock_id} {self.state}"
