"""What are invented people and employers called, and what are their numbers?

No number can belong to anybody: identity numbers lie in an area that no place has, credit codes in a district that no
place has, phones in one block of ten thousand.
"""

from __future__ import annotations

from random import Random

from gongqing.accounts.rules import DEMO_PHONE
from gongqing.lib.codes import invented_id_number, uscc_check_char

SURNAMES = tuple("陈王张李周徐胡林郑沈俞毛方朱史柴竺励应邬杨吴赵孙黄何郭罗谢韩曹许邓冯彭曾萧田董潘袁蔡蒋余叶程魏")
GIVEN = (
    *("建国", "志强", "海波", "小军", "永康", "家豪", "伟杰", "国平", "立新", "旭东", "春生", "大勇", "文斌", "少华"),
    *("秀英", "丽娟", "雪梅", "桂芳", "佳怡", "晓燕", "玉兰", "美珍", "思琪", "小红", "爱萍", "静怡", "海燕", "春梅"),
    *("磊", "军", "涛", "斌", "鹏", "敏", "芳", "霞", "颖", "娜", "浩然", "子轩", "雨欣", "欣妍", "俊杰", "明辉"),
)
_BRANDS = (
    *("禾穗", "云岚", "石榴", "青笛", "白鹭", "小满", "榕光", "星桥", "鹤鸣", "枫渡", "砚台", "麦浪", "竹影", "晴川"),
    *("松果", "蓝鲸", "橙帆", "雁栖", "稻香", "银杏", "木棉", "海棠", "朝露", "听潮", "远帆", "棠梨", "溪石", "南风"),
    *("拾光", "半山", "月湾", "暖橘", "山茶", "锦鳞", "梧桐", "芦苇"),
)
# trade as the register has it, what it is called in the name, how many people at most
_TRADES = (
    *(("机械制造", "精密机械", 420), ("服装", "服饰", 260), ("塑料制品", "塑胶", 180), ("电子", "电子科技", 600)),
    *(("五金", "五金制品", 90), ("模具", "模具", 150), ("家电", "电器", 800), ("紧固件", "紧固件", 130)),
    *(("物流", "物流", 210), ("餐饮", "餐饮管理", 75), ("保洁", "环境服务", 140), ("物业", "物业服务", 190)),
    *(("食品", "食品", 230), ("建筑", "建设", 340), ("文具", "文具", 160), ("医药", "医疗器械", 280)),
)
_USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Crowd:
    """Invents people and employers, each one once, the same ones for the same generator."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._phones = [f"1380000{number:04d}" for number in range(10_000)]
        self._phones.remove(DEMO_PHONE)
        rng.shuffle(self._phones)
        self._employers = [(brand, *trade) for brand in _BRANDS for trade in _TRADES]
        rng.shuffle(self._employers)
        self._serial = 0

    def name(self) -> str:
        """A person's name; two people may share one."""
        return self._rng.choice(SURNAMES) + self._rng.choice(GIVEN)

    def phone(self) -> str:
        """A phone that nobody else here has."""
        return self._phones.pop()

    def id_number(self) -> str:
        """An identity number that nobody has."""
        self._serial += 7_919
        return invented_id_number(self._serial)

    def employer(self) -> tuple[str, str, int]:
        """Name, trade and headcount of an employer that is not there yet."""
        brand, trade, word, most = self._employers.pop()
        return f"宁波{brand}{word}有限公司", trade, self._rng.randint(max(8, most // 8), most)

    def credit_code(self) -> str:
        """A well-formed 统一社会信用代码 of no place."""
        body = "91990000MA" + "".join(self._rng.choices(_USCC_LETTERS, k=7))
        return body + uscc_check_char(body)
