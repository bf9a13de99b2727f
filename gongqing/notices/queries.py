"""What has been told to whom, and in which words?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Count, Min, Q, QuerySet
from django.db.models.expressions import RawSQL

from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.reading import Asking, PreparedValues, answer, counted
from gongqing.language.facts.personal import mask_personal
from gongqing.lib.errors import BadInput, NotFound
from gongqing.lib.paging import day_asked
from gongqing.lib.workdays import end_of_day, start_of_day
from gongqing.notices.models import Message, MessageTemplate, State
from gongqing.notices.rules.leaving import may_go_again
from gongqing.notices.rules.permissions import check_can_keep_messages
from gongqing.notices.rules.templates import (
    TEMPLATES,
    Template,
    example_of,
    part_count,
    template_named,
    without_keys,
)

PAGE = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """How short messages stand, for the status page.

    Attributes:
        count: queued ones, whenever they may leave.
        oldest_minutes: how long the oldest of those that could have left by now has been waiting; None without any.
        failed_count: those that failed among the ones queued in the last 24 hours.
    """

    count: int
    oldest_minutes: int | None
    failed_count: int


@dataclass(frozen=True, slots=True)
class MessageFilters:
    """What the list of short messages is asked for; empty values ask for nothing.

    Attributes:
        day: an ISO date in Shanghai on which it was queued.
    """

    state: str = ""
    template: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One short message as the desk sees it: the number masked, links cut to their first part."""

    message: Message
    title: str
    text: str
    can_go_again: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """One template with its words in force, how they read, and how long they are."""

    name: str
    template: Template
    version: int
    text: str
    gateway_template: str
    example: str
    made_at: datetime | None
    by_name: str

    @property
    def length(self) -> int:
        return len(self.example)

    @property
    def places(self) -> list[tuple[str, tuple[str, bool]]]:
        """Each place as it is written, what stands there, and whether it is needed."""
        needed = self.template.needed
        return [(f"{{{place}}}", (words, place in needed)) for place, (words, _) in self.template.places.items()]

    @property
    def parts(self) -> int:
        return part_count(self.example)


def messages_of(actor: Actor) -> QuerySet[Message]:
    """Notices to the actor and to the organisation of the posting, newest first."""
    return Message.objects.visible_to(actor).filter(state=State.INBOX).order_by("-id")


def unread_of(actor: Actor) -> QuerySet[Message]:
    """The notices that nobody has read yet, newest first."""
    return messages_of(actor).filter(read_at__isnull=True)


def unread_count(actor: Actor) -> int:
    """How many notices nobody has read yet."""
    return sum(count for asking in asked_of_unread(actor) for (count,) in answer(asking))


def asked_of_unread(actor: Actor) -> list[Asking[Any]]:
    """What `unread_count` asks, to be asked together with others."""
    if actor.user_id is None:
        return []
    place = (actor.organisation_id,) if actor.organisation_id else ()
    return [_unread(actor.user_id), *(_unread(actor.user_id, number) for number in place)]


# written out: an index of the unread alone is of no use to a plan that does not know the state
_UNREAD = "state = 'inbox' AND read_at IS NULL"


@PreparedValues
def _unread(_: None, user_id: int, *place: int) -> QuerySet[Message, Any]:
    """Those to the account, or those to the organisation beside them: an index of its own finds each."""
    beside = Q(organisation_id__in=place) & (Q(user_id__isnull=True) | ~Q(user_id=user_id))
    found = Message.objects.filter(beside if place else Q(user_id=user_id))
    return counted(found.filter(RawSQL(_UNREAD, [], output_field=BooleanField())))  # noqa: S611


def shown(found: Iterable[Message]) -> list[Message]:
    """Notices as they are shown: numbers of people in the title of a matter, kept from before, are masked."""
    notices = list(found)
    for notice in notices:
        notice.text = mask_personal(notice.text)
    return notices


def text_in_force(name: str) -> str:
    """The words of a template as they are now: the newest version, or the shipped first one before any is loaded.

    Raises:
        BadInput: on `template`, there is none of this name.
    """
    shipped = template_named(name).first
    newest = MessageTemplate.objects.filter(name=name).order_by("-version").values_list("text", flat=True).first()
    return newest or shipped


def texts_in_force(names: Iterable[str]) -> dict[str, str]:
    """The words of several templates as they are now.

    Raises:
        BadInput: on `template`, there is none of this name.
    """
    shipped = {name: template_named(name).first for name in names}
    return shipped | {name: one.text for name, one in _newest(shipped).items()}


def gateway_templates_of(names: Iterable[str]) -> dict[str, str]:
    """The numbers under which the operator has registered the words in force; empty where there is none."""
    wanted = set(names)
    return dict.fromkeys(wanted, "") | {name: one.gateway_template for name, one in _newest(wanted).items()}


def _newest(names: Iterable[str]) -> dict[str, MessageTemplate]:
    found = MessageTemplate.objects.filter(name__in=[*names]).order_by("name", "-version").distinct("name")
    return {one.name: one for one in found}


def wordings() -> list[Wording]:
    """Every template with its words in force, in the order in which an appeal meets them."""
    return [wording_of(name) for name in TEMPLATES]


def wording_of(name: str) -> Wording:
    """One template with its words in force.

    Raises:
        NotFound: there is none of this name.
    """
    if name not in TEMPLATES:
        raise NotFound("没有这个短信模板。")
    newest = MessageTemplate.objects.filter(name=name).order_by("-version").first()
    text = newest.text if newest else TEMPLATES[name].first
    return Wording(
        name=name,
        template=TEMPLATES[name],
        version=newest.version if newest else 0,
        text=text,
        gateway_template=newest.gateway_template if newest else "",
        example=example_of(name, text),
        made_at=newest.made_at if newest else None,
        by_name=newest.by_name if newest else "",
    )


def versions_of(name: str) -> QuerySet[MessageTemplate]:
    """Every version of a template, newest first."""
    return MessageTemplate.objects.filter(name=name).order_by("-version")


def waiting_messages(at: datetime) -> Waiting:
    """How many short messages wait, since when, and how many have failed."""
    with scope.elevated():
        queued = Message.objects.filter(state=State.QUEUED)
        due = queued.filter(Q(not_before__isnull=True) | Q(not_before__lte=at) | Q(attempts__gt=0))
        oldest = due.aggregate(oldest=Min("created_at"))["oldest"]
        failed = Message.objects.filter(state=State.FAILED, created_at__gte=at - timedelta(days=1))
        return Waiting(
            count=queued.count(),
            oldest_minutes=max(0, int((at - oldest).total_seconds() // 60)) if oldest else None,
            failed_count=failed.count(),
        )


def due_messages(at: datetime) -> QuerySet[Message]:
    """Queued messages that may leave now, the oldest first."""
    due = Message.objects.filter(Q(not_before__isnull=True) | Q(not_before__lte=at), state=State.QUEUED)
    return due.filter(phone_sealed__isnull=False).order_by("id")


def state_counts(actor: Actor) -> Mapping[str, int]:
    """How many short messages are in each state.

    Raises:
        NotPermitted: the actor does not look after messages.
    """
    check_can_keep_messages(actor)
    with scope.elevated():
        rows = _short().values_list("state").annotate(Count("id")).order_by()
        return {str(state): count for state, count in rows}


def messages_page(actor: Actor, filters: MessageFilters, *, before: int | None) -> tuple[list[MessageLine], int | None]:
    """A page of short messages, newest first, and where the next one begins; None on the last.

    Raises:
        NotPermitted: the actor does not look after messages. BadInput: a filter that cannot be.
    """
    check_can_keep_messages(actor)
    found = _short()
    if filters.state:
        if filters.state not in State.values:
            raise BadInput("state", "没有这种状态。")
        found = found.filter(state=filters.state)
    if filters.template:
        template_named(filters.template)
        found = found.filter(template=filters.template)
    if filters.day:
        day = day_asked(filters.day)
        found = found.filter(created_at__gte=start_of_day(day), created_at__lt=end_of_day(day))
    if before is not None:
        found = found.filter(pk__lt=before)
    with scope.elevated():
        rows = list(found.order_by("-id")[: PAGE + 1])
    lines = [_line(row) for row in rows[:PAGE]]
    return lines, lines[-1].message.pk if len(rows) > PAGE else None


def _short() -> QuerySet[Message]:
    return Message.objects.filter(phone_sealed__isnull=False)


def _line(message: Message) -> MessageLine:
    return MessageLine(
        message=message,
        title=TEMPLATES[message.template].title if message.template in TEMPLATES else "其他",
        text=without_keys(message.text),
        can_go_again=may_go_again(message.state, message.attempts),
    )
