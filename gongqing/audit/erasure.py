"""How is personal data taken out of a trace that nobody may change?

Names and notes stand beside the chain, which holds only a salted digest of them. A function of the owner's blanks them
and drops the salt, so that nobody can try out what was there; chain, heads and seals stay as they are. Every erasure is
recorded at the same moment: what was blanked without that is found by the verification.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from gongqing.audit import events, scope
from gongqing.audit.actor import Actor, Role
from gongqing.audit.models import AccessLog, Event
from gongqing.audit.seals import Trace
from gongqing.audit.verification import ERASED

OWN_ROLES = (Role.WORKER.value, Role.CODE_HOLDER.value)


def erase_words(
    *,
    subjects: Mapping[str, Collection[int]],
    user_ids: Collection[int],
    is_personal: Callable[[str], bool],
    beside: Mapping[str, Collection[int]],
    names_them: Callable[[str], bool],
    by: Actor,
    at: datetime,
) -> int:
    """Blank the words about a person in the events and looks of these things; part of an action that may do so.

    Erased are the person's own steps and looks, with the name, and the notes and reasons of others that hold personal
    data; who did something as an officer, when and as what, stays.

    Args:
        subjects: kind of thing → numbers of those that are about the person.
        user_ids: the person's own accounts.
        is_personal: whether words hold anything of the person.
        beside: kind of thing → numbers of those that are about others of the same case.
        names_them: whether words that are about others tell of the person.

    Returns:
        how many rows were blanked.
    """
    with scope.elevated():
        events.write_now()
        about = Q()
        for kind, numbers in subjects.items():
            about |= Q(subject_kind=kind, subject_id__in=list(numbers))
        own = Q(role__in=OWN_ROLES) & (about | Q(user_id__in=list(user_ids)))
        own |= Q(subject_kind="user", subject_id__in=list(user_ids))
        done = _chosen(Event.objects.filter(about | own), "note", user_ids, is_personal)
        seen = _chosen(AccessLog.objects.filter(about | own), "reason", user_ids, is_personal)
        for kind, numbers in beside.items():
            others = {"subject_kind": kind, "subject_id__in": list(numbers)}
            done += _telling(Event.objects.filter(**others), "note", names_them)
            seen += _telling(AccessLog.objects.filter(**others), "reason", names_them)
        counts = [
            _erased(f"SELECT {function}(%s, %s)", numbers, at)
            for function, numbers in (("gq_erase_events", done), ("gq_erase_looks", seen))
        ]
        if any(counts):
            events.record(ERASED, subject=Trace(), by=by, at=at, events=counts[0], looks=counts[1])
    return sum(counts)


def _chosen(rows: Any, field: str, user_ids: Collection[int], is_personal: Callable[[str], bool]) -> list[int]:
    standing = rows.filter(erased_at__isnull=True)
    found = standing.values_list("pk", "role", "user_id", "subject_kind", "subject_id", field)
    return [
        number
        for number, role, user_id, kind, subject, words in found.iterator()
        if role in OWN_ROLES
        or user_id in user_ids
        or (kind == "user" and subject in user_ids and words)
        or is_personal(words)
    ]


def _telling(rows: Any, field: str, names_them: Callable[[str], bool]) -> list[int]:
    found = rows.filter(erased_at__isnull=True).exclude(**{field: ""}).values_list("pk", field)
    return [number for number, words in found.iterator() if names_them(words)]


def _erased(statement: str, numbers: list[int], at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [numbers, at])
        (count,) = cursor.fetchone()
        return int(count)
