"""The records of processing as the code has it, and how often personal data is looked at and leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.db.models import Q, Sum

from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.models import AccessLog
from gongqing.insight.rules.processing import (
    ACTIVITIES,
    PLAIN_WORDS,
    SEALED_WORDS,
    Activity,
    check_can_read_records,
)
from gongqing.registry.models import Consent, DataRequest, Person

DAYS = 30


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column of personal data: what it holds and how it is kept."""

    words: str
    place: str
    is_sealed: bool

    @property
    def security(self) -> str:
        return SEALED_WORDS if self.is_sealed else PLAIN_WORDS


@dataclass(frozen=True, slots=True)
class Record:
    """One activity with its columns; `retention` has the city's years."""

    activity: Activity
    columns: list[ColumnLine]
    retention: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How much personal data there is and how it moves; looks and exports of the last thirty days.

    Attributes:
        look_count: looks by staff at a case or a person.
        copied_row_count: rows that left in lists.
        withdrawn_count: consents that were withdrawn and not given again.
    """

    person_count: int
    emptied_count: int
    look_count: int
    reveal_count: int
    export_count: int
    copied_row_count: int
    open_request_count: int
    late_request_count: int
    withdrawn_count: int


def records(actor: Actor) -> list[Record]:
    """Every activity in which personal data is handled.

    Raises:
        NotPermitted: neither administrator nor auditor.
    """
    check_can_read_records(actor)
    sealed, years = sealed_columns(), str(settings.GONGQING.retention_years)
    return [
        Record(
            activity=activity,
            columns=[
                ColumnLine(words, place, place in sealed or place.endswith(".file_key"))
                for place, words in activity.columns.items()
            ],
            retention=activity.retention.replace("{years}", years),
        )
        for activity in ACTIVITIES
    ]


def sealed_columns() -> set[str]:
    """Every column that holds sealed personal data, as `app.Model.column`."""
    return {
        f"{model._meta.app_label}.{model.__name__}.{column}"
        for model in apps.get_models()
        for column in getattr(model, "SEALED", {})
    }


def unlisted_columns() -> list[str]:
    """Sealed columns that no activity names: the records are not complete while there are any."""
    return sorted(sealed_columns() - {place for activity in ACTIVITIES for place in activity.columns})


def counts(actor: Actor, at: datetime) -> Counts:
    """How much there is and how it moves; numbers alone.

    Raises:
        NotPermitted: neither administrator nor auditor.
    """
    check_can_read_records(actor)
    with scope.elevated():  # an administrator sees no person; only numbers leave this function
        looks = AccessLog.objects.filter(at__gte=at - timedelta(days=DAYS)).exclude(role__in=("worker", "code_holder"))
        exports = looks.filter(kind__endswith=".exported")
        empty = Q(name="", phone_sealed__isnull=True, id_number_sealed__isnull=True, address_sealed__isnull=True)
        waiting = DataRequest.objects.filter(answered_at__isnull=True)
        running = Consent.objects.filter(withdrawn_at__isnull=True).values("person_id", "purpose")
        withdrawn = set(
            Consent.objects.filter(withdrawn_at__isnull=False).values_list("person_id", "purpose").distinct()
        ) - {(row["person_id"], row["purpose"]) for row in running}
        return Counts(
            person_count=Person.objects.exclude(empty).count(),
            emptied_count=Person.objects.filter(empty).count(),
            look_count=looks.filter(subject_kind__in=("appeal", "person")).count(),
            reveal_count=looks.filter(kind__endswith="_revealed").count(),
            export_count=exports.count(),
            copied_row_count=exports.aggregate(rows=Sum("count"))["rows"] or 0,
            open_request_count=waiting.count(),
            late_request_count=waiting.filter(due_at__lt=at).count(),
            withdrawn_count=len(withdrawn),
        )
