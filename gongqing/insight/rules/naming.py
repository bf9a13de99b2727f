"""How is an employer named in a report that many read (脱敏单位)?"""

from __future__ import annotations

import re

UNNAMED = "未说明单位"
_PLACE = re.compile(r"^(?:浙江省?)?(?:[^\d\s]{2,3}市)?(?:[^\d\s]{1,3}[区县市])?(?:宁波(?!银行))?")
_KINDS = (
    *("股份有限公司", "有限责任公司", "有限公司", "合伙企业", "分公司", "集团", "公司", "经营部", "工作室", "合作社"),
    *("饭店", "酒店", "餐厅", "宾馆", "超市", "医院", "学校", "幼儿园", "研究院", "事务所", "工地", "项目部"),
    *("加工厂", "服装厂", "厂", "店", "站", "中心", "队", "部", "局", "办", "行"),
)


def masked_employer(name: str) -> str:
    """`海××有限公司`: the first sign of the proper name and what kind of employer it is; the place is left out."""
    given = "".join(name.split())
    if not given:
        return UNNAMED
    proper = _PLACE.sub("", given) or given
    kind = next((kind for kind in _KINDS if proper.endswith(kind) and len(proper) > len(kind)), "")
    return f"{proper[0]}××{kind}" if len(proper) - len(kind) > 0 else f"××{kind}"
