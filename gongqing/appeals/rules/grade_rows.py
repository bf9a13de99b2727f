"""Which rows make the first version of the grading table?

Data only: a city copies these rows into its own table and edits the numbers. `docs/methods/grading.md` explains each.
"""

from __future__ import annotations

from typing import Any

SERVICES = ["SC", "CD01", "CD03", "OT02", "OT03", "OT04", "DP01", "DP02", "DP06"]
"""Categories where many people mean a popular wish, not a collective dispute."""

_DISPUTE: dict[str, Any] = {"labour_related": True, "is_need": False, "categories_not": SERVICES}
_PLAN = "本平台方案"

FIRST_ROWS: tuple[dict[str, Any], ...] = (
    {
        "id": "G02",
        "title_zh": "涉及3人以上或群体",
        "condition": {**_DISPUTE, "any": [{"workers_at_least": 3}, {"flag": "unnumbered_group"}]},
        "grade": "yellow",
        "basis": _PLAN,
    },
    {
        "id": "G03",
        "title_zh": "10人以上共同诉求",
        "condition": {**_DISPUTE, "workers_at_least": 10},
        "grade": "orange",
        "basis": "劳动争议调解仲裁法第7条；浙江省劳动人事争议调解仲裁条例第40条",
    },
    {
        "id": "G04",
        "title_zh": "30人以上群体事项",
        "condition": {**_DISPUTE, "workers_at_least": 30},
        "grade": "red",
        "basis": _PLAN,
    },
    {
        "id": "G05",
        "title_zh": "10人以上已聚集、停工、堵路或集体上访",
        "condition": {"labour_related": True, "workers_at_least": 10, "flag": "gathered"},
        "grade": "red",
        "basis": "工会法第28条；" + _PLAN,
    },
    {
        "id": "G06",
        "title_zh": "欠薪超过一个支付周期或30日",
        "condition": {
            "labour_related": True,
            "flag": "arrears",
            "any": [{"months_owed_at_least": 1}, {"days_owed_at_least": 30}],
        },
        "grade": "yellow",
        "basis": _PLAN,
    },
    {
        "id": "G07",
        "title_zh": "欠薪达到刑事立案下限",
        "condition": {
            "labour_related": True,
            "flag": "arrears",
            "any": [
                {"months_owed_at_least": 3, "any": [{"amount_at_least": 5000}, {"amount_unknown": True}]},
                {"workers_at_least": 10, "amount_at_least": 30000},
            ],
        },
        "grade": "orange",
        "basis": "法释〔2013〕3号第3条下限（本省数值可改）",
    },
    {
        "id": "G08",
        "title_zh": "重大欠薪",
        "condition": {
            "labour_related": True,
            "flag": "arrears",
            "any": [{"workers_at_least": 10, "amount_at_least": 100000}, {"amount_at_least": 500000}],
        },
        "grade": "red",
        "basis": "法释〔2013〕3号第3条上限；50万元为" + _PLAN,
    },
    {
        "id": "G08b",
        "title_zh": "欠薪总额10万元以上",
        "condition": {"labour_related": True, "flag": "arrears", "amount_at_least": 100000},
        "grade": "orange",
        "basis": _PLAN + "（12.6万元案）",
    },
    {
        "id": "G09",
        "title_zh": "欠薪且雇主失联或转移财产",
        "condition": {
            "labour_related": True,
            "flag": "employer_fled",
            "any": [{"flag": "arrears"}, {"months_owed_at_least": 1}],
            "workers_unknown_or_at_least": 10,
        },
        "grade": "red",
        "basis": "法释〔2013〕3号第2条",
    },
    {
        "id": "G09b",
        "title_zh": "欠薪且雇主失联或转移财产（不论人数）",
        "condition": {
            "labour_related": True,
            "flag": "employer_fled",
            "any": [{"flag": "arrears"}, {"months_owed_at_least": 1}],
        },
        "grade": "orange",
        "basis": "法释〔2013〕3号第2条",
    },
    {
        "id": "G10",
        "title_zh": "规模裁员",
        "condition": {
            "labour_related": True,
            "flag": "layoff",
            "any": [{"layoff_count_at_least": 20}, {"layoff_share_at_least": 0.1}],
        },
        "grade": "orange",
        "basis": "劳动合同法第41条",
    },
    {
        "id": "G11",
        "title_zh": "有自伤自杀言语",
        "condition": {"flag": "self_harm"},
        "grade": "red",
        "call_back": True,
        "basis": _PLAN + "：30分钟内人工联系",
    },
    {
        "id": "G12",
        "title_zh": "有伤人或报复社会言语",
        "condition": {"flag": "harm_others"},
        "grade": "red",
        "call_back": True,
        "basis": _PLAN + "：30分钟内人工联系，转110",
    },
    {
        "id": "G13",
        "title_zh": "扬言或已越级走访、围堵、曝光",
        "condition": {"labour_related": True, "flag": "over_heads"},
        "grade": "orange",
        "basis": _PLAN,
    },
    {
        "id": "G14",
        "title_zh": "工亡、3人以上重伤或急性职业中毒",
        "condition": {"flags_any": ["work_death", "three_seriously_injured", "poisoning"]},
        "grade": "red",
        "basis": "工会法第27条",
    },
    {
        "id": "G15",
        "title_zh": "重伤住院工伤或正在冒险作业",
        "condition": {"labour_related": True, "flags_any": ["serious_injury", "risky_work"]},
        "grade": "orange",
        "basis": "工会法第25条",
    },
    {
        "id": "G16",
        "title_zh": "童工、强迫劳动、扣押证件或限制人身自由",
        "condition": {"flags_any": ["child_labour", "forced_labour", "withheld_documents", "confined"]},
        "grade": "red",
        "basis": "劳动合同法第84条、第88条",
    },
    {
        "id": "G17",
        "title_zh": "性骚扰、暴力威胁或打击报复",
        "condition": {"labour_related": True, "flags_any": ["sexual_harassment", "violence", "retaliation"]},
        "grade": "orange",
        "restricted": True,
        "basis": "女职工劳动保护特别规定第11条；工会法第52条、第53条",
    },
    {
        "id": "G18",
        "title_zh": "重复提交或不满意后再提",
        "condition": {
            "labour_related": True,
            "any": [{"submissions_at_least": 2}, {"returned_unsatisfied": True}, {"flag": "resubmitted"}],
        },
        "raise_at_most": "orange",
        "basis": _PLAN,
    },
    {
        "id": "G19",
        "title_zh": "时效或申报期30日内届满",
        "condition": {"labour_related": True, "limitation_days_at_most": 30},
        "grade": "yellow",
        "basis": "劳动争议调解仲裁法第27条；工伤保险条例第17条；法律援助法第44条",
    },
    {
        "id": "G19b",
        "title_zh": "时效或申报期7日内届满",
        "condition": {"labour_related": True, "limitation_days_at_most": 7},
        "grade": "orange",
        "basis": "劳动争议调解仲裁法第27条；工伤保险条例第17条；法律援助法第44条",
    },
    {
        "id": "G20",
        "title_zh": "媒体或网络舆情已出现",
        "condition": {"labour_related": True, "flag": "media"},
        "raise_at_most": "red",
        "basis": _PLAN,
    },
    {
        "id": "G21",
        "title_zh": "未成年、孕期、残疾或在档困难",
        "condition": {
            "labour_related": True,
            "is_need": False,
            "categories_not": SERVICES,
            "flags_any": ["minor", "pregnancy", "disabled", "hardship"],
        },
        "grade": "yellow",
        "basis": _PLAN,
    },
    {
        "id": "G22",
        "title_zh": "多人多次讨要无果、矛盾激化或准备集体行动",
        "condition": {
            "labour_related": True,
            "any": [{"workers_at_least": 3}, {"flag": "unnumbered_group", "workers_unknown_or_at_least": 3}],
            "flags_any": ["repeated_asking", "heated", "preparing_collective_action"],
        },
        "grade": "orange",
        "basis": _PLAN + "（6名派遣职工案）",
    },
)
