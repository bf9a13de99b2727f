"""Where does a word of a Chinese text begin and end, and what kind of word is it?

The cutting is jieba's, its dictionary is held as sorted numbers: of each word the hash, how often it is said and its
kind. That takes a twelfth of the memory of two tables of texts, and no file of it is kept outside the installation.
"""

from __future__ import annotations

import io
import logging
import pickle
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

TABLES = ("finalseg.prob_emit", "posseg.prob_emit", "posseg.char_state_tab")


def words_of(run: str) -> Iterator[str]:
    """The words of a run of text, in order."""
    found: Iterator[str] = _cutter().tokenizer.cut(run)
    return found


def tagged_words_of(text: str) -> Iterator[tuple[str, str]]:
    """The words of a text with their kind: `nr` for what may be a person's name."""
    return ((pair.word, pair.flag) for pair in _cutter().cut(text))


class _Table:
    """A number for each text, found by its hash."""

    def __init__(self, hashes: array[int], numbers: array[int]) -> None:
        """Of equal hashes the last one holds."""
        found, places = np.unique(np.frombuffer(hashes, np.int64)[::-1], return_index=True)
        self.hashes = array("q", found.tobytes())
        self.numbers = array("i", np.frombuffer(numbers, np.int32)[::-1][places].tobytes())

    def place(self, text: str) -> int:
        """Where the text stands; -1 for one that is not held."""
        wanted = _key(text)
        place = bisect_left(self.hashes, wanted)
        return place if place < len(self.hashes) and self.hashes[place] == wanted else -1


class _Frequencies(_Table):
    """How often each word is said; 0 for what words only begin with."""

    def __contains__(self, text: str) -> bool:
        return self.place(text) >= 0

    def __getitem__(self, text: str) -> int:
        place = self.place(text)
        if place < 0:
            raise KeyError(text)
        return self.numbers[place]

    def get(self, text: str, otherwise: int | None = None) -> int | None:
        place = self.place(text)
        return self.numbers[place] if place >= 0 else otherwise


class _Kinds(_Table):
    """The kind of each word."""

    def __init__(self, hashes: array[int], numbers: array[int], names: list[str]) -> None:
        super().__init__(hashes, numbers)
        self.names = names

    def get(self, text: str, otherwise: str) -> str:
        place = self.place(text)
        return self.names[self.numbers[place]] if place >= 0 else otherwise


def _key(text: str) -> int:
    return hash(text) ^ len(text)  # two Latin letters and one character of equal bytes have equal hashes


@cache
def _cutter() -> Any:
    """The cutter with its dictionary; a second of work, once in a process."""
    _load_tables()
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    frequencies, kinds, total = _read(tokenizer.get_dict_file())
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = frequencies, total, True
    jieba.dt.get_dict_file = io.BytesIO  # the module fills a table of its own
    try:
        from jieba.posseg import POSTokenizer
    finally:
        del jieba.dt.get_dict_file

    class Cutter(POSTokenizer):  # type: ignore[misc]
        def load_word_tag(self, file: Any) -> None:
            file.close()
            self.word_tag_tab = kinds

    return Cutter(tokenizer)


def _load_tables() -> None:
    """Read jieba's tables of chances from its data files: to compile its modules of them takes 200 MB."""
    found = find_spec("jieba")
    if found is None or found.origin is None:
        raise ImportError("jieba is not installed")
    folder = Path(found.origin).parent
    for name in TABLES:
        table = ModuleType(f"jieba.{name}")
        table.P = pickle.loads((folder / f"{name.replace('.', '/')}.p").read_bytes())  # type: ignore[attr-defined]  # noqa: S301  # part of the installation
        sys.modules.setdefault(table.__name__, table)


def _read(file: Any) -> tuple[_Frequencies, _Kinds, int]:
    """The dictionary: a word, how often and which kind in each line."""
    words, often, kinds, names, total = array("q"), array("i"), array("i"), dict[str, int](), 0
    beginnings: set[int] = set()
    with file:
        for line in file:
            word, frequency, kind = line.decode().split()
            words.append(_key(word))
            often.append(int(frequency))
            kinds.append(names.setdefault(kind, len(names)))
            total += int(frequency)
            beginnings.update(_key(word[:end]) for end in range(1, len(word)))
    beginnings.difference_update(words)
    frequencies = _Frequencies(array("q", beginnings) + words, array("i", bytes(4 * len(beginnings))) + often)
    return frequencies, _Kinds(words, kinds, list(names)), total
