"""What is wrong with the chain of one subject: which step was taken out, put in, or moved?

Pure: told the rows and the head, it answers in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple


class Link(NamedTuple):
    """One row of a chain, without its content."""

    id: int
    at: datetime
    kind: str
    previous: str
    digest: str


class Fault(NamedTuple):
    """What was found, at which row; None where the row itself is gone."""

    link: Link | None
    said: str


def chain_faults(links: Sequence[Link], head: tuple[int, str] | None) -> list[Fault]:
    """Everything that does not fit, for rows in the order of their numbers; empty when the chain is whole.

    Args:
        head: how long the chain should be and how it should end; None when there is no such row.
    """
    if head is not None and _is_whole(links, head):
        return []
    if not links:
        return [Fault(None, f"{head[0]} 步全部被删除")] if head and head[0] else []
    by_digest = {link.digest: link for link in links}
    faults, end = _end_of(links, head, by_digest)
    walked, broken = _walk_back(links, end, by_digest)
    faults += broken
    for earlier, later in pairwise(walked):
        if earlier.id > later.id:
            faults.append(Fault(earlier, f"顺序被调换，应在编号 {later.id} 之前"))
    on_chain = {link.id for link in walked}
    faults += [Fault(link, "不在链上：是后来插入的，或者链尾被改动") for link in links if link.id not in on_chain]
    if not faults and head is not None:
        faults.append(Fault(None, f"链尾记录被改动：记为 {head[0]} 步，链上有 {len(walked)} 步"))
    return faults


def _is_whole(links: Sequence[Link], head: tuple[int, str]) -> bool:
    last = ""
    for link in links:
        if link.previous != last:
            return False
        last = link.digest
    return head == (len(links), last)


def _end_of(
    links: Sequence[Link], head: tuple[int, str] | None, by_digest: dict[str, Link]
) -> tuple[list[Fault], Link]:
    if head is None:
        return [Fault(None, "链尾记录被删除")], links[-1]
    length, digest = head
    if digest in by_digest:
        return [], by_digest[digest]
    if length > len(links):
        return [Fault(None, f"末尾的 {length - len(links)} 步被删除：应有 {length} 步，现有 {len(links)} 步")], links[
            -1
        ]
    return [Fault(None, f"链尾记录被改动，或末尾的一步被换掉：应有 {length} 步，现有 {len(links)} 步")], links[-1]


def _walk_back(links: Sequence[Link], end: Link, by_digest: dict[str, Link]) -> tuple[list[Link], list[Fault]]:
    """The chain from its end back to its first step, over every gap, and the gaps."""
    walked, seen, faults = [end], {end.id}, []
    current = end
    while current.previous:
        before = by_digest.get(current.previous)
        if before is None or before.id in seen:
            faults.append(Fault(current, "前面的一步被删除或改动"))
            rest = [link for link in links if link.id < current.id and link.id not in seen]
            if not rest:
                break
            before = rest[-1]
        walked.append(before)
        seen.add(before.id)
        current = before
    return walked[::-1], faults
