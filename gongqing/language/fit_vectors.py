"""How are the shipped numbers behind vectors made?

From messages alone, without labels; what they are measured on must not be among them. The same messages give the same
file. Needs scikit-learn, and a few minutes for ten thousand messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize

from gongqing.language.text import segments
from gongqing.language.vectors import BITS, MEANINGS, READ, STEP, WEIGHTS, pieces_of, place_of

COMMON = 0.3
"""A piece that stands in more than this share of all messages says nothing."""
COMMON_MEANING = 0.2
RARE = 8
"""A piece takes part in the meaning when at least this many messages hold it."""
_FULL = 255


def fit_vectors(texts: Sequence[str], path: Path = WEIGHTS) -> int:
    """Count how rare the pieces are, find the 64 meanings, write the file; answers how many pieces have a meaning."""
    runs = [segments(text[:READ]) for text in texts]
    seen = np.zeros(1 << BITS, np.int64)
    for one in runs:
        seen[sorted({place_of(piece) for piece in pieces_of(one, (2, 3))})] += 1
    rarity = np.log((1 + len(texts)) / (1 + seen)) + 1
    rarity[seen > COMMON * len(texts)] = 0
    counted = _counted(runs)
    held = np.asarray((counted > 0).sum(axis=0)).ravel()
    places = np.flatnonzero((held >= RARE) & (held <= COMMON_MEANING * len(texts)))
    inverse = np.rint((np.log((1 + len(texts)) / (1 + held[places])) + 1) * STEP) / STEP
    chosen = counted[:, places].astype(np.float64)
    chosen.data = 1 + np.log(chosen.data)
    weighed = normalize(chosen @ diags(inverse))
    found = TruncatedSVD(MEANINGS, random_state=7, n_iter=5).fit(weighed)
    meanings = found.components_.T
    scale = np.abs(meanings).max(axis=0) / 127
    np.savez_compressed(
        path,
        rarity=np.minimum(np.rint(rarity * STEP), _FULL).astype(np.uint8),
        places=places.astype(np.int32),
        inverse=np.minimum(inverse * STEP, _FULL).astype(np.uint8),
        meanings=np.rint(meanings / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        mean=normalize(weighed @ meanings).mean(axis=0).astype(np.float32),
        messages=np.array([len(texts)]),
    )
    return len(places)


def _counted(runs: Sequence[Sequence[str]]) -> csr_matrix:
    rows, places, times = [], [], []
    for row, one in enumerate(runs):
        for place, count in Counter(place_of(piece) for piece in pieces_of(one, (1, 2))).items():
            rows.append(row)
            places.append(place)
            times.append(count)
    return csr_matrix((times, (rows, places)), shape=(len(runs), 1 << BITS))
