"""Is the trace whole, when was it looked at and sealed, and how is what was found said?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gongqing.appeals.models import Appeal
from gongqing.audit import scope, verification
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import DailySeal, Event
from gongqing.audit.verification import Finding, Report
from gongqing.insight.rules.trace_words import KIND_WORDS, SUBJECT_WORDS
from gongqing.lib import crypto
from gongqing.lib.errors import NotFound
from gongqing.lib.times import local
from gongqing.registry.models import sealing

VERIFIED = "trace.verified"
PART_WORDS = {"event": "留痕", "look": "查阅记录", "chain": "留痕链", "seal": "每日封存"}
SEAL_TITLES = (
    *("日期", "封存时间", "留痕到编号", "查阅记录到编号", "留痕行数", "查阅记录行数"),
    *("上一次封存值", "封存值", "签名"),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """The last time that the whole trace was looked at, and how many faults there were."""

    at: datetime
    fault_count: int


def secret() -> bytes:
    """The key that signs the seals: of this installation's key ring, for this use alone.

    Raises:
        OSError, ValueError: there is no key file, or it is none.
    """
    return crypto.keyed_digest(sealing.ring().index, b"gongqing/trace.seal").encode()


def report_on(*, since: date | None = None, code: str = "") -> Report:
    """Look at the whole trace, from a day on, or at one appeal; unsigned where the key file is missing.

    Raises:
        NotFound: no appeal has this code.
    """
    if code:
        with scope.acting_as(SYSTEM):
            return verification.verify_subject("appeal", _number_of(code))
    try:
        key = secret()
    except (OSError, ValueError):
        key = None
    return verification.verify_trace(secret=key, since=since)


def lines_of(findings: Sequence[Finding]) -> Iterator[str]:
    """Each finding in a line: which part, which row, of what, when, and what is wrong."""
    with scope.acting_as(SYSTEM):
        numbers = {one.subject_id for one in findings if one.subject_kind == "appeal" and one.subject_id is not None}
        codes = dict(Appeal.objects.filter(pk__in=numbers).values_list("pk", "code"))
    for one in findings:
        yield f"{PART_WORDS[one.part]}{_row(one)}{_subject(one, codes)}：{one.said}"


def last_seal() -> DailySeal | None:
    """The newest seal."""
    with scope.acting_as(SYSTEM):
        return DailySeal.objects.order_by("-day").first()


def seal_rows() -> list[list[str]]:
    """Every seal as a row of text under `SEAL_TITLES`, oldest first."""
    with scope.acting_as(SYSTEM):
        return [
            [
                seal.day.isoformat(),
                local(seal.made_at).isoformat(timespec="seconds"),
                *map(str, (seal.last_event_id, seal.last_access_id, seal.event_count, seal.access_count)),
                seal.previous_digest,
                seal.digest,
                seal.signature,
            ]
            for seal in DailySeal.objects.order_by("day")
        ]


def last_check() -> Checked | None:
    """When the whole trace was last looked at; the caller's scope must reach the events."""
    found = Event.objects.filter(kind=VERIFIED).order_by("-at").values_list("at", "data").first()
    return Checked(found[0], found[1].get("faults", 0)) if found else None


def _number_of(code: str) -> int:
    number = Appeal.objects.filter(code=code).values_list("pk", flat=True).first()
    if number is None:
        raise NotFound("没有这个编号的诉求。")
    return number


def _row(one: Finding) -> str:
    when = f" {local(one.at):%Y-%m-%d %H:%M:%S}" if one.at else ""
    kind = f" {KIND_WORDS.get(one.kind, one.kind)}" if one.kind else ""
    number = f" 编号 {one.id}" if one.id is not None else ""
    return f" {one.day}{number}" if one.day else f"{number}{when}{kind}"


def _subject(one: Finding, codes: dict[int, str]) -> str:
    if not one.subject_kind:
        return ""
    name = SUBJECT_WORDS.get(one.subject_kind, one.subject_kind)
    return f"（{codes.get(one.subject_id or 0) or f'{name} {one.subject_id}'}）"
