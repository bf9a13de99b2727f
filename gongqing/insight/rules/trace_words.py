"""What does the trace call the kinds of event and the things they happened to?"""

from __future__ import annotations

from collections.abc import Mapping

from gongqing.dispatch.rules.event_words import EVENT_WORDS, OTHER_WORDS

# what happens below the desk, which the desk itself never shows
QUIET_WORDS: Mapping[str, str] = {
    "backup.made": "备份",
    "backup.restored": "从备份恢复",
    "status.changed": "运行状态变化",
    "attachment.opened": "打开附件",
    "code.sent": "发送验证码",
    "code.refused": "验证码不对",
    "demo.loaded": "装入演示数据",
    "code.not_sent": "验证码发不出去",
    "consent.given": "同意处理个人信息",
    "consent.withdrawn": "撤回同意",
    "data.copied": "取走本人信息",
    "data_request.answered": "答复个人信息请求",
    "data_request.asked": "提出个人信息请求",
    "data_request.opened": "查看个人信息请求",
    "person.anonymised": "去除个人信息",
    "person.moved_phone": "本人更换手机号",
    "privacy_notice.published": "发布隐私告知",
    "processing_records.opened": "查看个人信息处理记录",
    "user.retired": "职工账号随个人信息去除停用",
    "words.masked": "遮去原话里的号码",
    "load.rows_cleared": "清除过期导入内容",
    "messages.forgotten": "删除过期短信",
    "message.cancelled": "短信不发（已撤回同意）",
    "message.delivered": "短信已送达",
    "message.queued": "短信待发",
    "message.sent_again": "短信再发一次",
    "message.undelivered": "短信没有送达",
    "message_template.revised": "改短信模板",
    "message_templates.loaded": "载入短信模板",
    "union.linked": "挂接片区",
    "union.unlinked": "解除片区挂接",
    "user.password_accepted": "密码正确，还要下一步",
    "first_passwords.taken": "领取初始密码（名单）",
}
KIND_WORDS: Mapping[str, str] = {
    **{kind: words for kind, (_, words) in EVENT_WORDS.items()},
    **QUIET_WORDS,
    **OTHER_WORDS,
}
SUBJECT_WORDS: Mapping[str, str] = {
    "appeal": "诉求",
    "apikey": "接口密钥",
    "calendar": "工作日历",
    "category": "分类",
    "clockpolicy": "期限口径",
    "code": "验证码",
    "enterprise": "用人单位",
    "first_password": "初始密码",
    "gradepolicy": "分级规则",
    "installation": "平台",
    "key": "加密密钥",
    "list": "清单",
    "member": "会籍",
    "message": "短信",
    "messagetemplate": "短信模板",
    "consent": "同意",
    "datarequest": "个人信息请求",
    "privacynotice": "隐私告知",
    "organisation": "组织",
    "person": "人员",
    "posting": "任职",
    "region": "行政区划",
    "shift": "值班",
    "duty": "值班设置",
    "routingpolicy": "派单规则",
    "rulechange": "规则修订",
    "user": "账号",
    "zonelink": "片区挂接",
}
