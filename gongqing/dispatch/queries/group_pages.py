"""What do the list of group cases and the case page show of them?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from gongqing.appeals.models import Appeal, Attachment, Claim, Distinction, GroupMember, Message
from gongqing.appeals.rules import groups as rules
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.statuses import JOINABLE, STATUS_WORDS, Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.reading import Asking, Prepared
from gongqing.dispatch.queries.claims import claim_count
from gongqing.dispatch.queries.groups import READERS, active_members, may_merge
from gongqing.lib import masks
from gongqing.lib.errors import NotFound

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class PartView:
    """One merged appeal of a case, without its worker's words."""

    member: GroupMember
    appeal: Appeal
    status: str
    name: str
    messages: int
    files: int

    @property
    def is_merged(self) -> bool:
        return self.appeal.status == Status.MERGED


@dataclass(frozen=True, slots=True)
class PartMessage:
    """What a part's worker wrote while it was merged, for the lead's handler."""

    code: str
    at: datetime
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """What the case page says of the group that an appeal belongs to.

    Attributes:
        lead: the lead's code and title where the appeal is a part; None where it is the lead itself.
    """

    lead: Appeal | None
    member: GroupMember | None
    parts: Sequence[PartView]
    messages: Sequence[PartMessage]
    may_merge: bool
    may_open_sheet: bool
    claims: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group case in the list."""

    appeal: Appeal
    status: str
    parts: int
    people: int
    employers: int
    owed: Decimal
    recovered: Decimal


def probably_same(appeal: Appeal, related: Iterable[Appeal]) -> list[Appeal]:
    """Of the appeals of the same employer those that may be the same matter: same category, open, not told apart."""
    if Status(appeal.status) not in JOINABLE or appeal.category_id is None:
        return []
    near = [
        each
        for each in related
        if each.category_id == appeal.category_id
        and Status(each.status) in JOINABLE
        and each.merged_into_id is None
        and abs(each.received_at - appeal.received_at) <= rules.SAME_MATTER
    ]
    if not near:
        return []
    pairs = Distinction.objects.filter(
        Q(one_id=appeal.pk, other_id__in=[each.pk for each in near])
        | Q(other_id=appeal.pk, one_id__in=[each.pk for each in near])
    ).values_list("one_id", "other_id")
    apart = {number for pair in pairs for number in pair}
    return [each for each in near if each.pk not in apart]


def groups_for(actor: Actor) -> list[GroupRow]:
    """The group cases in the actor's view, the most urgent and newest first, with their totals."""
    if actor.role not in READERS:
        return []
    leading = GroupMember.objects.filter(ended_at__isnull=True).values("lead_id")
    owing = Claim.objects.filter(removed_at__isnull=True).values("appeal_id")
    found = list(
        Appeal.objects.visible_to(actor)
        .filter(Q(pk__in=leading) | Q(pk__in=owing), merged_into__isnull=True)
        .select_related("handler", "category")
        .order_by("-received_at")[:MOST_LISTED]
    )
    counts = dict(
        GroupMember.objects.filter(lead__in=found, ended_at__isnull=True)
        .values_list("lead_id")
        .annotate(count=Count("id"))
    )
    sums: dict[int, Mapping[str, Any]] = {
        row["appeal_id"]: row
        for row in Claim.objects.filter(appeal__in=found, removed_at__isnull=True)
        .values("appeal_id")
        .annotate(
            people=Count("person_id", distinct=True),
            employers=Count("team__employer_name", distinct=True),
            owed=Sum("owed"),
            back=Sum("recovered"),
        )
    }
    rows = [_row(each, counts.get(each.pk, 0), sums.get(each.pk, {})) for each in found]
    return sorted(rows, key=lambda row: -Grade(row.appeal.grade).rank)


def _row(appeal: Appeal, parts: int, sums: Mapping[str, Any]) -> GroupRow:
    return GroupRow(
        appeal=appeal,
        status=STATUS_WORDS[Status(appeal.status)],
        parts=parts,
        people=sums.get("people", parts + 1),
        employers=sums.get("employers", 1),
        owed=sums.get("owed") or Decimal(0),
        recovered=sums.get("back") or Decimal(0),
    )


def panel_of(appeal: Appeal, actor: Actor) -> Panel:
    """The group that an appeal belongs to, as the case page shows it."""
    known = _members.all(appeal.pk)
    member = next((each for each in known if each.appeal_id == appeal.pk), None)
    lead = member.lead if member else None
    is_lead = lead is None and bool(known)
    claims = 0 if lead else claim_count(appeal.pk)
    with scope.elevated() if is_lead else nullcontext():
        parts = _part_views(appeal) if is_lead else []
        messages = _part_messages(appeal) if is_lead else []
    return Panel(
        lead=lead,
        member=member,
        parts=parts,
        messages=messages,
        may_merge=may_merge(lead or appeal, actor),
        may_open_sheet=actor.role in READERS and lead is None,
        claims=claims,
    )


def asked_of_group(appeal_id: int) -> Asking[GroupMember]:
    """What `panel_of` asks first, to be asked together with others."""
    return _members(appeal_id)


@Prepared
def _members(_: None, appeal_id: int) -> QuerySet[GroupMember]:
    is_there = Q(appeal_id=appeal_id, ended_at__isnull=True) | Q(lead_id=appeal_id)
    return GroupMember.objects.filter(is_there).select_related("lead__handler")


def _part_views(lead: Appeal) -> list[PartView]:
    members = list(active_members(lead.pk).select_related("appeal__person", "appeal__handler"))
    numbers = [each.appeal_id for each in members]
    if not numbers:
        return []
    words = dict(Message.objects.filter(appeal_id__in=numbers).values_list("appeal_id").annotate(n=Count("id")))
    files = dict(Attachment.objects.filter(appeal_id__in=numbers).values_list("appeal_id").annotate(n=Count("id")))
    return [
        PartView(
            member=each,
            appeal=each.appeal,
            status=STATUS_WORDS[Status(each.appeal.status)],
            name=masks.mask_name(each.appeal.person.name) if each.appeal.person else "",
            messages=words.get(each.appeal_id, 0),
            files=files.get(each.appeal_id, 0),
        )
        for each in members
    ]


def _part_messages(lead: Appeal) -> list[PartMessage]:
    """What was written on the parts while they stood under this lead; it stays readable here when a part has left."""
    members = list(GroupMember.objects.filter(lead=lead).values_list("appeal_id", "merged_at", "ended_at"))
    if not members:
        return []
    told = Message.objects.filter(appeal_id__in={number for number, _, _ in members}).select_related("appeal")
    return [
        PartMessage(each.appeal.code, each.at, "职工" if each.from_worker else each.by_name, each.text)
        for each in told.order_by("id")
        if any(
            number == each.appeal_id and start <= each.at and (end is None or each.at <= end)
            for number, start, end in members
        )
    ]


def part_numbered(lead_id: int, appeal_id: int) -> int:
    """The number of a part, when it is one of this lead's.

    Raises:
        NotFound: it is none.
    """
    if not active_members(lead_id).filter(appeal_id=appeal_id).exists():
        raise NotFound("这件诉求没有并入这个主件。")
    return appeal_id
