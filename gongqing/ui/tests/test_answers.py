"""Does a file leave under its name, and only to be saved?"""

from __future__ import annotations

from gongqing.ui.answers import saved_as


def test_a_file_is_saved_under_its_chinese_name() -> None:
    answer = saved_as('值班表"1"\r\n.xlsx', b"PK", "application/zip")
    assert answer.content == b"PK"
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''%E5%80%BC%E7%8F%AD%E8%A1%A8%221%22%0D%0A.xlsx"
    assert answer["X-Content-Type-Options"] == "nosniff"
