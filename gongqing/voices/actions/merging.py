"""Make one of two needs that are one, take them apart again, and split off what is another need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from gongqing.appeals.rules.intake import tidy_text
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.language.spikes import level_of
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.voices.actions.gathering import category_of, count_voices
from gongqing.voices.actions.tracking import locked_need
from gongqing.voices.models import NeedVoice, SharedNeed
from gongqing.voices.queries import needs as queries
from gongqing.voices.rules import track
from gongqing.voices.rules.hearing import LEAST_SHOWN, Heard, counted, suggested_route
from gongqing.voices.rules.track import NeedState


@transaction.atomic
def merge_needs(*, need_id: int, into_id: int, reason: str, by: Actor, at: datetime) -> SharedNeed:
    """Put a need into another one that asks for the same; answers the one that goes on.

    All voices belong to that one from now on, and what is said later in either joins it, so that everybody is told the
    end once. The track of the one that was merged stays as it was, and `separate_need` brings it back. What had been
    merged into it before goes along.

    Raises:
        NotPermitted, NotFound. NotAllowed: one of them has come to its end. BadInput: names the field.
    """
    if need_id == into_id:
        raise BadInput("into", "请选另一项共性需求。")
    queries.need_numbered(need_id, by)
    locked = {number: _wanted(number, by, is_other=number == into_id) for number in sorted((need_id, into_id))}
    part, lead = locked[need_id], locked[into_id]
    track.check_grows(part.state)
    track.check_grows(lead.state)
    reason = track.check_words(tidy_text(reason), field="reason", asked="请写一句为什么是同一件事。")
    with scope.elevated():
        voices = NeedVoice.objects.filter(need=part, left_at__isnull=True)
        voices.exclude(came_from__merged_into=part).update(came_from=part)
        voices.update(need=lead)
        part.parts.update(merged_into=lead)
        part.state_before, part.state, part.merged_into = part.state, NeedState.MERGED, lead
        part.save(update_fields=["state_before", "state", "merged_into"])
        recount(lead, at=at)
        note = f"“{part.title}”并入“{lead.title}”：{reason}"
        events.record("shared_need.merged", subject=part, by=by, at=at, note=note, into=lead.pk)
        events.record("shared_need.joined", subject=lead, by=by, at=at, note=note, part=part.pk)
    return lead


@transaction.atomic
def separate_need(*, need_id: int, reason: str, by: Actor, at: datetime) -> SharedNeed:
    """Take a need out of the one that it was merged into: its own voices come back, and it stands where it stood.

    Raises:
        NotPermitted, NotFound. NotAllowed: it was not merged, or everybody has been told. BadInput: names the field.
    """
    seen = queries.need_numbered(need_id, by)
    lead = locked_need(seen.merged_into_id, by) if seen.merged_into_id else None
    part = locked_need(need_id, by)
    if lead is None or part.merged_into_id != lead.pk:
        raise NotAllowed("这项共性需求没有并入别的，不用拆。")
    if lead.state == NeedState.FED_BACK:
        raise NotAllowed("结果已经告诉了每位职工，不能再拆。")
    reason = track.check_words(tidy_text(reason), field="reason", asked="请写一句为什么不是同一件事。")
    with scope.elevated():
        NeedVoice.objects.filter(need=lead, came_from=part).update(need=part, came_from=None)
        part.state, part.state_before, part.merged_into = part.state_before, "", None
        part.save(update_fields=["state_before", "state", "merged_into"])
        for need in (lead, part):
            recount(need, at=at)
        note = f"“{part.title}”从“{lead.title}”拆出：{reason}"
        events.record("shared_need.separated", subject=part, by=by, at=at, note=note, out_of=lead.pk)
        events.record("shared_need.part_left", subject=lead, by=by, at=at, note=note, part=part.pk)
    return part


@transaction.atomic
def split_off_need(
    *, need_id: int, appeal_ids: Sequence[int], title: str, reason: str, by: Actor, at: datetime
) -> SharedNeed:
    """Make a need of its own of voices that ask for something else; answers the new one, which is to be judged.

    What is said later does not join it by itself. Merging it back undoes it.

    Raises:
        NotPermitted, NotFound. NotAllowed: the need has come to its end. BadInput: names the field.
    """
    need = locked_need(need_id, by)
    track.check_grows(need.state)
    title = track.check_words(
        " ".join(tidy_text(title).split()), field="title", asked="请给新的一项起个名字，至少 4 个字。"
    )
    reason = track.check_words(tidy_text(reason), field="reason", asked="请写一句为什么不是同一件事。")
    mine = NeedVoice.objects.visible_to(by).filter(need=need, appeal_id__in=appeal_ids, left_at__isnull=True)
    voices = list(mine.select_related("appeal__category").order_by("appeal_id"))
    if len(voices) != len(set(appeal_ids)):
        raise NotFound("有的诉求不在这项共性需求里，或者不在您能看的范围内。")
    heard = [_heard(voice) for voice in voices]
    count = counted(heard, at=at)
    if count.people < LEAST_SHOWN:
        raise BadInput(
            "appeal", f"另立一项至少要有 {LEAST_SHOWN} 位职工，现在勾了 {count.people} 位；单独不对的请用“不是同一件”。"
        )
    level = level_of(count.now, count.weeks)
    with scope.elevated():
        if count.voices == queries.voices_of(need).count():
            raise BadInput("appeal", "全部都勾上了，那就是改名字：采纳时改名即可。")
        category = category_of(heard)
        new = SharedNeed.objects.create(
            organisation=need.organisation,
            category=category,
            title=title[:100],
            state=NeedState.PROPOSED,
            suggested_route=suggested_route(category.code if category else ""),
            found_at=at,
            first_at=min(each.at for each in heard),
            last_at=max(each.at for each in heard),
            voice_count=0,
            person_count=0,
            employer_count=0,
            week_count=0,
            usual=level.usual,
            high=level.high,
            chance=level.chance,
            heard_at=at,
        )
        NeedVoice.objects.filter(pk__in=[voice.pk for voice in voices]).update(need=new, came_from=need)
        for each in (need, new):
            recount(each, at=at)
        note = f"从“{need.title}”另立“{new.title}”，{count.voices} 件：{reason}"
        events.record("shared_need.split_off", subject=new, by=by, at=at, note=note, out_of=need.pk)
        events.record("shared_need.part_left", subject=need, by=by, at=at, note=note, part=new.pk)
    return new


def recount(need: SharedNeed, *, at: datetime) -> None:
    """Count a need of which a person has changed what it is made of. Part of an action."""
    voices = queries.voices_of(need).select_related("appeal__category")
    count_voices(need, week_count=counted([_heard(voice) for voice in voices], at=at).now, at=at)


def _wanted(need_id: int, by: Actor, *, is_other: bool) -> SharedNeed:
    try:
        return locked_need(need_id, by)
    except NotFound:
        if is_other:
            raise BadInput("into", "没有要并入的那项共性需求，或者不在您能看的范围内。") from None
        raise


def _heard(voice: NeedVoice) -> Heard:
    appeal = voice.appeal
    person = str(appeal.person_id or f"appeal {appeal.pk}")
    category = appeal.category.code if appeal.category else ""
    return Heard(appeal.pk, appeal.received_at, person, appeal.employer_name, appeal.region_id or "", category)
