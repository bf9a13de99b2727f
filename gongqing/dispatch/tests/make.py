"""Appeals for tests, brought in through the real actions."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import Intake
from gongqing.audit import scope
from gongqing.audit.actor import Actor

WAGES = "厂里三个月没发工资了，我一个人被欠了八千块，问了主管一直说再等等，请工会帮我讨回来。"
BIRTHDAY = "我们站点有九个骑手这个月过生日，希望工会给我们办一次集体生日会，热闹热闹。"
FLED = "老板跑路了，我们四家企业的94名职工三个月没拿到工资，大家准备集体去讨薪，请工会救救我们。"
UNCLEAR = "你好在吗，有点事想问问"
_serial = count(1)


def received(text: str = WAGES, *, by: Actor, at: datetime, **fields: Any) -> Appeal:
    """A new appeal, in the scope of the one who brings it in."""
    given: dict[str, Any] = {
        "source": "test",
        "external_id": f"t-{next(_serial)}",
        "channel": "app",
        "text": text,
        "region_code": "330206001",
        **fields,
    }
    with scope.acting_as(by):
        return appeals.receive_appeal(Intake(**given), by=by, at=at).appeal


def fresh(appeal: Appeal) -> Appeal:
    """The appeal as the database has it now."""
    from gongqing.audit.actor import SYSTEM

    with scope.acting_as(SYSTEM):
        return Appeal.objects.select_related("handler", "category").get(pk=appeal.pk)
