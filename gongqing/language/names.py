"""Which strings in training messages may be the name of a person, and so never enter a vocabulary?

Rather one harmless word too many than one name: what a tagger takes for a name and what begins with a common surname
counts as one, and so does whatever stands with an official's title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from gongqing.language.cutting import tagged_words_of

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方"
    "白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤易文欧聂章鲁葛游庄殷翟申喻颜柳阳匡"
)
_TITLE = re.compile("书记|市长|县长|区长|局长|厅长|省长|镇长|乡长")


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """Two or three characters each: what may be somebody's name in any of the texts."""
    return frozenset(name for text in texts for name in _names_of(text))


def may_name_person(gram: str, names: frozenset[str]) -> bool:
    """Whether an n-gram of up to three characters is or holds a name, or an official's title with its owner."""
    if gram in names or gram[:2] in names or gram[1:] in names:
        return True
    return len(gram) > 2 and bool(_TITLE.search(gram))


@lru_cache(maxsize=64)
def _names_of(text: str) -> frozenset[str]:
    return frozenset(
        word for word, kind in tagged_words_of(text) if kind == "nr" and 2 <= len(word) <= 3 and word[0] in SURNAMES
    )
