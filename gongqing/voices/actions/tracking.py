"""Take a shared need to its end: taken up, answered, done, and told to everybody in it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from gongqing.accounts.models import User
from gongqing.appeals.rules.intake import tidy_text
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.lib.codes import is_mobile
from gongqing.lib.errors import BadInput, NotFound
from gongqing.lib.times import day_of
from gongqing.notices import actions as notices
from gongqing.registry.models import Person
from gongqing.voices.actions.gathering import count_voices
from gongqing.voices.models import NeedVoice, SharedNeed
from gongqing.voices.queries import needs as queries
from gongqing.voices.rules import track
from gongqing.voices.rules.hearing import NeedRoute
from gongqing.voices.rules.track import NeedState

LONGEST_TOLD = 200


@transaction.atomic
def take_up_need(
    *, need_id: int, title: str, route: str, partner: str, plan: str, by: Actor, at: datetime
) -> SharedNeed:
    """Make a proposed need one's own: what it is called, how it is to be met, with whom, what comes next.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: names the field.
    """
    need = _moved(need_id, by, to=NeedState.TAKEN_UP)
    if route not in list(NeedRoute):
        raise BadInput("route", "请选怎么办：办服务、提请代表委员，还是转主管部门。")
    partner = _line(partner)
    if route != NeedRoute.ACTIVITY and not partner:
        raise BadInput("partner", "请写请谁来答复办理，例如：区人大代表联络站、区交通运输局。")
    title = track.check_words(_line(title), field="title", asked="请给这项需求起个名字，至少 4 个字。")
    plan = track.check_words(tidy_text(plan), field="plan", asked="请写一句下一步谁做什么。")
    need.title, need.route, need.partner, need.plan = title[:100], route, partner[:128], plan
    return _kept(need, "shared_need.taken_up", plan, by=by, at=at, fields=("title", "route", "partner", "plan"))


@transaction.atomic
def rename_need(*, need_id: int, title: str, by: Actor, at: datetime) -> SharedNeed:
    """Call it by another name, wherever it stands; what it was called stays in its history.

    Raises:
        NotPermitted, NotFound. BadInput: names the field.
    """
    need = locked_need(need_id, by)
    title = track.check_words(_line(title), field="title", asked="请给这项需求起个名字，至少 4 个字。")[:100]
    if title == need.title:
        return need
    before, need.title = need.title, title
    with scope.elevated():
        need.save(update_fields=["title"])
        events.record("shared_need.renamed", subject=need, by=by, at=at, note=f"“{before}”改为“{title}”")
    return need


@transaction.atomic
def dismiss_need(*, need_id: int, reason: str, by: Actor, at: datetime) -> SharedNeed:
    """Say that it is no shared need; it never comes back by itself.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: names the field.
    """
    need = _moved(need_id, by, to=NeedState.DISMISSED)
    reason = track.check_words(tidy_text(reason), field="reason", asked="请写一句为什么不成立。")
    return _kept(need, "shared_need.dismissed", reason, by=by, at=at)


@transaction.atomic
def answer_need(*, need_id: int, answer: str, answered_by: str, by: Actor, at: datetime) -> SharedNeed:
    """Keep what the deputies, the department or the union itself answered; a later answer takes its place.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: names the field.
    """
    need = _moved(need_id, by, to=NeedState.ANSWERED)
    answer = track.check_words(tidy_text(answer), field="answer", asked="请写答复了什么。")
    who = _line(answered_by)
    if not who:
        raise BadInput("answered_by", "请写是谁答复的。")
    need.answer, need.answered_by = answer, who[:128]
    return _kept(need, "shared_need.answered", f"{who}：{answer}", by=by, at=at, fields=("answer", "answered_by"))


@transaction.atomic
def finish_need(*, need_id: int, result: str, done_on: date | None, by: Actor, at: datetime) -> SharedNeed:
    """Keep what was done for all of them, and since when.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: names the field.
    """
    need = _moved(need_id, by, to=NeedState.DONE)
    result = track.check_words(tidy_text(result), field="result", asked="请写办成了什么。")
    done_on = done_on or day_of(at)
    if done_on > day_of(at):
        raise BadInput("done_on", "办成的日子在将来；还没有办成的，先登记答复。")
    need.result, need.done_on = result, done_on
    return _kept(need, "shared_need.done", result, by=by, at=at, fields=("result", "done_on"))


@transaction.atomic
def feed_back_need(*, need_id: int, words: str, by: Actor, at: datetime) -> int:
    """Tell every worker in it what came of it, each person once; answers how many people were told now.

    The worker's own case says so, an account gets a notice, a phone a short message. With that the need has ended: who
    says the same afterwards is heard anew.

    Raises:
        NotPermitted, NotFound. NotAllowed: it is not done yet. BadInput: names the field.
    """
    need = _moved(need_id, by, to=NeedState.FED_BACK)
    words = track.check_words(tidy_text(words), field="words", asked="请写告诉职工的话。")
    if len(words) > LONGEST_TOLD:
        raise BadInput("words", f"告诉职工的话最多 {LONGEST_TOLD} 个字，现在是 {len(words)} 个。")
    with scope.elevated():
        told = _tell_everybody(need, words, by=by, at=at)
        need.parts.update(group=None)
    need.feedback, need.group = words, None
    _kept(need, "shared_need.fed_back", f"告诉了 {told} 人：{words}", by=by, at=at, fields=("feedback", "group"))
    return told


@transaction.atomic
def leave_out_voice(*, need_id: int, appeal_id: int, reason: str, by: Actor, at: datetime) -> SharedNeed:
    """Take an appeal out that speaks of something else; it does not join again.

    Raises:
        NotPermitted, NotFound. NotAllowed: the need has come to its end. BadInput: names the field.
    """
    need = locked_need(need_id, by)
    track.check_grows(need.state)
    reason = track.check_words(tidy_text(reason), field="reason", asked="请写一句为什么不是同一件事。")
    mine = NeedVoice.objects.visible_to(by).filter(need=need, appeal_id=appeal_id, left_at__isnull=True)
    voice = mine.select_related("appeal").first()
    if voice is None:
        raise NotFound("这件诉求不在这项共性需求里，或者不在您能看的范围内。")
    voice.left_at, voice.left_because = at, reason[:200]
    with scope.elevated():
        voice.save(update_fields=["left_at", "left_because"])
        count_voices(need, week_count=need.week_count, at=at)
        events.record("shared_need.voice_left", subject=need, by=by, at=at, note=reason, appeal=appeal_id)
    return need


@transaction.atomic
def take_back_voice(*, need_id: int, appeal_id: int, by: Actor, at: datetime) -> SharedNeed:
    """An appeal that was left out by mistake belongs to the need again.

    Raises:
        NotPermitted, NotFound. NotAllowed: the need has come to its end.
    """
    need = locked_need(need_id, by)
    track.check_grows(need.state)
    left = NeedVoice.objects.visible_to(by).filter(need=need, appeal_id=appeal_id, left_at__isnull=False).first()
    if left is None:
        raise NotFound("这件诉求没有从这项共性需求里移出过，或者不在您能看的范围内。")
    left.left_at, left.left_because = None, ""
    with scope.elevated():
        left.save(update_fields=["left_at", "left_because"])
        count_voices(need, week_count=need.week_count, at=at)
        events.record("shared_need.voice_taken_back", subject=need, by=by, at=at, appeal=appeal_id)
    return need


def _tell_everybody(need: SharedNeed, words: str, *, by: Actor, at: datetime) -> int:
    """Tell those who have not been told, each person once, also one of whom several appeals are in it."""
    voices = list(
        NeedVoice.objects.select_for_update(of=("self",))
        .filter(need=need, left_at__isnull=True)
        .select_related("appeal__person")
        .order_by("joined_at", "appeal_id")
    )
    told = {voice.appeal.person_id for voice in voices if voice.told_at is not None} - {None}
    people = 0
    for voice in voices:
        if voice.told_at is not None:
            continue
        person = voice.appeal.person
        voice.told_at = at
        voice.save(update_fields=["told_at"])
        events.record("appeal.need_fed_back", subject=voice.appeal, by=by, at=at, note=words, need=need.pk)
        if person is not None and person.pk in told:
            continue
        people += 1
        if person is not None:
            told.add(person.pk)
            _tell(person, voice, words, by=by, at=at)
    return people


def _tell(person: Person, voice: NeedVoice, words: str, *, by: Actor, at: datetime) -> None:
    text = f"您和别的职工都说过的一件事有了结果：{words}"
    for user in User.objects.filter(person=person, is_active=True):
        notices.notify(
            text=text,
            at=at,
            user_id=user.pk,
            subject_kind="appeal",
            subject_id=voice.appeal_id,
            link=f"/a/{voice.appeal.code}",
        )
    phone = person.reveal("phone")
    if is_mobile(phone):
        notices.send_message(
            phone=phone,
            template="need_done",
            values={"code": voice.appeal.code, "result": words},
            by=by,
            at=at,
            subject_kind="appeal",
            subject_id=voice.appeal_id,
        )


def locked_need(need_id: int, by: Actor) -> SharedNeed:
    """A need that the actor takes on, locked. Part of an action.

    Raises:
        NotPermitted, NotFound.
    """
    need = queries.need_numbered(need_id, by)
    track.check_can_keep(by, need.organisation.path)
    with scope.elevated():
        return SharedNeed.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=need.pk)


def _moved(need_id: int, by: Actor, *, to: NeedState) -> SharedNeed:
    need = locked_need(need_id, by)
    track.check_can_move(need.state, to=to)
    return need


def _kept(
    need: SharedNeed, kind: str, note: str, *, by: Actor, at: datetime, fields: tuple[str, ...] = ()
) -> SharedNeed:
    need.state = STATE_AFTER[kind]
    with scope.elevated():
        need.save(update_fields=["state", *fields])
        events.record(kind, subject=need, by=by, at=at, note=note)
    return need


STATE_AFTER = {
    "shared_need.taken_up": NeedState.TAKEN_UP,
    "shared_need.dismissed": NeedState.DISMISSED,
    "shared_need.answered": NeedState.ANSWERED,
    "shared_need.done": NeedState.DONE,
    "shared_need.fed_back": NeedState.FED_BACK,
}


def _line(text: str) -> str:
    return " ".join(tidy_text(text).split())
