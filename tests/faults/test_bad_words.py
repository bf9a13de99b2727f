"""Are hostile words taken as words at every door, shown as words on every page, and handed out as plain cells?"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import tidy_text
from gongqing.appeals.tests import sheets
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.models import Call
from gongqing.dispatch.tests.calls import BASE, body, post
from gongqing.lib import times
from tests.cast import Cast

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]

SAID = "厂里三个月没发工资，老板一直拖欠工资不给，请工会帮忙讨回来"
HOSTILE = {
    "signs": f"😀🧧 {SAID} 💰👨‍👩‍👧 ①½㎡",
    "controls": f"{SAID[:4]}\x00\x07\x1b\x7f{SAID[4:]}",
    "turning": f"{SAID}\u202e着倒\u2066写\u200f",
    "page": f"<script>alert(1)</script><img src=x onerror=alert(2)>\"'><b>{SAID}。{SAID}。{SAID}。",  # so that the reader is sure
    "template": f"{{{{ 7*1013 }}}} {{% debug %}} ${{7*1013}} %s %(x)s {{0}} {SAID}",
    "query": f"'; DROP TABLE appeals_appeal; -- \\ {SAID}",
    "equals": f'=HYPERLINK("http://x.invalid","{SAID}")',
    "plus": f"+1+1 {SAID}",
    "minus": f"-2+3|cmd {SAID}",
    "at": f"@SUM(A1) {SAID}",
    "tab": f"\t=1+1 {SAID}",
    "long": "长" * 19_900 + SAID,
}
FIRM = "=cmd|' /C calc'!A0<b>厂</b>"
CALLER = "13800000001"


def by_api(word: str, api_of: Callable[[str], Client], browser_of: Browser) -> None:
    answer = post(api_of("hotline"), BASE, body(word, employer=FIRM))
    assert answer.status_code == 201, answer.content.decode()


def by_phone_page(word: str, api_of: Callable[[str], Client], browser_of: Browser) -> None:
    given = {"external_id": "w-1", "text": word, "county": "330206", "town": "330206001", "employer": FIRM}
    assert browser_of("worker").post("/say", given).status_code == 302


def by_desk(word: str, api_of: Callable[[str], Client], browser_of: Browser) -> None:
    given = {"external_id": "d-1", "channel": "walk_in", "text": word, "region_code": "330206001", "employer": FIRM}
    answer = browser_of("town").post("/desk/new", {**given, "name": "周小满", "phone": "13800000031"})
    assert answer.status_code == 201


def by_seat(word: str, api_of: Callable[[str], Client], browser_of: Browser) -> None:
    seat = browser_of("hotline")
    seat.post("/desk/seat/calls", {"phone": CALLER})
    with scope.acting_as(SYSTEM):
        call = Call.objects.get()
    given = {"text": word, "place": "新碶", "hotline_kind": "ordinary", "employer": FIRM, "name": "周小满"}
    answer = seat.post(f"/desk/seat/calls/{call.pk}/appeal", given)
    assert answer.status_code == 302, answer.content.decode()[-2000:]


DOORS = {"api": by_api, "phone page": by_phone_page, "desk": by_desk, "seat": by_seat}


def only() -> Appeal:
    with scope.acting_as(SYSTEM):
        return Appeal.objects.get()


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
@pytest.mark.parametrize("word", HOSTILE.values(), ids=HOSTILE.keys())
def test_words_are_kept_as_said(
    door: Callable[..., None], word: str, cast: Cast, api_of: Callable[[str], Client], browser_of: Browser
) -> None:
    door(word, api_of, browser_of)
    appeal = only()
    assert appeal.text == tidy_text(word.replace("\n", "\r\n"))
    assert SAID[:3] in appeal.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", appeal.text + appeal.title)


@pytest.mark.parametrize("word", [HOSTILE["page"], HOSTILE["template"]], ids=["page", "template"])
def test_every_page_shows_words(
    word: str, cast: Cast, api_of: Callable[[str], Client], browser_of: Browser, run_jobs: Callable[[], int]
) -> None:
    by_phone_page(word, api_of, browser_of)
    code = only().code
    town, worker = browser_of("town"), browser_of("worker")
    town.post(f"/desk/appeals/{code}/steps/sign", {})
    town.post(f"/desk/appeals/{code}/steps/contact", {"note": word})
    town.post(f"/desk/appeals/{code}/steps/message", {"text": word})
    town.post(f"/desk/appeals/{code}/steps/resolve", {"result": word, "outcome": "settled"})
    run_jobs()
    seen = 0
    for client, paths in (
        (worker, [f"/a/{code}", "/mine", f"/sent/{code}"]),
        (town, [f"/desk/appeals/{code}", f"/desk/appeals/{code}?tab=clocks", "/desk/?view=done", "/desk/?view=all"]),
        (
            browser_of("city"),
            ["/desk/?view=all&q=工资", f"/desk/appeals/{code}", "/desk/supervision", "/desk/messages"],
        ),
        (browser_of("auditor"), [f"/desk/appeals/{code}", "/desk/trace"]),
    ):
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, path
            page = answer.content.decode()
            assert "<script>alert" not in page, path
            assert "<img src=x" not in page, path
            assert "<b>厂" not in page, path
            assert "7091" not in page or "{{ 7*1013 }}" in page or word != HOSTILE["template"], path
            seen += "&lt;script&gt;" in page or "{{ 7*1013 }}" in page
    assert seen >= 4


def formulas_in(book: bytes) -> list[str]:
    """The sheets of a workbook that hold a formula."""
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        names = [name for name in packed.namelist() if name.startswith("xl/worksheets/sheet")]
        return [
            name for name in names if re.search(rb"<f[ >]", packed.read(name)) or b"<hyperlink" in packed.read(name)
        ]


def cells_of(book: bytes) -> list[str]:
    read = CalamineWorkbook.from_filelike(io.BytesIO(book))
    return [str(cell) for name in read.sheet_names for row in read.get_sheet_by_name(name).to_python() for cell in row]


@pytest.mark.parametrize("word", ["equals", "plus", "minus", "at", "tab"])
def test_no_list_hands_out_a_formula(
    word: str, cast: Cast, api_of: Callable[[str], Client], browser_of: Browser
) -> None:
    by_desk(HOSTILE[word], api_of, browser_of)
    answer = browser_of("city").get("/desk/appeals.xlsx?view=all")
    assert answer.status_code == 200
    assert formulas_in(answer.content) == []
    found = cells_of(answer.content)
    assert any(tidy_text(HOSTILE[word])[:12] in cell for cell in found)
    assert FIRM in found


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_rejected_rows_come_back_without_a_formula(
    suffix: str, cast: Cast, browser_of: Browser, run_jobs: Callable[[], int]
) -> None:
    seat = browser_of("hotline")
    day = f"{times.now() - timedelta(days=1):%Y-%m-%d}"
    rows = [
        [f"={number}", "昨天", "@周", "", "", "", FIRM, HOSTILE["equals"].replace(",", "，"), "+厂", day]
        for number in (1, 2)
    ]
    file = SimpleUploadedFile("工单.csv", sheets.csv(rows))
    sent = seat.post("/desk/loads/new?kind=appeals", {"file": file, "source": "12345", "channel": "", "screening": ""})
    url = sent["Location"]
    seat.post(f"{url}/start")
    run_jobs()
    handed = seat.get(f"{url}/rejects.{suffix}").content
    if suffix == "xlsx":
        assert formulas_in(handed) == []
        assert any("HYPERLINK" in cell for cell in cells_of(handed))
        return
    lines = handed.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    for cell in re.findall(r'(?:^|,)"?([^",]+)', "\n".join(lines), re.MULTILINE):
        assert not cell.startswith(("=", "+", "-", "@")), cell


def test_a_letter_holds_words_not_marks(cast: Cast, api_of: Callable[[str], Client], browser_of: Browser) -> None:
    by_desk(HOSTILE["page"] + " & {{ 7*1013 }}", api_of, browser_of)
    code, town = only().code, browser_of("town")
    town.post(f"/desk/appeals/{code}/steps/sign", {})
    issued = town.post(f"/desk/appeals/{code}/letters/acceptance", {"issue": "1"})
    assert issued.status_code == 302, re.findall(r"<p>.*?</p>", issued.content.decode())
    page = town.get(f"/desk/appeals/{code}?tab=letters").content.decode()
    link = re.search(rf'/desk/appeals/{code}/letters/\d+[^"]*', page)
    assert link, "no letter to take"
    letter = town.get(link[0]).content
    with zipfile.ZipFile(io.BytesIO(letter)) as packed:
        tree = ElementTree.fromstring(packed.read("word/document.xml"))  # noqa: S314  # our own
    words = "".join(tree.itertext())
    assert code in words.replace(" ", "")
    assert "49" not in words or "7*1013" in words
