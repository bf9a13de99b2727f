"""Which appeals may become one case, and which look as if they were one?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gongqing.appeals.rules.permissions import SUPERVISORS
from gongqing.appeals.rules.statuses import JOINABLE, STATUS_WORDS, Status
from gongqing.audit.actor import Role
from gongqing.lib.errors import NotAllowed, NotPermitted
from gongqing.lib.times import day_of

SAME_MATTER = timedelta(days=14)
LEADABLE = frozenset({Status.DISPATCHED, Status.SIGNED, Status.IN_PROGRESS, Status.PAUSED, Status.REOPENED})
MERGERS = SUPERVISORS | {Role.SYSTEM}
_BRACKETS = re.compile(r"[（(【\[].*?[）)】\]]")
_NOISE = re.compile(r"[\s·•.,，。、\-—_“”\"'《》]")
_ENDINGS = re.compile(r"(股份有限公司|有限责任公司|有限公司|分公司|公司|集团)$")
_PLACES = re.compile(r"^(浙江省?|宁波市?)+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open appeal as far as the question of same or not same needs it.

    Attributes:
        employer_id: the registered employer; None when it was not recognised.
        employer: its name as it was written.
        category: the code of its category.
        is_lead: other appeals have been merged into it already.
        can_lead: somebody handles it, so that it may be the lead.
    """

    id: int
    employer_id: int | None
    employer: str
    category: str
    received_at: datetime
    is_lead: bool = False
    can_lead: bool = True


@dataclass(frozen=True, slots=True)
class SameMatter:
    """Appeals that look like one case: the lead first, and why."""

    lead: int
    parts: tuple[int, ...]
    employer: str
    category: str
    days: int
    same_enterprise: bool
    same_words: bool = False

    @property
    def reasons(self) -> list[str]:
        """Why they look alike, in Chinese."""
        if self.same_words:
            return [f"{len(self.parts) + 1} 件几乎一字不差，是不同的人说的", f"前后 {self.days} 天内收到"]
        who = "同一用人单位" if self.same_enterprise else "用人单位名称相同"
        when = "同一天收到" if self.days == 0 else f"前后 {self.days} 天内收到"
        return [f"{who}：{self.employer}", f"同一小类：{self.category}", when]


def plain_employer(name: str) -> str:
    """An employer's name for comparison: no brackets, blanks, marks, place before it or form of company behind it."""
    text = _NOISE.sub("", _BRACKETS.sub("", name))
    shorter = _ENDINGS.sub("", _PLACES.sub("", text))
    return shorter if len(shorter) >= 2 else text


def same_matters(candidates: Iterable[Candidate], different: Set[frozenset[int]] = frozenset()) -> list[SameMatter]:
    """Appeals of the same employer and category within fourteen days of each other, newest matters first.

    The lead is one that others were merged into already, else the one that was received first of those that somebody
    handles. Two that were found different never stand in one matter.
    """
    groups: list[list[Candidate]] = []
    by_key: dict[tuple[str, str], list[list[Candidate]]] = {}
    names: dict[int, str] = {}
    for each in sorted(candidates, key=lambda one: (one.received_at, one.id)):
        if each.employer_id is not None:
            names.setdefault(each.employer_id, plain_employer(each.employer))
        name = names[each.employer_id] if each.employer_id is not None else plain_employer(each.employer)
        if not name:
            continue
        open_groups = by_key.setdefault((name, each.category), [])
        for group in reversed(open_groups):
            is_near = each.received_at - group[0].received_at <= SAME_MATTER
            if is_near and not any(frozenset({each.id, other.id}) in different for other in group):
                group.append(each)
                break
        else:
            group = [each]
            groups.append(group)
            open_groups.append(group)
    found = [_matter(group) for group in groups if len(group) > 1 and any(each.can_lead for each in group)]
    return sorted(found, key=lambda one: (one.days, one.lead), reverse=True)


def same_words(
    candidates: Iterable[Candidate],
    groups: Iterable[Iterable[int]],
    different: Set[frozenset[int]] = frozenset(),
    known: Iterable[SameMatter] = (),
) -> list[SameMatter]:
    """Appeals that several people sent in nearly the same words, as `groups` says it, whatever employer they name.

    What stands in a matter that is known already is not said again.
    """
    by_number = {each.id: each for each in candidates}
    said = [frozenset({matter.lead, *matter.parts}) for matter in known]
    found = []
    for numbers in groups:
        group: list[Candidate] = []
        for each in sorted(
            (by_number[n] for n in numbers if n in by_number), key=lambda one: (one.received_at, one.id)
        ):
            if not any(frozenset({each.id, other.id}) in different for other in group):
                group.append(each)
        here = frozenset(each.id for each in group)
        if len(group) > 1 and any(each.can_lead for each in group) and not any(here <= other for other in said):
            found.append(replace(_matter(group), same_words=True))
    return [matter for matter in found if matter.parts]


def _matter(group: Sequence[Candidate]) -> SameMatter:
    lead = min(group, key=lambda one: (not one.is_lead, not one.can_lead, one.received_at, one.id))
    parts = tuple(each.id for each in group if each is not lead and not each.is_lead)
    numbers = {each.employer_id for each in group}
    return SameMatter(
        lead=lead.id,
        parts=parts,
        employer=lead.employer,
        category=lead.category,
        days=(day_of(group[-1].received_at) - day_of(group[0].received_at)).days,
        same_enterprise=len(numbers) == 1 and None not in numbers,
    )


def check_can_merge(role: Role) -> None:
    """Cases are put together and taken apart by supervisors of town, county and city.

    Raises:
        NotPermitted.
    """
    if role not in MERGERS:
        raise NotPermitted("并案和拆开由镇街及以上派单督办岗位进行。")


def check_can_lead(status: str, *, code: str, is_part: bool) -> None:
    """Refuse a lead that nobody handles, that was answered, or that is itself a part.

    Raises:
        NotAllowed.
    """
    if is_part:
        raise NotAllowed(f"{code} 已并入别的件，请并到它的主件里。")
    if Status(status) not in LEADABLE:
        raise NotAllowed(f"{code} 现在是“{STATUS_WORDS[Status(status)]}”，不能作主件；主件要已派单、还没有送审或答复。")


def check_can_join(status: str, *, code: str, leads_others: bool) -> None:
    """Refuse a part that was answered, that waits for review, has ended, or leads a case of its own.

    Raises:
        NotAllowed.
    """
    if leads_others:
        raise NotAllowed(f"{code} 自己是一件群体案的主件，请把它作主件，把别的件并进来。")
    if Status(status) not in JOINABLE:
        raise NotAllowed(f"{code} 现在是“{STATUS_WORDS[Status(status)]}”，不能并案。")


def check_can_leave(status: str, *, code: str, is_part: bool) -> None:
    """Refuse to take out what is no part, or what was answered together with its lead.

    Raises:
        NotAllowed.
    """
    if not is_part:
        raise NotAllowed(f"{code} 没有并入别的件。")
    if status != Status.MERGED:
        raise NotAllowed(f"{code} 已随主件答复，不能再拆开；职工不满意时会自动单独重办。")
