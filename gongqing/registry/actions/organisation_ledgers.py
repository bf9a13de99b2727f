"""What are the rows of a sheet of organisations held against?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.db.models import F, Q

from gongqing.lib import codes
from gongqing.registry.actions.load_work import Row
from gongqing.registry.models import Enterprise, Organisation, Region, ZoneLink
from gongqing.registry.models.organisations import OrganisationQuerySet
from gongqing.registry.rules import TERRITORIAL, organisation_rows, plain
from gongqing.registry.rules.organisation_rows import Known, Ledger, Plan

_VALUES = (
    *("id", "code", "name", "short_name", "kind", "level", "path", "phone", "is_active", "region_id"),
    *("parent__code", "enterprise__uscc", "enterprise__name", "enterprise__headcount"),
)


def _known(found: OrganisationQuerySet, on: date) -> dict[str, Known]:
    zones = dict(
        ZoneLink.objects.filter(Q(until__isnull=True) | Q(until__gt=on), since__lte=on, union__in=found)
        .annotate(code=F("zone__code"))
        .values_list("union__code", "code")
    )
    return {
        row["code"]: Known(
            id=row["id"],
            code=row["code"],
            name=row["name"],
            short_name=row["short_name"],
            kind=row["kind"],
            level=row["level"],
            path=row["path"],
            phone=row["phone"],
            is_active=row["is_active"],
            region=row["region_id"] or "",
            parent=row["parent__code"] or "",
            uscc=row["enterprise__uscc"] or "",
            employer=row["enterprise__name"] or "",
            headcount=row["enterprise__headcount"],
            zone=zones.get(row["code"], ""),
        )
        for row in found.values(*_VALUES)
    }


def full_ledger(on: date) -> Ledger:
    """Everything there is, for a try of a whole file."""
    known = _known(Organisation.objects.all(), on)
    active = [one for one in known.values() if one.is_active]
    names = Counter(one.name for one in active)
    return Ledger(
        organisations=known,
        code_of_name={one.name: one.code for one in active if names[one.name] == 1},
        territorial={one.region: one.code for one in active if one.kind in TERRITORIAL.values() and one.region},
        regions=_regions(),
        employers={uscc: name for uscc, name in Enterprise.objects.values_list("uscc", "name") if uscc},
        active_children=Counter(one.parent for one in active if one.parent),
    )


def ledger_for(rows: Sequence[Row], plan: Plan, on: date) -> Ledger:
    """What these rows are held against, read and locked now."""
    names = {plain(row.cells.get("parent_name", "")) for row in rows} - {""}
    bearing = Organisation.objects.filter(name__in=names, is_active=True).values_list("name", "code")
    once = Counter(name for name, _ in bearing)
    code_of_name = {name: code for name, code in bearing if once[name] == 1}
    bearers = {plain(row.cells.get(column, "")) for row in rows for column in ("code", "parent", "zone")} - {""}
    bearers |= {plan.code_of_name.get(name) or code_of_name.get(name, "") for name in names}
    list(Organisation.objects.select_for_update().filter(code__in=bearers).order_by("pk").values_list("pk"))
    territorial = Organisation.objects.filter(kind__in=TERRITORIAL.values(), is_active=True, region__isnull=False)
    closing = [row for row in rows if organisation_rows.is_closing(row.cells)]
    children = Organisation.objects.filter(
        parent__code__in=[plain(row.cells.get("code", "")) for row in closing], is_active=True
    )
    uscc = {codes.tidy(row.cells.get("uscc", "")) for row in rows} - {""}
    return Ledger(
        organisations=_known(Organisation.objects.filter(code__in=bearers), on),
        code_of_name=code_of_name,
        territorial=dict(territorial.values_list("region_id", "code")),
        regions=_regions(),
        employers={
            code: name for code, name in Enterprise.objects.filter(uscc__in=uscc).values_list("uscc", "name") if code
        },
        active_children=Counter(children.values_list("parent__code", flat=True)) if closing else Counter(),
    )


def _regions() -> dict[str, str]:
    return dict(Region.objects.values_list("code", "name"))
