"""Which lists are there to settle, what stands on them, and which appeals may be put on one? (清单销号)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Access, Appeal
from gongqing.appeals.rules.statuses import ANSWERED, OPEN, Status
from gongqing.audit import queries as audit
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.models import Event
from gongqing.audit.reading import Asking, Prepared
from gongqing.dispatch.models import EntryDocument, EntryState, ListEntry, SettlingList
from gongqing.dispatch.models.settling import bounds_of
from gongqing.dispatch.queries.cases import CaseFilters, filtered
from gongqing.dispatch.queries.settling_totals import (
    NOTHING,
    EntryFilters,
    Sums,
    counties,
    each_matter_once,
    late_on,
    narrowed,
    struck_off_in,
    summed,
    sums_of_row,
)
from gongqing.dispatch.rules import settling as rules
from gongqing.lib.errors import BadInput, NotFound
from gongqing.registry.models import Level, Organisation

PICKABLE: Mapping[str, Sequence[Status]] = {
    "open": [status for status in OPEN if status not in ANSWERED],
    "answered": [*ANSWERED],
    "": [status for status in Status if status in OPEN | ANSWERED],
}
PAGE = 50
MOST_EXPORTED = 10_000


@dataclass(frozen=True, slots=True)
class ListLine:
    """One list with what stands on it."""

    list: SettlingList
    sums: Sums
    is_late: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of entries."""

    entries: Sequence[ListEntry]
    total: int
    number: int

    @property
    def first(self) -> int:
        """The place of the first entry, counted from 1."""
        return (self.number - 1) * PAGE + 1

    @property
    def has_more(self) -> bool:
        """Is there another page?"""
        return self.number * PAGE < self.total


def list_numbered(list_id: int, actor: Actor) -> SettlingList:
    """One list in the actor's view.

    Raises:
        NotPermitted, NotFound.
    """
    rules.check_can_read_lists(actor)
    found = SettlingList.objects.visible_to(actor).select_related("organisation").filter(pk=list_id).first()
    if found is None:
        raise NotFound("没有这份清单，或者不在您能看的范围内。")
    return found


def entry_numbered(entry_id: int, actor: Actor) -> ListEntry:
    """One matter on a list, in the actor's view.

    Raises:
        NotPermitted, NotFound.
    """
    rules.check_can_read_lists(actor)
    found = _entries(actor).filter(pk=entry_id).first()
    if found is None:
        raise NotFound("清单上没有这一项，或者不在您能看的范围内。")
    return found


def document_numbered(entry_id: int, document_id: int, actor: Actor) -> EntryDocument:
    """One file of a matter.

    Raises:
        NotPermitted, NotFound.
    """
    found = EntryDocument.objects.filter(pk=document_id, entry=entry_numbered(entry_id, actor)).first()
    if found is None:
        raise NotFound("没有这份材料，或者不在您能看的范围内。")
    return found


def place_of(organisation: Organisation) -> rules.Place:
    """An organisation as the rules see it."""
    return rules.Place(organisation.pk, organisation.path)


def lists_in_view(actor: Actor, today: date, filters: EntryFilters) -> list[ListLine]:
    """The lists that the actor sees, open ones first, late ones before others; each with its own sums."""
    rules.check_can_read_lists(actor)
    found = SettlingList.objects.visible_to(actor).select_related("organisation")
    if filters.kind:
        found = found.filter(kind=filters.kind)
    lists = {one.pk: one for one in found.order_by(F("closed_on").asc(nulls_first=True), "due_on", "-id")[:200]}
    seen = ListEntry.objects.visible_to(actor).filter(list_id__in=lists).exclude(state=EntryState.WITHDRAWN)
    sums = {row["list_id"]: sums_of_row(row) for row in summed(seen.values("list_id"), today, None)}
    lines = [ListLine(one, sums.get(one.pk, Sums()), bool(sums.get(one.pk, Sums()).late)) for one in lists.values()]
    return sorted(lines, key=lambda line: (line.list.closed_on is not None, not line.is_late))


def sums_of(found: SettlingList, actor: Actor, today: date) -> Sums:
    """What one list adds up to, every entry that the actor sees counted."""
    seen = ListEntry.objects.visible_to(actor).filter(list=found).exclude(state=EntryState.WITHDRAWN)
    rows = list(summed(seen.values("list_id"), today, None))
    return sums_of_row(rows[0]) if rows else Sums()


def entries_page(actor: Actor, filters: EntryFilters, today: date, number: int = 1) -> Page:
    """A page of entries, those that are late first.

    Raises:
        NotPermitted.
    """
    found = _ordered(entries_of(actor, filters, today), today)
    total = found.count()
    number = max(1, min(number, -(-total // PAGE) or 1))
    return Page(list(found[(number - 1) * PAGE : number * PAGE]), total, number)


def exported_entries(actor: Actor, filters: EntryFilters, today: date) -> list[ListEntry]:
    """What an export holds, in the order of the page.

    Raises:
        NotPermitted.
    """
    return list(_ordered(entries_of(actor, filters, today), today)[:MOST_EXPORTED])


def entries_of(actor: Actor, filters: EntryFilters, today: date) -> QuerySet[ListEntry]:
    """The entries that a number stands for.

    Raises:
        NotPermitted.
    """
    rules.check_can_read_lists(actor)
    if filters.list_id is not None:
        found = _entries(actor).filter(list_id=filters.list_id)
    elif filters.show == EntryState.WITHDRAWN:
        found = narrowed(_entries(actor), filters, counties())
    else:
        once = each_matter_once(actor, filters, counties())
        found = _entries(actor).filter(pk__in=once.values("pk"))
    match filters.show:
        case "late":
            return found.filter(late_on(today))
        case "struck_off":
            return found.filter(struck_off_in(filters.year))
        case "open" | "claimed" | "withdrawn":
            return found.filter(state=filters.show)
    return found.exclude(state=EntryState.WITHDRAWN)


def documents_of(entry: ListEntry) -> list[EntryDocument]:
    """The files of a matter, oldest first."""
    return list(entry.documents.order_by("id"))


def entries_of_appeal(appeal: Appeal, actor: Actor) -> list[ListEntry]:
    """On which lists in view an appeal stands; those it was withdrawn from are left out."""
    is_all, bounds = _sight_of(actor)
    return _of_appeal.all(appeal.pk, *bounds, shape=(is_all, len(bounds)))


@Prepared
def _of_appeal(shape: tuple[bool, int], appeal_id: int, *bounds: str) -> QuerySet[ListEntry]:
    found = ListEntry.objects.all() if shape[0] else ListEntry.objects.within(bounds)
    found = found.select_related("list__organisation", "organisation", "appeal__category")
    return found.filter(appeal_id=appeal_id).exclude(state=EntryState.WITHDRAWN).order_by("id")


def asked_of_lists(appeal_id: int, actor: Actor) -> list[Asking[Any]]:
    """What `entries_of_appeal` and `lists_kept_by` ask, to be asked together with others."""
    is_all, bounds = _sight_of(actor)
    shape = is_all, len(bounds)
    kept = [_open_lists(*bounds, shape=shape)] if actor.role in rules.KEEPERS else []
    return [_of_appeal(appeal_id, *bounds, shape=shape), *kept]


def _sight_of(actor: Actor) -> tuple[bool, tuple[str, ...]]:
    """Whether the actor sees every list, and within which bounds if not."""
    return (True, ()) if scope.sees_all(actor) else (False, bounds_of(actor))


def lists_kept_by(actor: Actor) -> list[SettlingList]:
    """The open lists that the actor may put something on."""
    if actor.role not in rules.KEEPERS:
        return []
    is_all, bounds = _sight_of(actor)
    found = _open_lists.all(*bounds, shape=(is_all, len(bounds)))
    return [one for one in found if rules.keeps(actor, place_of(one.organisation))]


@Prepared
def _open_lists(shape: tuple[bool, int], *bounds: str) -> QuerySet[SettlingList]:
    found = SettlingList.objects.all() if shape[0] else SettlingList.objects.within(bounds)
    return found.filter(closed_on__isnull=True).select_related("organisation").order_by("-id")


def lists_open_for(appeal: Appeal, actor: Actor) -> list[SettlingList]:
    """The open lists of the actor on which an appeal does not stand yet; none for one that has ended unanswered."""
    if Status(appeal.status) not in OPEN | ANSWERED:
        return []
    kept = lists_kept_by(actor)
    taken = set(
        ListEntry.objects.filter(appeal=appeal, list__in=kept)
        .exclude(state=EntryState.WITHDRAWN)
        .values_list("list_id", flat=True)
    )
    return [one for one in kept if one.pk not in taken]


def appeals_to_enlist(
    found: SettlingList, actor: Actor, filters: CaseFilters, *, employer: str = "", standing: str = "open"
) -> QuerySet[Appeal]:
    """The appeals in view that match and do not stand on the list yet, oldest first.

    Args:
        employer: part of the employer's name.
        standing: `open`, `answered`, or empty for both.

    Raises:
        BadInput: a filter that cannot be, or none at all.
    """
    asked = (filters.grade, filters.category, filters.region, employer.strip())
    if not any(asked):
        raise BadInput("grade", "请至少选一个条件：等级、分类、用人单位或区县。")
    if standing not in PICKABLE:
        raise BadInput("standing", "请选在办、已办结或都要。")
    matching = filtered(appeals.appeals_for(actor), filters).filter(status__in=PICKABLE[standing])
    if employer.strip():
        matching = matching.filter(employer_name__icontains=employer.strip())
    standing_there = ListEntry.objects.filter(list=found, appeal__isnull=False).exclude(state=EntryState.WITHDRAWN)
    return matching.exclude(pk__in=standing_there.values("appeal_id")).order_by("received_at", "id")


def is_shown_to(appeal_id: int, organisation: Organisation) -> bool:
    """Does somebody of this organisation see the appeal? Only then may it be asked to settle it."""
    held = Access.objects.filter(appeal_id=appeal_id, until__isnull=True)
    return held.filter(path__gte=organisation.path, path__lt=organisation.path[:-1] + "0").exists()


def history_of_entry(entry: ListEntry) -> list[Event]:
    """What was done to a matter, oldest first. The caller has checked that it is visible."""
    with scope.elevated():
        return list(audit.events_of("listentry", entry.pk))


def answered_figures(appeal: Appeal | None) -> tuple[int | None, Decimal | None]:
    """People and yuan of an answered appeal; nothing for any other."""
    if appeal is None or Status(appeal.status) not in ANSWERED:
        return None, None
    return appeal.helped_count or 0, appeal.recovered_amount or NOTHING


def _entries(actor: Actor) -> QuerySet[ListEntry]:
    return ListEntry.objects.visible_to(actor).select_related("list__organisation", "organisation", "appeal__category")


def _ordered(found: QuerySet[ListEntry], today: date) -> QuerySet[ListEntry]:
    band = Case(
        When(late_on(today), then=Value(0)),
        When(state=EntryState.CLAIMED, then=Value(1)),
        When(state=EntryState.OPEN, then=Value(2)),
        When(state=EntryState.STRUCK_OFF, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    return found.annotate(band=band).order_by("band", "due_on", "list_id", "number")


def places_below(found: SettlingList) -> list[str]:
    """Names of the organisations that the owner of a list may ask, itself first."""
    below = Organisation.objects.under(found.organisation.path).filter(is_active=True).order_by("path")[:300]
    departments = Organisation.objects.filter(level=Level.DEPARTMENT, is_active=True).order_by("code")[:100]
    return [one.name for one in [*below, *departments]]


def locked_entries_of(appeal_id: int) -> QuerySet[ListEntry]:
    """The entries of an appeal on every list, to be locked; oldest first."""
    waiting = ListEntry.objects.select_for_update(of=("self",)).filter(appeal_id=appeal_id)
    return waiting.select_related("list__organisation", "organisation").order_by("id")


def open_entries_of(appeal_id: int) -> list[ListEntry]:
    """Those that are open, locked."""
    return _open_entries.all(appeal_id)


@Prepared
def _open_entries(_: None, appeal_id: int) -> QuerySet[ListEntry]:
    return locked_entries_of(appeal_id).filter(state=EntryState.OPEN)
