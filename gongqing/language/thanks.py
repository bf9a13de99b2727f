"""Does a message only thank, after its matter came to an end?

The models hear the matter (工资要回来了) and not that it is over: five messages of praise stand among their real
examples. Words of thanks, of a good end and no word of asking or of what is still open make a message of thanks.
Then nothing is owed any more, whatever the words say of months and sums: `language.facts` leaves them out.
"""

from __future__ import annotations

import re

LONGEST = 200
"""Longer messages tell more than thanks."""

_THANKS = re.compile(r"谢谢|谢啦|感谢|多谢|致谢|鸣谢|道谢|感激|点赞|表扬|锦旗|感恩|多亏")
_GOOD_END = re.compile(
    r"(?:要|讨|追|拿|补|发|退|领|结|解决|办|处理|谈|调解|落实|争取|申请|批|修|装|付|报|认定|赔|协调|签|清)"
    r"[^，。！？；\n]{0,4}(?:回来|到了|到手|到位|好了|成了|清了|下来|妥了|完了|了(?=$|[，,。！!～~\n]))"
    r"|到账了|拿到了?[^，。]{0,6}(?:工资|钱|赔偿|补偿|补贴|证)|(?:圆满|顺利|及时|很快|都|已经?|终于|总算)[^，。]{0,4}(?:解决|落实|办结|到账)"
)
_STILL_OPEN = re.compile(
    r"[?？]|吗|呢(?=$|[，。])|怎么|为什么|什么时候|几时|多久|是否|能不能|能否|可否|可不可以|希望|盼|恳请|请求|请(?:问|你|您|工会|帮|再|尽|给|领导|政府)"
    r"|想(?:问|请|要|咨询|知道|再)|建议|要求|麻烦|咨询|投诉|举报|但|可是|不过|然而|只是|却|还(?:没|有|是|差|欠|剩|要|想|不)"
    r"|仍|至今|没(?:有)?(?:发|给|付|拿|结|解决|回|到|人|下|说|补|签|交|办)|未|又[被欠拖扣没不]|不(?:给|发|肯|让|管|理|到|够|对|公)|需要|该[修管换给]|无故|长期|尽快|早日|敬请|望|恳|如果|若|能够|不胜|先(?:谢|感)|恳求|难以|很难|困难|坏|污染|扣光|扣完|骗|黑心|凭"
    r"|一半|部分|大半|(?:剩|其余|余下)(?![^，。]{0,10}(?:也|都|全))|先[发付给结拿补垫]|分期|欠条|白条|承诺|答应|说好|(?:月底|年底|下个?月|年前|以后|过后)[^，。]{0,4}[再发付给结补]"
    r"|第一笔|首[笔期付]|打了?[一二三四五六七八九]?折|差[了着一两几]|少[发给拿算了付]|[只才][拿发给付结补到有]|除了|别人|其他人|另外"
)
_DATE = re.compile(r"(?:20\d\d年)?\d{1,2}月\d{1,2}[日号]|20\d\d年")
_COUNTED = re.compile(
    r"(?P<number>[\d.,一二两俩三四五六七八九十百千万几半]+)[多余来几]?个?(?:(?P<time>年|月|天)|(?P<money>元|块|万|千)|(?P<people>人|名|位|工友|职工))"
)
_PAY = re.compile(r"工资|薪|钱|款|费|报酬")
_MINE_ALONE = re.compile(r"我(?!们)[^，。！？；\n]{0,8}(?:拿到|到[账手位]|发了|结了|领到|要回)")


def is_thanks(words: str) -> bool:
    """Whether a message thanks for what was done and asks for nothing; never raises on any string."""
    if len(words) > LONGEST or not _THANKS.search(words):
        return False
    return bool(_GOOD_END.search(words)) and not _STILL_OPEN.search(words) and not _is_part(words)


def _is_part(words: str) -> bool:
    """Two lengths, sums or counts of people, or one's own share of many's: the end may be that of a part alone."""
    said: dict[str, set[str]] = {}
    for match in _COUNTED.finditer(_DATE.sub("", words)):
        said.setdefault(str(match.lastgroup), set()).add(match.group())
    people = said.pop("people", set())
    if any(len(different) > 1 for different in said.values()):
        return True
    return bool(_PAY.search(words)) and (len(people) > 1 or bool(people and _MINE_ALONE.search(words)))
