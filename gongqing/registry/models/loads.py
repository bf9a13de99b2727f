"""Files of rows that were loaded, row by row: what became of each, and how to take it back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.registry.models.organisations import Organisation

ROW, FILE = "load_row.content", "load.file"


class LoadKind(models.TextChoices):
    APPEALS = "appeals", "诉求"
    ORGANISATIONS = "organisations", "组织"
    STAFF = "staff", "人员与任职"


class LoadState(models.TextChoices):
    CHECKED = "checked", "待开始"
    RUNNING = "running", "正在导入"
    PAUSED = "paused", "已暂停"
    DONE = "done", "已完成"
    UNDOING = "undoing", "正在撤销"
    UNDONE = "undone", "已撤销"
    FAILED = "failed", "中断"


class RowState(models.TextChoices):
    RECEIVED = "received", "已登记"
    WAITING = "waiting", "待分类"
    SCREENED_OUT = "screened_out", "非劳动事项"
    RESTORED = "restored", "已恢复"
    ADDED = "added", "新增"
    CHANGED = "changed", "更新"
    UNCHANGED = "unchanged", "没有变化"
    REPEATED = "repeated", "重复"
    REJECTED = "rejected", "有误"
    UNDONE = "undone", "已撤销"
    KEPT = "kept", "撤销时保留"


class LoadQuerySet(models.QuerySet["Load"]):
    def visible_to(self, actor: Actor) -> LoadQuerySet:
        """One's own loads and those made at an organisation in one's scope."""
        if sees_all(actor):
            return self
        if actor.user_id is None:
            return self.none()
        mine = Q(by_user_id=actor.user_id)
        for path in actor.paths:
            mine |= Q(path__gte=path, path__lt=path[:-1] + "0")
        return self.filter(mine)


class Load(models.Model):
    """One file of rows (装载): read once, run as a job that may be paused, continued and undone.

    The file itself lies sealed under `file_key` in the store of files until the load is done. `counts` holds the
    number of rows by `RowState`; `done_count` the rows that have been dealt with, where a broken run goes on.
    """

    kind = models.CharField(max_length=14, choices=LoadKind)
    source = models.CharField(max_length=32)
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    file_key = models.CharField(max_length=64, blank=True)
    sheet_name = models.CharField(max_length=64, blank=True)
    header_row = models.PositiveIntegerField(default=1)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=LoadState, default=LoadState.CHECKED)
    row_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    fault = models.CharField(max_length=300, blank=True)
    by_user_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=64)
    by_posting_id = models.BigIntegerField(null=True)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    path = models.CharField(max_length=200, blank=True, db_collation="C")
    made_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = LoadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["kind", "-made_at"], name="load_recent")]
        constraints = [
            models.CheckConstraint(condition=Q(done_count__lte=models.F("row_count")), name="load_done_within")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"


class LoadRow(models.Model):
    """One row of a load and what became of it. `content_sealed` keeps the row where it may be asked for again.

    `subject_kind` and `subject_id` name what it made or changed; `before` holds the values that an undo puts back.
    """

    SEALED: ClassVar[dict[str, str]] = {"content_sealed": ROW}

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=RowState)
    source = models.CharField(max_length=32)
    external_id = models.CharField(max_length=64, blank=True)
    subject_kind = models.CharField(max_length=32, blank=True)
    subject_id = models.BigIntegerField(null=True)
    problems = models.JSONField(default=list)
    note = models.CharField(max_length=200, blank=True)
    content_sealed = models.BinaryField(null=True)
    before = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["load", "number"], name="load_row_once")]
        indexes = [
            models.Index(fields=["load", "state", "number"], name="load_row_state"),
            models.Index(fields=["source", "external_id"], name="load_row_number"),
        ]

    def __str__(self) -> str:
        return f"row {self.number} of {self.load_id}"


class ColumnMapping(models.Model):
    """Which column of a source's sheets holds what, remembered from the last load (列对应)."""

    kind = models.CharField(max_length=14, choices=LoadKind)
    source = models.CharField(max_length=32)
    mapping = models.JSONField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "source"], name="mapping_of_source")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"
