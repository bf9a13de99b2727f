"""Which form does a row of the rules have?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gongqing.dispatch.forms.rule_grades import GradeRuleForm
from gongqing.dispatch.forms.rule_limits import GradeLimitsForm, HotlineForm, OtherLimitsForm, PauseForm, SpecialForm
from gongqing.dispatch.forms.rule_rows import CategoryForm, DayForm, Offered, RoutingRowForm, Row, RowForm
from gongqing.dispatch.rules.rule_contents import NEW, part_of

FORMS: Mapping[str, type[RowForm]] = {
    "routing": RoutingRowForm,
    "grading": GradeRuleForm,
    "categories": CategoryForm,
    "calendar": DayForm,
    "grade": GradeLimitsForm,
    "special": SpecialForm,
    "pause": PauseForm,
    "hotline": HotlineForm,
    "other": OtherLimitsForm,
}


def form_for(kind: str, key: str, *, stored: Row, offered: Offered, data: Any = None) -> RowForm:
    """The form of a row; `stored` is empty for a new one."""
    return FORMS[part_of(kind, key)](data, stored=stored, offered=offered, key=key)


def is_new(key: str) -> bool:
    """Does the key ask for one more row?"""
    return key.rpartition(":")[2] == NEW
