"""Does the reader learn what people correct, forget nothing by it, and keep what cannot be trusted out?"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from gongqing.language import adjusting, training
from gongqing.language.adjusting import Unusable
from gongqing.language.classify import VERSION, classify, shipped_vocabulary
from gongqing.language.fit import invented_messages
from gongqing.language.lessons import Figures, Lesson
from gongqing.language.masking import masked
from gongqing.language.training import by_chance, fit_adjustment, refusals_of, train

TAUGHT = ("DP01", "SC02", "SC05")
GOOD = Figures(200, 0.8, 0.85, 0.95, 0.6, 0.05, 100, 0.9, 0.99)


def material(count: int) -> list[Lesson]:
    """Messages of three categories in a tongue that the shipped reader knows as letters alone.

    Every character stands for another one, which no invented message holds.
    """
    invented = [one for one in invented_messages() if one.origin == "written"]
    told = [[one for one in invented if one.code == code] for code in TAUGHT]
    spoken = sorted({letter for one in invented for letter in one.text})
    unheard = sorted(gram for gram in shipped_vocabulary() if len(gram) == 1 and gram not in spoken and gram > "\u4e00")
    tongue = str.maketrans({letter: unheard[place % len(unheard)] for place, letter in enumerate(spoken)})
    mixed = [one for three in zip(*told, strict=False) for one in three][:count]
    return [
        Lesson(number, "", one.text.translate(tongue), one.code, labour=number % 3 > 0)
        for number, one in enumerate(mixed, start=1)
    ]


@pytest.fixture(scope="module")
def lessons() -> list[Lesson]:
    return material(39)


@pytest.fixture(scope="module")
def adjustment(lessons):
    return fit_adjustment(lessons[:30])


def test_what_was_taught_is_read_and_what_was_not_stays(lessons, adjustment):
    unseen = lessons[30:]
    before = sum(classify(one.text).code == one.code for one in unseen)
    assert sum(classify(one.text, learnt=adjustment).code == one.code for one in unseen) >= before + 3
    others = [one for one in invented_messages() if one.origin == "written"]
    kept = sum(classify(one.text, learnt=adjustment).code == one.code for one in others)
    assert kept >= sum(classify(one.text).code == one.code for one in others) * 0.98


def test_a_reading_says_which_version_spoke(adjustment):
    reading = classify("厂里两个月没发工资", learnt=adjustment)
    assert reading.version == adjustment.version
    assert adjustment.version.startswith(f"{VERSION}+")
    assert len(adjustment.version) <= 32
    assert adjusting.NAME.fullmatch(adjustment.version)


@pytest.mark.parametrize("text", ["", "😀", "9" * 500, "hello", "工资没发", "\x00" * 40])
def test_any_string_is_read(adjustment, text):
    reading = classify(text, learnt=adjustment)
    assert 0 <= reading.confidence <= 1
    assert 0.5 <= reading.labour_confidence <= 1


def test_the_same_lessons_give_the_same_version(lessons):
    assert fit_adjustment(lessons[:20]).version == fit_adjustment(lessons[:20]).version
    assert fit_adjustment(lessons[:20]).version != fit_adjustment(lessons[:21]).version


def test_no_word_enters_that_the_shipped_vocabulary_does_not_hold(adjustment):
    assert set(adjustment.vocabulary) <= set(shipped_vocabulary())


def test_better_is_promoted(lessons, monkeypatch):
    monkeypatch.setattr(training, "LEAST_MATERIAL", 24)
    found = train(lessons, running=None, seen=frozenset())
    assert found.comparison.refusals == ()
    assert found.comparison.gained > found.comparison.lost
    assert found.comparison.after.labour_count == len(lessons)
    assert found.seen == tuple(one.number for one in lessons)


def test_only_what_the_running_one_has_not_seen_is_compared(lessons):
    running = fit_adjustment(lessons[:30])
    found = train(lessons, running=running, seen=frozenset(one.number for one in lessons[:30]))
    assert found.comparison.after.count <= 10
    assert "至少要 100 条" in found.comparison.refusals[0]


def test_what_unlearns_the_shipped_examples_is_refused(monkeypatch):
    monkeypatch.setattr(training, "LEAST_MATERIAL", 40)
    wrong = {"LE01": "LE02", "LE02": "LE01", "LE03": "LE08", "LE08": "LE03", "CD02": "CD04", "CD04": "CD02"}
    told = [one for one in invented_messages() if one.origin == "written" and one.code in wrong]
    found = train(
        [Lesson(number, "", one.text, wrong[one.code]) for number, one in enumerate(told)],
        running=None,
        seen=frozenset(),
    )
    assert any("随附例句" in each for each in found.comparison.refusals)


@pytest.mark.parametrize(
    ("after", "chance", "said"),
    [
        (replace(GOOD, right=0.83), 0.01, ""),
        (replace(GOOD, right=0.805), 0.01, "没有提高"),
        (replace(GOOD, right=0.83), 0.2, "碰巧"),
        (replace(GOOD, right=0.83, surprise=0.7), 0.01, "把握"),
        (replace(GOOD, right=0.83, labour_right=0.85), 0.01, "涉劳动关系"),
        (replace(GOOD, right=0.83, shipped_right=0.9), 0.01, "旧知识"),
        (replace(GOOD, right=0.99, count=99), 0.0, "只有 99 条"),
    ],
)
def test_the_rule_of_promotion(after, chance, said):
    found = refusals_of(GOOD, after, chance=chance)
    assert ("".join(found) == "") if not said else any(said in each for each in found)


def test_chance_is_that_of_a_coin():
    assert by_chance(0, 0) == 1
    assert by_chance(5, 0) == 1 / 32
    assert by_chance(1, 1) == 0.75


def test_what_was_written_is_read_back(adjustment, tmp_path):
    digest = adjusting.write(adjustment, tmp_path / "a", {"seen": [1, 2]})
    found = adjusting.read(tmp_path / "a", fitted_on=VERSION, digest=digest)
    text = "工会会员卡优惠商户不认卡，工资也没发"
    assert classify(text, learnt=found) == classify(text, learnt=adjustment)
    assert adjusting.seen_by(tmp_path / "a") == {1, 2}


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda folder: (folder / "adjustment.npz").unlink(), "缺少文件 adjustment.npz"),
        (lambda folder: (folder / "adjustment.npz").write_bytes(b"PK"), "adjustment.npz 的校验值不对"),
        (lambda folder: (folder / "adjustment.vocabulary.txt").write_text("工\n"), "vocabulary.txt 的校验值不对"),
        (lambda folder: (folder / "card.json").write_text("{"), "card.json 读不懂"),
        (lambda folder: (folder / "card.json").write_text("[]"), "缺少内容"),
    ],
)
def test_broken_files_are_refused_with_the_reason(adjustment, tmp_path, break_it, said):
    adjusting.write(adjustment, tmp_path / "a", {})
    break_it(tmp_path / "a")
    with pytest.raises(Unusable, match=said):
        adjusting.read(tmp_path / "a", fitted_on=VERSION)


@pytest.mark.parametrize("change", [{"weights": "nan"}, {"weights": "narrow"}, {"rarity": "objects"}])
def test_numbers_that_are_none_are_refused_though_their_digests_fit(adjustment, tmp_path, change):
    folder = tmp_path / "a"
    adjusting.write(adjustment, folder, {})
    with np.load(folder / "adjustment.npz") as numbers:
        held = {name: numbers[name] for name in numbers.files}
    if change == {"weights": "nan"}:
        held["weights"] = held["weights"] * np.nan
    elif change == {"weights": "narrow"}:
        held["weights"] = held["weights"][:, :5]
    else:
        held["rarity"] = np.array([object()] * len(held["rarity"]), object)
    np.savez_compressed(folder / "adjustment.npz", **held)
    card = json.loads((folder / "card.json").read_text("utf-8"))
    card["files"]["adjustment.npz"] = adjusting.crypto.digest((folder / "adjustment.npz").read_bytes())
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    with pytest.raises(Unusable, match="读不懂"):
        adjusting.read(folder, fitted_on=VERSION)


def test_other_shipped_weights_need_another_training(adjustment, tmp_path):
    adjusting.write(adjustment, tmp_path / "a", {})
    with pytest.raises(Unusable, match="请重新训练"):
        adjusting.read(tmp_path / "a", fitted_on="linear-00000000")


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("我叫王小明，电话138 0041 7000", ("王小明", "7000", "0041")),
        ("身份证330203199001011234", ("330203", "1234")),
        ("住在春华路18号3幢502室", ("春华路", "18号", "502")),
        ("在宁波恒达五金有限公司上班", ("恒达",)),
        ("微信号wxk_88912，邮箱abc.d@qq.com", ("wxk_88912", "abc.d")),
        ("车牌浙B·12345，卡6222 0213 0001 2345 678", ("12345", "6222")),
        ("单位电话0574-87654321", ("87654321",)),
        ("工头周建国不给钱", ("周建国",)),
        ("手机138.0041.7000", ("0041",)),
        ("电话一三八零零四一七零零零", ("四一七",)),
        ("号码１３８００４１７０００", ("７０００",)),
        ("138oo417ooo是我", ("417",)),
        ("身份证三三零二零三一九九零零一零一一二三四", ("零一一二",)),
        ("车牌浙b12345", ("12345",)),
        ("vx:lihua2020", ("lihua2020",)),
        ("加微lihua2020", ("lihua2020",)),
        ("abc＠qq.com", ("abc",)),
        ("abc艾特qq点com", ("abc",)),
        ("扣扣88991", ("88991",)),
    ],
)
def test_nobody_is_left_in_a_masked_text(text, gone):
    found = masked(text, names=["王小明"])
    assert not any(word in found for word in gone)
    assert masked(found) == found


@pytest.mark.parametrize(
    "text",
    [
        "从2025-10-13到2025-12-31",
        "二〇二五年十月欠二十三万五千六百元",
        "每月15号发工资，10月13号没发",
        "欠了1500000元，32个人",
        "打12333问过，3号线那边说了",
        "",
    ],
)
def test_what_the_matter_is_about_stays(text):
    assert masked(text).replace("某单位 ", "") == text
