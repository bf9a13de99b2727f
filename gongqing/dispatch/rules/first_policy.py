"""Which limits hold in a city that has not set its own? The table of grades, version 1."""

from __future__ import annotations

from datetime import date

from gongqing.dispatch.rules.levels import Level
from gongqing.dispatch.rules.limits import GradeRow, HotlineRow, Limit, PauseReason, PauseRow, Policy, SpecialRow, Unit

_TABLE = "分级处置时限"
_HOURS, _DAYS, _MINUTES = Unit.WORKING_HOURS, Unit.WORKDAYS, Unit.NATURAL_MINUTES

FIRST_POLICY = Policy(
    version=1,
    effective_from=date(2020, 1, 1),
    grades=(
        GradeRow(
            grade="green",
            sign=Limit(1, _DAYS, f"{_TABLE}：绿级签收"),
            contact=Limit(2, _DAYS, f"{_TABLE}：绿级首次联系"),
            report=None,
            report_every=None,
            close_cap=None,
            extension_by=Level.TOWN,
            extension_cap=None,
            supervised_by=Level.ZONE,
        ),
        GradeRow(
            grade="yellow",
            sign=Limit(4, _HOURS, f"{_TABLE}：黄级签收"),
            contact=Limit(1, _DAYS, f"{_TABLE}：黄级首次联系"),
            report=None,
            report_every=None,
            close_cap=None,
            extension_by=Level.COUNTY,
            extension_cap=None,
            supervised_by=Level.TOWN,
        ),
        GradeRow(
            grade="orange",
            sign=Limit(2, _HOURS, f"{_TABLE}：橙级签收"),
            contact=Limit(4, _HOURS, f"{_TABLE}：橙级首次联系"),
            report=Limit(2, _DAYS, f"{_TABLE}：橙级每 2 个工作日报告"),
            report_every=Limit(2, _DAYS, f"{_TABLE}：橙级每 2 个工作日报告"),
            close_cap=Limit(7, _DAYS, "橙级最长 7 个工作日"),
            extension_by=Level.COUNTY,
            extension_cap=Limit(5, _DAYS, "橙级延期最长 5 个工作日"),
            supervised_by=Level.COUNTY,
            copied_to=("市总工会",),
            review=True,
        ),
        GradeRow(
            grade="red",
            sign=Limit(30, _MINUTES, f"{_TABLE}：红级签收，自然时间"),
            contact=Limit(1, Unit.NATURAL_HOURS, f"{_TABLE}：红级首次联系，自然时间"),
            report=Limit(2, Unit.NATURAL_HOURS, f"{_TABLE}：红级 2 小时首报"),
            report_every=Limit(1, Unit.NATURAL_DAYS, f"{_TABLE}：红级首报后每日报告"),
            close_cap=Limit(5, Unit.NATURAL_DAYS, "红级最长 5 天，自然时间"),
            extension_by=Level.CITY,
            extension_cap=None,
            supervised_by=Level.CITY,
            copied_to=("人社", "公安", "信访"),
            review=True,
        ),
    ),
    specials=(
        SpecialRow("contact", Limit(30, _MINUTES, "有自伤或伤人言语，30 分钟内人工联系"), rules=("G11", "G12")),
        SpecialRow("report", Limit(5, _DAYS, "职工说事：5 个工作日内答复"), channels=("talk",)),
    ),
    pauses=(
        PauseRow(PauseReason.WAITING_FOR_MATERIAL, Limit(5, _DAYS), "暂停事由一：待补材料，最长 5 个工作日"),
        PauseRow(PauseReason.MOVED_TO_LEGAL_PROCEDURE, None, "暂停事由二：转仲裁、监察或诉讼，改为跟踪"),
        PauseRow(PauseReason.AGREED_MEDIATION_EXTENSION, None, "暂停事由三：双方同意延长调解，到约定日止"),
    ),
    return_within=Limit(1, _DAYS, "退单须在 1 个工作日内并写明理由"),
    # 12351 sets a limit for each of the three kinds and publishes no number of days: these are the city's own proposal
    hotline=(
        HotlineRow("ordinary", Limit(5, _DAYS, "12351 热线一般件（本市自定）")),
        HotlineRow("difficult", Limit(10, _DAYS, "12351 热线难点件（本市自定）")),
        HotlineRow("very_complex", Limit(15, _DAYS, "12351 热线特别复杂件（本市自定）")),
    ),
)
