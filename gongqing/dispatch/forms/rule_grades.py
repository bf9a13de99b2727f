"""How are the numbers of a grading rule written on a page, wherever they stand in its condition?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms

from gongqing.dispatch.forms.desk import line
from gongqing.dispatch.forms.rule_rows import GRADES, Offered, Row, RowForm, one_of
from gongqing.dispatch.rules.rule_faults import ALWAYS_ON, is_threshold


class GradeRuleForm(RowForm):
    """One grading rule: its numbers, its grade, whether it is on; what it recognises belongs to the program."""

    names = {"condition": "title_zh"}
    NUMBERS: ClassVar[Mapping[str, str]] = {
        "workers_at_least": "人数不少于（人）",
        "workers_unknown_or_at_least": "人数不明或不少于（人）",
        "workers_unknown_or_below": "人数不明或少于（人）",
        "amount_at_least": "金额不低于（元）",
        "amount_per_person_at_least": "人均不低于（元）",
        "months_owed_at_least": "拖欠不少于（个月）",
        "days_owed_at_least": "拖欠不少于（天）",
        "layoff_count_at_least": "裁员不少于（人）",
        "layoff_share_at_least": "裁员占比不低于（%）",
        "limitation_days_at_most": "离届满不超过（天）",
        "submissions_at_least": "提出不少于（次）",
    }
    title_zh = line("情形", most=60)

    def __init__(self, data: Any = None, *, stored: Row, offered: Offered, key: str = "") -> None:
        super().__init__(data, stored=stored, offered=offered, key=key)
        self.places = dict(_thresholds(stored["condition"]))
        for name, (path, value) in self.places.items():
            shown = value * 100 if path[-1] == "layoff_share_at_least" else value
            self.fields[name] = forms.FloatField(
                label=_place_words(path, self.NUMBERS),
                min_value=0,
                initial=f"{shown:g}" if abs(shown) < 1_000_000 else f"{shown:.0f}",
                widget=forms.NumberInput(attrs={"step": "any"}),
            )
        name, words_, chosen = (
            ("grade", "定为", stored.get("grade"))
            if stored.get("grade")
            else ("raise_at_most", "升一级，最高", stored.get("raise_at_most"))
        )
        self.fields[name] = one_of(words_, GRADES, required=True)
        self.fields[name].initial = chosen
        if key not in ALWAYS_ON:
            self.fields["is_on"] = forms.BooleanField(
                label="启用这条规则", required=False, initial=not stored.get("is_off")
            )

    def row(self) -> dict[str, Any]:
        """The rule with its new numbers in their places."""
        given = self.cleaned_data
        condition: Any = _copied(self.stored["condition"])
        for name, (path, _) in self.places.items():
            inner = condition
            for step in path[:-1]:
                inner = inner[step]
            value = given[name] / 100 if path[-1] == "layoff_share_at_least" else given[name]
            inner[path[-1]] = int(value) if value == int(value) else value
        made = {**self.stored, "title_zh": given["title_zh"], "condition": condition}
        made |= {name: given[name] for name in ("grade", "raise_at_most") if name in given}
        return {**made, "is_off": not given["is_on"] if "is_on" in given else False}


Path = tuple[Any, ...]


def _thresholds(condition: Any, at: Path = ()) -> Iterator[tuple[str, tuple[Path, float]]]:
    """Every number of a condition, those of alternatives last: the field's name, where it stands, and what it is."""
    for name, value in sorted(condition.items(), key=lambda pair: pair[0] == "any"):
        if name == "any":
            for place, each in enumerate(value):
                yield from _thresholds(each, (*at, "any", place))
        elif is_threshold(value):
            path = (*at, name)
            yield "number-" + "-".join(str(step) for step in path), (path, value)


def _place_words(path: Path, numbers: Mapping[str, str]) -> str:
    """`第 2 种：金额不低于（元）`: which of the alternatives a number belongs to."""
    alternatives = [str(step + 1) for step in path if isinstance(step, int)]
    words_ = numbers.get(path[-1], path[-1])
    return f"第 {'.'.join(alternatives)} 种：{words_}" if alternatives else words_


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(each) for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list | tuple) else value
