"""What does the weekly report say of the whole, the sources, the places, the serious cases and the deadlines?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from gongqing.insight.rules.catalogue import NOTHING, SMALL, few_judged
from gongqing.insight.rules.report_drills import column_drills, drill
from gongqing.insight.rules.report_paper import Block, Chart, Table, Text
from gongqing.insight.rules.report_words import (
    FEW,
    FEW_BEFORE,
    OVERVIEW_NOTE,
    TOTAL,
    Figures,
    Said,
    change_cell,
    change_of_counts,
    change_words,
    day_words,
    listed,
    moment_words,
    money,
    said,
    share,
    total_of,
    trimmed,
)
from gongqing.insight.rules.weeks import Week, week_of

TOP, MOST_NAMES = 10, 12
RISES_BY, RISES_FROM = 1.5, 5
RANKED_FROM = 5
MOST_EQUAL = 3
GRADE_WORDS = {"red": "红", "orange": "橙", "yellow": "黄", "green": "绿"}
PLACE_COUNTS = ("received", "closed", "open_now")
NO_LAST_YEAR = "上年同期平台在这里没有数据，不作同比。"
# the rows of the first table: key, name
OVERVIEW = (
    ("received", "归集诉求（件）"),
    ("need_received", "职工需求（件）"),
    ("handled", "受理：归集件中已签收办理（件）"),
    ("closed", "办结，含此前归集（件）"),
    ("answered_rate", "办结率：归集件中已办结"),
    ("closed_on_time_rate", "按时办结率"),
    ("closed_local_rate", "就地解决率"),
    ("closed_content_rate", "满意率"),
    ("closed_judged_rate", "评价率"),
    ("closed_recovered", "挽回金额"),
    ("closed_helped", "受益职工（人次）"),
)


def is_empty(figures: Figures) -> bool:
    """Whether nothing at all came in, ended or lies open: the report then says so and no more."""
    week = figures["spans"]["week"]
    counts = (said(week, key).number for key in ("received", "need_received", "closed"))
    return not any(counts) and not said(figures["now"], "open_now").number


def is_before_all(figures: Figures) -> bool:
    """Whether the week lies before the first appeal here: there is nothing to count then, which is not nought."""
    began = figures.get("began")
    return bool(began) and began > figures["last"]


def overview(figures: Figures) -> list[Block]:
    """§1: the whole, against last week and a year ago, and since New Year."""
    spans, now, place = figures["spans"], figures["now"], figures["place"]
    week, before, year_ago, year = spans["week"], spans["before"], spans["year_ago"], spans["year"]
    received = said(week, "received").number
    union = f"{place}各级工会"
    first = (
        f"{_period(figures)}，{union}归集职工诉求{received}件，"
        f"{change_words(received, _count(before, 'received'), '上周')}"
        + (f"，{change_words(received, _count(year_ago, 'received'), '上年同期')}" if year_ago is not None else "")
        + f"；另收到职工需求{said(week, 'need_received').words}。"
    )
    if received:
        labour = said(week, "labour").number
        first += f"诉求中涉及劳动关系的{labour}件，占{share(labour, received)}。"
    closed = said(week, "closed").number
    second = f"本周办结{closed}件（含此前归集的），{change_words(closed, _count(before, 'closed'), '上周')}"
    if closed:
        second += (
            f"。其中按时办结率{said(week, 'closed_on_time_rate').cell}，"
            f"就地解决率{said(week, 'closed_local_rate').cell}；"
            f"已评价件的满意率{said(week, 'closed_content_rate').cell}，评价率{said(week, 'closed_judged_rate').cell}"
        )
        if said(week, "closed_recovered").number:
            second += (
                f"；为职工挽回经济损失{said(week, 'closed_recovered').words}，受益{said(week, 'closed_helped').words}"
            )
    second += (
        f"。截至{moment_words(figures['taken_at'])}，在办{said(now, 'open_now').words}，其中已逾期"
        f"{said(now, 'overdue_now').words}，橙色、红色预警{said(now, 'urgent_now').words}，"
        f"暂停或转外部跟踪{said(now, 'paused_now').words}。"
    )
    third = (
        f"今年以来累计归集{said(year, 'received').words}，其中截至取数时已办结{said(year, 'answered_rate').number}件，"
        f"办结率{said(year, 'answered_rate').cell}；截至本周末累计办结{said(year, 'closed').words}，"
        f"按时办结率{said(year, 'closed_on_time_rate').cell}，就地解决率"
        f"{said(year, 'closed_local_rate').cell}，满意率{said(year, 'closed_content_rate').cell}，评价率"
        f"{said(year, 'closed_judged_rate').cell}；挽回经济损失{said(year, 'closed_recovered').words}，"
        f"受益{said(year, 'closed_helped').words}。"
    )
    blocks: list[Block] = [Text(first), Text(second), Text(third)]
    return [*blocks, _overview_table(figures), _trend_chart(figures["trend"])]


def sources(figures: Figures) -> list[Block]:
    """§2: through which doors, about what, and what rises beyond the usual."""
    channels = [row for row in _by_now(figures["channels"]) if row["now"] or row["before"]]
    received = sum(row["now"] for row in channels)
    if not received:
        return [Text("本周没有归集到诉求，渠道和类别没有变化可报。")]
    doors = "、".join(f"{row['name']}{row['now']}件（{share(row['now'], received)}）" for row in channels if row["now"])
    classes = "、".join(
        f"{row['name']}{row['now']}件（{share(row['now'], received)}）"
        for row in _by_now(figures["classes"])
        if row["now"]
    )
    categories = [row for row in _by_now(figures["categories"]) if row["now"] and row["key"]]
    leading = "、".join(f"{row['name']}{row['now']}件" for row in categories[:3])
    rises = rising(figures)
    blocks: list[Block] = [
        Text(doors + "。", lead="从渠道看，"),
        Text(
            f"{classes}。居前三位的小类是{leading}，合计占{share(total_of(categories[:3])['now'], received)}。",
            lead="从类别看，",
        ),
        Text(
            "、".join(f"{row['name']}{row['now']}件（上周{row['before']}件）" for row in rises)
            + "，环比上升一半以上且不少于5件，请相关业务部门关注。"
            if rises
            else "本周没有环比上升一半以上且不少于5件的小类。",
            lead="异常上升。",
        ),
        Table(
            "诉求渠道",
            ("渠道", "本周", "占比", "上周", "环比"),
            [
                (row["name"], str(row["now"]), share(row["now"], received), str(row["before"]), _change(row))
                for row in [*channels, total_of(channels)]
            ],
            (32, 15, 17, 15, 21),
            note=FEW_BEFORE,
            drills=column_drills(figures, channels, [(1, "received")], group="channel"),
        ),
        Table(
            "居前十位的小类",
            ("位次", "小类", "本周", "占比", "上周", "环比", "今年累计"),
            [
                (
                    *(str(place), row["name"], str(row["now"]), share(row["now"], received), str(row["before"])),
                    *(_change(row), str(row["year"])),
                )
                for place, row in enumerate(categories[:TOP], 1)
            ],
            (10, 32, 10, 12, 10, 13, 13),
            left=frozenset({1}),
            note=FEW_BEFORE,
            drills=column_drills(figures, categories[:TOP], [(2, "received")], group="category"),
        ),
    ]
    if len(categories) > 1:
        top = categories[:TOP]
        now, before = [row["now"] for row in top], [row["before"] for row in top]
        blocks.append(Chart("居前十位的小类", "bar", [row["name"] for row in top], [("本周", now), ("上周", before)]))
    return blocks


def rising(figures: Figures) -> list[Mapping[str, Any]]:
    """The categories that came in half as often again as the week before, and at least five times."""
    rows = [row for row in _by_now(figures["categories"]) if row["key"]]
    return [row for row in rows if row["now"] >= RISES_FROM and row["now"] >= RISES_BY * row["before"]]


def places(figures: Figures) -> list[Block]:
    """§3: how the counties (of a county: the towns) compare, with what each rate is taken of, and the silent zones."""
    rows = [row for row in figures["places"] if row["key"] or any(said(row, key).number for key in PLACE_COUNTS)]
    busy = sorted(rows, key=lambda row: -said(row, "received").number)
    came = [{"key": row["key"], "name": row["name"], "n": said(row, "received").number} for row in busy]
    named = [row for row in came if row["key"] and row["n"]]
    unplaced = sum(row["n"] for row in came if not row["key"])
    unit = figures["division"]
    first = f"归集量居前的是{listed(named[:3], most=3)}。" if named else "本周各地都没有归集到诉求。"
    first += f"另有{unplaced}件还没有确定地点。" if unplaced else ""
    quiet = [row["name"] for row in rows if row["key"] and not said(row, "received").number]
    if named and quiet:
        first += f"没有诉求的{unit}{len(quiet)}个" + (f"：{'、'.join(quiet)}。" if len(quiet) <= MOST_NAMES else "。")
    ranked = ranking(rows)
    if len(ranked) > 1:
        first += f"有时限的办结件不少于{RANKED_FROM}件的{len(ranked)}个{unit}参加按时办结率排名{_ends_words(ranked)}。"
    else:
        first += f"有时限的办结件不少于{RANKED_FROM}件的{unit}不足两个，本周不排名。"
    late = [
        {"name": row["name"], "n": said(row, "overdue_now").number} for row in rows if said(row, "overdue_now").number
    ]
    if late:
        late.sort(key=lambda row: -row["n"])
        first += f"有逾期未办结的：{listed(late, most=MOST_NAMES)}。"
    blocks: list[Block] = [Text(first), _places_table(figures, rows, ranked)]
    if len(named) > 1:
        shown = [row for row in busy if said(row, "received").number][:MOST_NAMES]
        blocks.append(
            Chart(
                f"各{unit}归集和办结",
                "bar",
                [row["name"] for row in shown],
                [
                    (name, [said(row, key).number for row in shown])
                    for key, name in (("received", "归集"), ("closed", "办结"))
                ],
            )
        )
    return [*blocks, Text(_zone_words(figures["zones"]), lead="片区。")]


def ranking(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The places by their rate of answers in time, the best first; only those with enough answers to be compared."""
    enough = [row for row in rows if row["key"] and (said(row, "closed_on_time_rate").whole or 0) >= RANKED_FROM]
    return sorted(
        enough,
        key=lambda row: (
            -(said(row, "closed_on_time_rate").per_cent or 0),
            -(said(row, "closed_on_time_rate").whole or 0),
        ),
    )


def _on_time(row: Mapping[str, Any]) -> Decimal | None:
    return said(row, "closed_on_time_rate").per_cent


def standing(ranked: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Key → place in the ranking; equal rates share one."""
    rates = [_on_time(row) for row in ranked]
    return {row["key"]: rates.index(rate) + 1 for row, rate in zip(ranked, rates, strict=True)}


def _ends_words(ranked: Sequence[Mapping[str, Any]]) -> str:
    """Who stands first and who last; of equals none stands before the other."""
    best, last = _on_time(ranked[0]), _on_time(ranked[-1])
    if best == last:
        return f"，均为{trimmed(best)}%"
    first = _equals_words([row for row in ranked if _on_time(row) == best])
    return f"：{first}居首，{_equals_words([row for row in ranked if _on_time(row) == last])}居末"


def _equals_words(rows: Sequence[Mapping[str, Any]]) -> str:
    shown = "、".join(f"{row['name']}{said(row, 'closed_on_time_rate').cell}" for row in rows[:MOST_EQUAL])
    more = f"等{len(rows)}个" if len(rows) > MOST_EQUAL else ""
    return f"{shown}{more}{'并列' if len(rows) > 1 else ''}"


def serious(figures: Figures) -> list[Block]:
    """§4: every orange and red case: employer masked, people, money, how it stands, with whom, what next."""
    found = figures["serious"]
    if not found["count"]:
        return [Text("本周没有橙色、红色预警，也没有在办的橙色、红色件。")]
    blocks: list[Block] = [
        Text(
            f"本周新增、在办和办结的橙色、红色预警共{found['count']}件，其中红色{found['red']}件、"
            f"橙色{found['count'] - found['red']}件；本周新增{found['new']}件，已办结{found['answered']}件。"
        )
    ]
    reds = [case for case in found["cases"] if case["grade"] == "red"]
    blocks += [Text(_case_words(case), lead=f"红色预警{number}。") for number, case in enumerate(reds[:TOP], 1)]
    note = "用人单位已脱敏；标“限制查看”的，凭编号在平台内由有权限的人查看。"
    if found["count"] > len(found["cases"]):
        note += f"本表列前{len(found['cases'])}件，其余{found['count'] - len(found['cases'])}件在平台查看。"
    blocks.append(
        Table(
            "橙色、红色预警逐件情况",
            ("编号、地点、事由", "等级", "用人单位", "人数和金额", "进展", "责任人", "下一步"),
            [_case_row(case) for case in found["cases"]],
            (32, 6, 12, 11, 12, 14, 13),
            left=frozenset({0, 2, 5}),
            note=note,
        )
    )
    return blocks


def limits(figures: Figures) -> list[Block]:
    """§5: what is late, due, extended and returned; who was supervised and who is named."""
    late, near, work = figures["late"], figures["near"], figures["work"]
    first = (
        f"截至{moment_words(figures['taken_at'])}，逾期未办结{late['count']}件"
        + (f"，在{listed(late['handlers'], most=5)}" if late["count"] else "")
        + f"；{day_words(near['until'])}前有时限到期的{near['count']}件"
        + (f"，在{listed(near['handlers'], most=5)}" if near["count"] else "")
        + "。"
    )
    second = (
        f"本周申请延期{work['extended']}件，批准{work['extended_granted']}件，待批{work['extended_open']}件；"
        f"退回{work['returned']}件，逐级上报{work['passed_up']}件。催办{work['urged']}次，下达督办单{work['supervised']}份"
        f"（已答复{work['supervised_answered']}份），升级{work['escalated']}次；安排约谈{work['interviews']}次，"
        f"已谈{work['interviews_held']}次。"
    )
    blocks: list[Block] = [Text(first, lead="时限。"), Text(second, lead="督办。")]
    if work["noticed"]:
        blocks.append(
            Text(
                f"本周对超时两个工作日以上的{work['noticed']}件予以通报：{listed(work['noticed_names'], most=20)}。",
                lead="通报。",
            )
        )
    else:
        blocks.append(Text("本周没有超时两个工作日以上、需要通报的件。", lead="通报。"))
    return blocks


def _period(figures: Figures) -> str:
    first, last = day_words(figures["first"]), day_words(figures["last"])
    return f"本周（{first}至{last}）" if figures["is_whole"] else f"本周（{first}至{last}，尚未结束）"


def _count(values: Figures | None, key: str) -> int | None:
    return None if values is None else said(values, key).number


def _overview_table(figures: Figures) -> Table:
    spans, rows = figures["spans"], []
    has_last_year = spans["year_ago"] is not None
    for key, name in OVERVIEW:
        now = said(spans["week"], key)
        earlier: list[Said | None] = [
            None if spans[span] is None else said(spans[span], key)
            for span in ("before", *(("year_ago",) if has_last_year else ()))
        ]
        line = [name, now.stacked]
        for other in earlier:
            line += [NOTHING if other is None else other.stacked, change_cell(now, other)]
        rows.append((*line, said(spans["year"], key).stacked))
    note = OVERVIEW_NOTE + ("" if has_last_year else NO_LAST_YEAR)
    compared = ("上年同期", "同比") if has_last_year else ()
    head = ("指标", "本周", "上周", "环比", *compared, "今年累计")
    widths = (24, 14, 14, 11, 12, 10, 15) if has_last_year else (34, 16, 16, 18, 16)
    links = {(number, 1): drill(figures, key) for number, (key, _) in enumerate(OVERVIEW)}
    drills = {place: address for place, address in links.items() if address}
    return Table("主要指标", head, rows, widths, note=note, drills=drills)


def _trend_chart(trend: Sequence[Mapping[str, Any]]) -> Chart:
    weeks: list[Week] = [week_of(date.fromisoformat(row["first"])) for row in trend]
    names = [f"{week.first.month}月{week.first.day}日" for week in weeks]
    lines = [(name, [row[key] for row in trend]) for key, name in (("received", "归集"), ("closed", "办结"))]
    return Chart(f"近{len(trend)}周归集和办结（横轴为各周周一）", "line", names, lines)


def _places_table(figures: Figures, rows: Sequence[Mapping[str, Any]], ranked: Sequence[Mapping[str, Any]]) -> Table:
    unit = figures["division"]
    counted = [(2, "received"), (3, "closed"), (6, "open_now"), (7, "overdue_now")]
    places = standing(ranked)
    hidden = few_judged({row["key"]: said(row, "closed_content_rate").whole or 0 for row in rows})
    ordered = sorted(
        rows, key=lambda row: (places.get(row["key"], 999), not row["key"], -said(row, "received").number, row["key"])
    )
    return Table(
        f"各{unit}办理情况",
        ("名次", unit, "归集", "办结", "按时办结率", "满意率", "在办", "逾期"),
        [
            (
                *(
                    str(places.get(row["key"], NOTHING)),
                    row["name"],
                    said(row, "received").cell,
                    said(row, "closed").cell,
                ),
                *(said(row, "closed_on_time_rate").cell, _content(row, hidden)),
                *(said(row, "open_now").cell, said(row, "overdue_now").cell),
            )
            for row in [*ordered, {"key": TOTAL, "name": TOTAL, **figures["now"], **figures["spans"]["week"]}]
        ],
        (8, 18, 9, 9, 21, 19, 8, 8),
        left=frozenset({1}),
        note=f"按时办结率的分母不足{RANKED_FROM}件的不排名；已评价不足3件、或可由合计反推的，满意率以“{FEW}”代替。",
        drills=column_drills(figures, ordered, counted, group="area"),
    )


def _content(row: Mapping[str, Any], hidden: Collection[str]) -> str:
    found = said(row, "closed_content_rate")
    return FEW if row["key"] in hidden or 0 < (found.whole or 0) < SMALL else found.cell


def _zone_words(zones: Figures) -> str:
    if not zones["count"]:
        return "辖区还没有设片区。"
    words = f"共有片区{zones['count']}个，本周由片区登记诉求{zones['reported']}件。"
    if not zones["silent"]:
        return words + "没有零上报片区。"
    names = zones["silent_names"]
    shown = f"：{'、'.join(names)}" if len(names) <= MOST_NAMES else f"，其中有{'、'.join(names[:MOST_NAMES])}等"
    return f"{words}零上报片区{zones['silent']}个{shown}，请片区长尽快走访核实。"


def _case_words(case: Mapping[str, Any]) -> str:
    """One red case in a sentence."""
    people = f"，涉及{people_said(case)}" if case["people"] else ""
    amount = f"，金额{_amount_said(case)}" if case["amount"] else ""
    stands = f"已办结，{case['outcome']}" if case["outcome"] else case["progress"]
    following = f"；下一步：{_following(case)}" if case["next"] else ""
    return (
        f"{day_words(case['received'])}收到，{case['place']}，{case['category']}，{case['employer']}{people}{amount}"
        f"（{case['code']}）。由{case['who'] or '待派单'}办理，{stands}{following}。"
    )


def _case_row(case: Mapping[str, Any]) -> tuple[str, ...]:
    people = [people_said(case)] if case["people"] else []
    amount = [_amount_said(case)] if case["amount"] else []
    following = _following(case) if case["next"] else NOTHING
    return (
        f"{case['code']}\n{case['place']}，{case['category']}",
        GRADE_WORDS[case["grade"]],
        case["employer"],
        "、".join([*people, *amount]) or NOTHING,
        case["outcome"] or case["progress"],
        case["who"] or "待派单",
        following,
    )


def people_said(case: Mapping[str, Any]) -> str:
    """For how many people a case speaks, and whether that is still to be checked."""
    return f"约{case['people']}人（待核）" if case.get("people_unsure") else f"{case['people']}人"


def _amount_said(case: Mapping[str, Any]) -> str:
    return f"约{money(case['amount'])}（待核）" if case.get("amount_unsure") else money(case["amount"])


def _following(case: Mapping[str, Any]) -> str:
    """The step that is due next; of one that is past its day, since when it should have been taken."""
    day = day_words(case["next_due"])
    return f"{case['next']}应于{day}前完成，抓紧补办" if case["next_late"] else f"{day}前{case['next']}"


def _by_now(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(rows, key=lambda row: (-row["now"], -row["before"]))


def _change(row: Mapping[str, Any]) -> str:
    return change_of_counts(row["now"], row["before"])
