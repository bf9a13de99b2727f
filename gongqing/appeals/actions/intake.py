"""Take an appeal in, once, from any door."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from gongqing.appeals import queries
from gongqing.appeals.actions.access import grant_access
from gongqing.appeals.actions.classification import employer_said, read_appeal
from gongqing.appeals.models import AccessReason, Appeal, Channel, HotlineKind, Kind, SearchText, SerialDay
from gongqing.appeals.queries.circumstances import foresee_same_matters, keep_tally, tally_asked
from gongqing.appeals.queries.places import PlaceSeen, place_seen
from gongqing.appeals.queries.reader import read_words
from gongqing.appeals.rules import intake as rules
from gongqing.appeals.rules import permissions
from gongqing.appeals.rules.intake import Intake
from gongqing.appeals.rules.needs import best_code
from gongqing.audit import events, scope, writing
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.audit.journeys import asked
from gongqing.audit.reading import ask_ahead
from gongqing.audit.standing import standing_rules
from gongqing.language.classify import Reading
from gongqing.language.facts import Facts, read_facts
from gongqing.language.titles import title_of
from gongqing.lib import crypto
from gongqing.lib.codes import appeal_code, is_mobile, tidy_mobile
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.times import day_of
from gongqing.registry import actions as registry
from gongqing.registry import queries as registry_queries
from gongqing.registry.models import Person, Purpose, Region, sealing
from gongqing.registry.models.people import PHONE, index_of
from gongqing.registry.queries import foresee_employers, foresee_people

SERIALS_A_DAY = 9_999_999
_SAID = tuple(each.name for each in fields(Intake))
_SERIALS = "appeals.serials"
_SERIAL = "SELECT nextval('appeals_serial'), (SELECT origin FROM appeals_serialday WHERE day = $1)"
DOORS_WITH_NOTICE = frozenset({Channel.APP, Channel.HOTLINE_12351, Channel.VISIT, Channel.TALK, Channel.WALK_IN})


@dataclass(frozen=True, slots=True)
class Received:
    """What a door tells the worker: the appeal, whether it is new, and the password that is shown this once."""

    appeal: Appeal
    is_new: bool
    query_password: str | None


def receive_appeal(
    intake: Intake,
    *,
    by: Actor,
    at: datetime,
    reading: Reading | None = None,
    facts: Facts | None = None,
    seeks_place: bool = False,
    digest: str = "",
) -> Received:
    """Register an appeal, give it its code, read it, and dispatch it when the reading is sure enough.

    The same `(source, external_id)` again returns the same appeal and changes nothing.

    Args:
        reading, facts: of these very words, when the caller has them already.
        seeks_place: where none is given, take the one division that the words or the employer name: for doors at which
            nobody can be asked.
        digest: `content_digest` of it, when the caller has that.

    Raises:
        NotPermitted: a role that only looks.
        BadInput: a field cannot be taken; its name is the door's.
        NotAllowed: the number is taken by an appeal that this actor may not see.
    """
    permissions.check_can_report(by.role)
    text = rules.check_text(intake.text)
    rules.check_received_at(intake.received_at or at, at=at)
    _check_choices(intake)
    digest = digest or content_digest(intake)
    for may_try_again in (True, False):
        try:
            with (
                transaction.atomic(),
                scope.elevated(),
                standing_rules(),
                writing.together("appeal.received"),
                events.written_together(),
            ):
                return _taken_in(
                    intake, text, digest, by=by, at=at, reading=reading, facts=facts, seeks_place=seeks_place
                )
        except IntegrityError:
            if found := _same(intake, digest, by=by, at=at):  # a repeat, or the same request at the same moment
                return found
            if not may_try_again:  # once more, for somebody may have entered the same person at the same moment
                raise
    raise AssertionError


def _taken_in(
    intake: Intake,
    text: str,
    digest: str,
    *,
    by: Actor,
    at: datetime,
    reading: Reading | None,
    facts: Facts | None,
    seeks_place: bool,
) -> Received:
    region = _region(intake.region_code)
    received_at = intake.received_at or at
    title = rules.title_given(intake.title) or title_of(text)
    reading = reading or read_words(text, title)
    facts = facts or read_facts(text, said_on=day_of(received_at))
    employer = rules.tidy_text(intake.employer)[:128]
    _foresee(intake, employer, reading, facts, received_at=received_at, by=by, at=at)
    seen = _place_seen(text, employer) if region is None and seeks_place else None
    region = seen.region if seen else region
    person = _person(intake, region, by=by, at=at)
    password = f"{secrets.randbelow(1_000_000):06d}"
    appeal = Appeal(
        code=_next_code(region, day_of(received_at)),
        source=intake.source,
        external_id=intake.external_id,
        content_digest=digest,
        kind=intake.kind or Kind.APPEAL,
        channel=intake.channel,
        title=title,
        text=text,
        region=region,
        place=rules.tidy_text(intake.place)[:200],
        longitude=intake.longitude,
        latitude=intake.latitude,
        employer_name=employer,
        employer=registry_queries.employer_named(employer) if employer else None,
        person=person,
        reporter_user_id=by.user_id,
        anonymous_to_employer=intake.anonymous_to_employer,
        is_anonymous=person is None,
        received_at=received_at,
        entered_at=at,
        hotline_kind=intake.hotline_kind,
        source_due_at=intake.source_due_at,
        together_with=_joined(intake.together_with),
    )
    appeal.query_password_digest = password_digest(appeal.code, password)
    writing.insert(appeal)
    _grant(appeal, by=by, at=at)
    _record_consents(appeal, intake, by=by, at=at)
    data = {"channel": appeal.channel, "source": appeal.source}
    events.record("appeal.received", subject=appeal, by=by, at=at, opens=True, **data)
    if seen:
        events.record(
            "appeal.place_recognised", subject=appeal, by=SYSTEM, at=at, note=f"看“{seen.words}”像是{seen.region}"
        )
    read_appeal(appeal, wanted_kind=intake.kind, at=at, reading=reading, facts=facts)
    writing.insert(words_of(appeal))
    return Received(appeal, is_new=True, query_password=password)


def content_digest(intake: Intake) -> str:
    """SM3 over what the door said, to tell a repeat from another content under the same number."""
    said = {name: getattr(intake, name) for name in _SAID}
    said |= {"received_at": intake.received_at.isoformat() if intake.received_at else None}
    due_at, study = said.pop("source_due_at"), said.pop("allows_study")
    said.pop("wants_messages")  # how to answer is no part of what was said
    later = {name: said.pop(name) for name in ("hotline_kind", "person_line")}
    later["source_due_at"] = due_at.isoformat() if due_at else ""
    later["allows_study"] = study
    said |= {name: value for name, value in later.items() if value}  # what came before these fields keeps its digest
    # half a character may come in JSON as \\ud800; `tidy_text` drops it from what is kept
    return crypto.digest(json.dumps(said, ensure_ascii=False, sort_keys=True).encode(errors="surrogatepass"))


def password_digest(code: str, password: str) -> str:
    """The keyed digest of a query password; the password itself is kept nowhere."""
    return sealing.index_of("appeal.query_password", f"{code} {password}").hex()


def _check_choices(intake: Intake) -> None:
    if not intake.source.strip() or len(intake.source) > 32:
        raise BadInput("source", "来源不能为空，最多 32 个字符。")
    if not intake.external_id.strip() or len(intake.external_id) > 64:
        raise BadInput("external_id", "来源编号不能为空，最多 64 个字符。")
    if "\x00" in intake.source + intake.external_id:
        raise BadInput("external_id", "来源编号里有不能用的字符。")
    if intake.channel not in Channel.values:
        raise BadInput("channel", "没有这个渠道，可用：" + "、".join(Channel.values))
    if intake.kind and intake.kind not in Kind.values:
        raise BadInput("kind", "类型只能是 appeal（诉求）或 need（需求）。")
    if intake.hotline_kind and intake.hotline_kind not in HotlineKind.values:
        raise BadInput("hotline_kind", "热线分类只能是：" + "、".join(HotlineKind.labels))
    if intake.person_phone and not is_mobile(intake.person_phone):
        raise BadInput("person.phone", "手机号不对，应为 11 位数字。")
    if len(intake.person_name) > 64:
        raise BadInput("person.name", "姓名太长，最多 64 个字。")


def _same(intake: Intake, digest: str, *, by: Actor, at: datetime) -> Received | None:
    with scope.elevated():
        known = Appeal.objects.filter(source=intake.source, external_id=intake.external_id).first()
    if known is None:
        return None
    if not queries.is_visible(known.pk, by):
        raise NotAllowed("这个来源编号已经登记过，但不在您能看的范围内。")
    if known.content_digest != digest:
        events.record("appeal.repeat_differed", subject=known, by=by, at=at, note="同一来源编号又送来不同内容，未采用")
    return Received(known, is_new=False, query_password=None)


def _region(code: str) -> Region | None:
    if not code:
        return None
    region = registry_queries.region_of(code)
    if region is None:
        raise BadInput("region_code", "没有这个区划代码，请用本市的 6 位县区或 9 位镇街代码。")
    return region


def _place_seen(text: str, employer: str) -> PlaceSeen | None:
    return place_seen(text, employer=registry_queries.employer_named(employer) if employer else None)


def _person(intake: Intake, region: Region | None, *, by: Actor, at: datetime) -> Person | None:
    if by.role is Role.WORKER and by.person_id is not None and not intake.person_phone:
        return Person.objects.get(pk=by.person_id)
    if not intake.person_phone and not intake.person_line and not intake.person_name.strip():
        return None
    return registry.find_or_register_person(
        name=rules.tidy_text(intake.person_name),
        phone=tidy_mobile(intake.person_phone),
        line=intake.person_line,
        region=region,
        by=by,
        at=at,
    )


def _joined(code: str) -> Appeal | None:
    return Appeal.objects.filter(code=code).first() if code else None


def _next_code(region: Region | None, day: date) -> str:
    """The next code of a day. Gaps are allowed; a code is never given twice."""
    drawn, origins = _drawn_serials()
    running, origin = drawn.pop() if drawn else None, origins.get(day)
    if running is None or origin is None:
        (cursor,) = asked([(_SERIAL, [day])])
        running, origin = cursor.fetchone() or (0, None)
    if origin is None:
        SerialDay.objects.bulk_create([SerialDay(day=day, origin=running - 1)], ignore_conflicts=True)
        origin = SerialDay.objects.values_list("origin", flat=True).get(pk=day)
    origins[day] = origin
    county = region.county_code if region else settings.GONGQING.city_code
    # a number drawn before the day's origin was set stands at the day's end, never at nought
    return appeal_code(county, day, (running - origin - 1) % SERIALS_A_DAY + 1)


def _foresee(
    intake: Intake, employer: str, reading: Reading, facts: Facts, *, received_at: datetime, by: Actor, at: datetime
) -> None:
    """Look up in one journey what taking in one appeal needs, where nobody has for many."""
    drawn, origins = _drawn_serials()
    if drawn:
        return
    day, phone = day_of(received_at), tidy_mobile(intake.person_phone)
    index = index_of(PHONE, phone) if phone else None
    said, code = employer_said(employer, facts), best_code(reading, facts)
    own = by.person_id if by.role is Role.WORKER and not phone else None
    tally_of = tally_asked(said, code, received_at=received_at, person_id=own, phone_index=index)
    numbers = writing.numbers_asked()
    serial, tally, *drawn_numbers = ask_ahead(
        *(registry_queries.one_person_asked(index, day_of(at)) if index else ()),
        *([registry_queries.employer_asked(said)] if said else []),
        beside=[(_SERIAL, [day]), tally_of, *([numbers] if numbers else [])],
    )
    running, origin = serial.fetchone() or (0, None)
    if origin is not None:
        drawn.append(running)
        origins[day] = origin
    if said or index or own:
        keep_tally(said, code, tally)
    for cursor in drawn_numbers:
        writing.keep_numbers(cursor)
    if index:
        registry_queries.keep_one_person(index, day_of(at))


def _drawn_serials() -> tuple[list[int], dict[date, int]]:
    kept = writing.kept()
    return kept.setdefault(_SERIALS, ([], {})) if kept is not None else ([], {})


def foresee_appeals(intakes: Sequence[Intake], *, at: datetime) -> None:
    """Look up at once what a block that takes in all of these needs: people, employers, numbers."""
    foresee_people([tidy_mobile(intake.person_phone) for intake in intakes if intake.person_phone], on=day_of(at))
    foresee_employers({rules.tidy_text(intake.employer)[:128] for intake in intakes if intake.employer})
    drawn, origins = _drawn_serials()
    days = {day_of(intake.received_at or at) for intake in intakes}
    origins |= dict(SerialDay.objects.filter(day__in=days).values_list("day", "origin"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('appeals_serial') FROM generate_series(1, %s)", [len(intakes)])
        drawn += [number for (number,) in reversed(cursor.fetchall())]
    foresee_same_matters(intakes, at=at)


def _record_consents(appeal: Appeal, intake: Intake, *, by: Actor, at: datetime) -> None:
    """What the person agreed to at a door that shows or reads out the privacy notice."""
    person = appeal.person
    if person is None or appeal.channel not in DOORS_WITH_NOTICE:
        return
    purposes = [Purpose.HANDLING, *([Purpose.CONTACT] if person.phone_mask and intake.wants_messages else [])]
    purposes += [Purpose.STUDY] if intake.allows_study else []
    registry.record_consents(person_id=person.pk, purposes=purposes, door=appeal.channel, by=by, at=at)


def words_of(appeal: Appeal) -> SearchText:
    """An appeal's words as search looks for them."""
    said = " ".join([appeal.title, appeal.text, appeal.employer_name, appeal.place, appeal.code])
    body, grams = rules.indexed(said)
    return SearchText(appeal=appeal, body=body, grams=grams)


def _grant(appeal: Appeal, *, by: Actor, at: datetime) -> None:
    if appeal.person_id is not None:
        grant_access(appeal=appeal, why=AccessReason.PARTY, person_id=appeal.person_id, at=at)
    if by.user_id is not None:
        grant_access(appeal=appeal, why=AccessReason.REPORTER, user_id=by.user_id, at=at)
    county = registry_queries.union_of_region(appeal.region, "county") if appeal.region else None
    if county is not None:
        grant_access(appeal=appeal, why=AccessReason.TRIAGE, path=county.path, at=at)
    if by.role is Role.HOTLINE_SEAT and by.path:
        grant_access(appeal=appeal, why=AccessReason.INTAKE, path=by.path, at=at)
