"""A title is made of the worker's first words and stands in every list: nobody's number stands there."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import tidy_text, title_given
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions
from gongqing.dispatch.models import ListEntry
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.language.titles import title_of
from gongqing.lib import times
from gongqing.notices.actions import notify
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


OLD = "请打13912345678找王工，身份证330203198001011234，事情在厂门口说，别的电话1391234567…"
SHOWN = "请打139****5678找王工，身份证330203********1234，事情在厂门口说，别的电话**********…"


def test_what_was_stored_before_is_masked_wherever_it_is_read(
    cast: Cast, at: datetime, browser_of: Callable[[str], Client]
) -> None:
    appeal = received(WAGES, by=cast.worker.actor, at=at, employer=cast.places.factory.name)
    with scope.acting_as(cast.county.actor):
        found = actions.open_settling_list(
            kind="wages", title="欠薪清单", due_on=times.now().date(), by=cast.county.actor, at=times.now()
        )
        entry = actions.enlist_appeal(list_id=found.pk, appeal_id=appeal.pk, by=cast.county.actor, at=times.now())
    with scope.acting_as(SYSTEM):
        Appeal.objects.filter(pk=appeal.pk).update(title=OLD)
        ListEntry.objects.filter(pk=entry.pk).update(title=OLD)
        assert Appeal.objects.get(pk=appeal.pk).title == SHOWN
        assert list(Appeal.objects.filter(pk=appeal.pk).values_list("title", flat=True)) == [SHOWN]
        notify(text=f"催办：{OLD}", at=at, organisation_id=cast.places.county.pk)
    county = browser_of("county")
    pages = [
        f"/desk/appeals/{appeal.code}",
        "/desk/?view=all",
        "/desk/search?q=工资",
        f"/desk/lists/{found.pk}",
        f"/desk/lists/entries/{entry.pk}",
        "/desk/notices",
    ]
    for page in pages:
        words = county.get(page, follow=True).content.decode()
        assert "139****5678" in words, page
        assert not re.search(r"13912345678|330203198001011234", words), page
    for file in ("/desk/appeals.xlsx?view=all", f"/desk/lists/entries.xlsx?list={found.pk}"):
        answer = county.get(file)
        assert answer.status_code == 200, file
        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer)))
        words = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
        assert "139****5678" in words, file
        assert not re.search(r"13912345678|330203198001011234", words), file


def test_reading_a_masked_title_asks_for_no_migration() -> None:
    assert Appeal._meta.get_field("title").deconstruct()[1] == "django.db.models.CharField"
