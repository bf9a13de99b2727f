"""How is an address drawn as a QR code?"""

from __future__ import annotations

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def drawn(text: str, label: str) -> SafeString:
    """The text as an inline black and white QR code, its meaning in words for screen readers."""
    # made of numbers alone: the text stands in it as modules, never as characters
    shape = mark_safe(segno.make(text, error="m", micro=False).svg_inline(border=2, svgclass="segno", omitsize=True))  # noqa: S308
    return format_html('<span role="img" aria-label="{}">{}</span>', label, shape)
