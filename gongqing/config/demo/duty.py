"""Who is on duty in the demonstration's city: rosters with one hole, a call at night, and somebody who stands in."""

from __future__ import annotations

from datetime import datetime, timedelta

from gongqing.accounts import actions as accounts
from gongqing.accounts import queries as account_queries
from gongqing.accounts.models import User
from gongqing.appeals import actions as appeals
from gongqing.appeals.rules.intake import Intake
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.config.demo.people import Crowd
from gongqing.config.demo.places import FAR, NEAR
from gongqing.config.demo.stage import Life, Stage
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch.models import DutyShift
from gongqing.dispatch.rules.duty_patterns import Pattern
from gongqing.lib.times import day_of, local
from gongqing.registry.models import Organisation

BEFORE, WEEKS, PHONE_BLOCK = timedelta(days=7), 4, "1380000"
LEAVE_AND_DEPUTY = ("town-1", "town-2")
SAID = (
    "厂里欠了我五个月工资，家里等着钱看病，老板电话也不接。我一个人在宿舍，实在撑不下去了，真的不想活了，"
    "请工会的同志救救我。"
)
HEARD = "电话打通了，陪着聊了二十多分钟，本人愿意等天亮。已请社区网格员上门，早上八点半到厂里谈工资。"

REPORTED = "网格员已到宿舍陪同，本人情绪平稳。天亮后由工会陪同到厂里谈工资，已告知劳动监察。"


def show_rosters(stage: Stage) -> None:
    """Four weeks of every roster that must be, and of one town; one night of one county is left open."""
    for user in User.objects.filter(person__isnull=True).exclude(last_digits=""):
        phone = f"{PHONE_BLOCK}{user.last_digits}"
        accounts.set_staff_phone(user_id=user.pk, phone=phone, by=SYSTEM, at=stage.until - BEFORE)
    at = stage.until - BEFORE - timedelta(days=1)
    near = stage.places.by_code[NEAR]
    dispatch.set_duty(organisation_id=near.pk, needs_roster=True, answer_minutes=10, by=SYSTEM, at=at)
    kinds = ("city_union", "county_union")
    for place in [*(one for one in stage.places.by_code.values() if one.kind in kinds), near]:
        people = list(dict.fromkeys((one.user_id or 0, one.name) for one in stage.cast.at_place[place.pk]))
        pattern = Pattern(tuple(people), ranks=min(2, len(people)), first=day_of(stage.until - BEFORE), weeks=WEEKS)
        dispatch.write_pattern(organisation_id=place.pk, pattern=pattern, by=SYSTEM, at=at)
    _leave_a_hole(stage.places.by_code[FAR[:6]], at=stage.until)


def night_call(stage: Stage, crowd: Crowd) -> tuple[datetime, Life]:
    """A worker in danger writes at twelve past three; the first on duty sleeps, the second answers."""
    midnight = local(stage.until).replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight + timedelta(hours=3, minutes=12)
    return _night(stage, crowd, start if start + timedelta(hours=1) < stage.until else start - timedelta(days=1))


def show_deputy(stage: Stage) -> None:
    """A supervisor of the town is on leave, a colleague stands in."""
    away, deputy = (account_queries.user_named(name) for name in LEAVE_AND_DEPUTY)
    if away is None or deputy is None:
        return
    today = day_of(stage.until)
    posting = account_queries.postings_of(away.pk, today)[0]
    accounts.name_deputy(
        posting_id=posting.pk,
        user_id=deputy.pk,
        since=today,
        last_day=today + timedelta(days=4),
        reason="年休假",
        by=account_queries.actor_of(away, posting, on=today),
        at=stage.until,
    )


def _night(stage: Stage, crowd: Crowd, start: datetime) -> tuple[datetime, Life]:
    county = stage.places.by_code[NEAR[:6]]

    def live() -> Life:
        at = yield start
        intake = Intake(
            source="app",
            external_id="demo-night-call",
            channel="app",
            text=SAID,
            region_code=NEAR,
            person_name=crowd.name(),
            person_phone=crowd.phone(),
        )
        appeal = appeals.receive_appeal(intake, by=SYSTEM, at=at).appeal
        call = dispatch.call_duty(appeal_id=appeal.pk, by=SYSTEM, at=at + timedelta(seconds=4))
        if call is None:
            return
        at = yield call.answer_by + timedelta(seconds=9)
        passed = dispatch.pass_call_on(call_id=call.pk, by=SYSTEM, at=at)
        second = _on_duty(stage, county, at, rank=2)
        if passed is None or second is None:
            return
        at = yield at + timedelta(minutes=2, seconds=40)
        dispatch.answer_duty_call(call_id=passed.pk, by=second, at=at)
        at = yield at + timedelta(minutes=1)
        dispatch.sign_order(appeal_id=appeal.pk, by=second, at=at)
        at = yield at + timedelta(minutes=26)
        dispatch.contact_worker(appeal_id=appeal.pk, note=HEARD, by=second, at=at)
        at = yield at + timedelta(minutes=55)
        dispatch.report_progress(appeal_id=appeal.pk, note=REPORTED, by=second, at=at)

    return start, live()


def _on_duty(stage: Stage, place: Organisation, at: datetime, *, rank: int) -> Actor | None:
    shift = DutyShift.objects.filter(organisation=place, rank=rank, starts_at__lte=at, ends_at__gt=at).first()
    return next((one for one in stage.cast.at_place[place.pk] if shift and one.user_id == shift.user_id), None)


def _leave_a_hole(place: Organisation, *, at: datetime) -> None:
    later = DutyShift.objects.filter(organisation=place, rank=1, starts_at__gt=at + timedelta(days=1))
    night = next(
        (one for one in later.order_by("starts_at") if one.ends_at - one.starts_at > timedelta(hours=10)), None
    )
    if night is not None:
        dispatch.remove_shift(shift_id=night.pk, reason="当晚在杭州开会，另排", by=SYSTEM, at=at)
