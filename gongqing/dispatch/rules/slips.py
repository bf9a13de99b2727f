"""How does an officer know that somebody at the counter is the worker of an appeal?"""

from __future__ import annotations

from gongqing.lib.choices import Choice
from gongqing.lib.errors import BadInput, NotAllowed

DECLINED = "appeal.messages_declined"


class Identified(Choice):
    """What the worker showed or said."""

    CARD = "card", "看过身份证件，姓名与登记一致"
    PHONE = "phone", "说出登记的手机号后四位"


def check_identified(identified: str, *, digits: str, name: str, phone_mask: str) -> None:
    """Refuse a password to somebody who is not known to be the worker.

    Args:
        digits: the last four of the phone as the worker said them.
        name, phone_mask: what is registered; the mask ends in the last four.

    Raises:
        NotAllowed: neither name nor phone is registered. BadInput: on `identified` or `digits`.
    """
    if not name and not phone_mask:
        raise NotAllowed("这件诉求没有登记姓名和电话，无法核实身份，不能重新发放查询密码。请职工重新反映。")
    if identified == Identified.CARD:
        if not name:
            raise BadInput("identified", "没有登记姓名，不能用证件核对，请核对手机号后四位。")
        return
    if identified != Identified.PHONE:
        raise BadInput("identified", "请选择怎样核实的身份。")
    if not phone_mask:
        raise BadInput("identified", "没有登记手机号，请看身份证件核对姓名。")
    if len(digits.strip()) != 4 or digits.strip() != phone_mask[-4:]:
        raise BadInput("digits", "后四位与登记的手机号不一致，请再核对。")
