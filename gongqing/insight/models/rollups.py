"""The sums that figures are read from, what each appeal was counted as, and how far the counting has come."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class CountedAppeal(models.Model):
    """What an appeal was counted as last (计入口径): taken off its sums before it is counted anew.

    Attributes:
        appeal_id: the appeal; no foreign key, so that no write of an appeal waits for it.
        received_on, resolved_on: days in Shanghai; the second only of what stands answered.
        scopes: the paths of the organisations one level below the city, and of departments, that see it, and the keys
            of the narrow sights in which it stands.
        county, town: the first 6 and 9 digits of its region, fewer where it is known less closely.
        reporter_id: the account that took it in and sees it as a person. person_id: whose matter it is.
        recovered: fen.
    """

    appeal_id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=6)
    received_on = models.DateField()
    resolved_on = models.DateField(null=True)
    scopes = ArrayField(models.TextField())
    county = models.CharField(max_length=6)
    town = models.CharField(max_length=9)
    handler = models.CharField(max_length=20)
    category = models.CharField(max_length=4)
    grade = models.CharField(max_length=6)
    channel = models.CharField(max_length=16)
    handled = models.BooleanField()
    answered = models.BooleanField()
    open = models.BooleanField()
    ended = models.BooleanField()
    timed = models.BooleanField()
    on_time = models.BooleanField()
    local = models.BooleanField()
    told = models.BooleanField()
    judged = models.BooleanField()
    content = models.BooleanField()
    satisfied = models.BooleanField()
    basically = models.BooleanField()
    dissatisfied = models.BooleanField()
    reopened = models.BooleanField()
    labour = models.BooleanField()
    urgent = models.BooleanField()
    paused = models.BooleanField()
    recovered = models.BigIntegerField()
    helped = models.BigIntegerField()
    reporter_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["received_on"], name="counted_received"),
            models.Index(fields=["resolved_on"], name="counted_resolved", condition=Q(resolved_on__isnull=False)),
            models.Index(fields=["appeal_id"], name="counted_open", condition=Q(open=True)),
            models.Index(fields=["handler", "received_on"], name="counted_handler"),
            models.Index(
                fields=["reporter_id", "received_on"],
                include=["appeal_id", "scopes"],  # few of what an account took in stand outside its sight
                name="counted_reporter",
                condition=Q(reporter_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"counted {self.appeal_id}"


class SumRow(models.Model):
    """What a sum holds: how many appeals meet each measure, and two amounts (汇总行)."""

    received = models.IntegerField()
    handled = models.IntegerField()
    answered = models.IntegerField()
    open = models.IntegerField()
    ended = models.IntegerField()
    timed = models.IntegerField()
    on_time = models.IntegerField()
    local = models.IntegerField()
    told = models.IntegerField()
    judged = models.IntegerField()
    content = models.IntegerField()
    satisfied = models.IntegerField()
    basically = models.IntegerField()
    dissatisfied = models.IntegerField()
    reopened = models.IntegerField()
    labour = models.IntegerField()
    urgent = models.IntegerField()
    paused = models.IntegerField()
    recovered = models.BigIntegerField()
    helped = models.BigIntegerField()

    class Meta:
        abstract = True


class DailySum(SumRow):
    """How many appeals of one day, in one sight, stand under one key (日汇总).

    Attributes:
        scope: whose sight: empty for the whole city, the six digits of a county for what happened there, the path of
            an organisation for what it and those below it see, or the key of a narrow sight (`SightPath`), which has
            totals alone.
        basis: whether the day is that of receipt or that of the answer.
        by: what `key` is: total, county, town, handler, category, grade or channel.
    """

    pk = models.CompositePrimaryKey("scope", "kind", "basis", "by", "day", "key")
    scope = models.CharField(max_length=200, db_collation="C")
    kind = models.CharField(max_length=6)
    basis = models.CharField(max_length=8)
    by = models.CharField(max_length=8)
    day = models.DateField()
    key = models.CharField(max_length=20)

    def __str__(self) -> str:
        return f"{self.scope or 'city'} {self.day} {self.by} {self.key}"


class MonthSum(SumRow):
    """The same of a whole month (月汇总), for every sight under every key; `day` is the first of the month."""

    pk = models.CompositePrimaryKey("scope", "kind", "basis", "by", "day", "key")
    scope = models.CharField(max_length=200, db_collation="C")
    kind = models.CharField(max_length=6)
    basis = models.CharField(max_length=8)
    by = models.CharField(max_length=8)
    day = models.DateField()
    key = models.CharField(max_length=20)

    def __str__(self) -> str:
        return f"{self.scope or 'city'} {self.day:%Y-%m} {self.by} {self.key}"


class SightPath(models.Model):
    """A path whose grants belong to a narrow sight (小视野): that of a town, or of a zone with its linked unions.

    Attributes:
        key: the path itself where it is the only one, else `+` and the path of the zone.
    """

    pk = models.CompositePrimaryKey("key", "path")
    key = models.CharField(max_length=200, db_collation="C")
    path = models.CharField(max_length=200, db_collation="C")

    class Meta:
        indexes = [models.Index(fields=["path"], name="sight_path")]

    def __str__(self) -> str:
        return f"{self.key} sees {self.path}"


class SightedAppeal(models.Model):
    """That an appeal was counted in a narrow sight (视野内诉求), on which days, and whether it is in hand."""

    pk = models.CompositePrimaryKey("scope", "appeal_id")
    scope = models.CharField(max_length=200, db_collation="C")
    appeal_id = models.BigIntegerField()
    received_on = models.DateField()
    resolved_on = models.DateField(null=True)
    open = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["scope"], include=["appeal_id"], name="sighted_open", condition=Q(open=True)),
            models.Index(fields=["scope", "received_on"], include=["appeal_id"], name="sighted_received"),
            models.Index(
                fields=["scope", "resolved_on"],
                include=["appeal_id"],
                name="sighted_resolved",
                condition=Q(resolved_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} saw {self.appeal_id}"


class SumsMark(models.Model):
    """How far the daily sums have come (汇总进度); one row.

    Attributes:
        upto_event_id: whatever was recorded up to here is in the sums.
        seen_event_id: the last event that the last run saw.
        next_event_id, next_after: where `upto_event_id` goes once every transaction before this one has ended.
        generation: how often the sums were changed, so that a reader knows whether they stood still.
    """

    built_at = models.DateTimeField()
    refreshed_at = models.DateTimeField()
    upto_event_id = models.BigIntegerField()
    seen_event_id = models.BigIntegerField()
    next_event_id = models.BigIntegerField(null=True)
    next_after = models.BigIntegerField(null=True)
    generation = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"sums up to {self.upto_event_id}"
