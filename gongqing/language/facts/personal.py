"""Which characters of a text name a person's phone or identity card, and how does the text read without them?"""

from __future__ import annotations

import re

from gongqing.language.facts.spans import Evidence, evidence_at, narrow

_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d[ \-.,，·]?\d{4}[ \-.,，·]?\d{4})(?!\d)", re.ASCII)
_IDENTITY = re.compile(
    r"(?<!\d)\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)", re.ASCII
)


def phone_spans(text: str) -> list[Evidence]:
    """Every mobile number of the text (11 digits, with or without spaces, hyphens or points between)."""
    return [evidence_at(text, *match.span()) for match in _PHONE.finditer(narrow(text))]


def identity_spans(text: str) -> list[Evidence]:
    """Every 18-character identity number of the text with a possible birth date."""
    return [evidence_at(text, *match.span()) for match in _IDENTITY.finditer(narrow(text))]


def mask_personal(text: str) -> str:
    """The text with phones as `138****1234` and identity numbers as `330203********1234`; all else unchanged."""
    pieces: list[str] = []
    place = 0
    spans = [*((span, 3) for span in phone_spans(text)), *((span, 6) for span in identity_spans(text))]
    for span, kept in sorted(spans, key=lambda pair: pair[0].start):
        if span.start < place:
            continue
        bare = re.sub(r"[ \-.,，·]", "", span.words)
        pieces += [text[place : span.start], bare[:kept], "*" * (len(bare) - kept - 4), bare[-4:]]
        place = span.end
    return "".join([*pieces, text[place:]])
