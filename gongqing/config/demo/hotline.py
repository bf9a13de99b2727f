"""What happened at the hotline in the last weeks: calls, calls back, and last month's checks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from gongqing.appeals.models import Appeal
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.config.demo.plans import Plan
from gongqing.config.demo.stage import Stage
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch.actions.supervising import URGEABLE
from gongqing.dispatch.models import CallBack
from gongqing.dispatch.queries.quality import last_month
from gongqing.dispatch.rules.hotline import AFTER_ANSWER
from gongqing.dispatch.rules.quality import POINTS
from gongqing.lib.times import local

LINE, TALKS, URGED, HARDER = "RX-12351", 22, 5, 3
SHORT_TALKS = (
    ("answered", "问年休假有几天，按累计工龄答了，说明不足一年的没有。"),
    ("answered", "问最低工资，请查人社部门最新公布的标准，留了 12333。"),
    ("answered", "问怎么入会，片区和镇街都能办，不收钱。"),
    ("answered", "问暑期爱心托管班哪天报名，答以承办工会通知为准。"),
    ("answered", "问申请劳动仲裁要不要交钱，答不收费，一年内申请。"),
    ("answered", "问工伤谁去报，答单位 30 天内报，本人 1 年内也可以。"),
    ("answered", "问住院互助金要哪些材料，已逐样告知。"),
    ("nuisance", "拨错号码，要打的是快递。"),
    ("nuisance", "推销电话。"),
    ("cut_off", "说到一半断线，没有显示号码，无法回拨。"),
)
CALLED = {
    "satisfied": ("说办得快，工资收到了，谢谢工会。", "说办理的同志上门来过，很满意。", "问题解决了，没有别的要求。"),
    "basically": ("说结果可以，就是等得久了些。", "说基本解决，希望以后早点告诉进度。"),
}
REMARKS = {
    "elements": "没有问清一共几个人，请对照右边的提示再问一句。",
    "code": "查询密码只念了一遍，没有请来电人复述。",
    "deadline": "只说了尽快答复，没有报出最晚哪一天。",
    "wording": "把来电人的话改成了公文话，请按原话记。",
}


def show_hotline(stage: Stage, plans: Iterable[Plan]) -> None:
    """The calls behind the hotline's matters, other calls of the last three weeks, call-backs and a month's checks."""
    seats = {each.user_id: each for each in stage.cast.at_place[stage.places.by_code[LINE].pk]}
    known = _calls_behind(stage, plans, seats)
    _short_talks(stage, list(seats.values()))
    _urgings(stage, known, list(seats.values()))
    _harder_matters(known, list(seats.values()), at=stage.until)
    _ring_back(stage, list(seats.values()))
    _check_last_month(stage)


def _calls_behind(stage: Stage, plans: Iterable[Plan], seats: dict[int | None, Actor]) -> list[tuple[Appeal, str]]:
    """A call for each matter that a seat took in; answers with the number that it came from."""
    phones = {_number(plan): plan.phone or (plan.worker.phone if plan.worker else "") for plan in plans}
    taken = Appeal.objects.filter(source="hotline_12351", reporter_user_id__in=seats).order_by("received_at")
    found = []
    for appeal in taken:
        seat, phone = seats[appeal.reporter_user_id], phones.get(appeal.external_id, "")
        begun_at = appeal.received_at - timedelta(seconds=stage.rng.randrange(150, 540))
        call = dispatch.begin_call(phone=phone, by=seat, at=begun_at)
        ended_at = min(appeal.received_at + timedelta(seconds=stage.rng.randrange(50, 160)), stage.until)
        dispatch.end_call(
            call_id=call.pk, outcome="registered", note="已读编号和查询密码", appeal_id=appeal.pk, by=seat, at=ended_at
        )
        found.append((appeal, phone))
    return found


def _number(plan: Plan) -> str:
    return f"demo-{local(plan.at):%y%m%d}-{plan.number:04d}"


def _short_talks(stage: Stage, seats: list[Actor]) -> None:
    """Calls that needed no matter."""
    for serial in range(TALKS):
        seat, (outcome, note) = stage.rng.choice(seats), SHORT_TALKS[serial % len(SHORT_TALKS)]
        at = stage.working(stage.until - timedelta(days=21) + timedelta(hours=22 * serial), 0.4)
        ended_at = at + timedelta(seconds=stage.rng.randrange(40, 420))
        if ended_at > stage.until:
            continue
        phone = f"139{88_000_000 + stage.rng.randrange(1_000_000):08d}" if outcome == "answered" else ""
        call = dispatch.begin_call(phone=phone, by=seat, at=at)
        dispatch.end_call(call_id=call.pk, outcome=outcome, note=note, by=seat, at=ended_at)


def _urgings(stage: Stage, known: list[tuple[Appeal, str]], seats: list[Actor]) -> None:
    """Some call again because nothing has happened yet."""
    still_open = [(appeal, phone) for appeal, phone in known if phone and _now(appeal).status in URGEABLE]
    for serial, (appeal, phone) in enumerate(still_open[:URGED]):
        seat = seats[serial % len(seats)]
        at = stage.until - timedelta(minutes=40 + 55 * serial)
        if at < appeal.received_at:
            continue
        call = dispatch.begin_call(phone=phone, by=seat, at=at)
        dispatch.urge_from_call(
            call_id=call.pk, appeal_id=appeal.pk, note="职工来电问办到哪一步了，希望快一点。", by=seat, at=at
        )
        dispatch.end_call(call_id=call.pk, outcome="urged", by=seat, at=at + timedelta(minutes=2))


def _harder_matters(known: list[tuple[Appeal, str]], seats: list[Actor], *, at: datetime) -> None:
    """A few open matters turn out to be hard; who took them in says so."""
    by_number = {seat.user_id: seat for seat in seats}
    still_open = [appeal for appeal, _ in known if _now(appeal).status in ("dispatched", "signed", "in_progress")]
    for appeal in still_open[:HARDER]:
        seat = by_number[appeal.reporter_user_id]
        reason = "牵涉前后两家用人单位，要先查清劳动关系。"
        dispatch.set_hotline_kind(appeal_id=appeal.pk, kind="difficult", reason=reason, by=seat, at=at)


def _ring_back(stage: Stage, seats: list[Actor]) -> None:
    """Most call-backs are made in time; the newest wait, one is not reached and one worker does not want to speak."""
    line = stage.places.by_code[LINE]
    tasks = CallBack.objects.filter(organisation=line, reason=AFTER_ANSWER, done_at__isnull=True).order_by("made_at")
    waiting = [task for task in tasks if task.due_at <= stage.until]
    for serial, task in enumerate(waiting):
        seat, at = seats[serial % len(seats)], min(stage.working(task.made_at, 3.0), stage.until)
        if serial % 5 == 4:
            again = stage.until - timedelta(minutes=30)
            dispatch.record_call_back(call_back_id=task.pk, outcome="not_reached", by=seat, at=again)
            continue
        word = "basically" if serial % 4 == 2 else "satisfied"
        is_refused = serial % 7 == 3
        dispatch.record_call_back(
            call_back_id=task.pk,
            outcome="refused" if is_refused else "reached",
            note="在上班，不方便说。" if is_refused else stage.rng.choice(CALLED[word]),
            satisfaction="" if is_refused else word,
            by=seat,
            at=at,
        )


def _check_last_month(stage: Stage) -> None:
    """Last month is drawn by the clock, and the city has checked two thirds of it."""
    line, until = stage.places.by_code[LINE], local(stage.until)
    drawn_at = until.replace(day=1, hour=6, minute=20, second=0, microsecond=0)
    if drawn_at >= until:
        return
    month = last_month(drawn_at)
    checks = dispatch.draw_quality_checks(hotline_id=line.pk, month=month, by=SYSTEM, at=drawn_at, seed=20_251_013)
    city = stage.cast.named["city"]
    for serial, check in enumerate(checks[: len(checks) * 2 // 3 or 1]):
        lost = stage.rng.sample(sorted(REMARKS), stage.rng.choice((0, 0, 1, 1, 2)))
        marks = {point.code: "50" if point.code in lost else "100" for point in POINTS}
        if serial % 6 == 5:
            marks |= {"code": "0", "elements": "50"}
            lost = ["code", "elements"]
        at = min(stage.working(drawn_at, 3.0 + 2 * serial), stage.until)
        note = "".join(REMARKS[each] for each in lost)
        dispatch.record_quality_check(check_id=check.pk, marks=marks, note=note, by=city, at=at)


def _now(appeal: Appeal) -> Appeal:
    return Appeal.objects.get(pk=appeal.pk)
