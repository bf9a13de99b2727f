"""What do we hold of a person, who has looked at it, and may it go?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Q

from gongqing.accounts.models import Posting, User
from gongqing.appeals.models import Appeal, Attachment, Claim, Evaluation, Payment
from gongqing.appeals.models import Message as Words
from gongqing.appeals.rules.statuses import ANSWERED, OPEN, Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor, Role
from gongqing.audit.models import AccessLog, Event
from gongqing.dispatch.models import Letter, PaymentVoucher
from gongqing.dispatch.rules.event_words import words_of
from gongqing.dispatch.rules.retention import Matter, Standing
from gongqing.lib.errors import NotFound, NotPermitted
from gongqing.lib.times import day_of, local
from gongqing.notices.models import Message
from gongqing.notices.rules.templates import TEMPLATES, without_keys
from gongqing.registry import queries as registry
from gongqing.registry.models import Consent, DataRequest, Member, Person, Purpose, Right, sealing
from gongqing.registry.models.consents import WISH
from gongqing.registry.rules.personal_data import check_answers_data_requests

MOST_LOOKS, MOST_MESSAGES = 200, 200
NOT_STAFF = (Role.WORKER, Role.CODE_HOLDER, Role.ANONYMOUS, Role.SYSTEM)
MEANINGS: Mapping[Purpose, str] = {
    Purpose.HANDLING: "撤回后不再为您办理新的事；还有事在办时不能撤回。",
    Purpose.CONTACT: "撤回后不再给您发短信；进展请登录或凭编号查。有生命危险等紧急情形除外。",
    Purpose.STUDY: "撤回后您的文字不再用来改进分类，不影响办理。",
}


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One purpose: whether it is agreed to now, since when, under which notice, and what withdrawing it means."""

    purpose: str
    words: str
    meaning: str
    is_given: bool
    given_at: datetime | None
    withdrawn_at: datetime | None
    version: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """Looks at the own data: which organisation, what, why, on which day, how often."""

    day: date
    organisation: str
    what: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One short message that went to the person's phone."""

    at: datetime
    title: str
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class OwnData:
    """What we hold of a person, masked; `appeals` are the person's own."""

    person: Person
    has_id_number: bool
    has_address: bool
    memberships: list[Member]
    appeals: list[Appeal]
    told: list[ToldLine]
    consents: list[ConsentLine]
    looks: list[Look]
    requests: list[DataRequest]


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request about personal data on the officers' list; the wish is read on its own page."""

    request: DataRequest
    person_name: str
    phone_mask: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class RequestCard:
    """A request in full, with what would stand against deleting, and what would remain after it."""

    request: DataRequest
    person: Person
    wish: str
    open_count: int
    standing: Standing
    remains: list[str]


def own_data(actor: Actor) -> OwnData:
    """What we hold of the worker who asks.

    Raises:
        NotPermitted: not a worker.
    """
    person = own_person(actor)
    appeals = own_appeals(actor)
    return OwnData(
        person=person,
        has_id_number=person.id_number_sealed is not None,
        has_address=person.address_sealed is not None,
        memberships=registry.memberships_of(person.pk),
        appeals=appeals,
        told=told_to(person, appeals),
        consents=consent_lines(registry.consents_of(person.pk)),
        looks=looks_at_own(person.pk, [appeal.pk for appeal in appeals]),
        requests=registry.data_requests_of(person.pk),
    )


def own_person(actor: Actor) -> Person:
    """The person behind a worker's account.

    Raises:
        NotPermitted: not a worker.
    """
    found = Person.objects.filter(pk=actor.person_id or 0).select_related("region", "employer").first()
    if actor.role is not Role.WORKER or found is None:
        raise NotPermitted("这里只看得到本人的信息，请先用手机号登录。")
    return found


def own_appeals(actor: Actor) -> list[Appeal]:
    """The worker's own appeals, newest first."""
    own = Appeal.objects.visible_to(actor).filter(person_id=actor.person_id or 0)
    return list(own.select_related("handler", "category").order_by("-received_at", "-id"))


def open_count_of(person_id: int) -> int:
    """How many of a person's appeals have not ended."""
    with scope.elevated():
        return Appeal.objects.filter(person_id=person_id, status__in=[status.value for status in OPEN]).count()


def consent_lines(consents: Iterable[Consent]) -> list[ConsentLine]:
    """Every purpose with its last answer."""
    last: dict[str, Consent] = {consent.purpose: consent for consent in consents}
    return [_consent_line(purpose, last.get(purpose)) for purpose in Purpose]


def looks_at_own(person_id: int, appeal_ids: Sequence[int]) -> list[Look]:
    """Staff's looks at a person and the person's appeals, newest day first; the same ones of a day are counted.

    Organisations look, not their people: no name of staff is given.
    """
    about = Q(subject_kind="appeal", subject_id__in=appeal_ids) | Q(subject_kind="person", subject_id=person_id)
    with scope.elevated():
        rows = list(AccessLog.objects.filter(about).exclude(role__in=NOT_STAFF).order_by("-id")[: MOST_LOOKS * 5])
    counted: dict[tuple[date, str, str, str], int] = {}
    for row in rows:
        key = (day_of(row.at), row.organisation_name or "工会", words_of(row.kind), row.reason)
        counted[key] = counted.get(key, 0) + 1
    return [Look(*key, count) for key, count in list(counted.items())[:MOST_LOOKS]]


def told_to(person: Person, appeals: Sequence[Appeal]) -> list[ToldLine]:
    """The short messages to the person's phone about the own appeals and requests, newest first."""
    requests = [request.pk for request in registry.data_requests_of(person.pk)]
    about = Q(subject_kind="appeal", subject_id__in=[appeal.pk for appeal in appeals])
    about |= Q(subject_kind="datarequest", subject_id__in=requests) | Q(subject_kind="person", subject_id=person.pk)
    with scope.elevated():
        found = Message.objects.filter(about, phone_sealed__isnull=False, phone_mask=person.phone_mask)
        rows = list(found.exclude(template="duty").order_by("-id")[:MOST_MESSAGES])
    return [_told(row) for row in rows]


def copy_of(actor: Actor) -> tuple[list[dict[str, object]], list[Attachment]]:
    """The worker's appeals in full, for the copy to take away, and the worker's own files.

    Raises:
        NotPermitted: not a worker.
    """
    own_person(actor)
    appeals = own_appeals(actor)
    numbers = [appeal.pk for appeal in appeals]
    words = list(Words.objects.filter(appeal_id__in=numbers).order_by("id"))
    judged = list(Evaluation.objects.filter(appeal_id__in=numbers).order_by("id"))
    files = list(Attachment.objects.filter(appeal_id__in=numbers, from_worker=True).order_by("id"))
    return [_copied(appeal, words, judged) for appeal in appeals], files


def data_requests(actor: Actor, at: datetime, *, is_open: bool) -> list[RequestLine]:
    """Requests about personal data: the open ones by due date, or the last answered.

    Raises:
        NotPermitted: not the city's supervisor.
    """
    check_answers_data_requests(actor)
    found = DataRequest.objects.select_related("person").filter(answered_at__isnull=is_open)
    rows = found.order_by("due_at", "id") if is_open else found.order_by("-answered_at")
    return [
        RequestLine(row, str(row.person) or "没有留称呼", row.person.phone_mask, is_open and row.due_at < at)
        for row in rows[:200]
    ]


def data_request_card(request_id: int, actor: Actor) -> RequestCard:
    """One request with what was asked.

    Raises:
        NotPermitted: not the city's supervisor. NotFound: no such request.
    """
    check_answers_data_requests(actor)
    request = DataRequest.objects.select_related("person__region", "person__employer").filter(pk=request_id).first()
    if request is None:
        raise NotFound("没有这项请求。")
    wish = sealing.open_sealed(request.wish_sealed, WISH) if request.wish_sealed else ""
    standing = standing_of(request.person, besides_request=request.pk)
    remains = remains_of(request.person) if request.right == Right.DELETE else []
    return RequestCard(request, request.person, wish, standing.open_count, standing, remains)


def remains_of(person: Person) -> list[str]:
    """What a deletion at the person's own request leaves behind, in sentences for the officer."""
    with scope.elevated():
        own = list(Appeal.objects.filter(person=person).values_list("pk", flat=True))
        claims = Claim.objects.filter(person=person).count()
        files = Attachment.objects.filter(appeal__in=own, from_worker=False, size__gt=0).count()
        letters = Letter.objects.filter(appeal__in=own).exclude(file_key="").count()
        vouchers = PaymentVoucher.objects.filter(batch__in=Payment.objects.filter(claim__person=person).values("batch"))
        found = [
            (len(own), f"诉求 {len(own)} 件的经过和原话，不写姓名，号码遮住；原话里别人的姓名不动"),
            (claims, f"欠薪核算表 {claims} 笔，留金额、班组，不写姓名"),
            (files, f"工作人员上传的附件 {files} 个，满年限再去除"),
            (letters, f"公文 {letters} 份，满年限再去除"),
            (vouchers.count(), f"追回凭证 {vouchers.count()} 份，只关本人的满年限再去除，写着几个人的长期保留"),
            (1, "清单销号材料、以前的备份里的内容，不能逐人去除"),
        ]
    return [words for count, words in found if count]


def open_request_count() -> int:
    """How many requests wait for an answer."""
    with scope.elevated():
        return DataRequest.objects.filter(answered_at__isnull=True).count()


def standing_of(person: Person, *, besides_request: int | None = None) -> Standing:
    """What the rule of retention asks about a person; the caller may see all rows.

    A merged appeal stands as its lead does while that is open, and a case whose wage sheet the person is on counts too.

    Args:
        besides_request: a request that is just being answered.
    """
    appeals = {
        number: lead if status == Status.MERGED and lead in OPEN else status
        for number, status, lead in Appeal.objects.filter(person=person).values_list(
            "pk", "status", "merged_into__status"
        )
    }
    owing = Claim.objects.filter(person=person, removed_at__isnull=True).exclude(appeal__in=appeals)
    appeals |= dict(owing.values_list("appeal_id", "appeal__status"))
    moved = dict(
        Event.objects.filter(subject_kind="appeal", subject_id__in=appeals)
        .values_list("subject_id")
        .annotate(last=Max("at"))
        .order_by()
    )
    users = list(User.objects.filter(person=person))
    waiting = DataRequest.objects.filter(person=person, answered_at__isnull=True).exclude(pk=besides_request or 0)
    sealed = (person.phone_sealed, person.id_number_sealed, person.address_sealed)
    return Standing(
        matters=[Matter(status, local(moved.get(pk, person.created_at))) for pk, status in appeals.items()],
        entered_at=local(person.created_at),
        last_sign_in=max((local(user.last_login) for user in users if user.last_login), default=None),
        request_count=waiting.count(),
        is_member=Member.objects.filter(person=person, until__isnull=True).exists(),
        has_posting=Posting.objects.filter(user__in=users, until__isnull=True).exists(),
        is_empty=not person.name and not any(sealed),
    )


def long_known(before: datetime, *, after_id: int = 0, most: int = 500) -> list[Person]:
    """People entered by a moment with data left and nothing open, by id: candidates for the rule to judge."""
    known = Person.objects.filter(created_at__lte=before, pk__gt=after_id)
    held = Q(phone_sealed__isnull=False) | Q(id_number_sealed__isnull=False) | Q(address_sealed__isnull=False)
    busy = Appeal.objects.filter(person__isnull=False, status__in=[status.value for status in OPEN])
    found = known.filter(held | ~Q(name="")).exclude(pk__in=busy.values("person_id"))
    return list(found.exclude(memberships__until__isnull=True, memberships__isnull=False).order_by("pk")[:most])


def _consent_line(purpose: Purpose, last: Consent | None) -> ConsentLine:
    is_given = last is not None and last.withdrawn_at is None
    return ConsentLine(
        purpose=purpose.value,
        words=purpose.label,
        meaning=MEANINGS[purpose],
        is_given=is_given,
        given_at=last.given_at if last else None,
        withdrawn_at=last.withdrawn_at if last else None,
        version=last.notice.version if last else None,
    )


def _told(row: Message) -> ToldLine:
    title = TEMPLATES[row.template].title if row.template in TEMPLATES else "其他"
    return ToldLine(row.sent_at or row.created_at, title, without_keys(row.text), row.get_state_display())


def _copied(appeal: Appeal, words: Sequence[Words], judged: Sequence[Evaluation]) -> dict[str, object]:
    return {
        "编号": appeal.code,
        "收到时间": _written(appeal.received_at),
        "渠道": appeal.get_channel_display(),
        "标题": appeal.title,
        "原话": appeal.text,
        "用人单位": appeal.employer_name,
        "地点": appeal.place,
        "不让单位知道": appeal.anonymous_to_employer,
        "类别": appeal.category.name if appeal.category else "",
        "办理单位": str(appeal.handler) if appeal.handler else "",
        "答复": appeal.result if appeal.status in ANSWERED else "",
        "办结时间": _written(appeal.resolved_at),
        "补充和留言": [
            {"时间": _written(one.at), "谁": "本人" if one.from_worker else "工会", "内容": one.text}
            for one in words
            if one.appeal_id == appeal.pk
        ],
        "评价": [
            {"时间": _written(one.at), "满意程度": one.get_satisfaction_display(), "内容": one.text}
            for one in judged
            if one.appeal_id == appeal.pk
        ],
    }


def _written(moment: datetime | None) -> str:
    return local(moment).isoformat(timespec="seconds") if moment else ""
