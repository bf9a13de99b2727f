"""Which shared needs are there, what does one's card say, and how did it come this far?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import STATUS_WORDS, Status
from gongqing.audit import queries as audit
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.reading import Prepared
from gongqing.lib.errors import NotFound
from gongqing.lib.times import day_of
from gongqing.voices.models import NeedVoice, SharedNeed
from gongqing.voices.queries.counted import Asked, needs_counted
from gongqing.voices.rules import cards, track
from gongqing.voices.rules.hearing import LEAST_SHOWN, ROUTE_WORDS, WEEK, WEEKS_BEFORE, NeedRoute
from gongqing.voices.rules.track import NeedState

MOST_LISTED = 200
MOST_VOICES = 100
EVENT_WORDS = {
    "shared_need.proposed": "听出共性需求",
    "shared_need.taken_up": "采纳",
    "shared_need.dismissed": "判定不成立",
    "shared_need.answered": "有了答复",
    "shared_need.done": "办成",
    "shared_need.fed_back": "反馈给职工",
    "shared_need.voice_left": "移出一件",
    "shared_need.voice_taken_back": "移回一件",
    "shared_need.renamed": "改名",
    "shared_need.merged": "并入别项",
    "shared_need.joined": "并入一项",
    "shared_need.separated": "重新单列",
    "shared_need.part_left": "拆出一项",
    "shared_need.split_off": "另立一项",
    "shared_need.grew": "又有人提",
}


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the trend, from its first day."""

    since: date
    voices: int


@dataclass(frozen=True, slots=True)
class VoiceLine:
    """One of the appeals behind a need, as far as the reader sees it."""

    voice: NeedVoice
    status: str

    @property
    def appeal(self) -> Appeal:
        return self.voice.appeal


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One step of a need."""

    at: datetime
    what: str
    who: str
    note: str


@dataclass(frozen=True, slots=True)
class NeedCard:
    """Everything that the page of a shared need shows to one person.

    Attributes:
        hidden: voices that the reader does not see.
        untold: how many people of it have not been told the end.
        left: those of the voices in view that a person left out.
        parts: the needs that were merged into it, as far as the reader sees them.
        others: the needs that it may be merged into, those of the same category first.
    """

    need: SharedNeed
    weeks: Sequence[Week]
    places: Sequence[cards.PlaceLine]
    voices: Sequence[VoiceLine]
    voice_total: int
    hidden: int
    untold: int
    history: Sequence[HistoryLine]
    can_keep: bool
    left: Sequence[NeedVoice] = ()
    parts: Sequence[SharedNeed] = ()
    others: Sequence[SharedNeed] = ()

    @property
    def can_separate(self) -> bool:
        """Whether it was merged into one of which not everybody has been told the end."""
        lead = self.need.merged_into
        return self.can_keep and lead is not None and lead.state != NeedState.FED_BACK

    @property
    def state(self) -> NeedState:
        return NeedState(self.need.state)

    @property
    def stages(self) -> list[tuple[str, bool, bool]]:
        """The stops of its track: name, whether it has been reached, whether it stands there now."""
        if self.state not in track.TRACK:
            return []
        here = track.TRACK.index(self.state)
        return [(track.STATE_WORDS[one], place <= here, place == here) for place, one in enumerate(track.TRACK)]

    @property
    def suggestion(self) -> str:
        """What would meet it, in words."""
        return ROUTE_WORDS[NeedRoute(self.need.suggested_route)]

    @property
    def highest(self) -> float:
        """The tallest of the trend, for its drawing."""
        return max([1, self.need.high, *(week.voices for week in self.weeks)])


@dataclass(frozen=True, slots=True)
class NeedOfCase:
    """The shared need that a case is a part of, for the page of the case."""

    id: int
    title: str
    state: str
    people: int


def needs_in_view(actor: Actor, state: str = "", asked: Asked | None = None) -> list[SharedNeed]:
    """The shared needs that the actor sees, or those behind a count: those to be judged first, then by the last voice.

    Raises:
        NotPermitted.
    """
    track.check_can_read(actor)
    found = needs_counted(actor, asked) if asked else SharedNeed.objects.visible_to(actor)
    found = found.select_related("organisation", "category", "merged_into")
    found = found.filter(state=state) if state in list(NeedState) else found
    return sorted(found.order_by("-last_at")[:MOST_LISTED], key=lambda need: need.state != NeedState.PROPOSED)


def counts_in_view(actor: Actor, asked: Asked | None = None) -> dict[str, int]:
    """How many of them stand where."""
    seen = needs_counted(actor, asked) if asked else SharedNeed.objects.visible_to(actor)
    found = seen.values_list("state").annotate(n=Count("id"))
    return dict(found.order_by("state"))


def need_numbered(need_id: int, actor: Actor) -> SharedNeed:
    """One shared need in the actor's view.

    Raises:
        NotPermitted, NotFound.
    """
    track.check_can_read(actor)
    seen = SharedNeed.objects.visible_to(actor).select_related("organisation", "category", "merged_into")
    found = seen.filter(pk=need_id).first()
    if found is None:
        raise NotFound("没有这项共性需求，或者不在您能看的范围内。")
    return found


def need_card(need_id: int, actor: Actor, at: datetime) -> NeedCard:
    """The page of a shared need: numbers of all of its voices, and those of them that the actor may open.

    Raises:
        NotPermitted, NotFound.
    """
    need = need_numbered(need_id, actor)
    can_keep = track.can_keep(actor, need.organisation.path)
    seen = voices_of(need).filter(pk__in=NeedVoice.objects.visible_to(actor).values("pk"))
    lines = [
        VoiceLine(voice, STATUS_WORDS[Status(voice.appeal.status)])
        for voice in seen.select_related("appeal__category", "appeal__region").order_by("-appeal__received_at")
    ]
    with scope.elevated():  # only numbers leave it, and none that would name somebody
        rows = list(voices_of(need).values_list("appeal_id", "appeal__person_id", "appeal__region__name", "told_at"))
        received = list(voices_of(need).values_list("appeal__received_at", flat=True))
        events = list(audit.events_of("sharedneed", need.pk))
    people: dict[str, set[int]] = {}
    for number, person, place, _ in rows:
        people.setdefault(place or "地点不详", set()).add(person or -number)
    return NeedCard(
        need=need,
        weeks=_weeks(received, need.heard_at),
        places=cards.places_shown((place, len(those)) for place, those in people.items()),
        voices=lines[:MOST_VOICES],
        voice_total=len(rows),
        hidden=len(rows) - len(lines),
        untold=len({person or -number for number, person, _, told in rows if told is None}),
        history=[
            HistoryLine(
                each.at, EVENT_WORDS.get(each.kind, each.kind), _who(each.name, each.organisation_name), each.note
            )
            for each in events
        ],
        can_keep=can_keep,
        left=list(_left(need, actor)) if can_keep else (),
        parts=list(SharedNeed.objects.visible_to(actor).filter(merged_into=need).order_by("pk")),
        others=_others(need, actor) if can_keep and need.state in track.GROWS else (),
    )


def _left(need: SharedNeed, actor: Actor) -> QuerySet[NeedVoice]:
    found = NeedVoice.objects.visible_to(actor).filter(need=need, left_at__isnull=False)
    return found.select_related("appeal").order_by("-left_at")[:MOST_VOICES]


def _others(need: SharedNeed, actor: Actor) -> list[SharedNeed]:
    found = SharedNeed.objects.visible_to(actor).filter(state__in=[*track.GROWS]).exclude(pk=need.pk)
    mine = [
        each
        for each in found.select_related("organisation").order_by("-last_at")[:MOST_LISTED]
        if track.can_keep(actor, each.organisation.path)
    ]
    return sorted(mine, key=lambda each: each.category_id != need.category_id)


def voices_of(need: SharedNeed) -> QuerySet[NeedVoice]:
    """What belongs to a need now, as far as the scope lets it be seen."""
    return NeedVoice.objects.filter(need=need, left_at__isnull=True)


def need_of_case(appeal: Appeal, actor: Actor) -> NeedOfCase | None:
    """The shared need that this case is a part of; None for none, and for those who do not read them."""
    if actor.role not in track.READERS:
        return None
    voice = _voice.first(appeal.pk)
    if voice is None or voice.need.state == NeedState.DISMISSED or voice.need.person_count < LEAST_SHOWN:
        return None
    need = voice.need
    return NeedOfCase(need.pk, need.title, track.STATE_WORDS[NeedState(need.state)], need.person_count)


@Prepared
def _voice(_: None, appeal_id: int) -> QuerySet[NeedVoice]:
    found = NeedVoice.objects.filter(appeal_id=appeal_id, left_at__isnull=True)
    return found.select_related("need").order_by("pk")[:1]


def _weeks(received: Sequence[datetime], until: datetime) -> list[Week]:
    """Voices in each of the nine weeks before a moment, the oldest first."""
    ages = Counter((until - moment) // WEEK for moment in received)
    return [
        Week(day_of(until - WEEK * (age + 1) + timedelta(seconds=1)), ages.get(age, 0))
        for age in range(WEEKS_BEFORE, -1, -1)
    ]


def _who(name: str, place: str) -> str:
    return f"{name}（{place}）" if place and place != name else name
