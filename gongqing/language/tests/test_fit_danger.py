"""`gongqing language fit-danger`, from tables to a file that hears: small, invented, whole."""

import csv
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from gongqing.language import command, danger, danger_meaning, fit_danger
from gongqing.language.encoder import embed

HARM = [
    ("G11", ["我把绳子系在梁上了", "我把后山的井看好了", "我在河边坐了一夜", "窗户我已经打开了"], ["不想再拖累谁", "就差最后一步", "家里都交代过了"]),
    ("G12", ["我让他这辈子走不了路", "我迟早收拾他一家", "谁签的字我剁谁的手", "他下夜班最好别落单"], ["说到做到", "叫他记一辈子", "大不了一起完"]),
    ("COLLECTIVE", ["三个班组约好了后天不开机", "大伙把车横在厂门口", "几十号人睡在办公楼里"], ["一个都不许走", "叫全城都看见", "不给话就不散"]),
    ("VIOLENCE", ["他带人进宿舍拿棍子抽我们", "队长一脚把人踹下楼梯"], ["脸上都是血", "还不许送医院", "还说见一回收拾一回"]),
]  # fmt: skip
CALM = (["食堂的菜咸了", "宿舍热水不够", "请问年假怎么算", "厂车早上来得晚", "工资条看不懂", "想报名乒乓球赛"],
        ["麻烦改一改", "谢谢工会", "想问一下", "大家都这么说", "这个月第二回了"])  # fmt: skip
NEVER = "鹈鹕"
"""Stands in real messages alone."""


def _cases() -> list[dict[str, str]]:
    threats = [{"rule": rule, "text": f"{a}，{b}"} for rule, first, second in HARM for a, b in product(first, second)]
    return threats + [{"rule": "none", "text": f"{a}，{b}。"} for a, b in product(*CALM)]


def _tables(folder: Path) -> None:
    told = ["小区路灯坏了", "公交车总是晚点", "请问社保在哪里办", "河边的步道很好", "单位窗户漏风", "想给孩子办转学"]
    rows = [
        {"title": head, "text": f"{head}，{tail}，{NEVER}公园{number}。"}
        for number, (head, tail) in enumerate(product(told, ["麻烦看看", "希望改善", "已经半年了", "大家盼着", "谢谢"]))
    ]
    rows.append({"title": "急", "text": "我不想活了，今晚就从楼顶跳下去"})
    rows.append({"title": "急", "text": "有人说后山的井他看好了"})
    for name, table, more in (
        ("messages.csv", rows, {}),
        ("appeals_labelled.csv", rows[-1:], {"id": "m1", "labour": "1", "code": "LE01", "code2": "", "crisis": "1"}),
    ):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*rows[0], *more])
            writer.writeheader()
            writer.writerows({**row, **more} for row in table)


def _fit(folder: Path, out: Path) -> int:
    return command.main(["fit-danger", "--data", str(folder), "--labels", str(folder), "--out", str(out)])


@pytest.fixture
def fitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    _tables(tmp_path)
    monkeypatch.setattr(fit_danger, "invented_cases", _cases)
    out = tmp_path / "danger.txt"
    assert _fit(tmp_path, out) == 0
    for module in (danger, danger_meaning):
        opened: Callable[[Path], object] = module._opened
        file = out.with_name(module.WEIGHTS.name)
        monkeypatch.setattr(module, "_opened", lambda opened=opened, file=file: opened(file))
    return out


def test_what_is_fitted_hears_threats_that_it_was_not_taught(fitted: Path) -> None:
    heard = {text: danger.dangers(text) for text in ("绳子在梁上系好了，谁我都不拖累", "我剁了他的手，说到做到")}
    assert [[each.kind for each in found] for found in heard.values()] == [[danger.Kind.SELF], [danger.Kind.OTHERS]]
    assert danger.dangers("约好后天大伙睡在厂门口，不给话一个都不走")
    for calm in ("食堂热水不够，麻烦工会改一改", "请问厂车早上怎么算", "想问一下乒乓球赛", ""):
        assert danger.dangers(calm) == []


def test_the_other_dangers_have_a_model_of_their_own(fitted: Path) -> None:
    said = {text: danger.scores(text) for text in ("约好后天大伙睡在厂门口", "他带人拿棍子踹工友", "绳子在梁上系好了")}
    gathering, beaten, harm = filter(None, said.values())
    assert min(gathering[1], beaten[1]) > harm[1]
    assert min(gathering[1], beaten[1]) >= danger._opened().least.more
    assert danger.scores(NEVER) is None


def test_the_model_of_meanings_is_fitted_with_it_and_reads_what_is_near(fitted: Path) -> None:
    model = danger_meaning._opened()
    assert model.lowest < 0
    assert not np.isnan(model.least)
    near = danger_meaning.near_pieces("这个月宿舍窗户打开过一夜")
    assert all(model.lowest <= piece.margin < 0 for piece in near)
    calm = np.stack([embed(text)[: danger_meaning.NUMBERS] for text in ("食堂的菜咸了，谢谢工会", "请问年假怎么算")])
    harm = np.stack([embed(text)[: danger_meaning.NUMBERS] for text in ("绳子系好了，不想再拖累", "我让他走不了路")])
    assert (calm @ model.weights).max() < (harm @ model.weights).min()


def test_real_messages_give_no_n_gram_and_threats_among_them_do_not_teach(fitted: Path, tmp_path: Path) -> None:
    vocabulary = {line.split("\t")[0] for line in fitted.read_text(encoding="utf-8").splitlines()[1:]}
    assert {"绳子", "系在梁"} <= vocabulary
    assert not [gram for gram in vocabulary if NEVER in gram]
    teaching, judging = fit_danger.calm_messages(tmp_path, tmp_path)
    assert len(teaching) + len(judging) == 30
    assert not [text for text in (*teaching, *judging) if text.startswith("急")]


def test_the_half_of_a_message_follows_from_its_own_text(tmp_path: Path) -> None:
    _tables(tmp_path)
    halves = fit_danger.calm_messages(tmp_path, tmp_path)
    table = tmp_path / "messages.csv"
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([head, "新,新来的一封信，问问班车几点到", *reversed(rows[7:])]), encoding="utf-8")
    for before, after in zip(halves, fit_danger.calm_messages(tmp_path, tmp_path), strict=True):
        assert before
        old = [text for text in after if not text.startswith("新")]
        assert old == [text for text in before if text in set(old)]
    assert all(map(fit_danger.teaches, halves[0]))
    assert not any(map(fit_danger.teaches, halves[1]))


def test_the_same_tables_give_the_same_files(fitted: Path, tmp_path: Path) -> None:
    again = tmp_path / "again" / "danger.txt"
    again.parent.mkdir()
    fit_danger.fit_danger(tmp_path, again, tmp_path)
    for name in ("danger.txt", "danger_meaning.txt"):
        assert (again.with_name(name)).read_bytes() == fitted.with_name(name).read_bytes()


def test_a_missing_table_is_named_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _tables(tmp_path)
    (tmp_path / "messages.csv").unlink()
    out = tmp_path / "danger.txt"
    assert _fit(tmp_path, out) == 2
    assert "messages.csv" in capsys.readouterr().err
    assert not out.exists()
