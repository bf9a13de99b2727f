"""Does a message only thank, after its matter came to an end?

The models hear the matter (工资要回来了) and not that it is over: five messages of praise stand among their real
examples. Words of thanks, of a good end and no word of asking or of what is still open make a message of thanks.
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
)


def is_thanks(words: str) -> bool:
    """Whether a message thanks for what was done and asks for nothing; never raises on any string."""
    if len(words) > LONGEST or not _THANKS.search(words):
        return False
    return bool(_GOOD_END.search(words)) and not _STILL_OPEN.search(words)
