"""A title is made of the worker's first words and stands in every list: nobody's number stands there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from gongqing.appeals.rules.intake import tidy_text, title_given
from gongqing.dispatch.tests.make import received
from gongqing.language.titles import title_of
from tests.cast import Cast

TEXT = "我叫王建国，电话13912345678，身份证330203198001011234，厂里三个月没发工资了，欠我八千块，请工会帮我讨回来。"


def test_a_number_is_masked_before_the_title_is_cut() -> None:
    assert title_of(TEXT) == "我叫王建国，电话139****5678，身份证330203********12…"
    assert title_given(" 欠薪 139 1234 5678 ") == "欠薪 139****5678"
    assert title_of("没有号码的一句话。第二句") == "没有号码的一句话"
    assert title_given("  ") == ""


def test_characters_that_nobody_sees_do_not_come_in() -> None:
    assert tidy_text("工\u200b资\ufeff没\u00ad发") == "工资没发"
    assert tidy_text("👩\u200d🔧 修机器") == "👩\u200d🔧 修机器"


@pytest.mark.parametrize("title", ["", "电话13912345678 讨薪"])
def test_no_list_shows_a_number(cast: Cast, at: datetime, browser_of: Callable[[str], Client], title: str) -> None:
    appeal = received(TEXT, by=cast.hotline.actor, at=at, title=title)
    shown = [browser_of("city").get(page).content.decode() for page in ("/desk/?view=all", "/desk/search?q=身份证")]
    assert any(appeal.code in page for page in shown)
    for page in shown:
        assert "13912345678" not in page
        assert "330203198001011234" not in page
