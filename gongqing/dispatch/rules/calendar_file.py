"""How are shifts written for a phone's calendar (RFC 5545)?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST_LINE = 75  # octets, RFC 5545 3.1


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a calendar; `uid` stays the same when it is written again."""

    uid: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime


def calendar_text(entries: Sequence[Entry], *, name: str, at: datetime) -> str:
    """The file: CRLF at the end of each line, long lines folded, moments in UTC."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Gongqing//duty roster//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_plain(name)}",
    ]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.uid}",
            f"DTSTAMP:{_moment(at)}",
            f"DTSTART:{_moment(entry.starts_at)}",
            f"DTEND:{_moment(entry.ends_at)}",
            f"SUMMARY:{_plain(entry.title)}",
            f"LOCATION:{_plain(entry.place)}",
            "END:VEVENT",
        ]
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _folded(line))


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _plain(text: str) -> str:
    kept = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return kept.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """The line in pieces of at most 75 octets, never cut within a character; each but the first begins with a blank."""
    pieces, piece = [], ""
    for sign in line:
        if len((piece + sign).encode()) > LONGEST_LINE:
            pieces.append(piece)
            piece = " "
        piece += sign
    return [*pieces, piece]
