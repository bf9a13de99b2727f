"""Keep lists of matters to settle: open, fill, change, close (清单). What becomes of an entry is in `striking_off`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import tidy_text
from gongqing.appeals.rules.statuses import ANSWERED, OPEN, STATUS_WORDS, Status
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import EntryState, ListEntry, ListKind, SettlingList
from gongqing.dispatch.queries import settling as queries
from gongqing.dispatch.queries.cases import CaseFilters
from gongqing.dispatch.rules import settling as rules
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.times import day_of
from gongqing.notices import actions as notices
from gongqing.registry.models import Level, Organisation


@transaction.atomic
def open_settling_list(
    *, kind: str, title: str, due_on: date, by: Actor, at: datetime, opened_on: date | None = None, note: str = ""
) -> SettlingList:
    """Begin a list of one's own county, or of the city.

    Raises:
        NotPermitted. BadInput: names the field.
    """
    rules.check_can_keep_lists(by)
    today = day_of(at)
    opened_on = opened_on or today
    if kind not in ListKind:
        raise BadInput("kind", "请选清单的种类。")
    title = rules.check_title(_one_line(title))
    rules.check_opened(opened_on, today)
    rules.check_due(due_on, opened_on=opened_on, today=today)
    with scope.elevated():
        try:
            with transaction.atomic():
                found = SettlingList.objects.create(
                    organisation_id=by.organisation_id or 0,
                    kind=kind,
                    title=title,
                    note=tidy_text(note)[:1000],
                    opened_on=opened_on,
                    due_on=due_on,
                    made_at=at,
                    by_name=by.name,
                )
        except IntegrityError:
            raise BadInput("title", "本单位已经有同名的清单，请换一个名称。") from None
        events.record("settling_list.opened", subject=found, by=by, at=at, note=title)
    return found


@transaction.atomic
def change_settling_list(
    *, list_id: int, title: str, due_on: date, by: Actor, at: datetime, note: str = ""
) -> SettlingList:
    """Rename a list, move its day, or write another note; the days of its entries stay.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: names the field.
    """
    found = _locked(list_id, by)
    title = rules.check_title(_one_line(title))
    if due_on != found.due_on:
        rules.check_due(due_on, opened_on=found.opened_on, today=day_of(at))
    before = {"title": found.title, "due_on": found.due_on.isoformat()}
    found.title, found.due_on, found.note = title, due_on, tidy_text(note)[:1000]
    with scope.elevated():
        try:
            with transaction.atomic():
                found.save(update_fields=["title", "due_on", "note"])
        except IntegrityError:
            raise BadInput("title", "本单位已经有同名的清单，请换一个名称。") from None
        events.record("settling_list.changed", subject=found, by=by, at=at, note=title, before=before)
    return found


@transaction.atomic
def close_settling_list(*, list_id: int, by: Actor, at: datetime) -> SettlingList:
    """Close a list whose every matter is struck off or withdrawn.

    Raises:
        NotPermitted, NotFound, NotAllowed: something on it is not settled.
    """
    found = _locked(list_id, by)
    with scope.elevated():
        left = found.entries.filter(state__in=[EntryState.OPEN, EntryState.CLAIMED]).count()
        if left:
            raise NotAllowed(f"清单上还有 {left} 项没有销号，销号或撤出以后再收尾。")
        found.closed_on = day_of(at)
        found.save(update_fields=["closed_on"])
        events.record("settling_list.closed", subject=found, by=by, at=at, note=found.title)
    return found


@transaction.atomic
def reopen_settling_list(*, list_id: int, by: Actor, at: datetime) -> SettlingList:
    """Go on with a list that was closed; one that is open stays as it is.

    Raises:
        NotPermitted, NotFound.
    """
    found = _locked(list_id, by, closed_too=True)
    if found.closed_on is None:
        return found
    found.closed_on = None
    with scope.elevated():
        found.save(update_fields=["closed_on"])
        events.record("settling_list.reopened", subject=found, by=by, at=at, note=found.title)
    return found


@transaction.atomic
def add_outside_matter(
    *, list_id: int, title: str, organisation_id: int | None, by: Actor, at: datetime, due_on: date | None = None
) -> ListEntry:
    """Put a matter on a list that came in outside the platform.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: names the field.
    """
    found = _locked(list_id, by)
    title = rules.check_matter(_one_line(title))
    asked = _asked(organisation_id, found)
    due_on = _due(due_on, found, at)
    with scope.elevated():
        entry = _entry(found, _next_number(found), title, asked, due_on, by=by, at=at)
        entry.save(force_insert=True)
        _tell_added(found, [entry], at=at)
        events.record("list_entry.added", subject=entry, by=by, at=at, note=title, list=found.pk)
    return entry


@transaction.atomic
def enlist_appeal(
    *,
    list_id: int,
    appeal_id: int,
    by: Actor,
    at: datetime,
    due_on: date | None = None,
    organisation_id: int | None = None,
) -> ListEntry:
    """Put an appeal on a list; its handler is asked unless another organisation that sees it is named.

    Raises:
        NotPermitted, NotFound. NotAllowed: it ended unanswered, or stands there already. BadInput: names the field.
    """
    found = _locked(list_id, by)
    appeal = Appeal.objects.visible_to(by).select_related("handler").filter(pk=appeal_id).first()
    if appeal is None:
        raise NotFound("没有这件诉求，或者不在您能看的范围内。")
    if Status(appeal.status) not in OPEN | ANSWERED:
        raise NotAllowed(f"这件诉求“{STATUS_WORDS[Status(appeal.status)]}”，不能列入清单。")
    due_on = _due(due_on, found, at)
    with scope.elevated():
        standing = found.entries.filter(appeal=appeal).exclude(state=EntryState.WITHDRAWN).first()
        if standing is not None:
            raise NotAllowed(f"这件诉求已经在这份清单上，是第 {standing.number} 项。")
        asked = _asked(organisation_id, found, appeal) if organisation_id else _handler(appeal, found)
        return _enlisted(found, [(appeal, asked)], due_on, by=by, at=at)[0]


@transaction.atomic
def enlist_matching(
    *,
    list_id: int,
    filters: CaseFilters,
    by: Actor,
    at: datetime,
    employer: str = "",
    standing: str = "open",
    due_on: date | None = None,
    expected: int | None = None,
) -> list[ListEntry]:
    """Put every appeal in view that matches on a list, each asked of its handler.

    Args:
        employer, standing: as `queries.appeals_to_enlist`.
        expected: how many the person saw; another number is refused, so that nobody lists what was not shown.

    Raises:
        NotPermitted, NotFound. NotAllowed: none or too many match, or not as many as were shown. BadInput.
    """
    found = _locked(list_id, by)
    due_on = _due(due_on, found, at)
    matching = queries.appeals_to_enlist(found, by, filters, employer=employer, standing=standing)
    rows = list(matching.select_related("handler")[: rules.MOST_AT_ONCE + 1])
    if not rows:
        raise NotAllowed("没有符合条件、还没列入的诉求。")
    if len(rows) > rules.MOST_AT_ONCE:
        raise NotAllowed(f"符合条件的超过 {rules.MOST_AT_ONCE} 件，请缩小条件，分几次列入。")
    if expected is not None and expected != len(rows):
        raise NotAllowed(f"刚才看到 {expected} 件，现在符合条件的是 {len(rows)} 件，请看过再列入。")
    with scope.elevated():
        return _enlisted(found, [(each, _handler(each, found)) for each in rows], due_on, by=by, at=at)


def _enlisted(
    found: SettlingList,
    rows: Iterable[tuple[Appeal, Organisation]],
    due_on: date,
    *,
    by: Actor,
    at: datetime,
) -> list[ListEntry]:
    first = _next_number(found)
    made = []
    for number, (appeal, asked) in enumerate(rows, first):
        entry = _entry(found, number, appeal.title, asked, due_on, by=by, at=at)
        entry.appeal = appeal
        entry.helped_count, entry.recovered_amount = queries.answered_figures(appeal)
        made.append(entry)
    ListEntry.objects.bulk_create(made)
    _tell_added(found, made, at=at)
    with events.gathered():
        for entry in made:
            note = f"{found.title}，第 {entry.number} 项，{entry.organisation}负责"
            if entry.appeal is not None:
                events.record("appeal.listed", subject=entry.appeal, by=by, at=at, note=note, entry=entry.pk)
            events.record("list_entry.added", subject=entry, by=by, at=at, note=found.title, list=found.pk)
    return made


def _entry(
    found: SettlingList, number: int, title: str, asked: Organisation, due_on: date, *, by: Actor, at: datetime
) -> ListEntry:
    return ListEntry(
        list=found,
        number=number,
        title=title[:200],
        organisation=asked,
        due_on=due_on,
        added_at=at,
        added_by_name=by.name,
    )


def _locked(list_id: int, by: Actor, *, closed_too: bool = False) -> SettlingList:
    """The list, locked; whoever may not write on it is refused before its state is looked at."""
    rules.check_can_read_lists(by)
    seen = SettlingList.objects.visible_to(by).select_related("organisation").filter(pk=list_id).first()
    if seen is None:
        raise NotFound("没有这份清单，或者不在您能看的范围内。")
    rules.check_can_keep(by, queries.place_of(seen.organisation))
    with scope.elevated():
        found = SettlingList.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=list_id)
    is_closed = found.closed_on is not None and not closed_too
    rules.check_can_keep(by, queries.place_of(found.organisation), closed=is_closed)
    return found


def _next_number(found: SettlingList) -> int:
    return (found.entries.aggregate(last=Max("number"))["last"] or 0) + 1


def _due(due_on: date | None, found: SettlingList, at: datetime) -> date:
    today = day_of(at)
    if due_on is None:
        return max(found.due_on, today)
    rules.check_due(due_on, opened_on=found.opened_on, today=today)
    return due_on


def _asked(organisation_id: int | None, found: SettlingList, appeal: Appeal | None = None) -> Organisation:
    """Who is asked to settle: the owner, somebody below it, or a department; and nobody who may not see the appeal."""
    if organisation_id is None:
        return found.organisation
    asked = Organisation.objects.filter(pk=organisation_id, is_active=True).first()
    if asked is None:
        raise BadInput("organisation", "没有这个单位，请用单位编码或全称。")
    if asked.level != Level.DEPARTMENT and not asked.path.startswith(found.organisation.path):
        raise BadInput("organisation", f"责任单位要在{found.organisation}之下，或是横向部门。")
    if appeal is not None and asked.pk != appeal.handler_id and not queries.is_shown_to(appeal.pk, asked):
        raise BadInput("organisation", f"{asked}看不到这件诉求，请先派单或请它协办，再列为责任单位。")
    return asked


def _handler(appeal: Appeal, found: SettlingList) -> Organisation:
    """The appeal's handler where the owner may ask it, else the owner itself."""
    handler = appeal.handler
    if handler is None:
        return found.organisation
    below = handler.level == Level.DEPARTMENT or handler.path.startswith(found.organisation.path)
    return handler if below else found.organisation


def _tell_added(found: SettlingList, entries: Iterable[ListEntry], *, at: datetime) -> None:
    """One notice for each organisation that is asked, however many matters it got."""
    asked: dict[int, list[ListEntry]] = {}
    for entry in entries:
        if entry.organisation_id != found.organisation_id:
            asked.setdefault(entry.organisation_id, []).append(entry)
    for organisation_id, held in asked.items():
        day = min(entry.due_on for entry in held)
        notices.notify(
            text=f"{found.organisation}把 {len(held)} 项列入“{found.title}”，请在{day.month}月{day.day}日前报请销号。",
            at=at,
            organisation_id=organisation_id,
            subject_kind="settlinglist",
            subject_id=found.pk,
            link=f"/desk/lists/{found.pk}",
        )


def _one_line(text: str) -> str:
    return " ".join(tidy_text(text).split())
