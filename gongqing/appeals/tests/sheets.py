"""Sheets of hotlines for tests, invented, made the same for one seed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import xlsxwriter

HEADER = [
    "工单编号",
    "来电时间",
    "来电人",
    "联系电话",
    "所属区县",
    "所属街道",
    "标题",
    "诉求内容",
    "被诉单位",
    "办理期限",
]
LABOUR = (
    "厂里拖欠{who}两个月工资，问了主管一直说再等等，请工会帮忙讨回来。",
    "公司一直没有给{who}缴社保，多次要求补缴都不理，想问怎么维权。",
    "{who}在车间上班时压伤了手，公司不肯申报工伤，也不付医药费。",
    "公司没有提前通知就辞退了{who}，不给经济补偿，要求支付赔偿金。",
    "单位天天加班到晚上十点，不给加班费，也没有调休，{who}实在受不了。",
)
OTHER = (
    "小区旁边的公园停车位太少，物业乱收停车费，{who}希望城管和交警来管一管。",
    "{who}住的小区没有地铁站，公交线路绕行太远，建议增加公交班次和站点。",
    "开发商延期交房，房产证一直办不下来，{who}等业主要求住建部门督促。",
    "公交车站牌倒了，等车的人没有地方避雨，{who}希望重新装一个。",
    "小区电梯经常故障，物业公司不维修，业主{who}要求房管部门查处物业。",
)
UNCLEAR = ("{who}来电咨询，想了解一下情况，请回电。", "{who}反映问题，具体见附件，希望有人联系。")
TOWNS = (("北仑区", "新碶街道"), ("北仑", "小港"), ("鄞州区", "下应街道"), ("北仑区", ""), ("", ""))
SURNAMES = "王李张刘陈杨赵黄周吴"
BAD_DATES, BLANK, LATER = "昨天下午", "", "2031-01-01 08:00"


def lines(count: int, *, at: datetime, seed: int = 1, labour: float = 0.5, bad: int = 0) -> list[list[str]]:
    """So many rows under `HEADER`; the last `bad` of a shuffled order have a fault, each of one of three kinds."""
    rng = Random(seed)
    wrong = set(rng.sample(range(count), bad))
    found = []
    for number in range(count):
        who = f"{rng.choice(SURNAMES)}{rng.choice(('先生', '女士'))}"
        kind = LABOUR if rng.random() < labour else (OTHER if rng.random() < 0.9 else UNCLEAR)
        county, town = rng.choice(TOWNS)
        moment = at - timedelta(minutes=rng.randrange(60, 60 * 24 * 5))
        row = [
            f"NB{seed}-{number:06d}",
            f"{moment:%Y/%m/%d %H:%M}",
            who,
            f"139{seed % 10}{number:07d}"[:11],
            county,
            town,
            "",
            f"{kind[number % len(kind)].format(who=who)}（第{number}件）",
            "",
            f"{moment + timedelta(days=7):%Y-%m-%d}",
        ]
        if number in wrong:
            place, cell = ((1, BAD_DATES), (7, BLANK), (1, LATER))[number % 3]
            row[place] = cell
        found.append(row)
    return found


def workbook(rows: Sequence[Sequence[str]], *, header: Sequence[str] = HEADER, above: Sequence[str] = ()) -> bytes:
    """An Excel file, with lines above the header."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False})
    sheet = book.add_worksheet("工单")
    for place, text in enumerate(above):
        sheet.write_string(place, 0, text)
    for line, cells in enumerate([header, *rows], len(above)):
        for place, text in enumerate(cells):
            sheet.write_string(line, place, text)
    book.close()
    return kept.getvalue()


def csv(rows: Sequence[Sequence[str]], *, header: Sequence[str] = HEADER, encoding: str = "utf-8") -> bytes:
    """A csv file."""
    return "\r\n".join(",".join(cells) for cells in [header, *rows]).encode(encoding)
