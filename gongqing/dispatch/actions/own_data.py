"""What a worker does with the own data, and what an officer answers (个人信息保护法 第44条至第50条)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import PurePath

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from gongqing.accounts import actions as accounts
from gongqing.appeals.actions.additions import file_path
from gongqing.appeals.models import Attachment
from gongqing.audit import events
from gongqing.audit.actor import Actor
from gongqing.dispatch.actions.anonymising import anonymise_person
from gongqing.dispatch.queries import own_data as queries
from gongqing.dispatch.queries.clocks import calendar
from gongqing.dispatch.queries.own_claims import copied_claims
from gongqing.lib import masks
from gongqing.lib.codes import is_mobile
from gongqing.lib.errors import NotAllowed
from gongqing.lib.times import day_of, local
from gongqing.notices import actions as notices
from gongqing.registry import actions as registry
from gongqing.registry import queries as registry_queries
from gongqing.registry.actions.people import REVEALABLE
from gongqing.registry.models import DataRequest, Person, Purpose, Right
from gongqing.registry.rules.personal_data import ANSWER_WITHIN

COPIES_A_DAY = ((5, timedelta(days=1)),)
LARGEST_COPY = 200 * 1024 * 1024
OWN = "本人查看自己的信息"


@transaction.atomic
def reveal_own_data(*, by: Actor, at: datetime, address: str | None = None) -> dict[str, str]:
    """The worker's own phone, identity number and address in clear; each look is written down.

    Raises:
        NotPermitted: not a worker.
    """
    person = queries.own_person(by)
    return {
        field: registry.reveal_person(
            person_id=person.pk, field=field, reason=OWN, by=by, at=at, address=address, may=_is_own
        )
        for field in REVEALABLE
    }


@transaction.atomic
def ask_data_right(*, right: Right, wish: str, by: Actor, at: datetime) -> DataRequest:
    """Ask for the own data to be corrected, deleted or explained; answered within fifteen working days.

    Raises:
        NotPermitted: not a worker. BadInput: on `wish`. NotAllowed: it waits for an answer already.
    """
    person = queries.own_person(by)
    due_at = calendar().end_of_workday(day_of(at), ANSWER_WITHIN)
    asked = registry.ask_about_data(person_id=person.pk, right=right, wish=wish, due_at=due_at, by=by, at=at)
    union = registry_queries.city_union()
    if union is not None:
        notices.notify(
            text=f"有职工提出个人信息请求：{right.label}",
            organisation_id=union.pk,
            subject_kind="datarequest",
            subject_id=asked.pk,
            link=f"/desk/data-requests/{asked.pk}",
            at=at,
        )
    return asked


@transaction.atomic
def withdraw_own_consent(*, purpose: Purpose, by: Actor, at: datetime) -> None:
    """Take back the agreement to one purpose.

    Raises:
        NotPermitted: not a worker. NotAllowed: to handling, while something is being handled.
    """
    person = queries.own_person(by)
    if purpose == Purpose.HANDLING and (count := queries.open_count_of(person.pk)):
        raise NotAllowed(f"您还有 {count} 件事在办，撤回这项同意就办不下去了。请先到“我的事”里撤回那件事。")
    registry.withdraw_consent(person_id=person.pk, purpose=purpose, by=by, at=at)


@transaction.atomic
def move_to_phone(*, phone: str, code: str, by: Actor, at: datetime, address: str) -> None:
    """Put the new phone in the place of the old one, and warn the old one.

    Raises:
        NotPermitted, BadInput, TooManyTries: as `accounts.actions.change_own_phone`.
    """
    old = accounts.change_own_phone(phone=phone, code=code, by=by, at=at, address=address)
    if is_mobile(old):
        notices.send_message(
            phone=old,
            template="phone_changed",
            values={"phone": masks.mask_phone(phone)},
            subject_kind="person",
            subject_id=by.person_id,
            by=by,
            at=at,
            urgent=True,  # whoever lost the phone must know at once
        )


def take_own_copy(*, by: Actor, at: datetime, address: str | None = None) -> bytes:
    """Everything we hold of the worker as a ZIP: a page to read, the same as JSON, and the own files.

    Files beyond 200 MB together are left out and named in the page.

    Raises:
        NotPermitted: not a worker. TooManyTries: five times a day.
    """
    person = queries.own_person(by)
    accounts.count_attempt(door="own_copy", key=str(person.pk), limits=COPIES_A_DAY, at=at)
    with transaction.atomic():
        clear = reveal_own_data(by=by, at=at, address=address)
        held, (appeals, files) = queries.own_data(by), queries.copy_of(by)
        claims = copied_claims(person, [appeal.pk for appeal in held.appeals])
        events.record("data.copied", subject=person, by=by, at=at, appeals=len(appeals), claims=len(claims))
        events.record_access(
            "data.copied", subject_kind="person", subject_id=person.pk, by=by, at=at, reason="本人取走", address=address
        )
    kept, left_out = _that_fit(files)
    content = {
        "生成时间": local(at).isoformat(timespec="seconds"),
        "本人": {
            "称呼": person.name,
            **{words: clear[field] for field, words in REVEALABLE.items()},
            "所在地": str(person.region) if person.region else "",
            "用人单位": str(person.employer) if person.employer else "",
        },
        "会籍": [
            {"工会": one.union.name, "起": one.since.isoformat(), "止": one.until.isoformat() if one.until else ""}
            for one in held.memberships
        ],
        "诉求": appeals,
        "欠薪核算": claims,
        "短信": [{"时间": local(one.at).isoformat(timespec="seconds"), "内容": one.text} for one in held.told],
        "同意": [{"用途": one.words, "现在": "同意" if one.is_given else "没有同意或已撤回"} for one in held.consents],
        "谁看过": [
            {
                "日期": one.day.isoformat(),
                "单位": one.organisation,
                "看了什么": one.what,
                "理由": one.reason,
                "次数": one.count,
            }
            for one in held.looks
        ],
        "附件": [name for name, _ in kept],
        "没有放进来的附件": left_out,
    }
    return _packed(content, kept)


@transaction.atomic
def settle_data_request(
    *,
    request_id: int,
    granted: bool,
    answer: str,
    by: Actor,
    at: datetime,
    corrections: Mapping[str, str] | None = None,
) -> DataRequest:
    """Answer a request and do what is granted: put corrections in, or take the personal data out. The person is told.

    Args:
        corrections: of `name`, `phone`, `id_number` and `address`, what is right; empty ones change nothing.

    Raises:
        NotPermitted: not the city's supervisor. NotFound.
        NotAllowed: answered already, or the data may not go yet: the reason is said.
        BadInput: on `answer`, or on a correction.
    """
    request = registry.answer_data_request(request_id=request_id, granted=granted, answer=answer, by=by, at=at)
    person = Person.objects.get(pk=request.person_id)
    phone = person.reveal("phone")  # it may be gone afterwards
    is_wanted = is_mobile(phone) and registry_queries.may_contact(phone)
    given = {name: value for name, value in (corrections or {}).items() if value.strip()}
    if granted and request.right == Right.CORRECT and given:
        registry.complete_person(person_id=person.pk, by=by, at=at, **given)
    if granted and request.right == Right.DELETE:
        anonymise_person(person_id=person.pk, reason="本人要求删除", years=None, by=by, at=at)
    if is_wanted:
        notices.send_message(
            phone=phone,
            template="data_answered",
            values={"right": Right(request.right).label, "link": f"{settings.GONGQING.site_url}/me/data"},
            subject_kind="datarequest",
            subject_id=request.pk,
            by=by,
            at=at,
        )
    return request


def _is_own(by: Actor, person_id: int) -> bool:
    return by.person_id == person_id


def _that_fit(files: Sequence[Attachment]) -> tuple[list[tuple[str, Attachment]], list[str]]:
    kept: list[tuple[str, Attachment]] = []
    left_out, size = [], 0
    for file in files:
        if size + file.size > LARGEST_COPY or not file_path(file.digest).exists():
            left_out.append(file.name)
            continue
        size += file.size
        kept.append((f"附件/{file.pk}-{PurePath(file.name.replace(chr(92), '/')).name}", file))
    return kept, left_out


def _packed(content: Mapping[str, object], files: Sequence[tuple[str, Attachment]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("我的个人信息.html", render_to_string("dispatch/worker/own_copy.html", {"content": content}))
        archive.writestr("我的个人信息.json", json.dumps(content, ensure_ascii=False, indent=1))
        for name, file in files:
            archive.write(file_path(file.digest), name)
    return packed.getvalue()
