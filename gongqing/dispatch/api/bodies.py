"""What may be sent to the API? Every body carries an example; the OpenAPI file shows it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gongqing.appeals.rules.intake import Intake
from gongqing.dispatch.api.fields import GivenMoment, Number, People, ShortWords, Token, Words, Yuan

Channels = Literal[
    "app", "home_app", "hotline_12351", "hotline_12345", "governance", "visit", "talk", "walk_in", "import"
]
OutcomeWords = Literal[
    "settled",
    "mediated",
    "explained",
    "need_met",
    "aid",
    "arbitration",
    "inspection",
    "court",
    "department",
    "not_supported",
    "other",
]
PauseReasons = Literal["waiting_for_material", "moved_to_legal_procedure", "agreed_mediation_extension"]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Body(BaseModel):
    """What a partner sends; programs write null for what they leave out, and it counts as that."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None}


class PersonBody(Body):
    name: ShortWords = Field(default="", description="姓名。")
    phone: Token = Field(default="", description="11 位手机号，加密保存。 Mobile number; sealed at rest.")


class AppealBody(Body):
    """登记诉求 · What a door hands over. `source` with `external_id` makes a repeat recognisable."""

    source: Token = Field(description="来源系统。 The partner or door, up to 32 signs.")
    external_id: Token = Field(description="来源系统里的编号。 The door's own number, up to 64 signs.")
    channel: Channels = Field(description="职工从哪里说的。 How the worker spoke.")
    text: str = Field(description="职工原话，最多 20000 字。 The worker's own words.")
    kind: Literal["appeal", "need"] | None = Field(
        default=None, description="诉求或需求，不填按类别定。 By category when left out."
    )
    title: str | None = Field(default=None, description="标题，不填取首句。 The first sentence when left out.")
    region_code: Token | None = Field(default=None, description="6 位县区或 9、12 位镇街代码。")
    employer: ShortWords | None = Field(default=None, description="用人单位名称。")
    person: PersonBody | None = Field(default=None, description="职工本人；职工自己的密钥可不填。")
    anonymous_to_employer: bool = Field(default=False, description="对单位保密。 Never shown to the employer's union.")
    received_at: GivenMoment | None = Field(default=None, description="收到时间，不带时区按 +08:00。")
    hotline_kind: Literal["ordinary", "difficult", "very_complex"] | None = Field(
        default=None,
        description="热线件：一般、难点、特别复杂，各有办结时限。 Kind of a hotline matter; sets its limit.",
    )
    source_due_at: GivenMoment | None = Field(
        default=None,
        description="来源系统要求的答复时间，与平台期限并列。 The source's own deadline, kept beside ours.",
    )

    model_config = _example(
        source="hotline_12345",
        external_id="YB-20251013-0417",
        channel="hotline_12345",
        text="厂里三个月没发工资了，我一个人被欠了八千块，请工会帮我讨回来。",
        region_code="330206001",
        employer="小满五金加工（虚构）厂",
        person={"name": "周小满", "phone": "13800000001"},
        received_at="2025-10-13T14:20:00+08:00",
    )

    def intake(self) -> Intake:
        """The body as every door hands it over."""
        person = self.person or PersonBody()
        return Intake(
            source=self.source,
            external_id=self.external_id,
            channel=self.channel,
            text=self.text,
            title=self.title or "",
            kind=self.kind or "",
            region_code=self.region_code or "",
            employer=self.employer or "",
            person_name=person.name,
            person_phone=person.phone,
            anonymous_to_employer=self.anonymous_to_employer,
            received_at=self.received_at,
            hotline_kind=self.hotline_kind or "",
            source_due_at=self.source_due_at,
        )


class ClassifyBody(Body):
    """确定类别和等级 · Settle category and grade."""

    category: Token | None = Field(default=None, description="32 小类代码；只改等级时可不填。 A category code.")
    grade: Literal["green", "yellow", "orange", "red"] | None = Field(default=None, description="等级，须写原因。")
    kind: Literal["appeal", "need"] | None = Field(default=None, description="诉求或需求。")
    second_category: Token | None = Field(default=None, description="第二类的代码。 A second category.")
    labour: bool | None = Field(default=None, description="是否涉及劳动关系。 Whether workers' rights are concerned.")
    reason: Words = Field(default="", description="为什么这样定。")

    model_config = _example(category="LE01", grade="orange", reason="涉及多名职工，先按橙色办")


class LocateBody(Body):
    """核定所在地 · Settle where the matter lies."""

    region_code: Token = Field(description="本市 6 位县区或 9、12 位镇街代码。 A county or town of this city.")
    reason: Words = Field(default="", description="根据什么。")

    model_config = _example(region_code="330206002", reason="电话里问过职工")


class DispatchBody(Body):
    """派单 · Dispatch; without an organisation the routing rules choose."""

    organisation: Token | Number | None = Field(default=None, description="单位编码、名称或编号。 Code, name or id.")
    note: Words = Field(default="", description="派单说明。")

    model_config = _example(organisation="T1", note="请先电话联系职工")


class SignBody(Body):
    """签收 · Sign."""

    note: Words = Field(default="", description="签收说明。")

    model_config = _example(note="已指定专人办理")


class ContactBody(Body):
    """登记联系职工 · The handler has spoken to the worker."""

    note: Words = Field(default="", description="联系情况，不填记为“已电话联系职工”。")

    model_config = _example(note="电话联系，约明天上午到厂里谈")


class ReportBody(Body):
    """阶段报告 · A phase report; the worker reads its first sentence."""

    note: Words = Field(description="办到哪一步、下一步谁做什么。")

    model_config = _example(note="厂方答应月底前付清。下周一工会陪同核对工资单。")


class NoteBody(Body):
    """办理记录 · A note of work, for staff alone."""

    note: Words = Field(description="办理情况。")

    model_config = _example(note="已向厂方人事核实考勤")


class ExtendBody(Body):
    """申请延期 · Ask for more time to close."""

    working_days: Annotated[int, Field(ge=1, le=365)] = Field(description="申请多少个工作日。")
    reason: Words = Field(description="为什么需要更多时间。")

    model_config = _example(working_days=3, reason="厂方财务下周三才能提供工资台账")


class DecisionBody(Body):
    """审批 · Approve or refuse."""

    approve: bool = Field(description="true 同意，false 不同意。")
    note: Words = Field(default="", description="不同意须写明理由。")

    model_config = _example(approve=True, note="同意")


class PauseBody(Body):
    """暂停计时 · Stop the clocks, for one of three reasons."""

    reason: PauseReasons = Field(description="待职工补材料、转法律程序、双方同意延长调解。")
    note: Words = Field(description="暂停的情况。")

    model_config = _example(reason="waiting_for_material", note="等职工补交考勤记录")


class ResumeBody(Body):
    """恢复计时 · Let the clocks run on."""

    note: Words = Field(default="", description="恢复说明。")

    model_config = _example(note="材料已收到")


class ReasonBody(Body):
    """说明原因 · With a reason."""

    reason: Words = Field(description="原因。")

    model_config = _example(reason="企业注册地在小港街道，应由小港街道总工会办理")


class ReturnDecisionBody(Body):
    """裁定退回 · Decide a second return."""

    accept: bool = Field(description="true 同意退回，false 仍由原单位办理。")
    note: Words = Field(default="", description="不同意须写明理由。")

    model_config = _example(accept=False, note="企业在你街道，请继续办理")


class TransferBody(Body):
    """转交 · Pass a signed appeal on."""

    organisation: Token | Number = Field(description="单位编码、名称或编号。 Code, name or id.")
    reason: Words = Field(description="为什么转交。")

    model_config = _example(organisation="C1", reason="涉及两个街道，请区总统筹")


class ResolveBody(Body):
    """办结 · Answer; signing and the first contact count as done when they have not happened."""

    result: Words = Field(description="办成什么样，职工会看到。 What came of it; the worker reads it.")
    outcome: OutcomeWords | None = Field(default=None, description="办理结果，不填为 settled（需求为 need_met）。")
    people: People | None = Field(default=None, description="帮到多少人。")
    amount: Yuan | None = Field(default=None, description="为职工追回多少元。")
    evidence: Words = Field(default="", description="凭据，如转账回单编号。")
    resource: ShortWords = Field(default="", description="需求由哪项资源满足。")

    model_config = _example(
        result="八千元工资已到账，职工确认无误。", outcome="settled", people=1, amount=8000, evidence="银行回单"
    )


class EvaluateBody(Body):
    """评价 · The worker's judgement."""

    satisfaction: Literal["satisfied", "basically", "not"] = Field(description="满意、基本满意、不满意。")
    reason: ShortWords = Field(default="", description="不满意须写原因。")
    text: Words = Field(default="", description="想说的话。")

    model_config = _example(satisfaction="satisfied", text="工资拿到了，谢谢")


class UrgeBody(Body):
    """催办 · Ask to hurry."""

    note: Words = Field(default="", description="催办的话。")

    model_config = _example(note="职工来电询问进展")


class SuperviseBody(Body):
    """督办 · A supervision order."""

    note: Words = Field(description="督办要求。")

    model_config = _example(note="请本周内与厂方面谈并报告结果")


class WithdrawBody(Body):
    """撤回 · Take the appeal back."""

    reason: Words = Field(default="", description="撤回原因。")

    model_config = _example(reason="厂里已经补发了工资")


class HandOverBody(Body):
    """转部门 · Give a department its part; the union keeps following."""

    department: Token | Number = Field(description="部门编码、名称或编号。 Code, name or id.")
    reason: Words = Field(description="请部门办什么。")
    outside_number: Token = Field(default="", description="对方系统的编号。")
    partner: Literal["account", "file"] = Field(
        default="account",
        description="account 部门在平台上办；file 出转办函和信息表送去。 By account, or by letter and sheet.",
    )

    model_config = _example(department="D1", reason="请核查企业工资支付保证金情况")


class CallBackBody(Body):
    """回访 · What came of ringing the worker."""

    result: Words = Field(description="回访的情况。")

    model_config = _example(result="职工表示只差加班费没有结清")


class MergeBody(Body):
    """并案 · Which appeals become parts of this one, and why."""

    parts: list[Token] = Field(min_length=1, max_length=100, description="要并进来的件的编号。 Codes of the parts.")
    reason: ShortWords = Field(description="为什么是同一件。 Why they are one matter.")

    model_config = _example(parts=["GQ3302062025101300000521"], reason="同一个老板的几家企业，同一批工资")


class UnmergeBody(Body):
    """拆出 · Which part is taken out; all of them when it is left out."""

    part: Token = Field(default="", description="要拆出的件的编号，不写就全部拆开。 The part's code; all when empty.")
    reason: ShortWords = Field(description="为什么拆出。 Why.")

    model_config = _example(part="GQ3302062025101300000521", reason="核实后不是同一个用人单位")
