"""Keep what somebody confirmed or changed of what was said about an appeal."""

from __future__ import annotations

from datetime import datetime

from gongqing.appeals.models import Appeal, Category, ReaderCorrection
from gongqing.audit.actor import Actor


def keep_correction(
    appeal: Appeal,
    *,
    by: Actor,
    at: datetime,
    category: Category | None = None,
    second: Category | None = None,
    labour: bool | None = None,
    grade: str = "",
    kind: str = "",
    reason: str = "",
) -> ReaderCorrection | None:
    """Part of the action that changes the appeal, before it does: what stood there, and what the person said.

    What the person said nothing on is left out. The system corrects nobody: its own choices are not kept.
    """
    if by.is_system or (category is None and second is None and labour is None and not grade and not kind):
        return None
    return ReaderCorrection.objects.create(
        appeal=appeal,
        suggested=appeal.category,
        chosen=category,
        suggested_second=appeal.second_category,
        chosen_second=second,
        suggested_labour=appeal.labour_related,
        chosen_labour=labour,
        suggested_grade=appeal.grade,
        chosen_grade=grade,
        suggested_kind=appeal.kind,
        chosen_kind=kind,
        confidence=appeal.category_confidence,
        model_version=appeal.model_version,
        at=at,
        by_user_id=by.user_id,
        reason=reason,
    )
