"""What do the demonstration's people say, and what are they told? All invented; blanks are filled in when used."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Saying:
    """One text.

    Attributes:
        code: the category that a careful reader would choose.
        voice: `i` the worker's own words, `h` a hotline seat's note, `v` a visitor's or host's note.
        text: with blanks {e} employer, {t} town, {m} month, {k} yuan.
    """

    code: str
    voice: str
    text: str

    @property
    def names_employer(self) -> bool:
        return "{e}" in self.text

    @property
    def has_blanks(self) -> bool:
        return "{e}" in self.text or "{k}" in self.text

    def filled(self, *, employer: str, town: str, month: int, yuan: int) -> str:
        """The text with its blanks filled."""
        return self.text.format(e=employer, t=town, m=month, k=yuan)


@cache
def sayings() -> tuple[Saying, ...]:
    """Every text, in the order of the file."""
    with (HERE / "texts.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Saying(row["code"], row["voice"], row["text"]) for row in csv.DictReader(file))


@cache
def _answers() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    with (HERE / "answers.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["code"], []).append((row["outcome"], row["text"]))
    return found


def answer_to(code: str, rng: Random, *, but: Sequence[str] = ()) -> tuple[str, str]:
    """Outcome and words of an answer to a matter of this category.

    Args:
        but: outcomes that do not fit.
    """
    known = _answers()
    fitting = [one for one in known.get(code) or known.get(code[:2]) or known["*"] if one[0] not in but]
    return rng.choice(fitting or known["*"])


CONTACTS = (
    "电话联系本人，核对了基本情况，约明天上午到单位一起谈。",
    "已加微信，请职工把考勤和转账记录拍照发来。",
    "上门见到本人，诉求属实，说明了办理步骤和大概时间。",
    "电话接通，职工在上夜班，约定午后再细谈。",
    "本人来窗口当面说明，已登记联系方式，情绪平稳。",
    "联系了职工和班组长，双方说法基本一致。",
    "第一次未接，短信告知身份后回拨，已了解情况。",
    "电话安抚，告知正在联系单位负责人，两天内给答复。",
)
NOTES = (
    "与单位行政负责人通话，对方答应查账后答复。",
    "到现场看了一下，拍照留存，班组长在场。",
    "已把相关规定发给企业人事，请其对照自查。",
    "走访同班组两名职工，情况与反映一致。",
    "与社区网格员沟通，请其留意后续动向。",
)
REPORTS = (
    "已与企业负责人面谈一次，企业提出分期方案，职工代表正在商量，明天继续协商。",
    "考勤和工资表已核对完毕，金额双方确认，下一步由企业财务安排付款。",
    "劳动监察已介入，账户情况正在核查，职工情绪平稳，每日通报进展。",
    "现场已稳住，组织职工分班组登记，法律顾问到场讲解，后续每天一报。",
    "企业承诺本周内先付一部分，余款签协议，片区专人盯办。",
)
MATERIAL = (
    "补充一张上个月的考勤照片，前面忘记传了。",
    "补充：主管今天又来问我是不是去投诉了，我没承认。",
    "补充一下，还有两个同事也是这样的，他们让我一起说。",
    "银行流水截图已经准备好，需要的话我送过去。",
)
URGES = ("好几天了有进展吗？", "麻烦再帮我催一催，家里等着用钱。", "请问办到哪一步了，谢谢。")
SUPERVISIONS = ("请主办单位当日报告进展，明确责任人和下一步时间。", "临近时限，请抓紧与企业见面，办结前每日报一次。")
EXTENSIONS = (
    "企业法定代表人出差未归，约定下周面谈，需要延长几天。",
    "需等银行流水调取结果，职工本人同意多等几天。",
    "职能部门复查排在下周，结果出来后答复职工。",
)
PAUSES = (
    ("waiting_for_material", "等职工补交考勤记录和劳动合同复印件。"),
    ("agreed_mediation_extension", "双方同意延长调解，约定下周再谈。"),
)
TRACKED = (
    "职工愿意走仲裁，已陪同提交申请，等待开庭通知。",
    "劳动监察已立案，等待处理结果，片区继续跟踪。",
    "企业不服裁决起诉到法院，转外部跟踪，开庭前联系职工。",
)
RETURNS = (
    "经核实该企业注册和经营地均不在本辖区，应由实际经营地镇街总工会办理。",
    "当事人所在门店属外镇街连锁网点，请派给当地片区。",
    "事项涉及跨单位用工，本级难以协调，请上级指定主办。",
)
TRANSFERS = ("本级多次协商未果，请上级牵头协调。", "涉及多家企业，转上级统一办理。")
TO_ROOM = "双方愿意调解，转调处工作室组织面谈。"
HANDOVERS = ("请协助核查该单位用工和工资支付情况，并反馈结果。", "请按职责到现场查看，办理结果函复工会。")
HANDOVER_ANSWERS = ("已到单位检查，责令限期改正，整改材料已收。", "已受理并约谈企业，企业承诺按期支付。")
ALERTS = ("涉及人数多、金额大，企业负责人联系不上，请劳动监察立即介入。", "现场有聚集苗头，请监察大队先行到场。")
REVIEW_REFUSALS = ("请补上付款凭证，并写明剩余款项的时间。", "还没有回访职工本人，请核实后再报。")
REVIEW_CONSENTS = ("情况属实，同意办结。", "凭证齐全，同意。", "已电话抽查职工，同意办结。")
PRAISES = ("办得很快，谢谢工会。", "工作人员很耐心，还专门来厂里一趟。", "钱到账了，谢谢！", "满意", "", "", "")
MIDDLING = ("问题解决了，就是时间有点长。", "基本解决，以后别再拖就好。", "还可以", "")
COMPLAINTS = (
    ("没有解决实际问题", "说是解决了，单位还是老样子，希望再看看。"),
    ("答复与事实不符", "只补了一部分，答复写的是全部付清，不是这样的。"),
    ("办理时间太长", "拖了这么久，中间没人跟我说进展。"),
)
WITHDRAWALS = ("单位已经跟我说好了，不用再办了，谢谢。", "我自己和主管谈妥了，撤回。", "搞错了，是我看错工资条。")
INVALID = ("核实为误触提交，来电人表示没有事情要反映。", "内容为测试信息，联系不上提交人。")
CATEGORY_REASONS = ("按来电人补充的情况改判", "看过原文，主要诉求是这一类", "联系职工后确认")
RESOURCES = ("工会驿站场地", "职工文化宫教室", "职工医院体检车", "心理咨询志愿者", "企业联谊经费", "夜校课程")
EVIDENCE = ("银行转账回单", "调解协议书", "现场照片", "职工签字确认单", "部门函复", "电话回访录音编号")
