"""Matters on every rung of the ladder, two talks, and two that went up a level."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import Intake
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.config.demo.people import Crowd
from gongqing.config.demo.places import FAR, NEAR
from gongqing.config.demo.stage import Life, Stage
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch.models import Interview
from gongqing.lib.times import SHANGHAI, day_of
from gongqing.registry.models import Organisation

# working days since it came in, the town, whether a talk was held, what was said; each is owed in seven working days
LATE = (
    (5, NEAR, False, "模具厂三个月没发工资，欠我一千六百块，人事总说下个月再看。"),
    (5, FAR, False, "茶楼三个月没发我工资，欠一千六百块，请工会帮我问清楚。"),
    (7, NEAR, False, "厂里三个月没发工资了，欠我两千块，请工会帮我讨回来。"),
    (7, FAR, False, "饭店老板三个月没发我工资，欠一千八百块，说生意不好没钱。"),
    (8, NEAR, False, "电镀厂三个月没发我工资，欠两千二百块，请工会帮我讨回来。"),
    (8, FAR, False, "装修队三个月没结我工钱，还差一千九百块，包工头总说再等等。"),
    (10, NEAR, False, "物流公司三个月没发工资，欠我两千四百块，站长说总部没批。"),
    (11, FAR, False, "洗涤厂三个月没发我工资，欠一千五百块，老板说卖了设备再给。"),
    (14, NEAR, False, "包装厂三个月没发工资，欠我两千三百块，会计说账上没有钱。"),
    (16, FAR, True, "印刷厂三个月没发我工资，欠两千一百块，主管叫我自己去找老板。"),
)
CALLED = "电话联系了职工，核对了欠薪月份，正在约单位负责人。"
REPORTED = "单位负责人在外地，书面承诺未到账，继续催。"
NEED = "我们站点有十几个骑手这个月过生日，希望工会在商场里给我们办一次集体生日会。"
UP = "片区找了两家商场都不肯出场地，需要街道出面跟商场协调。"
LEFT_ALONE = "我们园区二十几个外卖员想搞一场集体生日会和乒乓球赛，希望工会来组织。"
PEOPLE = "镇街道总工会主席、区县总工会权益保障部，共三人"
SAID = "单位老板在外地，只用电话催了四次，没有上门；也没有报告劳动监察。"
AGREED = "三个工作日内会同劳动监察上门，本周五前把办理结果告诉职工；以后超过时限一半就上门。"


def ladder_lives(stage: Stage, crowd: Crowd) -> list[tuple[datetime, Life]]:
    """The lives of these matters, to be led with all others."""
    lives = [
        _life(stage, crowd, number, _morning(stage, ago), town, said, "LE01", _late(stage, is_talked))
        for number, (ago, town, is_talked, said) in enumerate(LATE, 1)
    ]
    lives.append(_life(stage, crowd, len(lives) + 1, _morning(stage, 4), NEAR, NEED, "SC03", _passed_up(stage)))
    lives.append(_life(stage, crowd, len(lives) + 1, _morning(stage, 5), NEAR, LEFT_ALONE, "SC03", _left_alone))
    return lives


def show_ladder(stage: Stage) -> None:
    """What nobody has touched for three working days has gone up by now."""
    dispatch.filter_stalled(at=stage.until)
    dispatch.send_digests(at=stage.until)


Course = Callable[[Appeal, datetime], Life]


def _life(
    stage: Stage, crowd: Crowd, number: int, start: datetime, town: str, said: str, code: str, course: Course
) -> tuple[datetime, Life]:
    intake = Intake(
        source="visit",
        external_id=f"demo-ladder-{number}",
        channel="visit",
        text=said,
        region_code=town,
        employer=crowd.employer()[0],
        person_name=crowd.name(),
        person_phone=crowd.phone(),
    )

    def live() -> Life:
        at = yield start
        appeal = appeals.receive_appeal(intake, by=stage.visitor(town), at=at).appeal
        if appeal.status == "triage":  # the reader was not sure enough
            at = yield at + timedelta(minutes=20)
            by = stage.county_officer(appeal)
            appeals.classify_appeal(appeal_id=appeal.pk, code=code, reason="照职工说的事项确认", by=by, at=at)
        yield from course(appeal, at)

    return start, live()


def _late(stage: Stage, is_talked: bool) -> Course:
    """Signed and rung at once, then a report every other day, and no answer."""

    def course(appeal: Appeal, at: datetime) -> Life:
        at = yield at + timedelta(minutes=40)
        dispatch.sign_order(appeal_id=appeal.pk, by=_hand(stage, appeal), at=at)
        at = yield at + timedelta(minutes=50)
        dispatch.contact_worker(appeal_id=appeal.pk, note=CALLED, by=_hand(stage, appeal), at=at)
        while True:
            at = yield stage.working(at, 2 * 7.5)
            dispatch.report_progress(appeal_id=appeal.pk, note=REPORTED, by=_hand(stage, appeal), at=at)
            talk = Interview.objects.filter(appeal=appeal, recorded_at__isnull=True).select_related("held_by").first()
            if talk is not None and is_talked:
                at = yield stage.working(at, 3)
                given = {"held_at": at - timedelta(hours=1), "people": PEOPLE, "said": SAID, "agreed": AGREED}
                by = stage.supervisor(talk.held_by, talk.held_by.level)
                dispatch.record_interview(interview_id=talk.pk, **given, by=by, at=at)  # type: ignore[arg-type]

    return course


def _passed_up(stage: Stage) -> Course:
    """The zone tries for two days, then says that it is beyond it."""

    def course(appeal: Appeal, at: datetime) -> Life:
        at = yield at + timedelta(hours=1)
        dispatch.sign_order(appeal_id=appeal.pk, by=_hand(stage, appeal), at=at)
        at = yield at + timedelta(minutes=30)
        dispatch.contact_worker(appeal_id=appeal.pk, note=CALLED[:10], by=_hand(stage, appeal), at=at)
        at = yield stage.working(at, 15)
        dispatch.pass_up(appeal_id=appeal.pk, reason=UP, by=_hand(stage, appeal), at=at)
        at = yield stage.working(at, 1)
        dispatch.sign_order(appeal_id=appeal.pk, by=_hand(stage, appeal), at=at)

    return course


def _left_alone(appeal: Appeal, at: datetime) -> Life:
    """Nobody ever looks at it."""
    yield at
    dispatch.announce_handler(appeal_id=appeal.pk, by=SYSTEM, at=at)


def _hand(stage: Stage, appeal: Appeal) -> Actor:
    number = Appeal.objects.values_list("handler_id", flat=True).get(pk=appeal.pk)
    return stage.handler(stage.organisations.get(number) or Organisation.objects.get(pk=number))


def _morning(stage: Stage, ago: int) -> datetime:
    """Ten past nine, so many working days before now."""
    day: date = day_of(stage.until)
    while stage.calendar.workdays_between(day, day_of(stage.until)) < ago or not stage.calendar.is_workday(day):
        day -= timedelta(days=1)
    return datetime.combine(day, time(9, 10), SHANGHAI)
