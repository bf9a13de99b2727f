"""The tables of the appeal, cut by noun."""

from gongqing.appeals.models.access import Access, AccessReason
from gongqing.appeals.models.appeals import Appeal, Channel, HotlineKind, Kind, SearchText, SerialDay
from gongqing.appeals.models.configuration import Category, GradePolicy
from gongqing.appeals.models.conversation import (
    Attachment,
    CategoryChoice,
    Evaluation,
    EvaluationLink,
    Message,
    Satisfaction,
)

__all__ = [
    "Access",
    "AccessReason",
    "Appeal",
    "Attachment",
    "Category",
    "CategoryChoice",
    "Channel",
    "Evaluation",
    "EvaluationLink",
    "GradePolicy",
    "HotlineKind",
    "Kind",
    "Message",
    "Satisfaction",
    "SearchText",
    "SerialDay",
]
