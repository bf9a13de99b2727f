"""Which files may be added, judged by their content?"""

from __future__ import annotations

import filetype

from gongqing.lib.errors import BadInput

LARGEST = 10 * 1024 * 1024
MOST = 9
IMAGES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
OTHERS = frozenset(
    {
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "audio/mpeg",
        "audio/mp4",
        "audio/x-m4a",
        "audio/aac",
        "audio/amr",
        "audio/ogg",
        "audio/x-wav",
        "audio/wav",
        "audio/webm",
        "video/webm",
        "video/mp4",
    }
)


def media_type_of(content: bytes) -> str:
    """What the file is, by its content; its name is never believed.

    Raises:
        BadInput: empty, too large, or a kind that is not taken.
    """
    if not content:
        raise BadInput("file", "文件是空的。")
    check_size(len(content))
    kind = filetype.guess_mime(content[:8192]) or ""
    if kind not in IMAGES | OTHERS:
        raise BadInput("file", "只能上传照片（JPG、PNG）、录音、PDF、Word 和 Excel 文件。")
    return str(kind)


def check_size(size: int) -> None:
    """Refuse a file that is too large, before it is read.

    Args:
        size: bytes.

    Raises:
        BadInput.
    """
    if size > LARGEST:
        raise BadInput("file", f"文件太大（{-(-size // 1024 // 1024)} MB），每个最大 {LARGEST // 1024 // 1024} MB。")


def check_count(present: int) -> None:
    """Refuse a tenth file.

    Raises:
        BadInput.
    """
    if present >= MOST:
        raise BadInput("file", f"一件诉求最多 {MOST} 个附件。")
