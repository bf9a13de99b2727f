"""Which appeals in triage were not read carefully yet, who has touched one, and what was found?"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from gongqing.appeals.models import Appeal, CarefulReading
from gongqing.appeals.queries.reader import version_in_force
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import queries as audit
from gongqing.audit.actor import Role
from gongqing.language.classify import Reading

_NOBODY = (Role.SYSTEM, Role.WORKER, Role.CODE_HOLDER, Role.ANONYMOUS)


def unread(version: str, *, most: int) -> list[tuple[int, str, str]]:
    """Number, text and title of the appeals that wait for a category and that a version has not read carefully.

    The oldest first. What a person has chosen a category for is none of them. In the system's scope.
    """
    read = CarefulReading.objects.filter(appeal_id=OuterRef("pk"), version=version)
    found = Appeal.objects.filter(~Exists(read), status=Status.TRIAGE, category_by_person=False).order_by("pk")
    return list(found.values_list("pk", "text", "title")[:most])


def is_untouched(appeal: Appeal) -> bool:
    """Whether nobody of staff has done anything with an appeal since it came in, and its worker added no words."""
    later = audit.events_of("appeal", appeal.pk).filter(at__gt=appeal.entered_at)
    return not later.filter(~Q(role__in=_NOBODY) | Q(kind="appeal.material_added")).exists()


def careful_reading_of(appeal: Appeal) -> CarefulReading | None:
    """What the version in force found on careful reading of an appeal that the caller may see; None where it did not.

    What an earlier version found is older than what is in force, and is not shown.
    """
    return CarefulReading.objects.filter(appeal=appeal, version=version_in_force()).first()


def as_reading(kept: CarefulReading, appeal: Appeal) -> Reading:
    """The reading that was kept, as `classify` gives it, without purpose and need, which are not kept."""
    top = tuple((str(code), float(share)) for code, share in kept.top)
    return Reading(
        code=top[0][0],
        confidence=top[0][1],
        second_code=kept.second_code or None,
        labour_related=appeal.labour_related,
        labour_confidence=appeal.labour_confidence or 0.5,
        top=top,
        words=tuple(str(word) for word in kept.words),
        version=kept.version,
        careful=True,
    )
