"""What do the wage sheets hold of one worker, for the copy that the worker takes away?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from gongqing.appeals.models import Appeal, Claim, Team
from gongqing.appeals.rules.forgetting import without_person
from gongqing.audit import scope
from gongqing.dispatch.rules.claims import period_words
from gongqing.lib import masks
from gongqing.lib.times import local
from gongqing.registry.models import Person


def copied_claims(person: Person, own_appeal_ids: Sequence[int]) -> list[dict[str, object]]:
    """Every claim of a person on a wage sheet, struck ones too, with what was corrected and what came back.

    Others of the same sheets are masked in whatever was written; of a case that is not the person's own not even the
    code is given, nor any file that proves what came back, for it may name others.
    """
    with scope.elevated():
        claims = list(
            Claim.objects.filter(person=person)
            .select_related("team__leader", "appeal", "part")
            .prefetch_related("corrections", "payments")
            .order_by("started_on", "id")
        )
        others = _others(person, {claim.appeal_id for claim in claims})
    return [_copied(claim, others, set(own_appeal_ids)) for claim in claims]


def _others(person: Person, appeal_ids: set[int]) -> list[str]:
    """The names of the others on these sheets and in these cases."""
    if not appeal_ids:
        return []
    cases = Appeal.objects.filter(Q(pk__in=appeal_ids) | Q(merged_into_id__in=appeal_ids))
    known = Person.objects.filter(
        Q(pk__in=cases.values("person_id"))
        | Q(pk__in=Claim.objects.filter(appeal__in=appeal_ids).values("person_id"))
        | Q(pk__in=Team.objects.filter(appeal__in=appeal_ids).values("leader_id"))
    )
    names = known.exclude(pk=person.pk).exclude(name="").values_list("name", flat=True)
    return [name for name in names if name != person.name]


def _copied(claim: Claim, others: Sequence[str], own: set[int]) -> dict[str, object]:
    spoken = next((one for one in (claim.part, claim.appeal) if one is not None and one.pk in own), None)
    leader = claim.team.leader.name if claim.team.leader and claim.team.leader_id != claim.person_id else ""
    return {
        "诉求编号": spoken.code if spoken else "",
        "单位": claim.team.employer_name,
        "班组": claim.team.name,
        "班组长": masks.mask_name(leader),
        "工作期间": period_words(claim.started_on, claim.ended_on),
        "应发": _yuan(claim.payable),
        "已发": _yuan(claim.paid),
        "欠款": _yuan(claim.owed),
        "依据": without_person(claim.basis, others),
        "争议": (without_person(claim.dispute_note, others) or "有争议") if claim.is_disputed else "",
        "和班组长核对": f"{_moment(claim.checked_at)}，{_yuan(claim.agreed)}" if claim.checked_at else "",
        "追回合计": _yuan(claim.recovered),
        "登记时间": _moment(claim.entered_at),
        "删去": f"{_moment(claim.removed_at)}：{without_person(claim.removed_reason, others)}"
        if claim.removed_at
        else "",
        "更正": [
            {
                "时间": _moment(one.at),
                "哪一项": one.field,
                "原来": without_person(one.before, others),
                "改成": without_person(one.after, others),
                "原因": without_person(one.reason, others),
            }
            for one in claim.corrections.all()
        ],
        "追回": [
            {
                "到账": one.paid_on.isoformat(),
                "金额": _yuan(one.amount),
                "凭证": without_person(one.voucher, others),
                "超过欠款的原因": without_person(one.over_reason, others),
                "撤销": f"{_moment(one.cancelled_at)}：{without_person(one.cancelled_reason, others)}"
                if one.cancelled_at
                else "",
            }
            for one in claim.payments.all()
        ],
    }


def _yuan(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}"


def _moment(moment: datetime | None) -> str:
    return local(moment).isoformat(timespec="seconds") if moment else ""
