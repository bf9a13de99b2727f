"""How the reader is corrected, which of its versions ran, what it found on careful reading, what others were asked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gongqing.appeals.models.appeals import Appeal
from gongqing.appeals.models.configuration import Category


class ReaderCorrection(models.Model):
    """What somebody confirmed or changed of what was said about an appeal (更正).

    `chosen_…` is what the person said; empty where the person said nothing on it. Neither words nor names of the appeal
    are copied: who learns from it reads them there, masked, as long as they may be read.
    """

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="corrections")
    suggested = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+")
    chosen = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+")
    suggested_second = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+")
    chosen_second = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="+")
    suggested_labour = models.BooleanField(null=True)
    chosen_labour = models.BooleanField(null=True)
    suggested_grade = models.CharField(max_length=6, blank=True)
    chosen_grade = models.CharField(max_length=6, blank=True)
    suggested_kind = models.CharField(max_length=6, blank=True)
    chosen_kind = models.CharField(max_length=6, blank=True)
    confidence = models.FloatField(null=True)
    model_version = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()
    by_user_id = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="correction_at")]

    def __str__(self) -> str:
        return f"{self.appeal_id} → {self.chosen_id}"


class ListeningMark(models.Model):
    """How far the appeals were heard again for words of danger, with the encoder (复听进度); one row.

    Attributes:
        upto_appeal_id: every appeal up to here was heard, or came in before the listening began.
    """

    upto_appeal_id = models.BigIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.upto_appeal_id)


class VersionState(models.TextChoices):
    RUNNING = "running", "运行中"
    RETIRED = "retired", "已换下"
    REFUSED = "refused", "没有通过比较"


class ReaderVersion(models.Model):
    """One fitted version of this city's reader (分类模型版本); its files lie under `GONGQING_HOME/readers`.

    Without a running one the shipped reader speaks. `digest` is the SM3 of its card, which holds those of the files;
    `follows` is the version that it took over from, empty for the shipped one.
    """

    name = models.CharField(max_length=32, unique=True)
    fitted_on = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=VersionState)
    correction_count = models.PositiveIntegerField()
    last_correction_id = models.BigIntegerField()
    comparison = models.JSONField()
    follows = models.CharField(max_length=32, blank=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=64)
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state=VersionState.RUNNING), name="reader_one_runs")
        ]

    def __str__(self) -> str:
        return self.name


class CallOutcome(models.TextChoices):
    ANSWERED = "answered", "已答"
    MALFORMED = "malformed", "答非所问"
    LATE = "late", "超时"
    UNREACHABLE = "unreachable", "连不上"
    REFUSED = "refused", "被拒绝"
    OUTSIDE = "outside", "不在内网，没有问"
    OVER_BUDGET = "over_budget", "超出当日上限，没有问"
    RESTING = "resting", "连续失败，暂停没有问"


class ReaderCall(models.Model):
    """One question to the second reader (第二判读): what it cost and what came of it.

    `evidence` holds words of the masked text alone; `grade` is empty where it is not above ours.
    """

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="reader_calls")
    at = models.DateTimeField()
    model = models.CharField(max_length=64)
    outcome = models.CharField(max_length=12, choices=CallOutcome)
    note = models.CharField(max_length=200, blank=True)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    milliseconds = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=4, blank=True)
    second_code = models.CharField(max_length=4, blank=True)
    labour = models.BooleanField(null=True)
    grade = models.CharField(max_length=6, blank=True)
    evidence = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["at"], name="reader_call_at")]
        constraints = [models.UniqueConstraint(fields=["appeal"], name="reader_call_once")]

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.outcome}"


class CarefulOutcome(models.TextChoices):
    SETTLED = "settled", "已定类"
    SUGGESTED = "suggested", "仍待人确认"


class CarefulReading(models.Model):
    """What the reader said of an appeal in triage when it read it carefully (细读), by its newest version.

    `top` holds pairs of code and probability, likeliest first; `words` are pieces of the appeal's own words.
    """

    appeal = models.OneToOneField(Appeal, primary_key=True, on_delete=models.PROTECT, related_name="careful_reading")
    at = models.DateTimeField()
    version = models.CharField(max_length=32)
    top = models.JSONField()
    second_code = models.CharField(max_length=4, blank=True)
    words = models.JSONField(default=list)
    outcome = models.CharField(max_length=9, choices=CarefulOutcome)

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.outcome}"
