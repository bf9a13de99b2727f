"""Founding, closing and linking organisations; registering employers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Concat, Substr

from gongqing.audit import events, scope
from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.registry import rules
from gongqing.registry.models import Enterprise, Load, Organisation, Region, ZoneLink

LONGEST_PATH = 200


@transaction.atomic
def found_organisation(
    *,
    code: str,
    name: str,
    kind: str,
    by: Actor,
    at: datetime,
    parent: Organisation | None = None,
    region: Region | None = None,
    enterprise: Enterprise | None = None,
    short_name: str = "",
    phone: str = "",
    level: str = "",
    categories: Sequence[str] = (),
) -> Organisation:
    """Put an organisation into the tree; its path is its parent's path and its own id.

    Departments stand outside the tree under `/d/`.

    Args:
        level: only to overrule what kind and parent give.
        categories: of a department: the categories it answers for; none means all.

    Raises:
        BadInput: code or name are missing or taken.
        NotAllowed: this kind does not hang under that parent.
    """
    code, name = rules.plain(code), rules.plain(name)
    if not code or len(code) > 32:
        raise BadInput("code", "请填写组织编码，不超过 32 位。")
    if not name or len(name) > 128:
        raise BadInput("name", "请填写组织名称，不超过 128 字。")
    if Organisation.objects.filter(code=code).exists():
        raise BadInput("code", f"组织编码 {code} 已被使用。")
    if parent is not None and not parent.is_active:
        raise NotAllowed("上级组织已停用，不能再设下级。")
    place = rules.level_in_tree(kind, parent.kind if parent else None, parent.level if parent else None)
    organisation = Organisation.objects.create(
        code=code,
        name=name,
        short_name=rules.plain(short_name)[:64],
        kind=kind,
        level=level or place,
        parent=parent,
        path=f"/new/{code}/",
        region=region,
        enterprise=enterprise,
        phone=rules.plain(phone)[:32],
        categories=list(categories),
    )
    above = parent.path if parent else "/d/" if place == "department" else "/"
    organisation.path = f"{above}{organisation.pk}/"
    organisation.save(update_fields=["path"])
    events.record("organisation.founded", subject=organisation, by=by, at=at, code=code, path=organisation.path)
    return organisation


@transaction.atomic
def close_organisation(*, organisation_id: int, reason: str, by: Actor, at: datetime) -> Organisation:
    """Take an organisation out of use; its history stays.

    Raises:
        NotAllowed: it is closed, or active organisations hang under it.
    """
    organisation = Organisation.objects.select_for_update().get(id=organisation_id)
    if not organisation.is_active:
        raise NotAllowed("这个组织已经停用。")
    if organisation.children.filter(is_active=True).exists():
        raise NotAllowed("下面还有在用的组织，请先停用或移走下级。")
    organisation.is_active = False
    organisation.save(update_fields=["is_active"])
    for link in ZoneLink.objects.select_for_update().filter(union=organisation, until__isnull=True):
        _end_link(link, at.date())
    events.record("organisation.closed", subject=organisation, by=by, at=at, note=rules.plain(reason))
    return organisation


@transaction.atomic
def set_letter_mark(*, organisation_id: int, letter_mark: str, by: Actor, at: datetime) -> Organisation:
    """Say what the numbers of an organisation's letters begin with (公文代字); empty, its name does.

    Letters that have left keep their numbers.

    Raises:
        BadInput: longer than 16 characters, or borne by another organisation.
    """
    organisation = Organisation.objects.select_for_update().get(id=organisation_id)
    mark = rules.plain(letter_mark)
    if len(mark) > 16 or any(sign in "〔〕 " for sign in mark):
        raise BadInput("letter_mark", "公文代字不超过 16 字，不含空格和括号，例如“甬工”。")
    other = Organisation.objects.filter(letter_mark=mark).exclude(pk=organisation.pk).first() if mark else None
    if other is not None:
        raise BadInput("letter_mark", f"这个代字已经由{other.name}使用。")
    organisation.letter_mark = mark
    organisation.save(update_fields=["letter_mark"])
    events.record("organisation.letter_mark_set", subject=organisation, by=by, at=at, letter_mark=mark)
    return organisation


@transaction.atomic
def move_organisation(*, organisation_id: int, parent_id: int, reason: str, by: Actor, at: datetime) -> Organisation:
    """Hang an organisation, with everything below it, under another one of the tree.

    The paths of the whole subtree change; whoever keeps paths hears `organisation.moved` with the old and the new one.

    Raises:
        NotPermitted: not an administrator.
        BadInput: no reason, or the tree would become too deep.
        NotAllowed: this kind does not hang there, it hangs there already, or it would hang under itself.
    """
    if by.role not in (Role.ADMINISTRATOR, Role.SYSTEM):
        raise NotPermitted("只有系统管理员可以调整组织的上级。")
    locked = Organisation.objects.select_for_update().filter(id__in=[organisation_id, parent_id]).order_by("id")
    found = {each.pk: each for each in locked}
    if {organisation_id, parent_id} - found.keys():
        raise NotFound("没有这个组织。")
    organisation, above = found[organisation_id], found[parent_id]
    if above.path.startswith(organisation.path):
        raise NotAllowed("不能把组织设在它自己或它的下级之下。")
    if organisation.parent_id == above.pk:
        raise NotAllowed(f"上级已经是{above.name}。")
    if not above.is_active:
        raise NotAllowed("新的上级已停用。")
    organisation.level = rules.level_in_tree(organisation.kind, above.kind, above.level)
    if not rules.plain(reason):
        raise BadInput("reason", "请写明为什么调整上级。")
    before, after = organisation.path, f"{above.path}{organisation.pk}/"
    below = Organisation.objects.under(before)
    longest = max(len(path) for path in below.values_list("path", flat=True))
    if longest - len(before) + len(after) > LONGEST_PATH:
        raise BadInput("parent", "这样组织层级太深，不能设在那里。")
    old_parent_id, organisation.parent = organisation.parent_id, above
    organisation.save(update_fields=["parent", "level"])
    moved = Concat(Value(after), Substr("path", len(before) + 1))
    below.update(path=moved)
    with scope.elevated():
        Load.objects.filter(path__gte=before, path__lt=before[:-1] + "0").update(path=moved)
    organisation.path = after
    events.record(
        "organisation.moved",
        subject=organisation,
        by=by,
        at=at,
        note=rules.plain(reason),
        parent=[old_parent_id, above.pk],
        path=[before, after],
    )
    return organisation


@transaction.atomic
def link_union_to_zone(*, zone_id: int, union_id: int, since: date, by: Actor, at: datetime) -> ZoneLink:
    """Let a zone hold a union from this day on; a link to another zone ends the same day.

    Linking again to the same zone returns the running link.

    Raises:
        NotAllowed: not a zone, not a union that zones hold, or the running link began later.
    """
    zone = Organisation.objects.get(id=zone_id)
    union = Organisation.objects.select_for_update().get(id=union_id)
    rules.check_can_hold(zone.kind, union.kind)
    running = ZoneLink.objects.select_for_update().filter(union=union, until__isnull=True).first()
    if running is not None and running.zone_id == zone.pk:
        return running
    if running is not None:
        if running.since > since:
            raise NotAllowed(f"该工会自 {running.since:%Y-%m-%d} 起已挂联其他片区，调整日期不能早于这一天。")
        _end_link(running, since)
    link = ZoneLink.objects.create(zone=zone, union=union, since=since)
    events.record("union.linked", subject=union, subject_kind="organisation", by=by, at=at, zone=zone.pk)
    return link


@transaction.atomic
def unlink_union(*, union_id: int, until: date, by: Actor, at: datetime) -> None:
    """End the union's running link; `until` is the first day on which no zone holds it.

    Raises:
        NotAllowed: no zone holds the union, or the link begins after that day.
    """
    link = ZoneLink.objects.select_for_update().filter(union_id=union_id, until__isnull=True).first()
    if link is None:
        raise NotAllowed("该工会目前没有挂联片区。")
    if link.since > until:
        raise NotAllowed("结束日期不能早于挂联日期。")
    _end_link(link, until)
    events.record("union.unlinked", subject=link.union, subject_kind="organisation", by=by, at=at, zone=link.zone_id)


@transaction.atomic
def register_enterprise(
    *,
    name: str,
    by: Actor,
    at: datetime,
    uscc: str = "",
    region: Region | None = None,
    trade: str = "",
    address: str = "",
    headcount: int | None = None,
) -> Enterprise:
    """Enter an employer; the same 统一社会信用代码 again returns the employer that bears it.

    Raises:
        BadInput: the name is missing, the code is wrong, or it belongs to an employer of another name.
    """
    name = rules.plain(name)
    if not name or len(name) > 128:
        raise BadInput("name", "请填写单位名称，不超过 128 字。")
    checked = rules.check_uscc(uscc) if uscc.strip() else None
    if checked and (known := Enterprise.objects.filter(uscc=checked).first()):
        return _same(known, name)
    try:
        with transaction.atomic():
            enterprise = Enterprise.objects.create(
                uscc=checked,
                name=name,
                region=region,
                trade=rules.plain(trade)[:64],
                address=rules.plain(address)[:200],
                headcount=headcount,
            )
    except IntegrityError:  # another request entered it a moment ago
        return _same(Enterprise.objects.get(uscc=checked), name)
    events.record("enterprise.registered", subject=enterprise, by=by, at=at, uscc=checked)
    return enterprise


def _same(known: Enterprise, name: str) -> Enterprise:
    if known.name != name:
        raise BadInput("uscc", f"这个统一社会信用代码已登记为“{known.name}”，请核对单位名称。")
    return known


def _end_link(link: ZoneLink, until: date) -> None:
    if link.since >= until:  # never held for a whole day
        link.delete()
        return
    link.until = until
    link.save(update_fields=["until"])
