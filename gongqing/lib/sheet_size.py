"""How large does an Excel file become when it is opened? Answered before it is, for what is small may become huge.

A reader lays a sheet out as a rectangle from its first to its last filled cell. Two cells in opposite corners, a file
of one kilobyte, ask for more memory than any machine has, and end the process that reads them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from gongqing.lib.errors import BadInput

MOST_UNPACKED = 800 * 1024 * 1024
MOST_ENTRIES = 2_000
MOST_CELLS = 20_000_000
BROKEN = "这个 Excel 文件打不开，可能没有传完整或已损坏，请用 Excel 或 WPS 另存一份再传。"
_PIECE = 8 * 1024 * 1024
_LONGEST_TAG = 4096
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\sr="([A-Za-z]{1,9})(\d{1,12})"(?:[^>]*[^/>])?>')
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\sr="(\d{1,12})"(?:[^>]*[^/>])?>')
_BARE = re.compile(rb"<(?:\w+:)?c\b(?![^>]*\sr=)[^>]*[^/>]?>")


def check_packed(content: bytes) -> None:
    """Refuse a packed file that is broken, or that would become too large in memory.

    Raises:
        BadInput: on `file`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            if len(entries) > MOST_ENTRIES or sum(each.file_size for each in entries) > MOST_UNPACKED:
                raise BadInput("file", "这个文件解开后太大，请分成几个文件，或另存为 csv。")
            if any(each.filename.lower().endswith("workbook.bin") for each in entries):
                raise BadInput("file", "不读 xlsb 文件，请用 Excel 或 WPS 另存为 .xlsx 再传。")
            for each in entries:  # a sheet may bear any name
                _check_extent(packed, each)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError) as fault:
        raise BadInput("file", BROKEN) from fault


def _check_extent(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    width, height, rows, has_bare = 0, 0, 0, False
    for piece in _pieces(packed, entry):
        found = _CELL.findall(piece)
        if found:
            width = max(width, max(_column(letters) for letters in {letters for letters, _ in found}))
            height = max(height, max(int(digits) for _, digits in found))
        rows = max(rows, max(map(int, _ROW.findall(piece)), default=0))
        has_bare = has_bare or _BARE.search(piece) is not None
    if has_bare:  # cells without an address stand in the rows one after the other
        height, width = max(height, rows), max(width, 1)
    if width * height > MOST_CELLS:
        raise BadInput(
            "file",
            f"表里的内容散得太开：最下面到第 {height:,} 行，最右边到第 {width:,} 列。请删掉表格以外的零星内容，再传。",
        )


def _pieces(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The text of a sheet in pieces that begin and end between two tags."""
    with packed.open(entry) as file:
        rest = b""
        while read := file.read(_PIECE):
            text = rest + read
            cut = text.rfind(b"<", max(0, len(text) - _LONGEST_TAG))
            cut = len(text) if cut < 0 else cut
            rest = text[cut:]
            yield text[:cut]
        yield rest


def _column(letters: bytes) -> int:
    """`A` is 1, `XFD` 16,384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
