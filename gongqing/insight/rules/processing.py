"""Which personal data is handled, why, on what ground, who gets it, how long it stays (个人信息处理活动记录)?

Every sealed column of the tables stands in one activity; a test and the page itself name those that do not.
"""

from __future__ import annotations

from dataclasses import dataclass

from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import NotPermitted

READERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Activity:
    """One purpose for which personal data is handled.

    Attributes:
        whose: whose data it is.
        columns: `app.Model.column` → what stands there.
        basis: the legal basis; 个保法 is 个人信息保护法.
        retention: how long; `{years}` is the setting.
        is_sensitive: holds 敏感个人信息 (个保法 第28条).
    """

    name: str
    whose: str
    columns: dict[str, str]
    purpose: str
    basis: str
    recipients: str
    retention: str
    is_sensitive: bool = False


ACTIVITIES: tuple[Activity, ...] = (
    Activity(
        name="受理和办理诉求",
        whose="反映诉求的职工",
        columns={
            "registry.Person.name": "称呼或姓名",
            "registry.Person.phone_sealed": "手机号",
            "registry.Person.id_number_sealed": "身份证号",
            "registry.Person.address_sealed": "住址",
            "appeals.Appeal.text": "诉求原话",
            "appeals.Message.text": "补充和留言",
            "appeals.Attachment.name": "照片、录音、文件",
            "appeals.Evaluation.text": "评价",
            "dispatch.Letter.file_key": "公文（密封文件）",
            "dispatch.PaymentVoucher.file_key": "追回凭证（密封文件）",
        },
        purpose="弄清事实、派给有权办理的单位、答复职工、评价和归档",
        basis="个保法第13条第1款第3项（履行法定职责；工会法第6条、第22条）和第1项（同意）；敏感信息按第28至30条",
        recipients="主办、协办、督办的工会组织和调解工作室；依法转交的政府部门",
        retention="归档后 {years} 年，没有其他在办事项的，去除姓名、电话、身份证号、住址，遮去原话里的号码",
        is_sensitive=True,
    ),
    Activity(
        name="改进分类",
        whose="同意“改进分类”的职工；没有留身份的诉求",
        columns={
            "appeals.ReaderCorrection.reason": "人更正分类的理由",
            "appeals.ReaderCall.evidence": "第二判读引用的词句（已遮去姓名、号码、单位）",
        },
        purpose="用人的更正训练分类模型；拿不准时在本市内网里再问一个模型。训练和送出前都遮去姓名、号码、住址和单位",
        basis="训练：个保法第13条第1款第1项（单独同意，可撤回）；第二判读：第3项（履行法定职责），受托处理按第21条",
        recipients="没有；第二判读接通时是本市内网里的模型服务",
        retention="原话不另存；训练出的版本只有数字，没有人名。职工个人信息去除时清空引用的词句",
    ),
    Activity(
        name="短信联系",
        whose="留了手机号的职工；值班人员",
        columns={"notices.Message.phone_sealed": "手机号", "notices.Message.text": "短信内容"},
        purpose="告知收到、转办、答复，请评价；紧急事项呼叫值班人员",
        basis="职工：个保法第13条第1款第1项（同意，可撤回）；紧急情形和值班呼叫：第3项、第4项",
        recipients="短信服务商（受托处理，个保法第21条）",
        retention="满 {years} 年删除；职工个人信息去除时一并删除",
    ),
    Activity(
        name="热线通话登记",
        whose="拨打 12351 的来电人",
        columns={"dispatch.Call.phone_sealed": "来电号码", "dispatch.Call.note": "通话备注"},
        purpose="登记来电、回电、回访",
        basis="个保法第13条第1款第3项（履行法定职责）、第1项（同意）",
        recipients="热线坐席所在单位；由来电形成的诉求按“受理和办理诉求”",
        retention="随职工个人信息去除时去除号码",
    ),
    Activity(
        name="会籍管理",
        whose="工会会员",
        columns={"registry.Member.since": "入会、离会时间和所在工会"},
        purpose="确认会员身份和所属工会，就近办理",
        basis="个保法第13条第1款第3项（履行法定职责；工会法第3条）",
        recipients="所在工会及其上级工会",
        retention="会籍存续期间；离会后按“受理和办理诉求”",
    ),
    Activity(
        name="工作人员账号",
        whose="工会工作人员、部门联络员",
        columns={
            "accounts.User.name": "姓名",
            "accounts.User.phone_sealed": "手机号",
            "accounts.User.totp_sealed": "动态口令密钥",
            "accounts.FirstPassword.password_sealed": "初始密码（交付前）",
        },
        purpose="登录、任职、值班、页面水印和责任追溯",
        basis="个保法第13条第1款第2项（人力资源管理）、第3项",
        recipients="系统管理员；短信服务商（值班呼叫）",
        retention="账号停用后保留姓名和任职以备追溯；初始密码交付后即清除",
    ),
    Activity(
        name="批量导入",
        whose="导入文件里的职工、会员和工作人员",
        columns={"registry.LoadRow.content_sealed": "问题行的内容", "registry.Load.file_key": "导入的文件（密封文件）"},
        purpose="把热线、问卷和台账的数据转入平台，核对问题行",
        basis="与数据来源相同的依据；来源另有约定的从其约定",
        recipients="导入单位的经办人",
        retention="导入完成即删除文件；没有采用的行加密保留供核对、恢复，满 {years} 年清除内容",
        is_sensitive=True,
    ),
    Activity(
        name="告知同意和权利请求",
        whose="职工",
        columns={
            "registry.Consent.purpose": "同意的用途、时间、告知版本",
            "registry.DataRequest.wish_sealed": "请求的内容",
            "registry.DataRequest.answer": "答复",
        },
        purpose="证明已告知并取得同意；答复查阅、更正、删除、解释的请求",
        basis="个保法第13条第1款第3项（第17条、第44至50条的义务）",
        recipients="市级派单督办岗位",
        retention="同意和答复作为履行义务的证明保存；请求内容随个人信息去除",
    ),
    Activity(
        name="留痕和查看记录",
        whose="操作人员；被查看的职工（只有编号）",
        columns={
            "audit.Event.name": "谁、何时、做了什么",
            "audit.AccessLog.reason": "谁、何时、为什么看了谁的信息",
        },
        purpose="安全审计、责任追溯、回答职工“谁看过我的信息”",
        basis="个保法第13条第1款第3项（第51条的义务；网络安全法第21条）",
        recipients="审计员、市级派单督办岗位；职工本人（看过自己信息的单位和理由）",
        retention="长期保存，任何人不能改、不能删；不含电话和证件号",
    ),
)
SEALED_WORDS = "SM4-GCM 加密，密钥在数据库之外；页面脱敏，看明文须写理由并留痕"
PLAIN_WORDS = "按授权范围逐行隔离（数据库行级权限），列表脱敏"


def check_can_read_records(actor: Actor) -> None:
    """The records of processing are for administrators and auditors; they name no person.

    Raises:
        NotPermitted.
    """
    if actor.role not in READERS:
        raise NotPermitted("个人信息处理记录供系统管理员和审计员查看。")
