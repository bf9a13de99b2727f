"""What does a worker's text say in numbers and circumstances, and with which words?

`read_facts` reads people, money, time, firms and circumstances out of Chinese text and keeps the span of every one.
`mask_personal` hides phones and identity numbers. Pure: no clock, no model, linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from gongqing.language import crisis
from gongqing.language.danger import Kind
from gongqing.language.facts.employers import read_employer
from gongqing.language.facts.flags import read_flags
from gongqing.language.facts.numerals import CHARACTERS, read_count
from gongqing.language.facts.owed import read_days_owed, read_money, read_months_owed
from gongqing.language.facts.people import read_employers_count, read_group, read_layoff, read_workers
from gongqing.language.facts.personal import identity_spans, mask_personal, phone_spans
from gongqing.language.facts.signs import DANGERS, Flag
from gongqing.language.facts.spans import HIDDEN, Evidence, book_titles, evidence_at, narrow
from gongqing.language.facts.sureness import READ, is_sure
from gongqing.language.thanks import is_thanks

__all__ = ["Evidence", "Facts", "Flag", "mask_personal", "read_facts"]

_CLAIMED = frozenset({Flag.ARREARS, Flag.FLED, Flag.REPEATED, Flag.GROUP})
"""Circumstances of a claim that is still open."""
_NOTHING: Mapping[str, tuple[Evidence, ...]] = MappingProxyType({})
_LIMITATION = re.compile(
    rf"(?:时效|一年期限|申报期|30日期限|申请期限|诉讼期"
    rf"|工伤申请)[^。！？；\n]{{0,16}}?(?:还剩|只剩|还有|只有|差|剩下|不到|不足"
    rf"|剩)[^\d{CHARACTERS}，。]{{0,3}}"
    rf"(?P<days>[\d{CHARACTERS}]{{1,4}})[多来]?(?P<unit>天|日|个?星期|周)"
    rf"|(?:还剩|只剩|还有|再过|差|剩下"
    rf"|不到)(?P<days_first>[\d{CHARACTERS}]{{1,4}})[多来]?(?P<unit_first>天|日|个?星期"
    rf"|周)[^。！？；\n]{{0,10}}(?:时效|仲裁期|过期|申请期|满一年|到一年)"
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What one text says. A count is a lower bound when the words are vague (十几, 几百).

    Args:
        workers: how many people the text claims for.
        employers_count: how many firms it concerns, when it says two or more.
        amount: yuan owed in all, as said, or `amount_per_person` times `workers`.
        amount_per_person: yuan owed to each, as said, or `amount` shared among `workers`.
        months_owed: whole months of pay owed.
        days_owed: days that pay is late, when said in days.
        layoff_count: how many are laid off.
        layoff_share: their share of the staff, 0–1.
        days_to_limitation: days left to a limitation or declaration period, as said.
        employer: the employer's name as it stands in the text.
        sure: of `workers`, `amount`, `months_owed` and `employer` those that are likely right, so that a page may
            say them; the others are good enough to look at, and for a lower bound.
        evidence: spans by the name of the field or of the flag; a flag is asserted when it is a key.
        personal: spans of phones and identity numbers.
    """

    workers: int | None = None
    employers_count: int | None = None
    amount: int | None = None
    amount_per_person: int | None = None
    months_owed: int | None = None
    days_owed: int | None = None
    layoff_count: int | None = None
    layoff_share: float | None = None
    days_to_limitation: int | None = None
    employer: str | None = None
    sure: frozenset[str] = frozenset()
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=lambda: _NOTHING)
    personal: tuple[Evidence, ...] = ()

    def has(self, flag: str) -> bool:
        """Whether the text asserts the circumstance."""
        return bool(self.evidence.get(flag))

    def spans(self, name: str) -> tuple[Evidence, ...]:
        """The words that a field or a flag rests on; empty when it rests on none."""
        return self.evidence.get(name, ())

    @property
    def flags(self) -> frozenset[Flag]:
        """Every circumstance that the text asserts."""
        return frozenset(flag for flag in Flag if self.has(flag))


MANY = 10
"""So many who prepare to act together are looked at by a person at once, whatever they are about."""


def read_facts(text: str, *, said_on: date | None = None) -> Facts:
    """Read people, money, time, firms and circumstances out of a text; never raises on any string.

    A message that only thanks after the fact (`language.thanks`) claims nothing: no people, sums, spans or arrears.

    Args:
        text: the message, any length; time grows linearly with it.
        said_on: the day it was said, for spans such as 去年8月至今; without it they stay unread.
    """
    if HIDDEN.search(text):
        return _read_through(text, said_on)
    plain = narrow(text)
    evidence: dict[str, tuple[Evidence, ...]] = {
        flag: tuple(spans) for flag, spans in read_flags(plain, book_titles(plain)).items()
    }
    group = read_group(plain)
    if group:
        evidence[Flag.GROUP] = tuple(group)
    heard = crisis.hear_danger(plain)
    for hit in heard.hits:
        flag = {"G11": Flag.SELF_HARM, "G12": Flag.HARM_OTHERS}[hit.rule]
        evidence[flag] = (*evidence.get(flag, ()), evidence_at(plain, hit.start, hit.end))
    is_known = not DANGERS.isdisjoint(evidence)
    doubts = [each for each in heard.doubts if not (is_known and each.kind is Kind.MORE)]
    if doubts:
        evidence[Flag.SUSPECTED] = tuple(evidence_at(plain, each.start, each.end) for each in doubts)
    if is_thanks(plain):
        evidence = {name: spans for name, spans in evidence.items() if name not in _CLAIMED}
        values = _thanked(plain, evidence)
    else:
        values = _values(plain, said_on, evidence)
    people = values["workers"]
    if isinstance(people, int) and people >= MANY and Flag.PREPARING in evidence:
        evidence[Flag.SUSPECTED] = (*evidence.get(Flag.SUSPECTED, ()), *evidence[Flag.PREPARING])
    sure = frozenset(name for name in READ if _is_sure(name, plain, values[name], evidence))
    if plain != text:
        evidence = {
            name: tuple(evidence_at(text, span.start, span.end) for span in spans) for name, spans in evidence.items()
        }
        values["employer"] = evidence["employer"][0].words if values["employer"] else None
    personal = (*phone_spans(text), *identity_spans(text))
    return Facts(**values, sure=sure, evidence=MappingProxyType(evidence), personal=personal)  # type: ignore[arg-type]


def _read_through(text: str, said_on: date | None) -> Facts:
    """The facts of a text with characters that nobody sees; spans are places of the text as it is."""
    places = [place for place, char in enumerate(text) if not HIDDEN.match(char)]
    found = read_facts("".join(text[place] for place in places), said_on=said_on)

    def as_it_is(spans: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
        return tuple(evidence_at(text, places[span.start], places[span.end - 1] + 1) for span in spans)

    evidence = {name: as_it_is(spans) for name, spans in found.evidence.items()}
    return replace(found, evidence=MappingProxyType(evidence), personal=as_it_is(found.personal))


def _thanked(text: str, evidence: dict[str, tuple[Evidence, ...]]) -> dict[str, int | float | str | None]:
    """The values of a message that only thanks: it may name a firm, and claims nothing."""
    employer = read_employer(text)
    if employer:
        evidence["employer"] = (employer,)
    return {**dict.fromkeys(_CLAIM), "employer": employer.words if employer else None}


_CLAIM = (
    *("workers", "employers_count", "amount", "amount_per_person", "months_owed", "days_owed"),
    *("layoff_count", "layoff_share", "days_to_limitation"),
)


def _values(
    text: str, said_on: date | None, evidence: dict[str, tuple[Evidence, ...]]
) -> dict[str, int | float | str | None]:
    workers, employers = read_workers(text), read_employers_count(text)
    total, each = read_money(text)
    months, days = read_months_owed(text, said_on), read_days_owed(text)
    layoff, share = read_layoff(text)
    employer, limitation = read_employer(text), _read_limitation(text)
    amount = total.yuan if total else None
    per_person = each.yuan if each else None
    if workers and each and amount is None:
        amount = each.yuan * workers.value
    elif workers and workers.value > 1 and amount is not None and per_person is None:
        per_person = amount // workers.value
    money = tuple(money.evidence for money in (total, each) if money)
    found: dict[str, tuple[int | float | str | None, tuple[Evidence, ...]]] = {
        "workers": (workers.value, (workers.evidence,)) if workers else (None, ()),
        "employers_count": (employers.value, (employers.evidence,)) if employers else (None, ()),
        "amount": (amount, money),
        "amount_per_person": (per_person, money),
        "months_owed": (months.length, (months.evidence,)) if months else (None, ()),
        "days_owed": (days.length, (days.evidence,)) if days else (None, ()),
        "layoff_count": (layoff.value, (layoff.evidence,)) if layoff else (None, ()),
        "layoff_share": (share[0], (share[1],)) if share else (None, ()),
        "days_to_limitation": limitation or (None, ()),
        "employer": (employer.words, (employer,)) if employer else (None, ()),
    }
    evidence.update({name: spans for name, (value, spans) in found.items() if value is not None})
    return {name: value for name, (value, _) in found.items()}


def _is_sure(
    name: str, text: str, value: int | float | str | None, evidence: Mapping[str, tuple[Evidence, ...]]
) -> bool:
    return value is not None and is_sure(
        name, text, float(len(value) if isinstance(value, str) else value), evidence[name][0]
    )


def _read_limitation(text: str) -> tuple[int, tuple[Evidence, ...]] | None:
    nearest: tuple[int, tuple[Evidence, ...]] | None = None
    for match in _LIMITATION.finditer(text):
        number = read_count(match["days"] or match["days_first"])
        if number is None:
            continue
        length = int(number.value) * (1 if (match["unit"] or match["unit_first"]) in ("天", "日") else 7)
        if nearest is None or length < nearest[0]:
            nearest = length, (evidence_at(text, *match.span()),)
    return nearest
