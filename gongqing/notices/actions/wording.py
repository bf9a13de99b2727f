"""The words of short messages: shipped first versions, a city's own later ones, and the way back."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from gongqing.audit import events
from gongqing.audit.actor import Actor
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.notices.models import MessageTemplate
from gongqing.notices.rules import permissions, templates
from gongqing.registry.rules import plain


@transaction.atomic
def load_templates(*, by: Actor, at: datetime) -> int:
    """Put the shipped words in as version 1 of every template; what is there stays. Returns how many were added."""
    known = set(MessageTemplate.objects.values_list("name", flat=True))
    fresh = [
        MessageTemplate(name=name, version=1, text=template.first, made_at=at, by_name=by.name)
        for name, template in templates.TEMPLATES.items()
        if name not in known
    ]
    MessageTemplate.objects.bulk_create(fresh)
    if fresh:
        first = MessageTemplate.objects.order_by("id")[0]
        events.record("message_templates.loaded", subject=first, by=by, at=at, count=len(fresh))
    return len(fresh)


@transaction.atomic
def revise_template(
    *, name: str, text: str, by: Actor, at: datetime, gateway_template: str = "", after: int | None = None
) -> MessageTemplate:
    """Put new words in force as the next version of a template; earlier versions are kept.

    Args:
        gateway_template: the number under which the operator has registered these words, where it asks for one.
        after: the version that the editor had before the eyes; None does not ask.

    Raises:
        NotPermitted: neither an administrator nor the city's supervisor.
        NotFound: no such template. BadInput: on `text` or `gateway_template`.
        NotAllowed: the words are in force already, or somebody has changed them meanwhile.
    """
    permissions.check_can_keep_messages(by)
    if name not in templates.TEMPLATES:
        raise NotFound("没有这个短信模板。")
    words, outside = templates.check_template_text(name, plain(text)), plain(gateway_template)
    if len(outside) > 64:
        raise BadInput("gateway_template", "运营商模板编号最多 64 个字符。")
    last = MessageTemplate.objects.select_for_update().filter(name=name).order_by("-version").first()
    if last is not None and after is not None and last.version != after:
        raise NotAllowed(f"这个模板刚被{last.by_name}改过（第 {last.version} 版），请核对后再改。")
    if last is not None and (last.text, last.gateway_template) == (words, outside):
        raise NotAllowed("内容和现在用的一样，没有保存新版本。")
    try:
        with transaction.atomic():
            fresh = MessageTemplate.objects.create(
                name=name,
                version=last.version + 1 if last else 1,
                text=words,
                gateway_template=outside,
                made_at=at,
                by_name=by.name,
            )
    except IntegrityError as error:
        raise NotAllowed("这个模板刚被别人改过，请核对后再改。") from error
    events.record("message_template.revised", subject=fresh, by=by, at=at, name=name, version=fresh.version)
    return fresh


@transaction.atomic
def restore_template(*, name: str, version: int, by: Actor, at: datetime) -> MessageTemplate:
    """Put the words of an earlier version in force again, as a new version.

    Raises:
        NotPermitted. NotFound: no such version. NotAllowed: its words are in force.
    """
    permissions.check_can_keep_messages(by)
    earlier = MessageTemplate.objects.filter(name=name, version=version).first()
    if earlier is None:
        raise NotFound("没有这个版本。")
    return revise_template(name=name, text=earlier.text, gateway_template=earlier.gateway_template, by=by, at=at)
