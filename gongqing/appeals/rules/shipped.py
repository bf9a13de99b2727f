"""What grade do the shipped rules give, with nothing known beside the text?"""

from __future__ import annotations

from gongqing.appeals.rules.grading import Circumstances, Grade, grading_of
from gongqing.appeals.rules.needs import kind_of
from gongqing.language.facts import Facts
from gongqing.language.taxonomy import category


def shipped_grade(facts: Facts, code: str, labour_related: bool) -> str:
    """The grade of a text of this category by the first version of the rules, for file commands."""
    seen = Circumstances(category=code, labour_related=labour_related, is_need=kind_of(code) == "need")
    return grading_of(facts, category_grade=Grade(category(code).grade), circumstances=seen).grade.value
