"""What is each event of an appeal called on the desk, and under which of the four headings does it stand?"""

from __future__ import annotations

from collections.abc import Mapping

HEADINGS = ("发现", "处置", "反馈", "评价")

# kind → (heading, what the desk calls it)
EVENT_WORDS: Mapping[str, tuple[str, str]] = {
    "appeal.received": ("发现", "收到，赋码"),
    "appeal.read": ("发现", "自动分类定级"),
    "appeal.repeat_differed": ("发现", "同一来源编号重复送来"),
    "appeal.classified": ("发现", "分类定级"),
    "appeal.reclassified": ("发现", "改分类定级"),
    "appeal.invalidated": ("发现", "判为无效"),
    "appeal.merged": ("发现", "并案"),
    "appeal.unmerged": ("发现", "拆开并案"),
    "appeal.withdrawn": ("发现", "职工撤回"),
    "appeal.dispatched": ("处置", "派单"),
    "appeal.redispatched": ("处置", "改派"),
    "appeal.dispatch_waits": ("处置", "没有可派的单位，等待派单"),
    "appeal.dispatch_repeated": ("处置", "再派原单位"),
    "appeal.transferred": ("处置", "转交"),
    "appeal.signed": ("处置", "签收"),
    "appeal.contacted": ("处置", "首次联系职工"),
    "appeal.contacted_again": ("处置", "联系职工"),
    "appeal.noted": ("处置", "办理记录"),
    "appeal.reported": ("处置", "阶段报告"),
    "appeal.material_added": ("处置", "补充说明"),
    "appeal.file_attached": ("处置", "加附件"),
    "appeal.assistance_asked": ("处置", "请求协办"),
    "appeal.assisted": ("处置", "协办完成"),
    "appeal.extension_asked": ("处置", "申请延期"),
    "appeal.extension_granted": ("处置", "同意延期"),
    "appeal.extension_refused": ("处置", "不同意延期"),
    "appeal.paused": ("处置", "暂停计时"),
    "appeal.resumed": ("处置", "恢复计时"),
    "appeal.tracked": ("处置", "转外部跟踪"),
    "appeal.returned": ("处置", "退回"),
    "appeal.return_asked": ("处置", "第二次退回，等裁定"),
    "appeal.return_refused": ("处置", "裁定不予退回"),
    "appeal.handed_over": ("处置", "转部门"),
    "appeal.handover_changed": ("处置", "部门办理有变化"),
    "appeal.inspection_alerted": ("处置", "报告劳动监察"),
    "appeal.urged": ("处置", "催办"),
    "appeal.supervised": ("处置", "督办"),
    "appeal.escalated": ("处置", "超时自动升级"),
    "appeal.clock_warned": ("处置", "黄牌提醒"),
    "appeal.clock_overdue": ("处置", "红牌，超过时限"),
    "appeal.relimited": ("处置", "时限随等级调整"),
    "appeal.review_asked": ("反馈", "送审办结"),
    "appeal.review_refused": ("反馈", "审核退回"),
    "appeal.resolved": ("反馈", "办结，答复职工"),
    "appeal.worker_told": ("处置", "已告知职工"),
    "appeal.evaluation_invited": ("评价", "邀请评价"),
    "appeal.evaluated": ("评价", "职工评价"),
    "appeal.left_unevaluated": ("评价", "十五天没有评价"),
    "appeal.called_back": ("评价", "回访"),
    "appeal.reopened": ("评价", "退回重办"),
    "appeal.archived": ("评价", "归档"),
}

OTHER_WORDS: Mapping[str, str] = {
    "appeal.opened": "打开诉求",
    "appeals.exported": "导出诉求清单",
    "list.exported": "导出诉求清单",
    "person.phone_revealed": "查看手机号",
    "person.id_number_revealed": "查看身份证号",
    "person.address_revealed": "查看住址",
    "person.opened": "打开个人信息",
    "person.registered": "登记人员",
    "person.completed": "补全人员信息",
    "member.admitted": "登记入会",
    "member.left": "登记离会",
    "user.signed_in": "登录",
    "user.signed_out": "退出登录",
    "user.sign_in_failed": "登录失败",
    "user.locked": "账号锁定",
    "user.unlocked": "解除锁定",
    "user.created": "新建账号",
    "user.appointed": "任命",
    "user.deactivated": "停用账号",
    "user.reactivated": "恢复账号",
    "user.password_changed": "修改密码",
    "user.password_reset": "重设密码",
    "posting.ended": "结束任职",
    "key.issued": "发放接口密钥",
    "key.revoked": "作废接口密钥",
    "keys.rotated": "轮换加密密钥",
    "organisation.founded": "新建组织",
    "organisation.closed": "停用组织",
    "enterprise.registered": "登记用人单位",
    "regions.loaded": "载入区划",
    "taxonomy.loaded": "载入分类",
    "grade_policy.loaded": "载入分级规则",
    "clock_policy.loaded": "载入期限口径",
    "routing_policy.loaded": "载入派单规则",
    "calendar.overridden": "改工作日历",
}


def words_of(kind: str) -> str:
    """What the desk calls an event; the kind itself when this version does not know it."""
    return EVENT_WORDS[kind][1] if kind in EVENT_WORDS else OTHER_WORDS.get(kind, kind)


def heading_of(kind: str) -> str:
    """Under which of the four headings an event of an appeal stands."""
    return EVENT_WORDS[kind][0] if kind in EVENT_WORDS else "处置"
