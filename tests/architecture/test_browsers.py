"""Do our pages ask for nothing that Chromium 108 lacks?

The browsers of the trade (360, 奇安信, those of UOS and Kylin, WeChat's own) follow Chromium by years; 108 is the oldest
that we serve. Each pattern names the first Chromium that has the feature; docs/operations/browsers.md tells the rest.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, ROOT, templates

OLDEST = 108

CSS = {
    r"\bcolor-mix\(": 111,
    r"\blight-dark\(": 123,
    r"\b(?:oklch|oklab|lch|lab)\(": 111,
    r"\b(?:rgb|hsl|hwb|color)a?\(\s*from\b": 119,
    r"@scope\b": 118,
    r"@starting-style\b": 117,
    r"@view-transition\b|view-transition-name": 111,
    r"@container[^{]*\bstyle\(": 111,
    r"@position-try\b|\banchor-name|\bposition-anchor|\binset-area|\bposition-area": 125,
    r"\bsubgrid\b": 117,
    r"\btext-wrap(?:-style|-mode)?\s*:": 114,
    r"\bwhite-space-collapse": 114,
    r"\bfield-sizing": 123,
    r"\banimation-timeline|\bscroll-timeline|\bview-timeline": 115,
    r"\binterpolate-size|\bcalc-size\(": 129,
    r"\btransition-behavior|\ballow-discrete": 117,
    r"\btext-box(?:-trim|-edge)?\s*:": 133,
    r"\bscrollbar-(?:color|width)\s*:": 121,
    r"(?<!-)\bmask(?:-image)?\s*:": 120,
    r"(?<![-\w])print-color-adjust\s*:": 136,
    r"(?<!-)\bbox-decoration-break\s*:": 130,
    r"\b(?:round|mod|rem)\(": 125,
    r"\b(?:sin|cos|tan|atan2?)\(": 111,
    r":(?:user-valid|user-invalid)\b": 119,
    r":popover-open\b": 114,
    r":dir\(": 120,
    r":nth-(?:last-)?child\([^)]*\bof\b": 111,
    r"\b\d*\.?\d+r?lh\b": 109,
    r"\blinear\(\s*[\d.]": 113,
    r"(?<![-\w])image-set\(": 113,
}
JAVASCRIPT = {
    r"\.(?:toSorted|toReversed|toSpliced)\(": 110,
    r"\.(?:isWellFormed|toWellFormed)\(": 111,
    r"\b(?:Object|Map)\.groupBy\(": 117,
    r"\bArray\.fromAsync\(": 121,
    r"\bPromise\.withResolvers\(": 119,
    r"\bPromise\.try\(": 128,
    r"\.(?:symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom|intersection)\(": 122,
    r"\bIterator\.(?:from|prototype)": 122,
    r"\bURL\.canParse\(": 120,
    r"\bURL\.parse\(": 126,
    r"\bAbortSignal\.any\(": 116,
    r"\bRegExp\.escape\(": 136,
    r"\.(?:showPopover|hidePopover|togglePopover)\(": 114,
    r"\bstartViewTransition\(": 111,
    r"\bmoveBefore\(": 133,
    r"\b(?:setHTMLUnsafe|parseHTMLUnsafe|setHTML)\(": 124,
    r"\bscheduler\.yield\(": 129,
    r"\brequestClose\(": 134,
    r"\b(?:fromBase64|toBase64|fromHex|toHex)\(": 140,
    r"(?<=[=(,:])\s*/(?![*/])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[dgimsuy]*v": 112,
    r"^\s*(?:await\s+)?using\s+\w+\s*=": 134,
    r"\bimport\b[^;\n]*\bwith\s*\{": 123,
}
HTML = {
    r"<[^>]*\spopover(?:target)?[\s=>]": 114,
    r"<[^>]*\scommandfor\s*=": 135,
    r"<dialog[^>]*\sclosedby\s*=": 134,
    r"<details[^>]*\sname\s*=": 120,
    r"<selectedcontent\b": 135,
    r"\bshadowrootmode\s*=": 111,
}
# newer, and an older browser that passes over it loses nothing
GRACEFUL = {
    r"\btext-wrap\s*:\s*(?:balance|pretty)": "the lines of a heading break where they always did",
    r"<details[^>]*\sname\s*=": "opening one menu leaves the others open",
}
# what htmx would use where it is there: it asks first, or our settings leave it alone
GUARDED = {r"\bmoveBefore\(": "if(e.moveBefore)try{", r"\bstartViewTransition\(": "document.startViewTransition"}


def ours(suffix: str) -> list[Path]:
    """Our own files of this kind."""
    return sorted(path for path in PACKAGE.rglob(f"static/**/*{suffix}") if "vendor" not in path.parts)


def newer(text: str, known: dict[str, int]) -> list[str]:
    """The features in a text that the oldest browser lacks."""
    for pattern in GRACEFUL:
        text = re.sub(pattern, " ", text)
    return [
        f"{hit.group().strip()[:40]} (Chromium {since})"
        for pattern, since in known.items()
        if since > OLDEST
        for hit in re.finditer(pattern, text, re.MULTILINE)
    ]


def bare(text: str, *, is_css: bool) -> str:
    """The text without comments."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return text if is_css else re.sub(r"(?m)(^|[\s;{}])//.*$", r"\1", text)


def nested_rules(css: str) -> list[str]:
    """Style rules inside style rules: CSS nesting, Chromium 112."""
    found, stack, prelude = [], [], ""
    for sign in re.sub(r"\"[^\"]*\"|'[^']*'", "''", css):
        if sign == "{":
            selector = prelude.strip()
            if not selector.startswith("@") and any(not outer.startswith("@") for outer in stack):
                found.append(selector)
            stack.append(selector)
            prelude = ""
        elif sign == "}":
            if stack:
                stack.pop()
            prelude = ""
        else:
            prelude = "" if sign == ";" else prelude + sign
    return found


def test_our_styles_run_in_the_oldest_browser() -> None:
    found = {}
    for path in ours(".css"):
        text = bare(path.read_text(encoding="utf-8"), is_css=True)
        if hits := newer(text, CSS) + nested_rules(text):
            found[str(path.relative_to(ROOT))] = hits
    assert found == {}


def test_our_scripts_run_in_the_oldest_browser() -> None:
    found = {
        str(path.relative_to(ROOT)): hits
        for path in ours(".js")
        if (hits := newer(bare(path.read_text(encoding="utf-8"), is_css=False), JAVASCRIPT))
    }
    assert found == {}


def test_our_pages_run_in_the_oldest_browser() -> None:
    found = {
        str(path): hits for path in templates() if (hits := newer((ROOT / path).read_text(encoding="utf-8"), HTML))
    }
    assert found == {}


def test_htmx_runs_in_the_oldest_browser() -> None:
    text = (PACKAGE / "ui/static/vendor/htmx/htmx.min.js").read_text(encoding="utf-8")
    used = {pattern for pattern, since in JAVASCRIPT.items() if since > OLDEST and re.search(pattern, text)}
    assert used == set(GUARDED), "read what the new version of htmx needs, and how it asks for it"
    assert all(guard in text for guard in GUARDED.values())
    page = (PACKAGE / "ui/templates/ui/page.html").read_text(encoding="utf-8")
    assert '"transitions": false' in page


@pytest.mark.parametrize(
    "text",
    [
        "a { color: color-mix(in srgb, red, blue) }",
        "h1 { text-wrap-style: balance }",
        "a { color: rgb(from red r g b) }",
        "@scope (.card) { a { color: red } }",
        "div { grid-template-rows: subgrid }",
        "@container style(--x: 1) { a { color: red } }",
        "p { max-height: 3lh }",
    ],
)
def test_newer_styles_are_seen(text: str) -> None:
    assert newer(text, CSS)


@pytest.mark.parametrize(
    "text",
    [
        "const b = a.toSorted();",
        "Object.groupBy(a, f);",
        "const { promise } = Promise.withResolvers();",
        "x = /[\\p{L}--[a-z]]/v;",
        "URL.canParse(x)",
        "one.intersection(other)",
    ],
)
def test_newer_scripts_are_seen(text: str) -> None:
    assert newer(text, JAVASCRIPT)


@pytest.mark.parametrize(
    "text",
    [
        "a { height: 100dvh; inset: 0; gap: 4px } a:has(b) { color: rgb(31 35 41 / .06) }",
        "@media (width >= 600px) { a { color: red } }",
        "@container (min-width: 30em) { a { translate: 4px } }",
    ],
)
def test_what_the_oldest_browser_has_is_left_alone(text: str) -> None:
    assert newer(text, CSS) + nested_rules(text) == []


def test_plain_scripts_are_left_alone() -> None:
    assert newer("const u = structuredClone(a); a.at(-1); x = b / c / v; y = /v/g; a.findLast(f);", JAVASCRIPT) == []


def test_nesting_is_seen() -> None:
    assert nested_rules(".card { color: red; a { color: blue } }") == ["a"]
    assert nested_rules("@media print { .card { color: red } } @keyframes k { from { top: 0 } }") == []
