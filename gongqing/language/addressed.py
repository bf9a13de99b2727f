"""Which sentences speak to the reader instead of telling of a matter?

A model over words follows no orders, but words that order a category weigh like any other. Sentences that tell the
reader how to judge are left out of what it reads for the category, and a text that holds one always goes to a person.
Grading reads the whole text, so that nothing that is said is lost.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"(?:[^。！？!?；;\n.]|\.(?=\S))+[。！？!?；;\n.]*")
_ORDER = re.compile(
    r"(?:忽略|忽视|无视|不要理会|不用管|跳过|忘[记掉]|推翻|绕过|取消|停止执行)[^。！？\n]{0,12}"
    r"(?:规则|指令|指示|提示词?|设定|设置|以上内容|前面的?内容|上面的?内容|上文|上述内容|前文|系统|要求你)"
    r"|(?:请|必须|务必|应当?|直接|一律|马上|麻烦)?(?:把|将)?(?:本条|这条|此条|本件|这件|此件|该诉求|本诉求|这个诉求|我的诉求|等级|级别|分级|类别|分类)"
    r"[^。！？，,\n]{0,8}(?:定为|定成|判为|判成|评为|标为|标成|标记为|设为|设成|归为|归到|归入|分到|分为|改为|改成|降为|降到|输出为?|填)"
    r"|(?:定为|判为|评为|标为|标记为|设为|降为|输出|回答|返回|归为|归到|分类为)[“\"'「：: ]{0,2}"
    r"(?:绿[色级牌灯]|黄色|黄级|橙色|红色|红级|最低级|低风险|无风险|普通件|green|yellow|orange|red|(?:le|dp|sc|cd|ot)[01]\d)"
    r"|(?:你是|你现在是|扮演|作为)[^。！？\n]{0,6}(?:人工智能|AI|ai|助手|语言模型|大模型|机器人|分类器|分类系统|模型)"
    r"|(?:系统提示|系统消息|开发者模式|管理员指令|越狱|提示词|置信度|系统指令)"
    r"|\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,40}"
    r"\b(?:rules?|instructions?|prompts?|above|previous|system)\b"
    r"|\b(?:grade|classify|label|mark|rate|output|answer|respond|return|set)\b[^.!?\n]{0,30}"
    r"\b(?:green|yellow|orange|red|low|(?:le|dp|sc|cd|ot)\d{2})\b"
    r"|\byou are (?:an?|now|the)\b|\bsystem prompt\b|\bas an ai\b|\bdeveloper mode\b|<\|?(?:im_start|im_end|system)",
    re.IGNORECASE,
)
LONGEST = 6000
"""Characters that are searched; no more than a little beyond these is read anyway."""


def without_orders(text: str) -> tuple[str, bool]:
    """The text without sentences that order the reader, and whether there was one."""
    if not _ORDER.search(text, 0, LONGEST):
        return text, False
    kept = [match.group() for match in _SENTENCE.finditer(text[:LONGEST]) if not _ORDER.search(match.group())]
    return "".join(kept), True
