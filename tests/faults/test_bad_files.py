"""What becomes of files that are broken, lie about what they are, or grow when they are opened?

At every door that takes one. Each is refused in Chinese at its field, and nothing of it, nor of the appeal that brought
it, is kept; or it is taken without what was hidden in it.
"""

from __future__ import annotations

import io
import resource
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from gongqing.appeals.actions.additions import file_path, keep_content
from gongqing.appeals.models import Appeal, Attachment
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.tests.calls import BASE, created
from gongqing.lib import crypto
from gongqing.lib.errors import BadInput
from gongqing.lib.sheets import read_sheets
from gongqing.registry.models import Load, sealed_files
from gongqing.registry.models.loads import FILE
from tests.cast import Cast

Browser = Callable[[str], Client]
WAGES = "厂里三个月没发工资，老板一直拖欠工资不给，请工会帮忙讨回来"
MIB = 1024 * 1024


def drawn(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    """A small picture."""
    kept = io.BytesIO()
    Image.new("RGB", size, "red").save(kept, kind)
    return kept.getvalue()


def bomb_of_pixels() -> bytes:
    """A picture of 30,000 × 30,000 points in a hundred kilobytes: 2.7 GB when it is drawn."""

    def part(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    side = 30_000
    packed = zlib.compress(b"\x00" * (side // 8 + 1) * 2_000, 9)
    head = part(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + part(b"IDAT", packed) + part(b"IEND", b"")


def zipped(**members: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return kept.getvalue()


REFUSED = {
    "nothing": ("空.png", lambda: b"", "空"),
    "a program": ("工资条.pdf", lambda: b"MZ\x90\x00" + b"0" * 500, "只能上传"),
    "a page": ("照片.jpg", lambda: b"<html><script>alert(1)</script></html>", "只能上传"),
    "a drawing with a script": ("照片.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "只能上传"),
    "an archive": ("材料.docx", lambda: zipped(a=b"0" * 100), "只能上传"),
    "archives in archives": ("材料.xlsx", lambda: zipped(a=zipped(b=zipped(c=b"0" * MIB))), "只能上传"),
    "half a picture": ("照片.png", lambda: drawn("PNG", (400, 300))[:200], "打不开"),
    "a picture of two gigabytes": ("照片.png", bomb_of_pixels, "像素太大|打不开"),
    "fifty megabytes": ("录音.mp3", lambda: b"ID3\x03" + b"0" * (50 * MIB), "太大"),
}  # fmt: skip


def by_api(file: SimpleUploadedFile, api_of: Browser, browser_of: Browser, code: str) -> tuple[int, str]:
    answer = api_of("hotline").post(f"{BASE}/{code}/attachments", {"file": file})
    return answer.status_code, answer.content.decode()


def by_phone_page(file: SimpleUploadedFile, api_of: Browser, browser_of: Browser, code: str) -> tuple[int, str]:
    given = {"external_id": "p-1", "text": WAGES, "county": "330206", "town": "330206001", "photos": [file]}
    answer = browser_of("worker").post("/say", given)
    return answer.status_code, answer.content.decode()


def by_desk(file: SimpleUploadedFile, api_of: Browser, browser_of: Browser, code: str) -> tuple[int, str]:
    given = {"external_id": "d-1", "channel": "walk_in", "text": WAGES, "region_code": "330206001", "photos": [file]}
    answer = browser_of("town").post("/desk/new", given)
    return answer.status_code, answer.content.decode()


def by_case(file: SimpleUploadedFile, api_of: Browser, browser_of: Browser, code: str) -> tuple[int, str]:
    answer = browser_of("town").post(f"/desk/appeals/{code}/steps/attach", {"file": file})
    return answer.status_code, answer.content.decode()


DOORS = {"api": by_api, "phone page": by_phone_page, "desk": by_desk, "case page": by_case}


@pytest.fixture
def code(cast: Cast, api_of: Browser) -> str:
    """An appeal at the town."""
    return str(created(api_of("hotline"))["code"])


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
@pytest.mark.parametrize(("name", "make", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_is_refused_and_nothing_kept(
    door: Callable[..., tuple[int, str]],
    name: str,
    make: Callable[[], bytes],
    said: str,
    code: str,
    api_of: Browser,
    browser_of: Browser,
) -> None:
    status, page = door(SimpleUploadedFile(name, make()), api_of, browser_of, code)
    assert status == 422, page[-500:]
    assert any(word in page for word in said.split("|")), page[-500:]
    with scope.acting_as(SYSTEM):
        assert not Attachment.objects.exists()
        assert Appeal.objects.count() == 1


@pytest.mark.django_db
def test_what_is_hidden_in_a_picture_is_gone(code: str, api_of: Browser, browser_of: Browser) -> None:
    hidden = b"<script>alert(1)</script>PK\x03\x04 secret \x00"
    for kind in ("PNG", "GIF", "JPEG", "WEBP"):
        file = SimpleUploadedFile(f"照片.{kind.lower()}", drawn(kind, (40, 30 + len(kind))) + hidden)
        assert by_api(file, api_of, browser_of, code)[0] == 200
    with scope.acting_as(SYSTEM):
        kept = list(Attachment.objects.all())
    assert {one.media_type for one in kept} == {"image/jpeg"}
    for one in kept:
        content = file_path(one.digest).read_bytes()
        assert b"script" not in content
        assert b"secret" not in content
        with Image.open(io.BytesIO(content)) as image:
            assert image.width == 40


@pytest.mark.django_db
def test_a_paper_with_a_page_in_it_is_never_run(code: str, api_of: Browser, browser_of: Browser) -> None:
    both = b"%PDF-1.4\n<html><script>alert(1)</script></html>\n%%EOF\n"
    assert by_api(SimpleUploadedFile("../../etc/<b>x</b>\r\n.pdf", both), api_of, browser_of, code)[0] == 200
    with scope.acting_as(SYSTEM):
        (kept,) = Attachment.objects.all()
    assert "/" not in kept.name
    assert "\n" not in kept.name
    for client, path in (
        (api_of("town"), f"{BASE}/{code}/attachments/{kept.pk}"),
        (browser_of("town"), f"/desk/appeals/{code}/files/{kept.pk}"),
    ):
        answer = client.get(path)
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]


def book(sheet: bytes, **more: bytes) -> bytes:
    """The least that a reader takes for an Excel file."""
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    return zipped(
        **{
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": links
            + b'<Relationship Id="r1" Type="%s/officeDocument" Target="xl/workbook.xml"/></Relationships>' % office,
            "xl/workbook.xml": b'<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="S" sheetId="1" r:id="r1"/>'
            b"</sheets></workbook>" % (main, office),
            "xl/_rels/workbook.xml.rels": links
            + b'<Relationship Id="r1" Type="%s/worksheet" Target="worksheets/sheet1.xml"/></Relationships>' % office,
            "xl/worksheets/sheet1.xml": b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (main, sheet),
            **more,
        }
    )


def cell(place: str, text: str = "a") -> bytes:
    return f'<row r="{place.strip("ABCDEFGX")}"><c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>'.encode()


@cache
def lying() -> bytes:
    """A file whose list of contents says a thousand bytes where sixty million stand."""
    content = bytearray(book(cell("A1", "0" * 60 * MIB)))
    place = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    struct.pack_into("<I", content, place + 24, 1000)
    return bytes(content)


@cache
def noughts() -> bytes:
    """A file that unpacks to more than a gigabyte."""
    return book(cell("A1"), **{f"xl/media/{one}": b"0" * 128 * MIB for one in range(8)})


HUGE = {
    "two cells in opposite corners": lambda: book(cell("A1") + cell("XFD1048576")),
    "a row without addresses at the very end": lambda: book(
        cell("A1") + b'<row r="99999999"><c t="inlineStr"><is><t>b</t></is></c></row>'
    ),
    "a gigabyte of noughts": noughts,
    "ten thousand entries": lambda: zipped(**{f"x{one}": b"" for one in range(10_000)}),
    "a list of contents that lies": lying,
    "another format in the same wrapping": lambda: book(cell("A1"), **{"xl/workbook.bin": b"0"}),
    "an archive of archives": lambda: zipped(a=zipped(b=b"0" * MIB)),
    "half a file": lambda: book(cell("A1") * 500)[:400],
    "entities that grow": lambda: book(
        cell("A1"),
        **{
            "xl/sharedStrings.xml": b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
            + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
            + b"]><sst><si><t>&j;</t></si></sst>"
        },
    ),
}
READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1500 << 20, 1500 << 20))
from gongqing.lib.errors import BadInput
from gongqing.lib.sheets import read_sheets
try:
    rows = read_sheets("a.xlsx", sys.stdin.buffer.read())[0].rows
    print("read", sum(map(len, rows)))
except BadInput as refused:
    print("refused", refused.field, refused.message)
"""


@pytest.mark.parametrize("make", HUGE.values(), ids=HUGE.keys())
def test_a_sheet_that_grows_ends_no_process(make: Callable[[], bytes]) -> None:
    content = make()
    assert len(content) < 8 * MIB
    done = subprocess.run([sys.executable, "-c", READ], input=content, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-800:]
    said = done.stdout.decode()
    assert said.startswith(("refused file", "read 1\n")), said
    assert said.startswith("read") or any("一" <= sign <= "鿿" for sign in said)


def test_a_whole_column_in_colour_is_no_content() -> None:
    painted = b"".join(f'<row r="{n}"><c r="XFD{n}" s="1"/></row>'.encode() for n in range(2, 900))
    ((row, *_),) = [sheet.rows for sheet in read_sheets("a.xlsx", book(cell("A1", "工单编号") + painted))]
    assert row[0] == "工单编号"


def test_a_spread_sheet_says_how_far() -> None:
    with pytest.raises(BadInput, match="第 1,048,576 行，最右边到第 16,384 列") as refused:
        read_sheets("a.xlsx", HUGE["two cells in opposite corners"]())
    assert refused.value.field == "file"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["two cells in opposite corners", "half a file"])
def test_the_page_of_loads_refuses_it(name: str, cast: Cast, browser_of: Browser) -> None:
    file = SimpleUploadedFile("工单.xlsx", HUGE[name]())
    answer = browser_of("hotline").post("/desk/loads/new?kind=appeals", {"file": file, "source": "12345"})
    assert answer.status_code == 422
    with scope.acting_as(SYSTEM):
        assert not Load.objects.exists()


@pytest.fixture
def narrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """No file of this process may grow beyond a thousand bytes: as on a full disk, every longer write fails."""
    shutil.copytree(Path(settings.HOME) / "keys", tmp_path / "keys")
    monkeypatch.setattr(settings, "FILES_ROOT", tmp_path / "files")
    monkeypatch.setattr(settings, "HOME", tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield tmp_path
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_nothing_half_written_stays_on_a_full_disk(narrow: Path) -> None:
    content = b"%PDF-1.4" + b"0" * 5000
    with pytest.raises(OSError, match="File too large"):
        keep_content(crypto.digest(content), content)
    with pytest.raises(OSError, match="File too large"):
        sealed_files.keep_sealed(content, FILE)
    assert [path for path in narrow.rglob("*") if path.is_file() and path.parent.name != "keys"] == []
