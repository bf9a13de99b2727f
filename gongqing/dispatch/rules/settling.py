"""Who keeps a list of matters to settle, who claims and who strikes off, and what must be said? (清单销号)

A county or the city keeps a list. Whoever is asked settles the matter and claims so with evidence; a second person at
the owner's level strikes it off or sends it back. What was struck off comes back by itself when its appeal is reopened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from gongqing.appeals.rules.permissions import HANDLERS
from gongqing.audit.actor import Actor, Role
from gongqing.dispatch.rules.permissions import stands_above
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted

KEEPERS = frozenset({Role.COUNTY_SUPERVISOR, Role.CITY_SUPERVISOR})
READERS = HANDLERS | {Role.AUDITOR}
STATE_WORDS = {"open": "待销号", "claimed": "报请销号", "struck_off": "已销号", "withdrawn": "已撤出"}
LONGEST = timedelta(days=3 * 366)
MOST_AT_ONCE = 500
MOST_DOCUMENTS = 9
MOST_PEOPLE = 1_000_000
MOST_YUAN = Decimal("99999999999.99")


NO_DOCUMENTS = {
    "settled_on_the_spot": "当面结清、当场解决，双方没有留下书面材料",
    "kept_elsewhere": "材料存在法院、仲裁机构或部门，已当面核对原件",
    "confidential": "材料涉及他人隐私或商业秘密，已当面查看，不留存",
    "told_by_worker": "职工不愿留下材料，已向本人电话核实",
}
"""The only reasons for which a claim may come without a file, in the words that stay beside it."""
_WITHOUT = "没有材料的原因："


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation as the rules see it."""

    id: int
    path: str


def check_can_read_lists(actor: Actor) -> None:
    """Lists are for those who handle and supervise, and for auditors.

    Raises:
        NotPermitted.
    """
    if actor.role not in READERS:
        raise NotPermitted("清单销号由经办和督办岗位使用。")


def check_can_keep_lists(actor: Actor) -> None:
    """Lists are opened by the supervisors of a county or of the city.

    Raises:
        NotPermitted.
    """
    if actor.role not in KEEPERS or actor.organisation_id is None:
        raise NotPermitted("清单由区县和市级派单督办岗位建立。")


def keeps(actor: Actor, owner: Place) -> bool:
    """Is it a supervisor of the owner, or one above it?"""
    return actor.role in KEEPERS and (actor.organisation_id == owner.id or stands_above(actor, owner.path))


def check_can_keep(actor: Actor, owner: Place, *, closed: bool = False) -> None:
    """Only the owner's supervisors, and those above, write on a list; a closed one takes nothing more.

    Raises:
        NotPermitted, NotAllowed.
    """
    if not keeps(actor, owner):
        raise NotPermitted("这份清单由建立它的工会维护，您可以查看和报请销号。")
    if closed:
        raise NotAllowed("这份清单已经收尾，不能再改；需要时先重新打开。")


def check_can_claim(actor: Actor, asked: Place, *, state: str) -> None:
    """Whoever is asked claims that a matter is settled; a supervisor above may do it for them.

    Raises:
        NotPermitted, NotAllowed.
    """
    is_own = actor.role in HANDLERS and actor.organisation_id == asked.id
    if actor.user_id is None or not (is_own or stands_above(actor, asked.path)):
        raise NotPermitted("由责任单位报请销号，您的单位不是这一项的责任单位。")
    if state != "open":
        raise NotAllowed(f"这一项现在是“{STATE_WORDS[state]}”，不能报请销号。")


def check_can_decide_claim(actor: Actor, owner: Place, *, claimed_by: int | None, state: str) -> None:
    """The owner's side strikes off or sends back, never the person who claimed.

    Raises:
        NotPermitted, NotAllowed.
    """
    if not keeps(actor, owner):
        raise NotPermitted("销号由建立清单的工会核对。")
    if claimed_by is not None and actor.user_id == claimed_by:
        raise NotPermitted("报请和销号要由两个人做：这一项是您报请的，请本单位另一位督办人员核对。")
    if state != "claimed":
        raise NotAllowed(f"这一项现在是“{STATE_WORDS[state]}”，责任单位报请后才能核对。")


def check_can_withdraw_entry(actor: Actor, owner: Place, *, state: str) -> None:
    """The owner's side takes a matter off the list that does not belong there.

    Raises:
        NotPermitted, NotAllowed.
    """
    check_can_keep(actor, owner)
    if state not in ("open", "claimed"):
        raise NotAllowed(f"这一项现在是“{STATE_WORDS[state]}”，不能撤出。")


def check_title(title: str) -> str:
    """The title of a list or a matter, tidied by the caller.

    Raises:
        BadInput: on `title`.
    """
    if not 4 <= len(title) <= 100:
        raise BadInput("title", "名称要写 4 到 100 个字，例如：2025年第四季度欠薪清单。")
    return title


def check_matter(title: str) -> str:
    """What a matter from outside is about, without personal data.

    Raises:
        BadInput: on `title`.
    """
    if not 6 <= len(title) <= 200:
        raise BadInput("title", "事由要写 6 到 200 个字：哪家单位、什么事，不写职工姓名和电话。")
    return title


def check_due(due_on: date, *, opened_on: date, today: date) -> None:
    """A day by which something can still be settled.

    Raises:
        BadInput: on `due_on`.
    """
    if due_on < opened_on:
        raise BadInput("due_on", "销号期限不能早于建立日期。")
    if due_on < today:
        raise BadInput("due_on", "销号期限已经过去，请填今天或以后的日子。")
    if due_on > today + LONGEST:
        raise BadInput("due_on", "销号期限太远，请核对年份。")


def check_opened(opened_on: date, today: date) -> None:
    """A list is opened today or was opened lately on paper.

    Raises:
        BadInput: on `opened_on`.
    """
    if opened_on > today:
        raise BadInput("opened_on", "建立日期不能晚于今天。")
    if opened_on < today - LONGEST:
        raise BadInput("opened_on", "建立日期太早，请核对年份。")


def check_evidence(evidence: str, documents: int) -> None:
    """A claim says what was done and rests on something.

    Raises:
        BadInput: on `evidence`.
    """
    if len(evidence) < 10:
        raise BadInput("evidence", "请写明怎么解决的、凭什么认定，至少 10 个字，例如：已签调解协议，工资全部到账。")
    if len(evidence) > 2000:
        raise BadInput("evidence", "说明最多 2000 字，更多内容请作为材料上传。")
    if documents > MOST_DOCUMENTS:
        raise BadInput("documents", f"一项最多 {MOST_DOCUMENTS} 份材料。")


def evidence_kept(evidence: str, documents: int, reason: str) -> str:
    """The evidence as it is kept: with files as it was said, without them with the approved reason as its last line.

    Raises:
        BadInput: on `documents`, no file and no reason; on `no_documents`, a reason that is not approved.
    """
    if reason and reason not in NO_DOCUMENTS:
        raise BadInput("no_documents", "没有材料的原因请从列出的几种里选。")
    if documents:
        return evidence
    if not reason:
        raise BadInput("documents", "请传至少一份材料（协议、回单、照片）；确实没有的，选一个没有材料的原因。")
    return f"{evidence}\n{_WITHOUT}{NO_DOCUMENTS[reason]}"


def evidence_parts(evidence: str) -> tuple[str, str]:
    """What was said, and the key of the reason why there is no file; empty where none stands there."""
    said, _, last = evidence.rpartition("\n")
    reason = next((key for key, words in NO_DOCUMENTS.items() if last == f"{_WITHOUT}{words}"), "")
    return (said, reason) if reason else (evidence, "")


def check_is_proven(evidence: str, documents: int) -> None:
    """Nothing is struck off without a file or an approved reason why there is none.

    Raises:
        NotAllowed.
    """
    if not documents and not evidence_parts(evidence)[1]:
        raise NotAllowed("这一项没有材料，也没有写明为什么没有，不能销号；请退回责任单位补充。")


def people_of(given: int | str | None) -> int:
    """How many workers were helped.

    Raises:
        BadInput: on `helped_count`.
    """
    try:
        count = int(str(given).strip())
    except ValueError:
        raise BadInput("helped_count", "帮助人数要填整数，没有就填 0。") from None
    if not 0 <= count <= MOST_PEOPLE:
        raise BadInput("helped_count", "帮助人数不对，请核对。")
    return count


def yuan_of(given: Decimal | str | None) -> Decimal:
    """How much was recovered, in yuan with fen.

    Raises:
        BadInput: on `recovered_amount`.
    """
    try:
        amount = Decimal(str(given).replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        raise BadInput("recovered_amount", "挽回金额要填数字，单位是元，没有就填 0。") from None
    if not amount.is_finite() or not 0 <= amount <= MOST_YUAN:
        raise BadInput("recovered_amount", "挽回金额不对，请核对（单位是元，不是万元）。")
    if amount != amount.quantize(Decimal("0.01")):
        raise BadInput("recovered_amount", "挽回金额最多到分。")
    return amount.quantize(Decimal("0.01"))


def check_figures_reason(
    reason: str, *, people: int, yuan: Decimal, answered_people: int | None, answered_yuan: Decimal | None
) -> str:
    """Figures that differ from those of the answered appeal need a reason; others keep none.

    Raises:
        BadInput: on `figures_reason`.
    """
    differs = (answered_people is not None and people != answered_people) or (
        answered_yuan is not None and yuan != answered_yuan
    )
    if not differs:
        return ""
    if len(reason) < 4:
        raise BadInput(
            "figures_reason",
            f"和诉求办结时登记的（{answered_people or 0} 人、{answered_yuan or 0} 元）不一样，请写明为什么。",
        )
    return reason[:200]


def check_said(field: str, words: str, what: str) -> str:
    """Whoever sends back, withdraws or reopens says why.

    Raises:
        BadInput: on the field.
    """
    if len(words) < 4:
        raise BadInput(field, f"{what}请写明理由，至少四个字，对方会看到。")
    if len(words) > 500:
        raise BadInput(field, "理由最多 500 字。")
    return words


def is_late(state: str, due_on: date, today: date) -> bool:
    """Is the matter not struck off though its day is over?"""
    return state in ("open", "claimed") and due_on < today
