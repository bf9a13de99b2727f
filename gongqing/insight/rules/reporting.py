"""Who drafts, signs, issues and reads the weekly report, when may each be done, and how is an issue called?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime

from gongqing.audit.actor import Actor, Role
from gongqing.insight.rules.report_paper import ASKED, SECTIONS
from gongqing.insight.rules.weeks import Week
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted

NAME = "工情通动态情况报告"
READERS = frozenset({Role.CITY_SUPERVISOR, Role.COUNTY_SUPERVISOR, Role.TOWN_SUPERVISOR, Role.AUDITOR})
EDITORS = frozenset({Role.CITY_SUPERVISOR, Role.COUNTY_SUPERVISOR})
DRAFT, SIGNED, ISSUED = "draft", "signed", "issued"
STATE_WORDS = {DRAFT: "草稿", SIGNED: "已签发，待编发", ISSUED: "已编发"}
LONGEST_WORDS, LONGEST_LINE = 4000, 300
ADDRESSEES = {
    "city": "市委、市政府领导，市总工会领导班子成员，各区县（市）总工会",
    "county": "区县（市）党委、政府分管领导，区县（市）总工会领导班子成员，各镇街总工会",
}
COPIES = {"city": "市人社局、市法院、市检察院、市信访局", "county": "市总工会，区县（市）人社局、法院、信访局"}


def sent_to(level: str, region_name: str) -> tuple[str, str]:
    """To whom a report goes and who gets a copy, before anybody changes it; a county's names the county."""
    addressees, copies = ADDRESSEES[level], COPIES[level]
    if level == "city" or region_name[-1:] not in ("区", "县", "市"):
        return addressees, copies
    named = addressees.replace("区县（市）党委、政府", f"{region_name}委、{region_name}政府")
    return named.replace("区县（市）", region_name), copies.replace("区县（市）", region_name)


def check_can_read(actor: Actor) -> None:
    """The report is for supervisors of town, county and city, and for the auditor.

    Raises:
        NotPermitted.
    """
    if actor.role not in READERS and not actor.is_system:
        raise NotPermitted("周报供镇街以上派单督办岗位和审计岗位查看。")


def can_edit(actor: Actor, *, path: str) -> bool:
    """Whether this report is made by the actor's organisation: a county's by its own supervisors and the city's."""
    if actor.is_system or actor.role is Role.CITY_SUPERVISOR:
        return True
    return actor.role is Role.COUNTY_SUPERVISOR and actor.path == path


def check_can_edit(actor: Actor, *, path: str) -> None:
    """Refuse who does not make this report.

    Raises:
        NotPermitted.
    """
    if not can_edit(actor, path=path):
        raise NotPermitted("周报由本级派单督办岗位起草、签发和编发。")


def check_is_draft(state: str) -> None:
    """Refuse to change what is signed or issued.

    Raises:
        NotAllowed.
    """
    if state == SIGNED:
        raise NotAllowed("这期周报已签发，要改请先退回修改。")
    if state == ISSUED:
        raise NotAllowed("这期周报已编发，不能再改；有错请发更正。")


def check_can_sign(
    actor: Actor,
    *,
    path: str,
    state: str,
    editor_ids: Collection[int],
    week: Week,
    taken_at: datetime | None,
    is_waiting: bool,
) -> None:
    """A second person signs a draft of a week that is over, on figures that were read after its end.

    Raises:
        NotPermitted: not of this organisation, the system, or somebody who wrote in it. NotAllowed.
    """
    check_can_edit(actor, path=path)
    if actor.user_id is None:
        raise NotPermitted("周报由派单督办岗位的人签发，系统不能签发。")
    if actor.user_id in editor_ids:
        raise NotPermitted("起草或修改过的人不能自己签发，请另一位派单督办岗位签发。")
    check_is_draft(state)
    if is_waiting or taken_at is None:
        raise NotAllowed("正在取数，取完再签发。")
    if taken_at < week.ends_at:
        raise NotAllowed("现有数字取自本周结束之前，请在本周结束后重新取数，再签发。")


def check_can_send_back(actor: Actor, *, path: str, state: str, reason: str) -> str:
    """What is signed and not issued may go back to the desk, with a reason, which comes back tidy.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    check_can_edit(actor, path=path)
    if state == ISSUED:
        check_is_draft(state)
    if state != SIGNED:
        raise NotAllowed("这期周报还是草稿，可以直接修改。")
    return reason_given(reason)


def check_can_issue(actor: Actor, *, path: str, state: str) -> None:
    """Only what is signed is issued.

    Raises:
        NotPermitted, NotAllowed.
    """
    check_can_edit(actor, path=path)
    if actor.user_id is None:
        raise NotPermitted("周报由派单督办岗位的人编发，系统不能编发。")
    if state == ISSUED:
        raise NotAllowed("这期周报已经编发过了。")
    if state != SIGNED:
        raise NotAllowed("还没有签发，签发以后才能编发。")


def check_can_correct(actor: Actor, *, path: str, state: str, has_newer: bool, reason: str) -> str:
    """What is issued is put right by a further issue, one after the other; the reason comes back tidy.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    check_can_edit(actor, path=path)
    if state != ISSUED:
        raise NotAllowed("还没有编发，直接修改草稿即可。")
    if has_newer:
        raise NotAllowed("这一期已有更正，请在最近的一份更正上办理。")
    return reason_given(reason)


def reason_given(reason: str) -> str:
    """A reason that says something.

    Raises:
        BadInput: on `reason`.
    """
    tidy = " ".join(reason.split())
    if len(tidy) < 4:
        raise BadInput("reason", "请写明原因，至少4个字。")
    if len(tidy) > LONGEST_LINE:
        raise BadInput("reason", f"原因最多{LONGEST_LINE}个字。")
    return tidy


def words_given(words: Mapping[str, str]) -> dict[str, str]:
    """What people wrote, by section, without empty ones.

    Raises:
        BadInput: a section that the report does not have, or one that is too long.
    """
    kept = {}
    for key, text in words.items():
        if key not in ASKED:
            raise BadInput(key, "周报没有这一部分。")
        tidy = "\n".join(line.strip() for line in text.replace("\r\n", "\n").split("\n") if line.strip())
        if len(tidy) > LONGEST_WORDS:
            raise BadInput(key, f"“{SECTIONS[key]}”最多写{LONGEST_WORDS}个字，现在{len(tidy)}个。")
        if tidy:
            kept[key] = tidy
    return kept


def mark_of(words: Mapping[str, str], addressees: str, copies: str) -> str:
    """A short sign of what people wrote as it stands; another sign means that somebody wrote since."""
    kept = json.dumps([sorted(words.items()), addressees, copies], ensure_ascii=False)
    return hashlib.sha256(kept.encode()).hexdigest()[:16]


def check_not_written_since(seen: str, now: str, *, by_name: str, is_own: bool) -> None:
    """Nobody overwrites what he has not seen.

    Raises:
        NotAllowed: what was written differs from what the writer had before him.
    """
    if seen and seen != now:
        who = "您又在别处改过" if is_own else f"{by_name or '别人'}也改了"
        raise NotAllowed(f"打开这一页以后，{who}这一期；这次写的还没有保存。请对照下面标出的，合在一起再保存。")


def line_given(field: str, text: str, *, is_needed: bool) -> str:
    """Addressees or copies in one line.

    Raises:
        BadInput: on the field.
    """
    tidy = "".join(text.split())
    if is_needed and not tidy:
        raise BadInput(field, "请写明主送给谁。")
    if len(tidy) > LONGEST_LINE:
        raise BadInput(field, f"最多{LONGEST_LINE}个字。")
    return tidy


def number_words(year: int | None, number: int | None, correction: int) -> str:
    """`2026年第12期`, `2026年更正第12期`, `2026年更正第12期（第2次）`; of a draft `第　　期`."""
    again = f"（第{correction}次）" if correction > 1 else ""
    of = "更正" if correction else ""
    return f"{f'{year}年' if year else ''}{of}第{number or '　　'}期{again}"
