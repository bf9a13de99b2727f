"""Which words of a text carried the choice, as people would read them?

Every n-gram's pull is spread over its characters; the text is cut into words of a small lexicon, and the words and
short phrases under which most of the pull lies are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SHOWN = 5
_LONGEST_WORD, _LONGEST_PHRASE = 5, 8
_UNKNOWN = -16.0
"""How unlikely a single character is that is no word of the lexicon."""
_SHARE = 0.15
"""A word is shown when it carries at least this share of what the strongest carries."""
_RUNS = 5
_EMPTY_WORDS = (
    "我们 你们 他们 她们 我的 自己 大家 这个 那个 这些 那些 什么 怎么 怎样 为什么 如何 一个 没有 可以 现在 已经 还是 "
    "就是 不是 因为 所以 但是 如果 而且 或者 以及 并且 进行 问题 情况 请问 您好 你好 谢谢 领导 希望 相关 有关 可是 "
    "一直 时候 今天 知道 这样 那样 不能 一下 一些 其他 之后 以后 以前 目前 不会 不要 还有 只是 只有 都是 也是 不知 "
    "尊敬 关于 是否 能否 "
)
_EMPTY = frozenset(_EMPTY_WORDS.split())
"""Words that stand in every text."""


def carrying_words(runs: Sequence[str], pulls: Mapping[str, float], lexicon: Mapping[str, float]) -> tuple[str, ...]:
    """At most five words or short phrases of the runs, the strongest first.

    Args:
        runs: stretches of text without a break.
        pulls: how far each n-gram spoke for the choice.
        lexicon: words and the logarithm of their share.
    """
    weighed = [(run, _weights(run, pulls)) for run in dict.fromkeys(runs) if len(run) > 1]
    weighed.sort(key=lambda pair: -max(pair[1]))
    found: dict[str, float] = {}
    for run, weights in weighed[:_RUNS]:
        for start, end in _phrases(_cut(run, lexicon), run, weights):
            words = run[start:end]
            found[words] = max(found.get(words, 0.0), sum(weights[start:end]))
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    kept: list[str] = []
    for words, weight in ranked:
        if weight < _SHARE * ranked[0][1] or len(kept) == SHOWN:
            break
        if not any(words in other or other in words for other in kept):
            kept.append(words)
    return tuple(kept)


def _weights(run: str, pulls: Mapping[str, float]) -> list[float]:
    """How much of the pull lies under each character."""
    weights = [0.0] * len(run)
    found = pulls.get
    for start in range(len(run) - 1):
        pull = found(run[start : start + 2], 0.0) / 2
        further = found(run[start : start + 3], 0.0) / 3 if start + 3 <= len(run) else 0.0
        if pull or further:
            weights[start] += pull + further
            weights[start + 1] += pull + further
            if further:
                weights[start + 2] += further
    return weights


def _cut(run: str, lexicon: Mapping[str, float]) -> list[tuple[int, int]]:
    """The likeliest way to cut a run into words."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    found = lexicon.get
    for end in range(1, len(run) + 1):
        most, cut = best[end - 1][0] + found(run[end - 1], _UNKNOWN), end - 1
        for start in range(end - 2, max(0, end - _LONGEST_WORD) - 1, -1):
            likely = found(run[start:end])
            if likely is not None and best[start][0] + likely > most:
                most, cut = best[start][0] + likely, start
        best.append((most, cut))
    words: list[tuple[int, int]] = []
    end = len(run)
    while end:
        words.append((best[end][1], end))
        end = best[end][1]
    return words[::-1]


def _phrases(words: Sequence[tuple[int, int]], run: str, weights: Sequence[float]) -> list[tuple[int, int]]:
    """Words that pull, joined with their neighbours that pull as well; single characters stand only between words."""
    means = [_mean(weights, *word) for word in words]
    height = max(means, default=0.0) / 3
    found: list[list[tuple[int, int]]] = []
    for word, mean in zip(words, means, strict=True):
        piece = run[slice(*word)]
        strong = height > 0 and mean >= height and piece not in _EMPTY and _is_chinese(piece)
        if strong and found and found[-1][-1][1] == word[0] and word[1] - found[-1][0][0] <= _LONGEST_PHRASE:
            found[-1].append(word)
        elif strong:
            found.append([word])
    return [ends for phrase in found if (ends := _trimmed(phrase)) is not None]


def _trimmed(phrase: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    long = [word for word in phrase if word[1] - word[0] > 1]
    return (long[0][0], long[-1][1]) if long else None


def _is_chinese(piece: str) -> bool:
    return all(letter >= "\u4e00" for letter in piece)


def _mean(weights: Sequence[float], start: int, end: int) -> float:
    return sum(weights[start:end]) / (end - start)
