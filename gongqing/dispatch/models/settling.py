"""Lists of matters that a union settles one by one, each struck off with evidence (清单销号)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.db.models import F, Q

from gongqing.appeals.models import Appeal
from gongqing.appeals.models.titles import MaskedTitle
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.dispatch.models.sealed import SealedDocument
from gongqing.registry.models import Organisation


class ListKind(models.TextChoices):
    DISPUTES = "disputes", "劳动争议"
    WAGES = "wages", "欠薪"
    COLLECTIVE = "collective", "集体性风险"
    SAFETY = "safety", "劳动安全卫生"
    OTHER = "other", "其他"


class EntryState(models.TextChoices):
    OPEN = "open", "待销号"
    CLAIMED = "claimed", "报请销号"
    STRUCK_OFF = "struck_off", "已销号"
    WITHDRAWN = "withdrawn", "已撤出"


def bounds_of(actor: Actor) -> tuple[str, ...]:
    """Where each of the actor's paths begins and what lies behind it."""
    return tuple(bound for path in actor.paths for bound in (path, path[:-1] + "0"))


def _under(bounds: Sequence[str], field: str) -> Q:
    """Rows whose organisation lies within one of the bounds; nothing for those who have none."""
    mine = Q(pk__in=[])
    for low, high in zip(bounds[::2], bounds[1::2], strict=True):
        mine |= Q(**{f"{field}__path__gte": low, f"{field}__path__lt": high})
    return mine


class SettlingListQuerySet(models.QuerySet["SettlingList"]):
    def visible_to(self, actor: Actor) -> SettlingListQuerySet:
        """One's own lists, those of the unions below, and those that hold a matter for one's organisation."""
        return self if sees_all(actor) else self.within(bounds_of(actor))

    def within(self, bounds: Sequence[str]) -> SettlingListQuerySet:
        """As `visible_to` whoever stands within these bounds."""
        asked = ListEntry.objects.filter(_under(bounds, "organisation")).values("list_id")
        return self.filter(_under(bounds, "organisation") | Q(pk__in=asked))


class SettlingList(models.Model):
    """A list of matters that a county or the city settles until a day (清单); `organisation` keeps it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="settling_lists")
    kind = models.CharField(max_length=12, choices=ListKind)
    title = models.CharField(max_length=100)
    note = models.TextField(blank=True)
    opened_on = models.DateField()
    due_on = models.DateField()
    closed_on = models.DateField(null=True)
    made_at = models.DateTimeField()
    by_name = models.CharField(max_length=64)

    objects = SettlingListQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gte=F("opened_on")), name="settling_list_due_after_opening"),
            models.UniqueConstraint(fields=["organisation", "title"], name="settling_list_title_once"),
        ]
        indexes = [models.Index(fields=["organisation", "-opened_on"], name="settling_list_recent")]

    def __str__(self) -> str:
        return self.title


class ListEntryQuerySet(models.QuerySet["ListEntry"]):
    def visible_to(self, actor: Actor) -> ListEntryQuerySet:
        """What stands on one's own lists and those below, and what one's organisation is asked to settle."""
        return self if sees_all(actor) else self.within(bounds_of(actor))

    def within(self, bounds: Sequence[str]) -> ListEntryQuerySet:
        """As `visible_to` whoever stands within these bounds."""
        return self.filter(_under(bounds, "list__organisation") | _under(bounds, "organisation"))


class ListEntry(models.Model):
    """One matter on a list (清单事项): an appeal, or a matter from outside that was typed.

    `organisation` settles it and claims so with evidence; the list's owner strikes it off or sends it back. People and
    yuan are the appeal's when it was answered; where they were changed, `figures_reason` says why. `remark` is the last
    word that was said to it.
    """

    list = models.ForeignKey(SettlingList, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    appeal = models.ForeignKey(Appeal, null=True, on_delete=models.PROTECT, related_name="list_entries")
    title = MaskedTitle(max_length=200)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="list_entries")
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=EntryState, default=EntryState.OPEN)
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=64)
    helped_count = models.PositiveIntegerField(null=True)
    recovered_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    figures_reason = models.CharField(max_length=200, blank=True)
    evidence = models.TextField(blank=True)
    claimed_at = models.DateTimeField(null=True)
    claimed_by_user_id = models.BigIntegerField(null=True)
    claimed_by_name = models.CharField(max_length=64, blank=True)
    struck_off_at = models.DateTimeField(null=True)
    struck_off_by_user_id = models.BigIntegerField(null=True)
    struck_off_by_name = models.CharField(max_length=64, blank=True)
    came_back_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=500, blank=True)

    objects = ListEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "number"], name="list_entry_number_once"),
            models.UniqueConstraint(
                fields=["list", "appeal"], condition=~Q(state="withdrawn"), name="appeal_once_on_a_list"
            ),
            models.CheckConstraint(
                condition=~Q(state="struck_off")
                | (
                    Q(
                        struck_off_at__isnull=False,
                        struck_off_by_user_id__isnull=False,
                        claimed_by_user_id__isnull=False,
                        helped_count__isnull=False,
                        recovered_amount__isnull=False,
                    )
                    & ~Q(evidence="")
                    & ~Q(struck_off_by_user_id=F("claimed_by_user_id"))
                ),
                name="striking_off_needs_evidence_and_two",
            ),
            models.CheckConstraint(
                condition=Q(state="struck_off") | Q(struck_off_at__isnull=True), name="list_entry_struck_off_or_not"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="list_entry_due"),
            models.Index(fields=["organisation", "state"], name="list_entry_held"),
        ]

    def __str__(self) -> str:
        return f"{self.list_id}-{self.number}"


class EntryDocument(SealedDocument):
    """A file that proves a settlement (销号材料)."""

    entry = models.ForeignKey(ListEntry, on_delete=models.PROTECT, related_name="documents")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "digest"], name="entry_document_once")]
