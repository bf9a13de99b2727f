"""Labels without texts find their messages; near-duplicates share a group; the reader learns from little."""

from pathlib import Path

import numpy as np
import pytest

from gongqing.language import fit, fit_material, material
from gongqing.lib.errors import BadInput


def _folder(tmp_path: Path) -> tuple[Path, Path]:
    data, labels = tmp_path / "data", tmp_path / "labels"
    data.mkdir()
    labels.mkdir()
    (data / "appeals_labelled.csv").write_text(
        "id,title,text,labour,code,code2\nm1,欠薪,老板拖欠我们工资三个月,1,LE01,LE06\n", encoding="utf-8"
    )
    (data / "messages.csv").write_text(
        "title,text\n甲,第零行的话\n乙,第一行的话\n欠薪,老板拖欠我们工资三个月\n", encoding="utf-8"
    )
    (labels / "new_1.csv").write_text(
        "id,labour,code,code2,kind,need,grade,crisis,workers,amount,months\n"
        "1,0,OT04,,suggest,1,green,0,,,\n2,1,LE01,,request,0,green,0,,,\n0,1,XX99,,request,0,green,0,,,\n",
        encoding="utf-8",
    )
    (labels / "more_1.csv").write_text("id,kind,need,crisis,months\nm1,request,0,1,3\n", encoding="utf-8")
    return data, labels


def test_labels_find_their_rows_and_repeat_nobody(tmp_path: Path) -> None:
    found = material.real_messages(*_folder(tmp_path))
    assert [(m.title, m.code, m.purpose, m.need, m.crisis, m.months, m.later) for m in found] == [
        ("欠薪", "LE01", "request", False, True, "3", False),
        ("乙", "OT04", "suggest", True, False, "", True),
    ]


def test_labels_without_their_messages_are_bad_input(tmp_path: Path) -> None:
    data, labels = _folder(tmp_path)
    (data / "messages.csv").unlink()
    with pytest.raises(BadInput, match=r"messages\.csv"):
        material.real_messages(data, labels)


def test_labels_of_other_data_are_bad_input(tmp_path: Path) -> None:
    data, labels = _folder(tmp_path)
    (data / "messages.csv").write_text("title,text\n甲,第零行的话\n", encoding="utf-8")
    with pytest.raises(BadInput, match="第 1 行"):
        material.real_messages(data, labels)


def test_letters_that_only_teach_are_found_by_their_digests(tmp_path: Path) -> None:
    data, labels = _folder(tmp_path)
    assert material.taught_messages(data, labels) == []
    _teach(labels, material.letter_digest("乙", "第一行的话"))
    found = material.taught_messages(data, labels)
    assert [(m.title, m.text, m.code, m.labour, m.origin) for m in found] == [
        ("乙", "第一行的话", "OT04", False, "taught")
    ]
    assert "taught" in fit_material.TEACHING
    assert "taught" not in fit_material.JUDGED


def test_a_letter_to_teach_that_the_data_lack_is_bad_input(tmp_path: Path) -> None:
    data, labels = _folder(tmp_path)
    _teach(labels, "0123456789abcdef")
    with pytest.raises(BadInput, match="0123456789abcdef"):
        material.taught_messages(data, labels)


def _teach(labels: Path, digest: str) -> None:
    (labels / "taught.csv").write_text(f"digest,labour,code,code2,doubt\n{digest},0,OT04,,0\n", encoding="utf-8")


def test_what_nearly_repeats_a_judged_message_does_not_teach_its_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    real = [material.Message("", "", "LE01", "", True, "real") for _ in range(10)]
    taught = [material.Message("", "", "LE01", "", True, "taught") for _ in range(2)]
    groups = np.array([*range(10), 3, 99])
    whole = type("Stand", (), {"messages": [*real, *taught], "groups": groups})()
    learnt_from: list[np.ndarray] = []
    scores = fit.Scores(np.zeros((2, len(fit.ANSWERS))), np.zeros((2, len(fit.ANSWERS))))

    def encoder(material: object, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        learnt_from.append(places)
        return np.zeros((0, 0)), np.zeros(0)

    monkeypatch.setattr(fit, "_learn_encoder", encoder)
    monkeypatch.setattr(fit, "_learn_ngrams", lambda *_: (None, None))
    monkeypatch.setattr(fit, "scores_of", lambda *_, **__: scores)
    held = fit.held_scores(whole, np.arange(10), np.array([10, 11]))
    assert len(learnt_from) == fit.FOLDS
    assert all((10 in known) == (held.fold[3] != number) for number, known in enumerate(learnt_from))
    assert all(11 in known for known in learnt_from)


def test_near_duplicates_share_a_group() -> None:
    text = "老板拖欠我们三个月工资，去要了好几次都说没有钱，让我们再等等"
    groups = material.near_duplicate_groups([text, f"{text}，谢谢", "小区门口的路灯坏了很久没有人来修理，晚上很黑"])
    assert groups[0] == groups[1] != groups[2]


def test_what_is_learnt_from_written_messages_tells_them_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_material, "embed", lambda text, title="": np.full(fit.WIDTH, len(text) / 100, np.float32))
    monkeypatch.setattr(fit_material, "names_in", lambda texts: frozenset())
    written = [m for m in material.invented_messages() if m.code in ("LE01", "SC01") and m.origin == "written"]
    whole = fit.Material.of(written)
    places = np.arange(len(written))
    learnt = fit.learn(whole, places, 6)
    scores = fit.scores_of(learnt, whole, places).ngrams
    said = [fit.CODES[row] for row in scores[:, : len(fit.CODES)].argmax(axis=1)]
    assert np.mean([code == message.code for code, message in zip(said, written, strict=True)]) > 0.9
    assert learnt.ngrams.vocabulary == fit.learn(whole, places, 6).ngrams.vocabulary


def test_a_message_teaches_once_more_without_its_title(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_material, "embed", lambda text, title="": np.full(fit.WIDTH, len(title), np.float32))
    monkeypatch.setattr(fit_material, "names_in", lambda texts: frozenset())
    kinds = {"LE01": ("欠薪", "老板没有发工资，去要了也不给"), "OT04": ("停车", "小区门口没有地方停放车辆")}
    real = [
        material.Message(title, f"{text}第{number}次", code, "", code == "LE01", "real")
        for number in range(4)
        for code, (title, text) in kinds.items()
    ]
    whole = fit.Material.of([*real, material.Message("", "老板没有发工资", "LE01", "", True, "phrase")])
    column = whole.grams.index("欠薪")
    assert whole.titles[0, column] == whole.counts[0, column] == 1
    assert (whole.counted(6)[0, column], whole.untitled[0, column]) == (6, 0)
    assert (whole.meanings[0, 0], whole.untitled_meanings[0, 0], whole.untitled_meanings[-1, 0]) == (2, 0, 0)
    whole.groups[:] = np.arange(len(whole.groups))
    learnt = fit.learn(whole, np.arange(len(whole.messages)), 6)
    for untitled in (False, True):
        said = fit.scores_of(learnt, whole, np.arange(len(real)), untitled=untitled).ngrams
        chosen = [fit.CODES[row] for row in said[:, : len(fit.CODES)].argmax(axis=1)]
        assert chosen == [message.code for message in real]


def test_how_often_the_title_counts_is_what_makes_held_out_messages_likeliest() -> None:
    wages, parking = (fit.CODES.index(code) for code in ("LE01", "OT04"))
    messages = [material.Message("", "", "LE01" if row % 2 else "OT04", "", False, "real") for row in range(20)]
    right, wrong = np.zeros((20, len(fit.ANSWERS))), np.zeros((20, len(fit.ANSWERS)))
    for row in range(20):
        right[row, wages if row % 2 else parking] = 1
        wrong[row, parking if row % 2 else wages] = 1
    nothing = np.zeros((20, len(fit.ANSWERS)))
    whole = type("Stand", (), {"messages": messages})()
    held = {1: fit.Scores(wrong, nothing), 6: fit.Scores(right, nothing)}
    assert fit.best_times(whole, np.arange(20), held) == 6
