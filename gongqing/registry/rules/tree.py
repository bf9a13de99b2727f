"""What may stand where in the tree?"""

from __future__ import annotations

from collections.abc import Mapping

from gongqing.lib.errors import BadInput, NotAllowed

TERRITORIAL = {"city": "city_union", "county": "county_union", "town": "town_union"}
# kind → (level, kinds of organisation it may hang under); None: may stand alone
PLACES: Mapping[str, tuple[str, frozenset[str | None]]] = {
    "city_union": ("city", frozenset({None})),
    "county_union": ("county", frozenset({"city_union"})),
    "industrial_union": ("county", frozenset({"city_union"})),
    "town_union": ("town", frozenset({"county_union"})),
    "federation": ("grassroots", frozenset({"town_union", "county_union", "industrial_union", "federation"})),
    "grassroots_union": (
        "grassroots",
        frozenset({"federation", "town_union", "county_union", "industrial_union", "city_union", "grassroots_union"}),
    ),
    "zone": ("zone", frozenset({"town_union", "county_union", "industrial_union"})),
    "department": ("department", frozenset({None})),
    "hotline": ("city", frozenset({"city_union", "county_union"})),
    "mediation_room": ("county", frozenset({"city_union", "county_union", "town_union", "industrial_union"})),
}
LEVEL_FROM_PARENT = frozenset({"hotline", "mediation_room"})
IN_ZONES = frozenset({"federation", "grassroots_union"})


def level_in_tree(kind: str, parent_kind: str | None, parent_level: str | None) -> str:
    """The level of an organisation of this kind under this parent.

    Raises:
        NotAllowed: such an organisation does not hang there.
    """
    if kind not in PLACES:
        raise BadInput("kind", "没有这种组织类型。")
    level, parents = PLACES[kind]
    if parent_kind not in parents:
        where = "不能有上级组织" if parents == frozenset({None}) else "不能设在这一上级组织下"
        raise NotAllowed(f"这种类型的组织{where}，请核对组织类型和上级组织。")
    return parent_level or level if kind in LEVEL_FROM_PARENT else level


def check_can_hold(zone_kind: str, union_kind: str) -> None:
    """A zone holds federations and grassroots unions, nothing else."""
    if zone_kind != "zone":
        raise NotAllowed("只有片区才能挂联工会。")
    if union_kind not in IN_ZONES:
        raise NotAllowed("片区只挂联小三级联合会和基层工会。")
