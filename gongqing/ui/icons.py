"""Which strokes make each icon?

Every icon is drawn in a 24 × 24 box with the stroke of its text; a word always stands beside it.
"""

from __future__ import annotations

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

# Shapes are ours and contain no outside text, so they may be marked safe.
_STROKES: dict[str, str] = {
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "chevron": '<path d="M9 5l7 7-7 7"/>',
    "down": '<path d="M6 9l6 6 6-6"/>',
    "up": '<path d="M6 15l6-6 6 6"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 018 0v3"/>',
    "eye": '<path d="M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12z"/><circle cx="12" cy="12" r="2.8"/>',
    "phone": '<path d="M6 3h3l1.5 5-2 1.5a12 12 0 006 6l1.5-2 5 1.5v3a2 2 0 01-2 2A16 16 0 014 5a2 2 0 012-2z"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l5 5"/>',
    "pin": '<path d="M12 21s-6.5-6-6.5-11a6.5 6.5 0 0113 0c0 5-6.5 11-6.5 11z"/><circle cx="12" cy="10" r="2.3"/>',
    "mic": '<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5 11a7 7 0 0014 0M12 18v3"/>',
    "camera": (
        '<rect x="3" y="6" width="18" height="14" rx="2"/><circle cx="12" cy="13" r="3.5"/>'
        '<path d="M8 6l1.5-2.5h5L16 6"/>'
    ),
    "list": '<path d="M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01"/>',
    "home": '<path d="M4 11l8-7 8 7v8a1 1 0 01-1 1h-4v-6H9v6H5a1 1 0 01-1-1z"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4 21c.6-4.5 4-7 8-7s7.4 2.5 8 7"/>',
    "people": (
        '<circle cx="9" cy="8" r="3.5"/>'
        '<path d="M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 5a3.5 3.5 0 010 6.5M18 14.5c2 .8 3.2 2.6 3.5 5.5"/>'
    ),
    "check": '<path d="M5 12.5l4.5 4.5L19 7"/>',
    "cross": '<path d="M6 6l12 12M18 6L6 18"/>',
    "cloud-off": '<path d="M4 4l16 16M8 7a6 6 0 0110 3 4 4 0 012 6.5M6 10a4 4 0 00.5 8H16"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "file": '<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"/>',
    "clip": (
        '<path d="M19 11l-7.5 7.5a4.5 4.5 0 01-6.4-6.4L13 4.3a3 3 0 014.2 4.2l-7.6 7.6"/>'
        '<path d="M9.6 16.1a1.5 1.5 0 01-2.1-2.1L14 7.5"/>'
    ),
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "bell": '<path d="M6 17V11a6 6 0 0112 0v6l1.5 2h-15zM10 21.5h4"/>',
    "warn": '<path d="M12 4l9 16H3zM12 10v4.5M12 17.3h.01"/>',
    "note": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.8h.01"/>',
    "message": '<path d="M4 5h16v11H10l-4 4v-4H4z"/>',
    "pen": '<path d="M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19zM14 6.5l3.5 3.5"/>',
    "undo": '<path d="M9 7L4 12l5 5M4 12h11a5 5 0 010 10h-2"/>',
    "pause": '<path d="M9 5v14M15 5v14"/>',
    "share": '<path d="M12 15V3M8 7l4-4 4 4M5 13v7h14v-7"/>',
    "down-to": '<path d="M12 3v12M8 11l4 4 4-4M5 20h14"/>',
    "calendar": '<rect x="4" y="5.5" width="16" height="15" rx="2"/><path d="M4 10h16M8.5 3v4M15.5 3v4"/>',
    "building": '<path d="M5 21V4h9v17M14 9h5v12M3 21h18M8 8h3M8 12h3M8 16h3"/>',
    "star": '<path d="M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.9-5.2 2.9 1-5.9-4.3-4.1 5.9-.8z"/>',
    "key": '<circle cx="8" cy="15" r="4.5"/><path d="M11.5 12L20 3.5M16 7.5l3 3"/>',
    "out": '<path d="M14 4H5v16h9M10 12h11M17 8l4 4-4 4"/>',
}
_MARK = mark_safe(
    '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><rect width="24" height="24" rx="5"/>'
    '<path d="M6.5 7.5h11M12 7.5v9M5 17h14"/></svg>'
)


def names() -> list[str]:
    """Every icon there is, in alphabetical order."""
    return sorted([*_STROKES, "mark"])


@lru_cache(maxsize=512)
def drawn(name: str, extra_class: str = "") -> SafeString:
    """The icon as inline SVG, hidden from screen readers; `mark` is the emblem.

    Raises:
        KeyError: there is no such icon.
    """
    if name == "mark":
        return _MARK
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        f" {extra_class}" if extra_class else "",
        mark_safe(_STROKES[name]),  # noqa: S308
    )
