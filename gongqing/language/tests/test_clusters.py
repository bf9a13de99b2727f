"""Do messages of one matter come together, one by one, and stay?"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongqing.language import clusters
from gongqing.language.clusters import Nearness, Voice, grouped
from gongqing.language.spikes import believed, level_of
from gongqing.language.vectors import meaning_likeness, vector_of, wording_likeness

NIGHT = (
    "下夜班十点半，公交早没了，要走3公里到大路上才打得到车，一个人走心里发毛。",
    "晚班下来没有公交车，厂门口黑漆漆的，走三公里才有车，能不能加一班夜班公交？",
    "来电人称在园区上小夜班，23点下班无公交可乘，步行近3公里才能打到车，建议开通夜间班线。",
    "女职工来电：下夜班没有公交车坐，打车要四十几块，希望园区开通夜班公交。",
)
CANTEEN = ("食堂的菜又贵又冷，夜班没有热饭吃", "夜班食堂只有冷饭，菜价又涨了，希望改善食堂")
WAGES = "厂里三个月没发工资了，我一个人被欠了八千块，问主管一直说再等等。"


def voice(text: str, place: str = "330206001", category: str = "OT04", group: int | None = None) -> Voice:
    return Voice(vector_of("", text), place, category, group)


def test_one_matter_in_many_words_is_one_group() -> None:
    groups = grouped([*map(voice, NIGHT), voice(WAGES, category="LE01")])
    assert len(set(groups[:4])) == 1
    assert groups[4] != groups[0]


def test_the_same_words_elsewhere_need_more_than_their_meaning() -> None:
    far = grouped([voice(NIGHT[0], "330206001"), voice(NIGHT[2], "330212001")])
    assert far[0] != far[1]
    said_again = grouped([voice(NIGHT[0], "330206001"), voice(NIGHT[0], "330212001")])
    assert said_again[0] == said_again[1]


def test_who_has_a_group_keeps_it_and_new_ones_join() -> None:
    groups = grouped([voice(NIGHT[0], group=7), voice(NIGHT[1], group=7), voice(WAGES), voice(NIGHT[3])])
    assert groups == [7, 7, 8, 7]


def test_groups_that_grew_towards_each_other_take_the_smaller_number() -> None:
    voices = [voice(NIGHT[0], group=3), voice(NIGHT[1], group=5), voice(NIGHT[2]), voice(NIGHT[3])]
    assert set(grouped(voices)) == {3}


def test_without_words_everybody_stays_alone() -> None:
    groups = grouped([voice(""), voice("！！"), voice("")])
    assert len(set(groups)) == 3
    assert grouped([]) == []


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_batches_and_numbers_change_nothing_that_was_settled(seed: int) -> None:
    texts = [*NIGHT, *CANTEEN, WAGES]
    Random(seed).shuffle(texts)
    first = grouped([voice(text) for text in texts[:4]])
    both = [voice(text, group=group) for text, group in zip(texts[:4], first, strict=True)]
    again = grouped([*both, *(voice(text) for text in texts[4:])])
    same = [[one == other for one in first] for other in first]
    # what stood together stays together
    assert all(again[row] == again[column] for row in range(4) for column in range(4) if same[row][column])
    assert again == grouped([*both, *(voice(text) for text in texts[4:])])


def near(here: Voice, there: Voice) -> float:
    """The nearness of two voices by the definition, where nothing is common."""
    kinds = Nearness()
    found = wording_likeness(here.vector, there.vector)
    if here.vector.is_empty or there.vector.is_empty:
        return found
    if here.place and here.place == there.place:
        found += kinds.meaning * meaning_likeness(here.vector, there.vector) + kinds.place
    return found + (kinds.category if here.category and here.category == there.category else 0)


def as_defined(voices: list[Voice]) -> list[int]:
    """The groups by the definition alone, each pair looked at by itself."""
    kinds = Nearness()

    def score(row: int, members: list[int]) -> float:
        nearest = sorted((near(voices[row], voices[other]) for other in members), reverse=True)[:2]
        return round(sum(nearest) / len(nearest), clusters.ALIKE)

    def mean(one: list[int], other: list[int]) -> float:
        found = sum(near(voices[a], voices[b]) for a in one for b in other) / len(one) / len(other)
        return round(found, clusters.ALIKE)

    groups: dict[int, list[int]] = {}
    for row, each in enumerate(voices):
        if each.group is not None:
            groups.setdefault(each.group, []).append(row)
    touched = set()
    following = max(groups, default=-1) + 1
    for row in [row for row, each in enumerate(voices) if each.group is None]:
        scores = {number: score(row, groups[number]) for number in sorted(groups)}
        best = max(scores, key=lambda number: scores[number], default=-1)
        if best < 0 or scores[best] < kinds.joins:
            best, following = following, following + 1
        groups.setdefault(best, []).append(row)
        touched.add(best)
    while touched:
        pairs = [(-mean(groups[one], groups[other]), one, other) for one in touched for other in groups if one != other]
        touched, changed = set(), set()
        for nearness, one, other in sorted(pairs):
            if -nearness >= kinds.merges and not {one, other} & changed:
                groups[min(one, other)] += groups.pop(max(one, other))
                changed |= {one, other}
                touched.add(min(one, other))
    placed = {row: number for number, members in groups.items() for row in members}
    new = sorted(set(placed.values()) - {each.group for each in voices})
    first = max((each.group for each in voices if each.group is not None), default=-1) + 1
    outer = {number: first + place for place, number in enumerate(new)}
    return [outer.get(placed[row], placed[row]) for row in range(len(voices))]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from([1, 3, 512]), st.integers(2, 9), st.sampled_from([0, 8, 1_000]))
def test_slices_give_what_the_definition_gives(seed: int, together: int, piece: int, looked_up: int) -> None:
    rng = Random(seed)
    texts = [
        *NIGHT,
        *CANTEEN,
        WAGES,
        "",
        "工地上欠薪三个月，老板说没钱",
        "食堂饭菜冷，夜班吃不上热饭",
        "公交夜班线什么时候开",
    ]
    places, kinds = ("330206001", "330206002", ""), ("OT04", "LE01", "")
    voices = [
        voice(rng.choice(texts), rng.choice(places), rng.choice(kinds), rng.choice([None, None, 4, 6, 9]))
        for _ in range(rng.randint(1, 18))
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clusters, "_SLICE", piece)
        patch.setattr(clusters, "_CELLS", together * len(voices))
        patch.setattr(clusters, "LOOKED_UP", looked_up)  # 0: all are looked up; 1,000: none
        assert grouped(iter(voices)) == as_defined(voices)


def test_nothing_joins_by_place_and_category_alone() -> None:
    kinds = Nearness()
    assert kinds.place + kinds.category < kinds.joins


@pytest.mark.parametrize(
    ("now", "weeks", "is_spike"),
    [
        (6, [0, 0, 0, 0, 0, 0, 0, 0], True),
        (6, [5, 6, 4, 7, 5, 6, 5, 6], False),
        (14, [5, 6, 4, 7, 5, 6, 5, 6], True),
        (14, [0, 19, 1, 15, 0, 2, 22, 0], False),  # it has always scattered that much
        (0, [3, 2, 4, 3, 3, 2, 4, 3], False),
    ],
)
def test_more_than_usual_is_seen_against_the_scatter_of_the_weeks_before(now, weeks, is_spike) -> None:
    level = level_of(now, weeks)
    assert (level.chance < 0.01) is is_spike
    assert level.usual == pytest.approx(sum(weeks) / len(weeks))
    assert (now > level.high) is is_spike


def test_a_level_needs_weeks() -> None:
    with pytest.raises(ValueError, match="before"):
        level_of(3, [])


def test_of_many_tests_few_are_wrong() -> None:
    rng = Random(4)
    nothing = [rng.random() for _ in range(400)]
    assert sum(believed(nothing)) == 0
    found = believed([*nothing, *[1e-6] * 5])
    assert found[400:] == [True] * 5
    assert sum(found[:400]) <= 1
    assert believed([]) == []
