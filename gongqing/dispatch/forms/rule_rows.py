"""How is one row of the rules written on a page, and read back as the row that the rules keep?

Each form knows the row it stands for: `first(row)` gives what the fields begin with, `row()` what a valid form says.
What a form does not ask for (flags that the program reads, a role) is carried over from the row before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms

from gongqing.appeals.models import Channel, Kind
from gongqing.appeals.rules.grading import Grade
from gongqing.dispatch.forms.desk import line, words
from gongqing.dispatch.queries.rulebook import LEVEL_WORDS
from gongqing.dispatch.rules.levels import LADDER
from gongqing.lib.errors import BadInput

Row = Mapping[str, Any]
Choices = Sequence[tuple[str, Any]]

LEVELS: Choices = [("", "不指定"), *LEVEL_WORDS.items()]
RUNGS: Choices = [("", "不指定"), *((level.value, LEVEL_WORDS[level]) for level in LADDER)]
GRADES: Choices = [(grade.value, grade.title_zh) for grade in Grade]
YES_NO: Choices = [("", "不看"), ("yes", "是"), ("no", "否")]
AGAINST: Choices = [("employer", "用人单位"), ("own_union", "本单位工会")]


@dataclass(frozen=True, slots=True)
class Offered:
    """What the forms offer to choose from in this city."""

    categories: Choices = ()
    counties: Choices = ()
    towns: Choices = ()
    rules: Choices = ()
    organisations: Mapping[int, str] = field(default_factory=dict)


class RowForm(forms.Form):
    """A row of the rules. `stored` is the row as it stands; `key` is `new` for one more."""

    names: ClassVar[Mapping[str, str]] = {}
    groups: ClassVar[Sequence[tuple[str, Sequence[str]]]] = ()

    def __init__(self, data: Any = None, *, stored: Row, offered: Offered, key: str = "") -> None:
        self.stored, self.key, self.offered = stored, key, offered
        super().__init__(data, initial={} if data is not None else self.first(stored), auto_id="row-%s")
        self.offer(offered)

    def offer(self, offered: Offered) -> None:
        """Put this city's choices into the fields."""

    def first(self, stored: Row) -> dict[str, Any]:
        """What the fields begin with."""
        return dict(stored)

    def row(self) -> dict[str, Any]:
        """The row that a valid form says."""
        return {**self.stored, **self.cleaned_data}

    def refuse(self, error: BadInput) -> None:
        """Write a fault beside its field; what belongs to none stands over the form."""
        name = error.field.rpartition(".")[2]
        name = self.names.get(name, name)
        self.add_error(name if name in self.fields else None, error.message)

    def grouped(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings; without headings all of them under none."""
        groups = self.groups or [("", list(self.fields))]
        for heading, names in groups:
            yield heading, [self[name] for name in names if name in self.fields]


def many(label: str, choices: Choices = (), *, hint: str = "") -> forms.MultipleChoiceField:
    """Several of a list."""
    box = forms.CheckboxSelectMultiple(attrs={"class": "choices"})
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=box, help_text=hint)


def one_of(label: str, choices: Choices, *, required: bool = False, hint: str = "") -> forms.ChoiceField:
    """One of a list."""
    return forms.ChoiceField(label=label, choices=choices, required=required, help_text=hint)


class RoutingRowForm(RowForm):
    """One routing row: when it speaks, and what follows."""

    LISTS: ClassVar[Sequence[str]] = (
        "kind",
        "category",
        "category_level",
        "grade",
        "channel",
        "county",
        "town",
        "against",
    )
    SWITCHES: ClassVar[Sequence[str]] = ("is_shielded", "has_own_union", "is_member", "anonymous_to_employer")
    names = {"organisation_id": "organisation"}
    groups = (
        ("编号和说明", ("id", "note")),
        ("什么情形（每项都要符合；一项里选几个，符合一个就行；都不选就是所有诉求）", (*LISTS, *SWITCHES)),
        ("怎么派", ("level", "organisation", "at_least", "assisting", "following", "supervising")),
    )

    id = line("编号", hint="字母、数字和短横，例如 R-31。", most=16)
    note = line("说明", hint="派单时作为理由显示。", most=200)
    kind = many("类型", Kind.choices)
    category = many("分类")
    category_level = many("分类规定的首办层级", list(LEVEL_WORDS.items()))
    grade = many("等级", GRADES)
    channel = many("渠道", Channel.choices)
    county = many("区县")
    town = forms.MultipleChoiceField(
        label="镇街",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text="按住 Ctrl 可以选几个。",
    )
    against = many("投诉对象", AGAINST)
    is_shielded = one_of("对单位匿名或须保密", YES_NO)
    has_own_union = one_of("职工是本单位工会会员", YES_NO)
    is_member = one_of("职工是会员", YES_NO)
    anonymous_to_employer = one_of("对单位匿名", YES_NO)
    level = one_of("主办层级", LEVELS, hint="从上往下第一条写明主办层级的规则定主办。")
    organisation = line(
        "指定主办单位", required=False, list_id="places", hint="不填就派给当地这一级、人均在办最少的单位。"
    )
    at_least = one_of("至少由哪一级主办", RUNGS)
    assisting = many("协办", list(LEVEL_WORDS.items()))
    following = one_of("跟踪", LEVELS, hint="由横向部门主办时，哪一级工会继续跟踪。")
    supervising = one_of("督办", RUNGS)

    def offer(self, offered: Offered) -> None:
        """Categories and places."""
        for name, choices in (("category", offered.categories), ("county", offered.counties), ("town", offered.towns)):
            known: Any = self.fields[name]
            known.choices = choices

    def first(self, stored: Row) -> dict[str, Any]:
        """Conditions as lists and switches."""
        when = stored.get("when", {})
        place = stored.get("organisation_id")
        return {
            **{name: stored.get(name, "") for name in ("id", "note", "level", "at_least", "following", "supervising")},
            "assisting": list(stored.get("assisting", ())),
            "organisation": self.offered.organisations.get(place, "") if place is not None else "",
            **{name: list(when.get(name, ())) for name in self.LISTS},
            **{name: _switch(when.get(name)) for name in self.SWITCHES},
        }

    def row(self) -> dict[str, Any]:
        """The row; `organisation` stays a name, which the page looks up."""
        given = self.cleaned_data
        when: dict[str, Any] = {name: given[name] for name in self.LISTS if given[name]}
        when |= {name: [given[name] == "yes"] for name in self.SWITCHES if given[name]}
        plain = {name: given[name] for name in ("id", "note", "level", "at_least", "following", "supervising")}
        role = self.stored.get("role", "") if given["level"] == self.stored.get("level", "") else ""
        return {**plain, "when": when, "assisting": given["assisting"], "organisation_id": None, "role": role}


def _switch(values: Any) -> str:
    return "" if not values or len(values) > 1 else "yes" if values[0] else "no"


class DayForm(RowForm):
    """A day that this city counts differently."""

    day = forms.DateField(label="日期", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    is_workday = forms.ChoiceField(
        label="怎么算", choices=[("no", "不算工作日"), ("yes", "算工作日")], widget=forms.RadioSelect, initial="no"
    )
    note = line("说明", hint="例如：台风停工。", most=100)
    source = line("来源", required=False, hint="例如：市政府通告文号。", most=200)
    past_reason = line(
        "为什么补改过去的日子", required=False, hint="今天以前的日子才填；会让办过的日子重新算。", most=200
    )

    def first(self, stored: Row) -> dict[str, Any]:
        """Yes or no as radio buttons."""
        return {**stored, "is_workday": "yes" if stored.get("is_workday") else "no"}

    def row(self) -> dict[str, Any]:
        """The row with its date as text."""
        given = dict(self.cleaned_data)
        past = {"past_reason": reason} if (reason := given.pop("past_reason")) else {}
        return {**given, "day": given["day"].isoformat(), "is_workday": given["is_workday"] == "yes", **past}


class CategoryForm(RowForm):
    """One category; its code is fixed."""

    name = line("名称", most=32)
    definition = words("说的是什么", rows=3, most=1000)
    boundary = words("和相近小类的界线", rows=3, required=False, most=1000)
    level = one_of("首办层级", LEVELS[1:], required=True)
    grade = one_of("默认等级", GRADES, required=True)
    limit_working_days = forms.IntegerField(label="办结时限（工作日）", min_value=1, max_value=60)


class TermsForm(forms.Form):
    """From when the new version holds, and why."""

    effective_from = forms.DateField(
        label="从哪天起生效", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    reason = words("为什么改、依据是什么", hint="审批人和以后查历史版本的人都看这一段。", rows=3, most=1000)
    applies_to_open = forms.BooleanField(
        label="也适用于在办诉求",
        required=False,
        help_text="生效那天把在办的期限按新规则重算，起算日、暂停和延期都保留；不选的，在办的仍按进来那天的规则。",
    )

    def refuse(self, error: BadInput) -> None:
        """Write a fault beside its field, or over the form."""
        self.add_error(error.field if error.field in self.fields else None, error.message)
