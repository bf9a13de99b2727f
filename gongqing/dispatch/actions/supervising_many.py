"""One thing done to several cases: each by itself, so that a refusal of one leaves the others done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import Status
from gongqing.audit.actor import Actor
from gongqing.dispatch.actions.dispatching import UNSIGNED, dispatch_appeal, transfer_order
from gongqing.dispatch.actions.supervising import supervise_appeal, urge_appeal
from gongqing.dispatch.actions.taking_over import raise_appeal, take_over_appeal
from gongqing.dispatch.rules import permissions
from gongqing.dispatch.rules.higher_hands import MOST_AT_ONCE, SHORTEST_REASON, VERBS
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What became of one case; `words` say what was done, or why not."""

    code: str
    title: str
    done: bool
    words: str


def supervise_cases(
    *, verb: str, codes: Sequence[str], note: str, by: Actor, at: datetime, organisation_id: int | None = None
) -> list[CaseOutcome]:
    """Urge, supervise, raise, take over or transfer the cases with these codes, in the order given.

    Each case is a transaction of its own: what is refused is left as it was, and the answer says why.

    Raises:
        NotPermitted: no supervisor.
        BadInput: no such verb, no case, too many cases, no words, no organisation to transfer to.
    """
    permissions.check_can_dispatch(by)
    chosen = list(dict.fromkeys(codes))
    _check_given(verb, chosen, note, organisation_id)
    return [_outcome(verb, code, note.strip(), organisation_id, by=by, at=at) for code in chosen]


def _check_given(verb: str, codes: Sequence[str], note: str, organisation_id: int | None) -> None:
    if verb not in VERBS:
        raise BadInput("verb", "没有这一步。")
    if not codes:
        raise BadInput("codes", "请先勾选至少一件。")
    if len(codes) > MOST_AT_ONCE:
        raise BadInput("codes", f"一次最多 {MOST_AT_ONCE} 件，请分几次。")
    if len(note.strip()) < SHORTEST_REASON:
        raise BadInput("note", "请写几个字，办理单位会看到。")
    if VERBS[verb].is_placed and organisation_id is None:
        raise BadInput("organisation", "请写转给哪个单位。")


def _outcome(verb: str, code: str, note: str, organisation_id: int | None, *, by: Actor, at: datetime) -> CaseOutcome:
    appeal = Appeal.objects.visible_to(by).filter(code=code).only("id", "code", "title", "status").first()
    if appeal is None:
        return CaseOutcome(code, "", done=False, words="没有这件诉求，或者不在您能看的范围内。")
    try:
        with transaction.atomic():
            _run(verb, appeal, note, organisation_id, by=by, at=at)
    except (NotFound, NotPermitted, NotAllowed) as refused:
        return CaseOutcome(code, appeal.title, done=False, words=str(refused))
    except BadInput as refused:
        return CaseOutcome(code, appeal.title, done=False, words=refused.message)
    return CaseOutcome(code, appeal.title, done=True, words=VERBS[verb].told)


def _run(verb: str, appeal: Appeal, note: str, organisation_id: int | None, *, by: Actor, at: datetime) -> None:
    if verb == "transfer" and organisation_id is not None:
        if appeal.status in UNSIGNED and appeal.status != Status.REOPENED:
            dispatch_appeal(appeal_id=appeal.pk, organisation_id=organisation_id, note=note, by=by, at=at)
        else:
            transfer_order(appeal_id=appeal.pk, organisation_id=organisation_id, reason=note, by=by, at=at)
        return
    with_note: dict[str, Callable[..., Appeal]] = {"urge": urge_appeal, "supervise": supervise_appeal}
    if verb in with_note:
        with_note[verb](appeal_id=appeal.pk, note=note, by=by, at=at)
        return
    with_reason: dict[str, Callable[..., Appeal]] = {"raise": raise_appeal, "take-over": take_over_appeal}
    with_reason[verb](appeal_id=appeal.pk, reason=note, by=by, at=at)
