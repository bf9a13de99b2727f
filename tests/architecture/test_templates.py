"""Are the pages free of inline code, and in Chinese?"""

from __future__ import annotations

import re

from tests.architecture.sources import ROOT, templates

INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|<style\b|\sstyle\s*=|\son[a-z]+\s*=", re.I
)
TAGS = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", re.S)
SEEN = re.compile(r"\b(?:title|alt|placeholder|aria-label|aria-description|content)=\"([^\"]*)\"")
SENTENCE = re.compile(r"[A-Za-z]{2,}(?:[ ,]+[A-Za-z]{2,}){2,}")
META = re.compile(r"<meta\b[^>]*>", re.I)


def test_no_inline_scripts_or_styles() -> None:
    found = [
        f"{path}:{text[: hit.start()].count(chr(10)) + 1} {hit.group().strip()}"
        for path in templates()
        for text in [TAGS.sub(_blank, (ROOT / path).read_text(encoding="utf-8"))]
        for hit in INLINE.finditer(text)
    ]
    assert found == [], "the content security policy refuses inline code"


def test_pages_speak_chinese() -> None:
    found = []
    for path in templates():
        text = META.sub("", TAGS.sub(" ", (ROOT / path).read_text(encoding="utf-8")))
        spoken = [*SEEN.findall(text), re.sub(r"<[^>]*>", "\n", text)]
        found += [f"{path} {hit.group()!r}" for part in spoken for hit in SENTENCE.finditer(part)]
    assert found == []


def _blank(hit: re.Match[str]) -> str:
    return "\n" * hit.group().count("\n")
