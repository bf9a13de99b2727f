"""Where does an appeal go in a city that has not set its own routes? Version 1, from domain 3.2."""

from __future__ import annotations

from datetime import date

from gongqing.dispatch.rules.levels import Level
from gongqing.dispatch.rules.routing import Routes, RoutingRow

FIRST_ROUTES = Routes(
    version=1,
    effective_from=date(2020, 1, 1),
    rows=(
        RoutingRow("R-01", "需求先由片区对接资源", when={"kind": ("need",)}, level=Level.ZONE),
        RoutingRow(
            "R-02",
            "公共服务事项转横向部门办理，工会跟踪并回访",
            when={"category": ("OT03", "OT04", "LE07", "CD02")},
            level=Level.DEPARTMENT,
            following=Level.ZONE,
        ),
        RoutingRow(
            "R-03",
            "未入会或单位没有工会，由所在地片区办理",
            when={"has_own_union": (False,), "category_level": (Level.GRASSROOTS,)},
            level=Level.ZONE,
        ),
        RoutingRow("R-11", "对单位匿名或须保密，由镇街以上办理", when={"is_shielded": (True,)}, at_least=Level.TOWN),
        RoutingRow(
            "R-12",
            "橙级由镇街以上办理，县级督办",
            when={"grade": ("orange",)},
            at_least=Level.TOWN,
            supervising=Level.COUNTY,
            assisting=(Level.ZONE,),
        ),
        RoutingRow(
            "R-13",
            "红级由县级主办，市级督办",
            when={"grade": ("red",)},
            at_least=Level.COUNTY,
            supervising=Level.CITY,
            assisting=(Level.TOWN, Level.ZONE),
        ),
        RoutingRow("R-21", "绿级由片区长督办", when={"grade": ("green",)}, supervising=Level.ZONE),
        RoutingRow("R-22", "黄级由镇街督办", when={"grade": ("yellow",)}, supervising=Level.TOWN),
    ),
)
