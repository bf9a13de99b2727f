"""Is the dictionary that is held as numbers the one that was read?"""

from __future__ import annotations

from pathlib import Path

import jieba

from gongqing.language.cutting import _cutter, tagged_words_of, words_of

DICTIONARY = Path(jieba.__file__).parent / "dict.txt"


def test_every_word_has_its_own_frequency_and_kind() -> None:
    rows = [line.split() for line in DICTIONARY.read_text(encoding="utf-8").splitlines()]
    last = {word: (int(often), kind) for word, often, kind in rows}
    held = _cutter().tokenizer.FREQ
    for word in [*list(last)[::50], "夜班", "公交"]:
        assert (held[word], _cutter().word_tag_tab.get(word, "x")) == last[word]
    assert sum(int(often) for _, often, _ in rows) == _cutter().tokenizer.total


def test_letters_are_no_word_of_equal_bytes() -> None:
    held = _cutter().tokenizer.FREQ
    assert hash("BP") == hash("偂")
    assert (held["BP"], held["偂"]) == (0, 47)
    assert "没有这样的词" not in held
    assert held.get("没有这样的词") is None


def test_a_text_is_cut_into_words_and_kinds() -> None:
    assert list(words_of("下夜班没有公交车坐")) == ["下", "夜班", "没有", "公交车", "坐"]
    assert ("张建国", "nr") in list(tagged_words_of("来电人张建国反映夜班没有公交车"))
