"""The messages that the reader is fitted on, as numbers: what is counted in them, and what the encoder says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from gongqing.language.encoder import embed
from gongqing.language.material import Message, near_duplicate_groups
from gongqing.language.names import may_name_person, names_in
from gongqing.language.text import TITLE_READ, ngrams

JUDGED, TEACHING = ("real", "written"), ("phrase", "question", "taught")
"""Origins of the messages that are measured on, and of those that only teach."""

Places = npt.NDArray[np.int64]
Meanings = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Material:
    """All messages as numbers.

    Attributes:
        counts: how often each n-gram stands in each message; n-grams that may name a person are not among them.
        titles: how often each stands in the title alone; untitled: in the text without its title.
        grams: the n-grams in the order of the columns.
        meanings: shape (messages, 1024), of the encoder; untitled_meanings: of the texts without their titles.
        groups: near-duplicates share a number.
    """

    messages: list[Message]
    counts: csr_matrix
    titles: csr_matrix
    untitled: csr_matrix
    grams: list[str]
    meanings: Meanings
    untitled_meanings: Meanings
    groups: Places

    @classmethod
    def of(cls, messages: Sequence[Message]) -> Material:
        """Count and embed the messages; some ten minutes of one core for ten thousand."""
        texts = [message.words for message in messages]
        counter = CountVectorizer(analyzer=ngrams, min_df=2, dtype=np.float32)
        counts = counter.fit_transform(texts).tocsr()
        names = names_in(texts)
        grams = counter.get_feature_names_out().tolist()
        kept = [column for column, gram in enumerate(grams) if not may_name_person(gram, names)]
        kept_grams = [grams[column] for column in kept]
        counter = CountVectorizer(analyzer=ngrams, vocabulary=kept_grams, dtype=np.float32)
        meanings = np.array([embed(message.text, message.title) for message in messages])
        return cls(
            messages=list(messages),
            counts=counts[:, kept].tocsr(),
            titles=counter.transform([message.title[:TITLE_READ] for message in messages]).tocsr(),
            untitled=counter.transform([message.text for message in messages]).tocsr(),
            grams=kept_grams,
            meanings=meanings,
            untitled_meanings=np.array(
                [embed(message.text) if message.title else row for message, row in zip(messages, meanings, strict=True)]
            ),
            groups=near_duplicate_groups(texts),
        )

    def counted(self, title_times: int) -> csr_matrix:
        """The counts, with those of the title so many times over."""
        return (self.counts + (title_times - 1) * self.titles).tocsr()

    def places(self, *origins: str) -> Places:
        """Where messages of these origins stand."""
        found = [place for place, message in enumerate(self.messages) if message.origin in origins]
        return np.array(found, np.int64)
