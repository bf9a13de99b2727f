"""What do the sheets of 12345 and 12351 hold, and what do they call it?"""

from __future__ import annotations

from gongqing.lib.columns import Column


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


COLUMNS: tuple[Column, ...] = (
    Column(
        "number",
        "工单编号",
        _names(
            "编号 工单号 工单编码 受理编号 受理单号 诉求编号 流水号 来电编号 单号 任务号 案件编号 热线编号 事件编号"
        ),
        hint="来源系统自己的编号，同一编号只登记一次；没有编号就按内容认重复。",
        example="NB20250304000123",
    ),
    Column(
        "received_at",
        "受理时间",
        _names(
            "来电时间 受理日期 来电日期 登记时间 反映时间 诉求时间 创建时间 提交时间 工单创建时间 来件时间 "
            "呼入时间 投诉时间 受理时刻 时间"
        ),
        hint="职工打来电话的时间，如 2025-03-04 08:05、2025年3月4日。",
        example="2025-03-04 08:05",
    ),
    Column(
        "title",
        "诉求标题",
        _names("标题 工单标题 主题 诉求主题 事项标题 问题标题 事件标题 事件名称"),
        hint="可以没有，没有就取内容的第一句。",
        example="反映拖欠工资",
    ),
    Column(
        "text",
        "诉求内容",
        _names(
            "问题描述 内容 诉求描述 反映内容 来电内容 工单内容 事件描述 诉求事项 主要内容 问题内容 投诉内容 "
            "具体内容 诉求详情 工单描述 事项内容 反映问题"
        ),
        is_required=True,
        hint="职工说了什么，原话照录。",
        example="厂里两个月没发工资了，问主管一直说再等等。",
    ),
    Column(
        "name",
        "来电人",
        _names("诉求人 来电人姓名 诉求人姓名 姓名 反映人 联系人 投诉人 市民姓名 当事人 举报人 求助人 联系人姓名"),
        hint="姓名或称呼，如 王女士。",
        mask="name",
        example="王女士",
    ),
    Column(
        "phone",
        "联系电话",
        _names("来电号码 联系方式 手机号 手机号码 来电电话 主叫号码 电话 电话号码 手机 诉求人电话 联系号码 回访电话"),
        hint="手机或带区号的座机；空格、横线、+86 都认得。",
        mask="phone",
        example="138 0000 0000",
    ),
    Column(
        "county",
        "所属区县",
        _names(
            "所属区域 区县 区县市 县区 县市区 县 行政区 行政区划 区划 区划代码 属地 区域 事发区域 事发区县 所在区县 "
            "所属地区 归属地 所属县市区"
        ),
        hint="名称或 6 位、9 位代码；不认得的按市级登记。",
        example="北仑区",
    ),
    Column(
        "town",
        "所属镇街",
        _names("街道 镇街 所属街道 乡镇街道 镇乡街道 街道乡镇 乡镇 所在街道 所属乡镇 镇街名称 事发街道"),
        hint="名称写不写“街道”“镇”都行。",
        example="新碶街道",
    ),
    Column(
        "place",
        "事发地址",
        _names("地址 事发地点 地点 详细地址 发生地点 诉求地点 具体地址 事件地址"),
        hint="写到路或小区；没有区县列时从这里认。",
        mask="address",
        example="新碶街道某路口",
    ),
    Column(
        "employer",
        "被诉单位",
        _names(
            "涉事企业 涉事单位 被反映单位 用人单位 企业名称 单位名称 投诉对象 被投诉单位 涉诉单位 涉及单位 "
            "反映对象 工作单位 涉及企业 被诉求单位 被投诉方"
        ),
        hint="用人单位的名称，尽量写全称。",
        example="某某五金（虚构）有限公司",
    ),
    Column(
        "due_at",
        "办理期限",
        _names(
            "截止时间 办结期限 办结时限 要求办结时间 答复期限 到期时间 限办时间 处理期限 反馈期限 要求答复时间 "
            "办理时限 截止日期 办理截止时间 反馈时限 要求反馈时间"
        ),
        hint="来源自己要求的答复日期，与平台的期限并列显示。",
        example="2025-03-11",
    ),
    Column(
        "kind",
        "诉求类型",
        _names("工单类型 类型 诉求类别 诉求性质 工单分类 诉求目的 来电类型 工单性质"),
        hint="写“需求”“服务申请”的按需求登记，其余由平台分类。",
        example="投诉举报",
    ),
    Column(
        "secret",
        "是否保密",
        _names("保密 是否匿名 匿名 信息保密 要求保密 是否隐藏号码 保密要求"),
        hint="是、否；“是”表示对单位保密，不会派给本单位工会。",
        example="是",
    ),
    Column(
        "hotline_kind",
        "热线分类",
        _names("12351分类 难易程度 工单难度 办理类型 热线类别 难易分类 工单级别"),
        hint="12351 的 一般、难点、特别复杂。",
        example="一般",
    ),
)
TITLES = {column.name: column.title for column in COLUMNS}
FIELD_COLUMNS = {
    "text": "text",
    "received_at": "received_at",
    "person.phone": "phone",
    "person.name": "name",
    "external_id": "number",
    "region_code": "county",
    "hotline_kind": "hotline_kind",
}
