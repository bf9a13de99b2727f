"""What does the demonstration look like in figures?"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from gongqing.appeals.models import Appeal, Channel
from gongqing.appeals.rules.statuses import ANSWERED, STATUS_WORDS, Status
from gongqing.registry.models import Level

GRADES = {"green": "绿", "yellow": "黄", "orange": "橙", "red": "红"}


def summary(at: datetime) -> list[str]:
    """Lines in Chinese: by status, grade, channel and level; rates with numerator and denominator."""
    rows = list(Appeal.objects.select_related("category"))
    total = len(rows)
    status = Counter(row.status for row in rows)
    answered = [row for row in rows if row.status in {one.value for one in ANSWERED}]
    ended = [row for row in rows if row.status in ("withdrawn", "invalid", "merged")]
    judged = Counter(row.satisfaction for row in rows if row.satisfaction)
    on_time = [row for row in answered if row.resolved_at and row.due_at and row.resolved_at <= row.due_at]
    local = [row for row in answered if row.resolved_level in ("grassroots", "zone", "town")]
    old = [row for row in rows if (at - row.received_at).days >= 30 and row not in ended]
    old_answered = [row for row in old if row in answered]
    levels = Counter(Level(row.handler_level).label if row.handler_level else "尚无" for row in rows)
    codes = len({row.category.code for row in rows if row.category})
    pleased = judged["satisfied"] + judged["basically"]
    return [
        f"诉求 {total} 件",
        "状态：" + "，".join(f"{STATUS_WORDS[Status(name)]} {count}" for name, count in status.most_common()),
        "等级：" + "，".join(f"{word} {sum(row.grade == grade for row in rows)}" for grade, word in GRADES.items()),
        "渠道："
        + "，".join(f"{Channel(name).label} {n}" for name, n in Counter(row.channel for row in rows).most_common()),
        "主办层级：" + "，".join(f"{name} {count}" for name, count in levels.most_common()),
        f"小类 {codes} 个；现在超时 {sum(row.is_overdue for row in rows)} 件",
        f"30 天以前的办结率 {_rate(len(old_answered), len(old))}",
        f"按时办结率 {_rate(len(on_time), len(answered))}；就地解决率 {_rate(len(local), len(answered))}",
        f"满意率 {_rate(pleased, judged.total())}（其中基本满意 {judged['basically']} 件）；"
        f"评价率 {_rate(judged.total(), len(answered))}",
    ]


def _rate(part: int, whole: int) -> str:
    return f"{part / whole:.1%}（{part}/{whole}）" if whole else "—（0/0）"
