"""What do the API and the pages show of a case, and to whom?

Workers see plain events and answers that are settled; lists show masked names and no words of the worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal, Attachment
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.statuses import ANSWERED, STATUS_WORDS, Status
from gongqing.audit import queries as audit
from gongqing.audit import scope
from gongqing.audit.actor import Actor, Role
from gongqing.audit.models import Event
from gongqing.audit.reading import Prepared, ask
from gongqing.dispatch.queries.clocks import (
    ClockView,
    asked_of_ledgers_by_code,
    clocks_in_hand,
    clocks_of,
    clocks_read,
)
from gongqing.dispatch.rules.plain_words import first_sentence
from gongqing.lib import masks
from gongqing.lib.codes import check_appeal_code
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.remembering import remembered
from gongqing.registry import queries as registry

# what a worker is told of the work on his or her appeal; True: with its note
PLAIN_EVENTS: dict[str, bool] = {
    "appeal.received": False,
    "appeal.classified": False,
    "appeal.dispatched": False,
    "appeal.redispatched": False,
    "appeal.transferred": False,
    "appeal.passed_up": False,
    "appeal.signed": False,
    "appeal.contacted": False,
    "appeal.contacted_again": False,
    "appeal.reported": True,
    "appeal.paused": True,
    "appeal.resumed": False,
    "appeal.merged": False,
    "appeal.unmerged": False,
    "appeal.tracked": True,
    "appeal.resolved": False,
    "appeal.evaluation_invited": False,
    "appeal.evaluated": True,
    "appeal.archived": False,
    "appeal.left_unevaluated": False,
    "appeal.reopened": False,
    "appeal.urged": True,
    "appeal.material_added": True,
    "appeal.file_attached": False,
    "appeal.withdrawn": True,
    "appeal.called_back": False,
    "appeal.need_fed_back": True,
}
NOTES_OF_WORKERS = frozenset({"appeal.urged", "appeal.evaluated", "appeal.withdrawn"})  # staff's are for staff
NAMELESS = "工会"
# what the API shows around an appeal
SHOWN = ("category", "handler", "person")
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_AMONG = '"appeals_appeal"."id" = ANY (%s::bigint[])'
WORKER = "职工"  # whose name was taken out


@dataclass(frozen=True, slots=True)
class Case:
    """One appeal with what stands around it.

    Attributes:
        clocks: reckoned at the moment of asking, in the order in which they were started.
        is_plain: whether it is shown to the worker's side.
    """

    appeal: Appeal
    clocks: list[ClockView]
    attachments: list[Attachment]
    is_plain: bool
    person_name: str
    person_phone: str

    @property
    def result(self) -> str:
        """The answer; the worker reads it when it is settled, staff at once."""
        return self.appeal.result if not self.is_plain or Status(self.appeal.status) in ANSWERED else ""


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One line of a case's timeline."""

    at: datetime
    kind: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """What a list is asked for; empty values ask for nothing.

    Attributes:
        q: words of two or more characters that must all occur.
        status: status words, separated by commas.
        region: a region's code or its beginning.
    """

    q: str = ""
    status: str = ""
    grade: str = ""
    category: str = ""
    region: str = ""
    overdue: bool | None = None


def is_plain_for(actor: Actor) -> bool:
    """Does this actor see the worker's side of a case alone?"""
    return not (actor.is_staff or actor.is_system) or actor.role in (Role.ZONE_HELPER, Role.ANONYMOUS)


def case_id(code: str, actor: Actor) -> int:
    """The number of the appeal with this code, however the code was typed.

    Raises:
        BadInput: it cannot be a code. NotFound: none in the actor's view.
    """
    return appeals.id_of_code(check_appeal_code(code), actor)


def case_of(code: str, actor: Actor, at: datetime, *, around: tuple[str, ...] = appeals.AROUND) -> Case:
    """A case in full, in one journey. The caller writes the look down.

    Args:
        around: what is read along with the appeal.

    Raises:
        BadInput: it cannot be a code. NotFound: none in the actor's view.
    """
    code = check_appeal_code(code)
    clocks, lines = asked_of_ledgers_by_code(code)
    found, *rest = ask(appeals.asked_with_code(code, actor, around), clocks, lines, _files_by_code(code))
    return _case(appeals.the_one(found), actor, clocks_read(rest[0], rest[1], at), rest[2])


def case_after(appeal_id: int, actor: Actor, at: datetime) -> Case:
    """A case as the actor's own action has just left it, even where that action ended the actor's sight of it."""
    with scope.elevated():
        appeal = Appeal.objects.select_related("category", "handler", "region", "person").get(pk=appeal_id)
        return _case(appeal, actor, clocks_of(appeal.pk, at), _files_of(appeal))


def case_as_left(appeal: Appeal, actor: Actor, at: datetime, *, is_new: bool = False) -> Case:
    """A case as an action has just left it, though its actor may not see it from now on; it is not read again.

    Args:
        is_new: it was taken in just now, and has no files yet.
    """
    with scope.elevated():
        files = [] if is_new or appeal.has_files is False else _files_of(appeal)
        return _case(appeal, actor, clocks_in_hand(appeal, at), files)


def events_of_case(code: str, actor: Actor) -> tuple[int, list[CaseEvent]]:
    """The appeal's number and its timeline, oldest first; a worker reads nothing of the inner work.

    Raises:
        BadInput, NotFound.
    """
    number = case_id(code, actor)
    found = audit.events_of("appeal", number)
    if is_plain_for(actor):
        return number, [_plain(event, actor) for event in found.filter(kind__in=PLAIN_EVENTS)]
    return number, [CaseEvent(event.at, event.kind, _name(event), event.note) for event in found]


def clocks_of_case(code: str, actor: Actor, at: datetime) -> tuple[int, list[ClockView]]:
    """The appeal's number and its clocks.

    Raises:
        BadInput, NotFound.
    """
    number = case_id(code, actor)
    return number, clocks_of(number, at)


def attachment_of(code: str, attachment_id: int, actor: Actor) -> Attachment:
    """One file of a case.

    Raises:
        BadInput: it cannot be a code. NotFound: the case or file is not in the actor's view. NotAllowed: it is gone.
    """
    found = Attachment.objects.filter(appeal_id=case_id(code, actor), pk=attachment_id).first()
    if found is None:
        raise NotFound("没有这个附件，或者不在您能看的范围内。")
    if not found.size:
        raise NotAllowed("这个附件已按规定去除，不再保留。")
    return found


@remembered
def organisation_given(given: str | int | None, *, field: str) -> int | None:
    """The organisation that a caller means by its code, its full or short name, or its number; None for none.

    Raises:
        BadInput: on `field`, when there is no such organisation.
    """
    if given is None or given == "":
        return None
    found = None
    if isinstance(given, str):
        found = registry.organisation_by_code(given) or registry.organisation_named(given)
        number = int(given) if given.isascii() and given.isdigit() else 0
    else:
        number = given
    if found is None and 0 < number < 2**63:
        found = registry.organisation_numbered(number)
    if found is None:
        raise BadInput(field, "没有这个单位，请用单位编码或全称。")
    return found.pk


def filtered(found: QuerySet[Appeal], filters: CaseFilters) -> QuerySet[Appeal]:
    """The appeals that a list is asked for.

    Raises:
        BadInput: a filter that cannot be.
    """
    if filters.q.strip():
        found = found.filter(RawSQL(_AMONG, [appeals.found_ids(filters.q)], output_field=BooleanField()))  # noqa: S611
    if filters.status:
        found = found.filter(status__in=named_states(filters))
    if filters.grade:
        found = found.filter(
            grade__in=_words("grade", filters.grade, {each: each.title_zh for each in Grade}, "没有这个等级")
        )
    if filters.category:
        found = found.filter(category__code__in=[each.upper() for each in _split(filters.category)])
    if filters.region:
        if not (filters.region.isascii() and filters.region.isdigit() and len(filters.region) <= 12):
            raise BadInput("region", "区划代码应为 4、6、9 或 12 位数字。")
        code = filters.region[:9] if len(filters.region) == 12 else filters.region
        code = code[:4] if len(code) == 6 and code.endswith("00") else code
        found = found.filter(region__code__startswith=code)
    if filters.overdue is not None:
        found = found.filter(is_overdue=filters.overdue)
    return found


def named_states(filters: CaseFilters) -> list[str]:
    """The states that a list is asked for; empty for all.

    Raises:
        BadInput: a word that is none.
    """
    return _words("status", filters.status, STATUS_WORDS, "没有这种状态")


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _words(field: str, text: str, known: Mapping[Any, str], refusal: str) -> list[str]:
    chosen = _split(text)
    if unknown := [word for word in chosen if word not in set(known)]:
        offered = "、".join(f"{word.value}（{meaning}）" for word, meaning in known.items())
        raise BadInput(field, f"{refusal}：{unknown[0][:32]}。可用：{offered}。")
    return chosen


def _files_of(appeal: Appeal) -> list[Attachment]:
    return _files.all(appeal.pk)


@Prepared
def _files_by_code(_: None, code: str) -> QuerySet[Attachment]:
    return Attachment.objects.filter(appeal__code=code).order_by("id")


@Prepared
def _files(_: None, appeal_id: int) -> QuerySet[Attachment]:
    return Attachment.objects.filter(appeal_id=appeal_id).order_by("id")


def _case(appeal: Appeal, actor: Actor, clocks: list[ClockView], files: list[Attachment]) -> Case:
    person, is_plain = appeal.person, is_plain_for(actor)
    shows_name = appeals.is_party(appeal, actor) or not (is_plain or actor.role in (Role.AUDITOR, Role.ADMINISTRATOR))
    name = "" if person is None else person.name
    return Case(
        appeal=appeal,
        clocks=clocks,
        attachments=files,
        is_plain=is_plain,
        person_name=name if shows_name else masks.mask_name(name),
        person_phone="" if person is None else person.phone_mask,
    )


def _name(event: Event) -> str:
    name = event.name or WORKER
    return f"{name}（{event.organisation_name}）" if event.organisation_name else name


def _plain(event: Event, actor: Actor) -> CaseEvent:
    """Organisations act towards the worker, not their people; of a report the worker reads the first sentence."""
    is_own = event.user_id is not None and event.user_id == actor.user_id
    by_worker = is_own or event.role in (Role.WORKER, Role.CODE_HOLDER)
    by = event.name if by_worker or event.role == Role.SYSTEM else event.organisation_name or NAMELESS
    is_told = PLAIN_EVENTS[event.kind] and (by_worker or event.kind not in NOTES_OF_WORKERS)
    note = event.note if is_told else ""
    if event.kind == "appeal.reported":
        note = first_sentence(note)
    return CaseEvent(event.at, event.kind, by, note)
