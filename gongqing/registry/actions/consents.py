"""What people are told about their data, what they agree to, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from gongqing.audit import events, scope
from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.lib.times import day_of
from gongqing.registry import queries, rules
from gongqing.registry.models import Consent, DataRequest, Person, PrivacyNotice, Purpose, Right, sealing
from gongqing.registry.models.consents import WISH
from gongqing.registry.rules.personal_data import check_answers_data_requests

SHIPPED = Path(__file__).parents[1] / "data" / "privacy_notice.txt"
FIRST_DAY = date(2020, 1, 1)
LONGEST_WISH, LONGEST_ANSWER = 1_000, 2_000


@transaction.atomic
def load_privacy_notice(*, by: Actor, at: datetime) -> PrivacyNotice:
    """Put the shipped notice in as version 1, once; a city's own later versions stay."""
    first = PrivacyNotice.objects.order_by("version").first()
    if first is not None:
        return first
    text = SHIPPED.read_text(encoding="utf-8")
    return publish_privacy_notice(text=text, effective_from=FIRST_DAY, source="随平台提供", by=by, at=at)


@transaction.atomic
def publish_privacy_notice(*, text: str, effective_from: date, source: str, by: Actor, at: datetime) -> PrivacyNotice:
    """Put a new version of the notice in force from a day; earlier versions and the consents under them stay.

    Raises:
        NotPermitted: neither the system nor an administrator.
        BadInput: on `text`, too short to tell anything; on `effective_from`, before the version that it replaces.
    """
    if by.role not in (Role.SYSTEM, Role.ADMINISTRATOR):
        raise NotPermitted("隐私告知由系统管理员发布。")
    if len(text.strip()) < 200:
        raise BadInput("text", "告知太短：应写明谁处理、处理什么、为什么、给谁看、存多久、您的权利。")
    last = PrivacyNotice.objects.select_for_update().order_by("-version").first()
    if last is not None and effective_from < last.effective_from:
        raise BadInput("effective_from", f"生效日期不能早于第 {last.version} 版（{last.effective_from:%Y-%m-%d}）。")
    notice = PrivacyNotice.objects.create(
        version=last.version + 1 if last else 1,
        text=text.strip(),
        effective_from=effective_from,
        source=rules.plain(source)[:200],
    )
    events.record("privacy_notice.published", subject=notice, by=by, at=at, version=notice.version)
    return notice


@transaction.atomic
def record_consents(
    *, person_id: int, purposes: Iterable[Purpose], door: str, by: Actor, at: datetime
) -> list[Consent]:
    """Write down what a person agrees to when an appeal is taken in, under the newest notice in force.

    A purpose that runs already is left as it is. One that was withdrawn is not given again by the way: the person does
    so on the own page (`give_consent`); only handling is, since the person has just asked for it.

    Returns:
        the consents that are new; none before a notice is loaded.
    """
    with scope.elevated():
        notice = queries.notice_on(day_of(at))
        if notice is None:
            return []
        answered = dict(
            Consent.objects.filter(person_id=person_id).order_by("id").values_list("purpose", "withdrawn_at")
        )
        wanted = [
            purpose
            for purpose in dict.fromkeys(purposes)
            if purpose not in answered or (purpose == Purpose.HANDLING and answered[purpose] is not None)
        ]
        return [_give(person_id, purpose, notice, door, by=by, at=at) for purpose in wanted]


@transaction.atomic
def give_consent(*, person_id: int, purpose: Purpose, by: Actor, at: datetime) -> Consent:
    """A person agrees to a purpose on the own page; agreed already, nothing changes.

    Raises:
        NotPermitted: somebody else's. NotAllowed: no notice has been published.
    """
    _check_own(person_id, by)
    running = Consent.objects.filter(person_id=person_id, purpose=purpose, withdrawn_at__isnull=True).first()
    if running is not None:
        return running
    notice = queries.notice_on(day_of(at))
    if notice is None:
        raise NotAllowed("还没有发布隐私告知，暂时不能同意。")
    return _give(person_id, purpose, notice, "own_page", by=by, at=at)


@transaction.atomic
def withdraw_consent(*, person_id: int, purpose: Purpose, by: Actor, at: datetime) -> None:
    """A person takes back the agreement to a purpose; what was done before stays lawful (个人信息保护法 第15条).

    Where no agreement was ever written down, a withdrawn one is, so that the wish is known.

    Raises:
        NotPermitted: somebody else's.
    """
    _check_own(person_id, by)
    running = Consent.objects.select_for_update().filter(
        person_id=person_id, purpose=purpose, withdrawn_at__isnull=True
    )
    consent = running.first()
    if consent is None:
        known = Consent.objects.filter(person_id=person_id, purpose=purpose).exists()
        notice = queries.notice_on(day_of(at))
        if known or notice is None:
            return
        consent = Consent(person_id=person_id, purpose=purpose, notice=notice, door="own_page", given_at=at)
    consent.withdrawn_at = at
    consent.save()
    events.record("consent.withdrawn", subject=consent, by=by, at=at, purpose=purpose, person=person_id)


@transaction.atomic
def ask_about_data(
    *, person_id: int, right: Right, wish: str, due_at: datetime, by: Actor, at: datetime
) -> DataRequest:
    """A person asks to have the own data corrected, deleted or explained; an officer answers by `due_at`.

    Raises:
        NotPermitted: about somebody else's data. BadInput: on `wish`.
        NotAllowed: the same is asked already and waits for its answer.
    """
    _check_own(person_id, by)
    words = "\n".join(filter(None, (rules.plain(line) for line in wish.splitlines())))
    if right != Right.DELETE and len(words) < 4:
        raise BadInput("wish", "请写明要更正或了解什么，至少 4 个字。")
    if len(words) > LONGEST_WISH:
        raise BadInput("wish", f"内容太长（{len(words)} 字），最多 {LONGEST_WISH} 字。")
    Person.objects.select_for_update().get(pk=person_id)
    if DataRequest.objects.filter(person_id=person_id, right=right, answered_at__isnull=True).exists():
        raise NotAllowed(f"您已经提出过“{Right(right).label}”的请求，正在办理，请等答复。")
    request = DataRequest.objects.create(
        person_id=person_id,
        right=right,
        wish_sealed=sealing.seal(words, WISH) if words else None,
        asked_at=at,
        due_at=due_at,
    )
    events.record("data_request.asked", subject=request, by=by, at=at, right=right)
    return request


@transaction.atomic
def answer_data_request(*, request_id: int, granted: bool, answer: str, by: Actor, at: datetime) -> DataRequest:
    """Keep an officer's answer. What it grants is done by `dispatch.actions.settle_data_request`, which calls this.

    Raises:
        NotPermitted: not the city's supervisor. NotAllowed: answered already. BadInput: on `answer`.
    """
    check_answers_data_requests(by)
    request = DataRequest.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise NotFound("没有这项请求。")
    if request.answered_at is not None:
        raise NotAllowed(f"这项请求已由{request.answered_by_name}答复。")
    words = answer.strip()
    if len(words) < 4 or len(words) > LONGEST_ANSWER:
        raise BadInput("answer", f"请写明办了什么，或者为什么不能办，4 到 {LONGEST_ANSWER} 字。")
    request.answered_at, request.answered_by_name, request.granted, request.answer = at, by.name, granted, words
    request.save(update_fields=["answered_at", "answered_by_name", "granted", "answer"])
    events.record("data_request.answered", subject=request, by=by, at=at, granted=granted, right=request.right)
    return request


@transaction.atomic
def erase_person(*, person_id: int, reason: str, by: Actor, at: datetime) -> Person:
    """Take name, phone, identity number, address and employer out of a person, end the consents, drop what was asked.

    Part of `dispatch.actions.anonymise_person`, which knows whether it may be done. The row stays, so that what was
    handled can still be counted.
    """
    person = Person.objects.select_for_update().get(pk=person_id)
    person.name = person.phone_mask = ""
    for field in ("phone_sealed", "phone_index", "id_number_sealed", "id_number_index", "address_sealed"):
        setattr(person, field, None)
    person.employer = None
    person.save()
    Consent.objects.filter(person=person, withdrawn_at__isnull=True).update(withdrawn_at=at)
    DataRequest.objects.filter(person=person).update(wish_sealed=None)
    events.record("person.anonymised", subject=person, by=by, at=at, note=reason)
    return person


def _give(person_id: int, purpose: Purpose, notice: PrivacyNotice, door: str, *, by: Actor, at: datetime) -> Consent:
    consent = Consent.objects.create(person_id=person_id, purpose=purpose, notice=notice, door=door[:16], given_at=at)
    events.record(
        "consent.given", subject=consent, by=by, at=at, purpose=purpose, person=person_id, notice=notice.version
    )
    return consent


def _check_own(person_id: int, by: Actor) -> None:
    if by.person_id is None or by.person_id != person_id:
        raise NotPermitted("只能处理本人的个人信息。")
