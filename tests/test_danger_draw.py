"""Are letters drawn once, counted for what they stand for, and those of the fourth set in no table that teaches?"""

import csv
from pathlib import Path

import pytest

from bench import danger_draw
from gongqing.language.material import LABELS

SET = ("passed4", "blind4")
KINDS = {"G11", "G12", "COLLECTIVE", "DEATH", "FORCED", "VIOLENCE"}
TEXTS = {
    "a1": "厂里三个月没有发工资了，请帮忙要回来",
    "a2": "请问退休手续要到哪个窗口办理",
    "a3": "食堂的饭菜又贵又少，希望改一改",
    "a4": "夜班没有热水，宿舍窗户也关不上",
}


@pytest.fixture(autouse=True)
def _strata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(danger_draw, "stratum_of", lambda letter: "words" if "工资" in letter else "rest")


def _rows(name: str) -> list[dict[str, str]]:
    with (LABELS / f"danger_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_lowest_digests_stand_for_their_stratum() -> None:
    found = danger_draw.drawn(TEXTS, [], {"words": 5, "rest": 2})
    assert found == [("a1", "words", 1.0), ("a2", "rest", 1.5), ("a3", "rest", 1.5)]


def test_a_letter_read_before_is_not_drawn_again_but_stood_for() -> None:
    found = danger_draw.drawn(TEXTS, [], {"words": 5, "rest": 5}, {"a3"})
    assert found == [("a1", "words", 1.0), ("a2", "rest", 1.5), ("a4", "rest", 1.5)]


def test_what_nearly_repeats_a_known_letter_or_one_of_another_stratum_is_passed_over() -> None:
    twin = TEXTS["a1"].replace("工资", "薪水")
    found = danger_draw.drawn({**TEXTS, "a5": twin}, [TEXTS["a2"]], {"words": 5, "rest": 5})
    assert [digest for digest, _, _ in found] == ["a1", "a3", "a4"]


@pytest.mark.parametrize("part", SET)
def test_letters_about_work_begin_with_the_digits_of_their_part(part: str, tmp_path: Path) -> None:
    texts = [f"{number}号车间{text}" for number in range(20) for text in TEXTS.values()]
    for name in danger_draw.POOLS["passed4"]:
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerows([("title", "text", "labour"), *(("", text, "1") for text in texts)])
    found = danger_draw.letters_of_workers(tmp_path, part)
    whole = danger_draw.letters(tmp_path, danger_draw.POOLS[part])
    assert found == {
        digest: text for digest, text in whole.items() if digest.startswith(tuple(danger_draw.FIRST_DIGITS[part]))
    }
    assert 0 < len(found) < len(whole)


@pytest.mark.parametrize("part", SET)
def test_the_fourth_set_is_whole_and_in_no_other_table(part: str) -> None:
    rows = _rows(part)
    digests = {row["digest"] for row in rows}
    others = [file.stem.removeprefix("danger_") for file in LABELS.glob("danger_*.csv") if part not in file.stem]
    named = {row["digest"] for name in others for row in _rows(name) if "digest" in row}
    with (LABELS / "taught.csv").open(encoding="utf-8", newline="") as file:
        named |= {row["digest"] for row in csv.DictReader(file)}
    assert len(digests) == len(rows) > 0
    assert not digests & named
    assert {digest[0] for digest in digests} <= set(danger_draw.FIRST_DIGITS[part])
    for row in rows:
        assert row["stratum"] in danger_draw.STRATA
        assert float(row["weight"]) >= 1
        assert row["doubt"] in {"0", "1"}
        assert (row["kind"] in KINDS) == (row["danger"] == "1")
