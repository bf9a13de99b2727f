"""Is Big5 told from GB18030, and is neither taken for the other?"""

import pytest

from gongqing.lib.encodings import looks_like_big5

TRADITIONAL = "編號,標題,內容\n1,欠薪,老闆拖欠我們十個人三個月工資，請工會幫忙。\n"
SIMPLE = "编号,标题,内容\n1,欠薪,老板拖欠我们十个人三个月工资，请工会帮忙。\n"


def test_big5_is_told() -> None:
    assert looks_like_big5(TRADITIONAL.encode("big5"))
    assert looks_like_big5((TRADITIONAL * 900).encode("big5"))


@pytest.mark.parametrize("text", [SIMPLE, TRADITIONAL, SIMPLE * 900, "id,title,text\n1,a,b\n", "龘靐齉", ""])
def test_gb18030_is_not_taken_for_big5(text: str) -> None:
    assert not looks_like_big5(text.encode("gb18030"))


@pytest.mark.parametrize("name", ["囡囡，嵊州", "甬江、鄞州、奉化溪口镇", "喆堃燚骉", "柒仟捌佰玖拾"])
def test_rare_names_are_not_taken_for_big5(name: str) -> None:
    assert not looks_like_big5(f"姓名\n{name}\n".encode("gb18030"))
