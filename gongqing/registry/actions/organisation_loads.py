"""Load a city's organisations from a sheet: found what is new, change what differs, take it all back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from gongqing.audit import events, scope
from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import NotPermitted
from gongqing.lib.times import day_of
from gongqing.registry.actions.load_sheets import load_rows
from gongqing.registry.actions.load_work import Outcome, Row
from gongqing.registry.actions.organisation_ledgers import full_ledger, ledger_for
from gongqing.registry.actions.organisations import link_union_to_zone, unlink_union
from gongqing.registry.models import (
    Enterprise,
    Load,
    LoadRow,
    Organisation,
    OrganisationKind,
    RowState,
    ZoneLink,
)
from gongqing.registry.rules import organisation_rows, plain
from gongqing.registry.rules.organisation_rows import Known, Ledger, Plan, Verdict

SUBJECT = "organisation"
REREAD_AFTER = timedelta(minutes=2)  # a try stands still while somebody looks at it
IN_USE = "已有下级、任职、会员或事项，保留。"
CHANGED_SINCE = "导入以后又有人改过，保留现在的内容。"
_FIELDS = ("name", "short_name", "phone", "is_active")


class OrganisationLoad:
    """What a load of organisations does with its rows."""

    columns = organisation_rows.COLUMNS
    chunk = 200

    def __init__(self) -> None:
        self._plan: tuple[tuple[Any, ...], Plan] | None = None
        self._tried: tuple[tuple[Any, ...], dict[int, Outcome], datetime] | None = None

    def check_can_load(self, by: Actor) -> None:
        """Organisations are an administrator's and the system's."""
        if by.role not in (Role.ADMINISTRATOR, Role.SYSTEM):
            raise NotPermitted("只有系统管理员可以导入组织。")

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """There are none."""
        return {}

    def in_order(self, rows: Sequence[Row]) -> list[Row]:
        """Parents and zones before what hangs under them."""
        by_number = {row.number: row for row in rows}
        return [by_number[number] for number in _planned(rows).order]

    def tried(self, rows: Sequence[Row], load: Load, *, by: Actor, at: datetime) -> list[Outcome]:
        """What would become of the rows, as the whole file stands against what there is now."""
        key = (*_key(load), load.state, load.started_at)
        if self._tried is None or self._tried[0] != key or self._tried[2] < at - REREAD_AFTER:
            ledger, plan = full_ledger(day_of(at)), self._plan_of(load)
            verdicts = {
                row.number: _outcome(row, organisation_rows.judged(row.number, row.cells, plan, ledger))
                for row in load_rows(load)
            }
            self._tried = (key, verdicts, at)
        return [self._tried[1][row.number] for row in rows]

    def kept(self, rows: Sequence[Row], load: Load, *, by: Actor, at: datetime) -> list[Outcome]:
        """Found and change the organisations of these rows, a few statements for all of them."""
        with scope.elevated():
            plan = self._plan_of(load)
            ledger = ledger_for(rows, plan, day_of(at))
            verdicts = [organisation_rows.judged(row.number, row.cells, plan, ledger) for row in rows]
            kept = _Keeping(ledger, load, by=by, at=at).keep(verdicts)
        return [
            _outcome(row, verdict, *kept.get(number, (None, None)))
            for number, (row, verdict) in enumerate(zip(rows, verdicts, strict=True))
        ]

    def taken_back(self, row: LoadRow, load: Load, *, by: Actor, at: datetime) -> tuple[RowState, str]:
        """Put back what was changed; take away what was added and nobody has used."""
        with scope.elevated():
            place = Organisation.objects.select_for_update().filter(pk=row.subject_id or 0).first()
            if place is None:
                return RowState.UNDONE, ""
            if row.state == RowState.CHANGED:
                return _put_back(place, row.before or {}, by=by, at=at)
            return _withdraw(place, row.before or {}, by=by, at=at)

    def links_of(self, rows: Iterable[LoadRow]) -> Mapping[int, tuple[str, str]]:
        """The page of each organisation that a row made or changed."""
        subjects = {row.pk: row.subject_id for row in rows if row.subject_kind == SUBJECT and row.subject_id}
        names = dict(Organisation.objects.filter(pk__in=subjects.values()).values_list("pk", "name"))
        return {pk: (f"/desk/organisations/{one}", names[one]) for pk, one in subjects.items() if one in names}

    def _plan_of(self, load: Load) -> Plan:
        if self._plan is None or self._plan[0] != _key(load):
            self._plan = (_key(load), _planned(load_rows(load)))
        return self._plan[1]


class _Keeping:
    """One chunk being kept: new organisations at once, changes one by one."""

    def __init__(self, ledger: Ledger, load: Load, *, by: Actor, at: datetime) -> None:
        self.ledger, self.load, self.by, self.at = ledger, load, by, at
        self.on = day_of(at)

    def keep(self, verdicts: Sequence[Verdict]) -> dict[int, tuple[int, dict[str, Any]]]:
        """Place in the chunk → id of the organisation and what an undo needs."""
        added = {place: one.stands for place, one in enumerate(verdicts) if one.state == "added" and one.stands}
        changed = {place: one for place, one in enumerate(verdicts) if one.state == "changed" and one.stands}
        stands = [*added.values(), *(one.stands for one in changed.values() if one.stands)]
        firms, registered = self._employers(stands)
        kept = self._founded(added, firms, registered)
        for place, verdict in changed.items():
            kept[place] = self._changed(verdict, firms)
        return kept

    def _employers(self, stands: Sequence[Known]) -> tuple[dict[tuple[str, str], Enterprise], set[int]]:
        """The employers that the rows name, by code and name; those that nobody knew are registered."""
        named = {(one.uscc, one.employer): one for one in stands if one.uscc or one.employer}
        coded, uncoded = [key for key in named if key[0]], [key for key in named if not key[0]]
        by_code = {firm.uscc: firm for firm in Enterprise.objects.filter(uscc__in=[code for code, _ in coded])}
        made = self._registered([named[key] for key in coded if key[0] not in by_code])
        by_code |= {firm.uscc: firm for firm in made}
        by_name: dict[str, Enterprise] = {}
        for firm in Enterprise.objects.filter(name__in=[name for _, name in uncoded]).order_by("-pk"):
            by_name[firm.name] = firm
        uncoded_made = self._registered([named[key] for key in uncoded if key[1] not in by_name])
        by_name |= {firm.name: firm for firm in uncoded_made}
        found = {key: by_code[key[0]] if key[0] else by_name[key[1]] for key in named}
        new = {firm.pk for firm in (*made, *uncoded_made)}
        self._count_heads(named, found, new)
        return found, new

    def _registered(self, stands: Sequence[Known]) -> list[Enterprise]:
        made = Enterprise.objects.bulk_create(
            Enterprise(uscc=one.uscc or None, name=one.employer, region_id=one.region or None, headcount=one.headcount)
            for one in stands
        )
        for firm in made:
            events.record("enterprise.registered", subject=firm, by=self.by, at=self.at, uscc=firm.uscc)
        return made

    def _count_heads(
        self, named: Mapping[tuple[str, str], Known], firms: Mapping[tuple[str, str], Enterprise], made: set[int]
    ) -> None:
        differing = []
        for key, one in named.items():
            firm = firms[key]
            if one.headcount is not None and firm.headcount != one.headcount and firm.pk not in made:
                firm.headcount = one.headcount
                differing.append(firm)
        Enterprise.objects.bulk_update(differing, ["headcount"])

    def _founded(
        self, added: Mapping[int, Known], firms: Mapping[tuple[str, str], Enterprise], registered: set[int]
    ) -> dict[int, tuple[int, dict[str, Any]]]:
        places: dict[int, Organisation] = {}
        for (number, one), pk in zip(added.items(), _new_ids(len(added)), strict=True):
            above = self.ledger.organisations.get(one.parent)
            root = "/d/" if one.kind == OrganisationKind.DEPARTMENT else "/"
            one.id, one.path = pk, f"{above.path if above else root}{pk}/"
            firm = firms.get((one.uscc, one.employer))
            places[number] = Organisation(
                pk=pk,
                code=one.code,
                name=one.name,
                short_name=one.short_name,
                kind=one.kind,
                level=one.level,
                parent_id=above.id if above else None,
                path=one.path,
                region_id=one.region or None,
                enterprise=firm,
                phone=one.phone,
            )
        Organisation.objects.bulk_create(places.values())
        links = self._linked(added, places)
        kept: dict[int, tuple[int, dict[str, Any]]] = {}
        for number, place in places.items():
            events.record(
                "organisation.founded",
                subject=place,
                by=self.by,
                at=self.at,
                code=place.code,
                path=place.path,
                load=self.load.pk,
            )
            before: dict[str, Any] = {}
            if place.enterprise_id in registered:
                registered.discard(place.enterprise_id)
                before["enterprise"] = place.enterprise_id
            if number in links:
                before["link"] = links[number].pk
            kept[number] = (place.pk, before)
        return kept

    def _linked(self, added: Mapping[int, Known], places: Mapping[int, Organisation]) -> dict[int, ZoneLink]:
        links = {
            number: ZoneLink(zone_id=self.ledger.organisations[one.zone].id, union=places[number], since=self.on)
            for number, one in added.items()
            if one.zone
        }
        ZoneLink.objects.bulk_create(links.values())
        for link in links.values():
            events.record(
                "union.linked",
                subject=link.union,
                subject_kind=SUBJECT,
                by=self.by,
                at=self.at,
                zone=link.zone_id,
            )
        return links

    def _changed(self, verdict: Verdict, firms: Mapping[tuple[str, str], Enterprise]) -> tuple[int, dict[str, Any]]:
        one = verdict.stands
        assert one is not None  # noqa: S101  # a changed row stands for something
        place = Organisation.objects.get(pk=one.id)
        before: dict[str, Any] = {}
        for name, (was, becomes) in verdict.changes.items():
            if name in _FIELDS:
                before[name] = [was, becomes]
                setattr(place, name, becomes)
        if "region" in verdict.changes:
            before["region"] = [place.region_id, one.region]
            place.region_id = one.region
        firm = firms.get((one.uscc, one.employer))
        if {"uscc", "employer"} & verdict.changes.keys() and firm is not None:
            before["enterprise"] = [place.enterprise_id, firm.pk]
            place.enterprise = firm
        if "headcount" in verdict.changes:
            before["headcount"] = list(verdict.changes["headcount"])
        place.save()
        if "zone" in verdict.changes:
            before["zone"] = [verdict.changes["zone"][0], one.zone]
            self._move_to_zone(place, one.zone)
        events.record(
            "organisation.changed",
            subject=place,
            by=self.by,
            at=self.at,
            changes={name: list(pair) for name, pair in verdict.changes.items()},
            load=self.load.pk,
        )
        return place.pk, before

    def _move_to_zone(self, place: Organisation, zone: str) -> None:
        zone_id = self.ledger.organisations[zone].id
        link_union_to_zone(zone_id=zone_id, union_id=place.pk, since=self.on, by=self.by, at=self.at)


def _planned(rows: Sequence[Row]) -> Plan:
    closing = [plain(row.cells.get("code", "")) for row in rows if organisation_rows.is_closing(row.cells)]
    paths = Organisation.objects.filter(code__in=closing).values_list("code", "path") if closing else ()
    levels = {code: path.count("/") for code, path in paths}
    return organisation_rows.planned([(row.number, row.cells) for row in rows], levels)


def _key(load: Load) -> tuple[Any, ...]:
    return (load.pk, load.file_key, load.sheet_name, load.header_row, tuple(sorted(load.mapping.items())))


def _outcome(row: Row, verdict: Verdict, pk: int | None = None, before: dict[str, Any] | None = None) -> Outcome:
    one = verdict.stands
    state = RowState(verdict.state)
    shown = {"组织": f"{plain(row.cells.get('name', ''))}（{plain(row.cells.get('code', ''))}）"}
    note = verdict.note
    if verdict.changes:
        titles = {**organisation_rows.TITLES, "is_active": "状态"}
        words = "、".join(titles[name] for name in verdict.changes)
        note = f"更新：{words}。{note}"
        shown["更新"] = words
    return Outcome(
        state,
        external_id=plain(row.cells.get("code", ""))[:64],
        subject_kind=SUBJECT if one else "",
        subject_id=pk or (one.id or None if one else None),
        problems=verdict.problems,
        note=note,
        content=dict(row.cells) if state is RowState.REJECTED else None,
        before=before,
        shown=shown,
    )


def _new_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('registry_organisation', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def _withdraw(place: Organisation, before: Mapping[str, Any], *, by: Actor, at: datetime) -> tuple[RowState, str]:
    """Take away what nobody has used: the database itself says whether anything refers to it."""
    code, name = place.code, place.name
    try:
        with transaction.atomic():
            if link := before.get("link"):
                ZoneLink.objects.filter(pk=link).delete()
            Organisation.objects.filter(pk=place.pk)._raw_delete(using=connection.alias)
            _check_references()
    except IntegrityError:
        return RowState.KEPT, IN_USE
    if firm := before.get("enterprise"):
        try:
            with transaction.atomic():
                Enterprise.objects.filter(pk=firm)._raw_delete(using=connection.alias)
                _check_references()
        except IntegrityError:
            pass  # somebody has named it as an employer since
    events.record("organisation.withdrawn", subject=place, by=by, at=at, code=code, name_of=name)
    return RowState.UNDONE, ""


def _check_references() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _put_back(place: Organisation, before: Mapping[str, Any], *, by: Actor, at: datetime) -> tuple[RowState, str]:
    zone = ZoneLink.objects.filter(union=place, until__isnull=True).select_related("zone").first()
    stands = {
        **{name: getattr(place, name) for name in _FIELDS},
        "region": place.region_id,
        "enterprise": place.enterprise_id,
        "headcount": place.enterprise.headcount if place.enterprise else None,
        "zone": zone.zone.code if zone else "",
    }
    if any(stands[name] != becomes for name, (_, becomes) in before.items()):
        return RowState.KEPT, CHANGED_SINCE
    for name, (was, _) in before.items():
        if name in _FIELDS:
            setattr(place, name, was)
        elif name in ("region", "enterprise"):
            setattr(place, f"{name}_id", was)
        elif name == "headcount" and "enterprise" not in before and place.enterprise is not None:
            place.enterprise.headcount = was
            place.enterprise.save(update_fields=["headcount"])
    place.save()
    if "zone" in before:
        was = Organisation.objects.filter(code=before["zone"][0]).first() if before["zone"][0] else None
        if was is not None:
            link_union_to_zone(zone_id=was.pk, union_id=place.pk, since=day_of(at), by=by, at=at)
        else:
            unlink_union(union_id=place.pk, until=day_of(at), by=by, at=at)
    events.record("organisation.changed", subject=place, by=by, at=at, put_back=sorted(before))
    return RowState.UNDONE, ""
