"""`gongqing language fit-danger --meant`, from read letters to a file that doubts: small, invented, whole."""

import csv
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from gongqing.language import command, danger, fit_meant
from gongqing.language.facts import Flag, meant
from gongqing.language.material import letter_digest

MEANT = (
    ["昨晚保安", "工头", "今天早上队长", "老板的弟弟", "领班"],
    ["把我打伤了，流了很多血", "动手打人，工友头上缝了针", "恐吓我们说见一次打一次", "带社会人员围殴讨薪的工友", "暴打一个学徒，已经报警"],
)  # fmt: skip
OTHER = (
    ["楼下的烧烤摊", "电站的噪音", "污水", "灰尘", "旁边的工地"],
    ["严重威胁我的健康，请环保来查", "让作息时间被打扰，请改一改", "已经受到威胁的是饮用水安全", "天天被打乱作息，请处理", "威胁我家房屋的安全"],
)  # fmt: skip
HEADS = ("danger_real.csv", "danger_real2.csv", "danger_real3.csv", "danger_blind3.csv")
NEVER = "鹈鹕"
"""Stands in letters alone."""


def _letters() -> list[tuple[str, bool]]:
    meant_ones = [(f"{a}{b}。{NEVER}路{number}号", True) for number, (a, b) in enumerate(product(*MEANT))]
    return meant_ones + [(f"{a}{b}。{NEVER}路{number}号", False) for number, (a, b) in enumerate(product(*OTHER))]


def _tables(folder: Path, *, turned: bool = False) -> None:
    letters = _letters()[:: -1 if turned else 1]
    for name, own in (("messages.csv", letters), ("hot_topics.csv", []), ("replies.csv", [])):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("title", "text"))
            writer.writerows(("来信", text) for text, _ in own)
    for number, name in enumerate(HEADS):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("digest", "stratum", "weight", "danger", "kind", "doubt"))
            for at, (text, is_danger) in enumerate(letters):
                if (len(letters) - 1 - at if turned else at) % len(HEADS) == number:
                    writer.writerow((letter_digest("来信", text), "graded", 1, int(is_danger), "VIOLENCE", 0))


def _fit(folder: Path, out: Path) -> int:
    return command.main(["fit-danger", "--meant", "--data", str(folder), "--labels", str(folder), "--out", str(out)])


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [("VIOLENCE", f"{a}{b}") for a, b in product(*MEANT)] + [("none", f"{a}{b}") for a, b in product(*OTHER)]
    cases = [{"rule": rule, "text": text} for rule, text in lines]
    monkeypatch.setattr(fit_meant, "invented_signs", lambda: cases)


@pytest.fixture
def fitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invented: None) -> Path:
    _tables(tmp_path)
    out = tmp_path / "danger_meant.txt"
    assert _fit(tmp_path, out) == 0
    opened = meant._opened.__wrapped__
    monkeypatch.setattr(meant, "_opened", lambda: opened(out))
    return out


def test_what_is_fitted_tells_signs_apart_that_it_was_not_taught(fitted: Path) -> None:
    said = {}
    for text, words in (("厂长的司机把我打伤了，流血", "打伤"), ("烟囱的灰严重威胁我的健康，请来查", "威胁我")):
        place = text.index(words)
        said[words] = meant.score(text, Flag.VIOLENCE, place, place + len(words))
    least = meant._opened().least
    assert said["打伤"] > said["威胁我"]
    assert said["打伤"] >= least


def test_no_n_gram_of_a_letter_has_a_weight(fitted: Path) -> None:
    rows = [line.rsplit("\t", 1)[0] for line in fitted.read_text(encoding="utf-8").splitlines()[1:]]
    assert any(meant.gram_of(row) for row in rows)
    known = fit_meant.invented_grams()
    assert all(meant.gram_of(row) in known for row in rows if meant.gram_of(row))
    assert not [row for row in rows if "鹈" in row]


def test_the_same_letters_in_another_order_give_the_same_file(fitted: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    _tables(again, turned=True)
    assert _fit(again, again / "danger_meant.txt") == 0
    assert (again / "danger_meant.txt").read_bytes() == fitted.read_bytes()
    head, _, body = fitted.read_text(encoding="utf-8").partition("\n")
    assert head.split("\t")[2] == danger.digest_of(body)


def test_the_threshold_spares_no_more_danger_than_is_allowed(tmp_path: Path, invented: None) -> None:
    _tables(tmp_path)
    letters = fit_meant.read_letters(tmp_path, tmp_path)
    signs = fit_meant.signs_of(letters, fit_meant.invented_grams())
    scores = np.random.default_rng(5).normal(size=len(signs.told))
    danger_there = np.array([letter.is_danger for letter in letters])
    for loss in (0.0, 0.05, 0.2):
        least = fit_meant.threshold(letters, signs, scores, loss)
        lost = (fit_meant.highest(letters, signs, scores) < least)[danger_there]
        assert lost.mean() <= loss
        assert (scores[(signs.letter < 0) & signs.meant] < least).mean() <= loss


def test_a_letter_with_a_firm_sign_is_never_spared(tmp_path: Path, invented: None) -> None:
    _tables(tmp_path)
    letters = fit_meant.read_letters(tmp_path, tmp_path)
    firm = [fit_meant.Letter(letter.row, letter.text, letter.asked, firm=True) for letter in letters]
    signs = fit_meant.signs_of(firm, fit_meant.invented_grams())
    assert np.isinf(fit_meant.highest(firm, signs, np.full(len(signs.told), -9.0))).all()


def test_signs_away_from_the_marked_words_and_doubtful_calm_letters_do_not_teach(invented: None) -> None:
    text = "保安把我打伤了。" + "厂里的事情还有很多要说。" * 12 + "他们又动手打人了"
    row = {"danger": "1", "doubt": "0", "start": "3", "end": "5"}
    asked = tuple((Flag.VIOLENCE, text.index(words), text.index(words) + 2) for words in ("打伤", "打人"))
    calm = {"danger": "0", "doubt": "1"}
    letters = [fit_meant.Letter(row, text, asked, firm=False), fit_meant.Letter(calm, text, asked[:1], firm=False)]
    signs = fit_meant.signs_of(letters, fit_meant.invented_grams())
    assert signs.taught[:3].tolist() == [True, False, False]


def test_letters_that_are_not_in_the_data_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _tables(tmp_path)
    (tmp_path / "messages.csv").write_text("title,text\n来信,别的\n", encoding="utf-8")
    assert _fit(tmp_path, tmp_path / "out.txt") == 2
    assert "找不到" in capsys.readouterr().err
    assert not (tmp_path / "out.txt").exists()
