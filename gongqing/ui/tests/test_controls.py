"""Are controls drawn to the letter as Django's templates draw them?"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from gongqing.ui.controls import Renderer
from gongqing.ui.templatetags.ui import choices

HOSTILE = "\"><script>alert('1')</script>&amp;"
ATTRIBUTES: list[dict[str, Any]] = [
    {},
    {"id": "a", "class": "input", "required": True, "disabled": False, "data-x": HOSTILE, "rows": 3, "min": 0.5},
    {"aria-label": mark_safe("&lt;b&gt;"), 'o"k': "1"},
]
CHOICES: list[Any] = [
    ("", "请选"),
    (1, 2),
    (HOSTILE, HOSTILE),
    (HOSTILE + "组", [("a", "甲"), ("b", gettext_lazy("Yes"))]),
    (None, mark_safe("<b>乙</b>")),
    (Decimal("1234.5"), Decimal("1234.5")),
]
SINGLE = [
    *(forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.HiddenInput),
    *(forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.CheckboxInput, forms.FileInput, forms.Textarea),
    *(forms.ColorInput, forms.SearchInput, forms.TelInput, forms.ClearableFileInput),
]
CHOSEN = [forms.Select, forms.SelectMultiple, forms.RadioSelect, forms.CheckboxSelectMultiple]
VALUES: list[Any] = [None, "", "甲", HOSTILE, mark_safe("&lt;"), 0, 1, True, False, Decimal("1234.5"), date(2026, 1, 2)]


@pytest.mark.parametrize("widget", SINGLE)
@pytest.mark.parametrize("attributes", ATTRIBUTES)
def test_one_value(widget: type[forms.Widget], attributes: dict[str, Any]) -> None:
    for value in [*VALUES, ["a", HOSTILE]]:
        control = widget(attrs=attributes)
        assert control.render('n"m', value, renderer=Renderer()) == control.render(
            'n"m', value, renderer=DjangoTemplates()
        )


@pytest.mark.parametrize("widget", CHOSEN)
@pytest.mark.parametrize("attributes", ATTRIBUTES)
def test_a_choice(widget: type[forms.ChoiceWidget], attributes: dict[str, Any]) -> None:
    control = widget(attributes, CHOICES)
    for value in [*VALUES, ["a", HOSTILE], "b"]:
        ours = control.render('n"m', value, renderer=Renderer())
        assert ours == control.render('n"m', value, renderer=DjangoTemplates())
        assert "<script>" not in ours


def test_what_is_not_known_is_left_to_django() -> None:
    split = forms.SplitDateTimeWidget()
    assert split.render("n", None, renderer=Renderer()) == split.render("n", None, renderer=DjangoTemplates())


def test_every_form_is_drawn_so() -> None:
    assert isinstance(get_default_renderer(), Renderer)
    assert settings.FORM_RENDERER == "gongqing.ui.controls.Renderer"


def test_what_a_select_offers_is_escaped_and_one_of_it_is_chosen() -> None:
    drawn = choices([("a", "甲"), (HOSTILE, HOSTILE)], "a")
    assert drawn.startswith('<option value="a" selected>甲</option><option value="&quot;&gt;&lt;script&gt;')
    assert drawn.count(" selected") == 1
    assert "<script" not in drawn
