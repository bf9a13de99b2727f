"""Who answers what people ask about their own data, and how does the notice read?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import NotPermitted

ANSWER_WITHIN = 15  # working days; 个人信息保护法 第50条 asks for a convenient and timely answer


def check_answers_data_requests(by: Actor) -> None:
    """What people ask about their own data is answered by the city's supervisors: administrators see no such data.

    Raises:
        NotPermitted.
    """
    if by.role is not Role.CITY_SUPERVISOR:
        raise NotPermitted("个人信息请求由市级派单督办岗位答复；系统管理员不看个人信息。")


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the notice: `title`, `heading`, `line` or a `list` of points."""

    kind: str
    text: str = ""
    points: tuple[str, ...] = ()


def blocks_of(text: str, values: Mapping[str, str]) -> list[Block]:
    """The notice as parts of a page: `# ` begins the title, `## ` a heading, `- ` a point; all else is a line.

    Args:
        values: what stands in places such as `{union}`; a place without a value is left as it is.
    """
    for place, value in values.items():
        text = text.replace(f"{{{place}}}", value)
    blocks: list[Block] = []
    for line in filter(None, (each.strip() for each in text.splitlines())):
        if line.startswith("- "):
            earlier = blocks.pop().points if blocks and blocks[-1].kind == "list" else ()
            blocks.append(Block("list", points=(*earlier, line[2:].strip())))
        elif line.startswith("#"):
            blocks.append(Block("heading" if line.startswith("##") else "title", line.lstrip("#").strip()))
        else:
            blocks.append(Block("line", line))
    return blocks
