"""Do tags and filters write what they promise, and escape what comes from outside?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django import forms
from django.template import Context, Template

from gongqing.lib.times import SHANGHAI
from gongqing.ui import icons
from gongqing.ui.templatetags import ui

TODAY = date(2025, 10, 13)
SCRIPT = "<script>alert(1)</script>"


@dataclass(frozen=True)
class Day:
    day: date
    kind: str = "gone"
    share: float | None = None
    caption: str = ""
    is_today: bool = False
    is_due: bool = False


def rendered(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 -- our own drawing


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)


def rulers_of(count: int, **of_last: object) -> list[Day]:
    days = [Day(TODAY + timedelta(days=index)) for index in range(count - 1)]
    return [*days, Day(TODAY + timedelta(days=count - 1), **of_last)]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", icons.names())
def test_every_icon_is_well_formed_and_silent(name: str) -> None:
    svg = parsed(rendered("{% icon name %}", name=name))
    assert svg.get("aria-hidden") == "true"


def test_an_icon_takes_an_escaped_class() -> None:
    assert '"><script>' not in rendered("{% icon 'pin' extra %}", extra=f'">{SCRIPT}')


@pytest.mark.parametrize(
    ("grade", "word", "strokes"), [("green", "绿", 1), ("yellow", "黄", 2), ("orange", "橙", 3), ("red", "红", 4)]
)
def test_a_grade_has_its_word_and_its_strokes(grade: str, word: str, strokes: int) -> None:
    badge = parsed(rendered("{% grade_badge grade %}", grade=grade))
    assert "".join(badge.itertext()) == word
    assert sum(1 for bar in badge.iter("rect") if bar.get("class") != "off") == strokes


@pytest.mark.parametrize("grade", [None, "", SCRIPT])
def test_no_grade_is_a_dashed_tag(grade: str | None) -> None:
    assert rendered("{% grade_badge grade %}", grade=grade) == '<span class="tag dash">未定级</span>'


def test_a_small_ruler_draws_one_shape_a_day_and_marks_today() -> None:
    days = [
        Day(TODAY),
        Day(TODAY, "off"),
        Day(TODAY, "pause"),
        Day(TODAY, "met"),
        Day(TODAY, "over"),
        Day(TODAY, "left", is_today=True),
    ]
    svg = parsed(rendered("{% day_ruler days %}", days=days))
    assert [bar.get("class") for bar in svg.iter("rect")] == ["gone", "off", "pause", "met", "over", "left", "today"]
    assert svg.get("width") == "46"


def test_a_day_partly_gone_is_filled_by_its_share() -> None:
    svg = parsed(rendered("{% day_ruler days %}", days=[Day(TODAY, "left", share=0.5)]))
    left, gone = svg.iter("rect")
    assert (left.get("class"), gone.get("class"), gone.get("width")) == ("left", "gone", "3")


def test_a_long_small_ruler_keeps_its_width() -> None:
    svg = parsed(rendered("{% day_ruler days %}", days=rulers_of(60)))
    assert float(svg.get("width", "0")) < 200


@pytest.mark.parametrize("big", [False, True])
def test_hundreds_of_days_are_drawn_short_with_deadline_and_today(big: bool) -> None:
    days = [
        Day(TODAY + timedelta(days=place), "over" if place > 40 else "gone", is_due=place == 40) for place in range(399)
    ]
    days.append(Day(TODAY + timedelta(days=399), "over", is_today=True))
    svg = parsed(rendered("{% day_ruler days big=big %}", days=days, big=big))
    picture = next(svg.iter("svg")) if big else svg
    assert float(picture.get("width", "0")) < (1200 if big else 200)
    drawn = [bar.get("class") for bar in svg.iter("rect")]
    assert drawn.count("off") == 2
    assert "today" in drawn
    assert len(drawn) < 60
    assert "到期" in picture.get("aria-label", "")
    if big:
        words = list(svg.itertext())
        assert "略 23 天" in words
        assert "略 342 天" in words
        assert "到期" in words


def test_a_big_ruler_writes_dates_joins_equal_captions_and_says_what_is_left_out() -> None:
    days = [Day(TODAY, caption="放假"), Day(date(2025, 10, 14), caption="放假"), Day(date(2025, 11, 1), is_due=True)]
    words = list(parsed(rendered("{% day_ruler days big=True %}", days=days)).itertext())
    assert [word for word in words if word.strip()] == ["10/13", "14", "…", "11/1", "放假", "略 17 天", "到期"]


def test_captions_that_would_touch_stand_on_two_lines() -> None:
    days = [Day(TODAY, caption="调休要上班"), Day(date(2025, 10, 14), caption="等材料补齐"), *rulers_of(8)]
    svg = parsed(rendered("{% day_ruler days big=True %}", days=days))
    heights = {text.text: text.get("y") for text in svg.iter("text")}
    assert heights["调休要上班"] != heights["等材料补齐"]


def test_a_ruler_escapes_captions_and_label() -> None:
    page = rendered("{% day_ruler days big=True label=label %}", days=[Day(TODAY, caption=SCRIPT)], label=f'"{SCRIPT}')
    assert "<script>" not in page
    parsed(page)


@pytest.mark.parametrize("days", [[], None])
def test_no_days_draw_nothing(days: list[Day] | None) -> None:
    assert rendered("{% day_ruler days %}", days=days) == ""


def test_a_ruler_says_in_words_what_it_shows() -> None:
    page = rendered("{% day_ruler days %}", days=rulers_of(3, is_due=True))
    assert 'aria-label="10月13日到10月15日，计 3 天，10月15日到期"' in page


def test_a_moment_names_the_year_only_when_it_is_another() -> None:
    assert ui.moment(at(2025, 10, 14, 9, 30), TODAY) == "10月14日 09:30"
    assert ui.moment(at(2024, 12, 31, 23, 59), TODAY) == "2024年12月31日 23:59"
    assert ui.moment(None) == "—"


def test_a_moment_is_told_on_shanghais_clock() -> None:
    assert ui.moment(datetime.fromisoformat("2025-10-13T16:05:00+00:00"), TODAY) == "10月14日 00:05"


def test_a_deadline_at_midnight_belongs_to_the_day_before() -> None:
    assert ui.moment_24(at(2025, 10, 15), TODAY) == "10月14日（周二）24:00"
    assert ui.moment_24(at(2026, 1, 1), TODAY) == "12月31日（周三）24:00"
    assert ui.day_words(at(2025, 10, 15), TODAY) == "10月14日（周二）"
    assert ui.day_words(date(2025, 10, 15), TODAY) == "10月15日（周三）"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(2025, 10, 13, 15, 42), "今天 15:42"),
        (at(2025, 10, 14), "今天 24:00"),
        (at(2025, 10, 14, 8, 0), "明天 08:00"),
        (at(2025, 10, 12, 23, 0), "昨天 23:00"),
        (at(2025, 10, 20, 9, 5), "10月20日 09:05"),
        (at(2026, 1, 2, 9, 5), "2026年1月2日 09:05"),
    ],
)
def test_near_moments_are_named(moment: datetime, words: str) -> None:
    assert ui.near_moment(moment, TODAY) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=30), "不到 1 分钟"),
        (timedelta(minutes=16), "16 分钟"),
        (timedelta(hours=3, minutes=16), "3 小时 16 分"),
        (timedelta(hours=-4), "4 小时"),
        (timedelta(days=2, hours=5, minutes=9), "2 天 5 小时"),
    ],
)
def test_durations(length: timedelta, words: str) -> None:
    assert ui.duration(length) == words


def test_numbers() -> None:
    assert ui.money(126000) == "126,000 元"
    assert ui.money(Decimal("30240.5")) == "30,240.50 元"
    assert ui.money(None) == ui.percent(None) == ui.count(None) == "—"
    assert ui.percent(0.9696) == "97.0%"
    assert ui.percent(0.35, 0) == "35%"
    assert ui.share_of(12107, 12486) == "97.0"
    assert ui.share_of(0, 0) == "—"
    assert ui.count(12486) == "12,486"


@pytest.mark.parametrize(
    "name", ["moment", "moment_24", "near_moment", "day_words", "duration", "count", "money", "percent"]
)
def test_what_is_not_there_is_a_dash(name: str) -> None:
    assert rendered(f"{{{{ missing|{name} }}}}") == rendered(f"{{{{ none|{name} }}}}", none=None) == "—"


def test_codes_are_spaced() -> None:
    assert ui.spaced_code("GQ330206202509280000041Z") == "GQ330206 20250928 0000041Z"
    assert ui.spaced_code("738206", 3) == "738 206"
    assert rendered("{{ code|spaced_code }}", code="<b>") == "&lt;b&gt;"


def test_a_share_bar_stays_inside_itself() -> None:
    bar = parsed(rendered("{% share_bar 1.4 width=100 part=0.2 %}"))
    assert [part.get("width") for part in bar.iter("rect")] == ["100", "100.0", "20.0"]
    assert rendered("{% share_bar None %}") == ""


class Form(forms.Form):
    text = forms.CharField(label="说一说", help_text="用自己的话", widget=forms.Textarea)
    place = forms.CharField(label=SCRIPT, required=False)
    way = forms.ChoiceField(label="怎么办", choices=[("a", "自己办"), ("b", "一起办")], widget=forms.RadioSelect)


def test_a_field_ties_hint_and_error_to_its_control() -> None:
    page = rendered("{% field form.text rows=6 %}", form=Form({}))
    assert 'aria-describedby="id_text_helptext id_text_error"' in page
    assert 'id="id_text_helptext"' in page
    assert 'id="id_text_error"' in page
    assert 'aria-invalid="true"' in page
    assert 'rows="6"' in page
    assert 'class="input"' in page


def test_what_is_missing_is_named() -> None:
    assert "请填说一说。" in rendered("{% field form.text %}", form=Form({}))
    assert "请选怎么办。" in rendered("{% field form.way %}", form=Form({}))
    refused = Form({"way": "<b>"})
    assert "请选" not in rendered("{% field form.way %}", form=refused)
    assert "<b>" not in rendered("{% field form.way %}", form=refused)


def test_an_optional_field_says_so_and_is_escaped() -> None:
    page = rendered("{% field form.place %}", form=Form({"place": f'"{SCRIPT}'}))
    assert "（选填）" in page
    assert "<script>" not in page


def test_choices_stand_in_a_fieldset() -> None:
    page = rendered("{% field form.way %}", form=Form())
    assert "<fieldset" in page
    assert "<legend" in page


def test_parts_escape_what_they_are_given() -> None:
    for part in ("empty", "notice", "field", "figure", "timeline_item"):
        given = " ".join(
            f"{name}=x" for name in ("title", "text", "label", "hint", "error", "what", "who", "note", "of")
        )
        page = rendered(f'{{% include "ui/parts/{part}.html" with {given} name="n" unit=x %}}', x=SCRIPT)
        assert "<script>" not in page
