"""Was anything in the trace changed, removed, put in or moved, and what?

Every row is computed again, every chain followed to its head, every seal compared block by block, at steady memory.
What comes after the last seal is held by the chains and their heads alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from gongqing.audit import rows, rules, scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.links import Link, chain_faults
from gongqing.audit.models import DailySeal, Event
from gongqing.audit.seals import SEALED
from gongqing.lib import crypto

ERASED = "trace.erased"
MOST_KEPT = 1_000
SUBJECTS_AT_ONCE = 5_000
GAPS_NAMED = 10
_CHAINS = """
SELECT coalesce(h.subject_id, e.subject_id), h.length, h.digest, e.id, e.at, e.kind, e.previous_digest, e.digest
FROM (SELECT subject_id, length, digest FROM audit_chainhead
      WHERE subject_kind = %(kind)s AND subject_id >= %(first)s AND subject_id < %(last)s) h
FULL JOIN (SELECT subject_id, id, at, kind, previous_digest, digest FROM audit_event
           WHERE subject_kind = %(kind)s AND subject_id >= %(first)s AND subject_id < %(last)s) e
  ON e.subject_id = h.subject_id
ORDER BY 1, e.id
"""
_ENDS = """
SELECT least((SELECT min(subject_id) FROM audit_event WHERE subject_kind = %(kind)s),
             (SELECT min(subject_id) FROM audit_chainhead WHERE subject_kind = %(kind)s)),
       greatest((SELECT max(subject_id) FROM audit_event WHERE subject_kind = %(kind)s),
                (SELECT max(subject_id) FROM audit_chainhead WHERE subject_kind = %(kind)s))
"""
# what was erased at a moment at which nobody said so
_SILENT = """
SELECT e.id, e.at, e.kind, e.subject_kind, e.subject_id FROM {table} e
WHERE e.erased_at IS NOT NULL AND NOT EXISTS
  (SELECT 1 FROM audit_event r WHERE r.kind = %s AND r.at = e.erased_at)
ORDER BY e.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        part: `event`, `look`, `chain` or `seal`.
        id: number of the row; None where it is gone.
        day: of the seal.
        said: what is wrong, in words.
    """

    part: str
    said: str
    id: int | None = None
    at: datetime | None = None
    kind: str = ""
    subject_kind: str = ""
    subject_id: int | None = None
    day: date | None = None


@dataclass(slots=True)
class Report:
    """What was looked at, and what was found.

    Attributes:
        findings: the first thousand.
        fault_count: all of them.
        sealed_until: day of the newest seal.
        is_signed: whether the signatures were checked.
    """

    event_count: int = 0
    look_count: int = 0
    chain_count: int = 0
    seal_count: int = 0
    fault_count: int = 0
    sealed_until: date | None = None
    is_signed: bool = True
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return self.fault_count == 0

    def add(self, finding: Finding) -> None:
        """Count a fault, and keep it while there is room."""
        self.fault_count += 1
        if len(self.findings) < MOST_KEPT:
            self.findings.append(finding)


def verify_trace(*, secret: bytes | None, since: date | None = None) -> Report:
    """Look at the whole trace, or at what was sealed on that day or later, or not yet.

    Args:
        secret: the key of the signatures; None leaves them unchecked.
    """
    report = Report(is_signed=secret is not None)
    with scope.acting_as(SYSTEM):
        seals = list(DailySeal.objects.order_by("day"))
        _check_seals(report, seals, secret)
        past = [seal for seal in seals if since is not None and seal.day < since]
        start, later = (past[-1] if past else None), seals[len(past) :]
        loose = {seal.pk for before, seal in zip([None, *seals], seals, strict=False) if not _follows(before, seal)}
        after_event, after_look = (start.last_event_id, start.last_access_id) if start else (0, 0)
        events = rows.event_rows(after=after_event)
        report.event_count = _check_rows(report, "event", events, _expected(later, "events", loose))
        looks = rows.look_rows(after=after_look)
        report.look_count = _check_rows(report, "look", looks, _expected(later, "looks", loose))
        for kind in sorted(rules.CHAINED):
            report.chain_count += _check_chains(report, kind, changed_after=after_event)
        _check_erased(report)
    return report


def verify_subject(subject_kind: str, subject_id: int) -> Report:
    """Look at the chain, the events and the looks of one thing; the caller's scope must reach them."""
    report = Report()
    newest = DailySeal.objects.order_by("-day").first()
    report.sealed_until = newest.day if newest else None
    found = rows.events_about(subject_kind, subject_id)
    report.event_count = _check_rows(report, "event", found, ())
    report.look_count = _check_rows(report, "look", rows.looks_about(subject_kind, subject_id), ())
    if subject_kind in rules.CHAINED:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT length, digest FROM audit_chainhead WHERE subject_kind = %s AND subject_id = %s",
                [subject_kind, subject_id],
            )
            head = cursor.fetchone()
        links = [Link(row.id, row.at, row.kind, row.previous_digest, row.digest) for row in found]
        _add_chain(report, subject_kind, subject_id, links, head)
        report.chain_count = 1
    return report


@dataclass(frozen=True, slots=True)
class _Block:
    """What a seal says of some rows; `digest` is empty where it says that there are none."""

    day: date
    first: int
    last: int
    count: int
    digest: str
    is_loose: bool


def _expected(seals: Sequence[DailySeal], part: str, loose: set[int]) -> Iterator[_Block]:
    for seal in seals:
        end = seal.last_event_id if part == "events" else seal.last_access_id
        blocks = seal.blocks.get(part, [])
        for place, (first, last, count, digest) in enumerate(blocks):
            yield _Block(seal.day, first, last, count, digest, is_loose=place == 0 and seal.pk in loose)
        if not blocks or blocks[-1][1] < end:
            yield _Block(seal.day, blocks[-1][1] + 1 if blocks else 0, end, 0, "", is_loose=seal.pk in loose)


def _check_rows(report: Report, part: str, found: Iterable[rows.Row], blocks: Iterable[_Block]) -> int:
    """Compute every row again, and compare what the seals say of it; answers how many rows there were."""
    count, pending = 0, iter(blocks)
    block = next(pending, None)
    held: list[tuple[int, str]] = []
    for row in found:
        count += 1
        while block is not None and row.id > block.last:
            _check_block(report, part, block, held)
            block, held = next(pending, None), []
        if block is not None and not (block.is_loose and row.id < block.first):
            held.append((row.id, row.digest))
        if said := rows.fault_of(row):
            report.add(Finding(part, said, row.id, row.at, row.kind, row.subject_kind, row.subject_id))
    while block is not None:
        _check_block(report, part, block, held)
        block, held = next(pending, None), []
    return count


def _check_block(report: Report, part: str, block: _Block, held: list[tuple[int, str]]) -> None:
    if len(held) == block.count and (not held or rules.block_of(held)[3] == block.digest):
        return
    where = f"编号 {block.first}—{block.last}" if block.first < block.last else f"编号 {block.last}"
    word = "留痕" if part == "event" else "查阅记录"
    if len(held) < block.count:
        numbers = {number for number, _ in held}
        gaps = [number for number in range(block.first, block.last + 1) if number not in numbers]
        said = f"{word}{where} 封存时 {block.count} 行，少了 {_missing(gaps, block.count - len(held))}"
    elif len(held) > block.count:
        said = f"{word}{where} 封存时 {block.count} 行，多了 {len(held) - block.count} 行"
    else:
        said = f"{word}{where} 的 {block.count} 行里有被改动或调换的"
    report.add(Finding("seal", said, day=block.day))


def _missing(gaps: Sequence[int], count: int) -> str:
    """How many rows are missing, and which: all the empty numbers, or some of them that the seal does not tell apart.

    A transaction that was taken back leaves its numbers empty for good; the seal has counted without them.
    """
    named = f"{'、'.join(map(str, gaps[:GAPS_NAMED]))}{'等' if len(gaps) > GAPS_NAMED else ''}"
    natural = len(gaps) - count
    if not natural:
        return f"{count} 行，现在空着的编号：{named}"
    if len(gaps) > GAPS_NAMED:
        return f"{count} 行（另有 {natural} 个编号封存时就空着，不是少的）"
    return f"{count} 行，在空着的编号 {named} 之中（其余 {natural} 个封存时就空着，不是少的）"


def _check_chains(report: Report, kind: str, *, changed_after: int) -> int:
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(_ENDS, {"kind": kind})
        first, last = cursor.fetchone()
        if first is None:
            return 0
        for start in range(first, last + 1, SUBJECTS_AT_ONCE):
            cursor.execute(_CHAINS, {"kind": kind, "first": start, "last": start + SUBJECTS_AT_ONCE})
            for subject_id, head, links in _by_subject(cursor.fetchall()):
                if links and links[-1].id <= changed_after and head is not None:
                    continue
                count += 1
                _add_chain(report, kind, subject_id, links, head)
    return count


def _by_subject(found: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, tuple[int, str] | None, list[Link]]]:
    current: int | None = None
    head: tuple[int, str] | None = None
    links: list[Link] = []
    for subject_id, length, digest, *link in found:
        if subject_id != current:
            if current is not None:
                yield current, head, links
            current, head, links = subject_id, None if length is None else (length, digest), []
        if link[0] is not None:
            links.append(Link(*link))
    if current is not None:
        yield current, head, links


def _add_chain(report: Report, kind: str, subject_id: int, links: Sequence[Link], head: tuple[int, str] | None) -> None:
    for link, said in chain_faults(links, head):
        report.add(
            Finding(
                "chain",
                said,
                id=link.id if link else None,
                at=link.at if link else None,
                kind=link.kind if link else "",
                subject_kind=kind,
                subject_id=subject_id,
            )
        )


def _check_erased(report: Report) -> None:
    with connection.cursor() as cursor:
        for part, table in (("event", "audit_event"), ("look", "audit_accesslog")):
            cursor.execute(_SILENT.format(table=table), [ERASED, MOST_KEPT])
            for row in cursor.fetchall():
                report.add(Finding(part, "文字被抹去，没有去除个人信息的记录", *row))


def _check_seals(report: Report, seals: Sequence[DailySeal], secret: bytes | None) -> None:
    report.seal_count = len(seals)
    report.sealed_until = seals[-1].day if seals else None
    for before, seal in zip([None, *seals], seals, strict=False):
        if seal.digest != crypto.digest(seal.canonical()) or seal.root != _root_of(seal):
            report.add(Finding("seal", "封存被改动", day=seal.day))
        elif secret is not None and seal.signature != rules.signature_of(secret, seal.digest):
            report.add(Finding("seal", "封存的签名不对：不是本平台的密钥所签", day=seal.day))
        if not _follows(before, seal):
            report.add(Finding("seal", "前一次封存被删除或改动", day=seal.day))
    known = {seal.digest for seal in seals}
    for event in Event.objects.filter(kind=SEALED).order_by("id").iterator():
        if event.data.get("digest") not in known:
            said = "封存被删除或改动：留痕里记有这次封存，封存表里没有"
            report.add(Finding("seal", said, event.pk, event.at, event.kind, day=_day(event.data.get("day"))))


def _follows(before: DailySeal | None, seal: DailySeal) -> bool:
    return seal.previous_digest == (before.digest if before else "")


def _root_of(seal: DailySeal) -> str:
    return rules.root_of(seal.blocks.get("events", []), seal.blocks.get("looks", []))


def _day(written: object) -> date | None:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None
