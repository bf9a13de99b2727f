"""The tables of the appeal, cut by noun."""

from gongqing.appeals.models.access import Access, AccessReason
from gongqing.appeals.models.appeals import Appeal, Channel, HotlineKind, Kind, SearchText, SerialDay
from gongqing.appeals.models.configuration import Category, GradePolicy
from gongqing.appeals.models.conversation import (
    Attachment,
    Evaluation,
    EvaluationLink,
    Message,
    Satisfaction,
)
from gongqing.appeals.models.groups import Claim, ClaimCorrection, Distinction, GroupMember, Payment, Team
from gongqing.appeals.models.readers import (
    CallOutcome,
    CarefulOutcome,
    CarefulReading,
    ListeningMark,
    ReaderCall,
    ReaderCorrection,
    ReaderVersion,
    VersionState,
)

__all__ = [
    "Access",
    "AccessReason",
    "Appeal",
    "Attachment",
    "CallOutcome",
    "CarefulOutcome",
    "CarefulReading",
    "Category",
    "Channel",
    "Claim",
    "ClaimCorrection",
    "Distinction",
    "Evaluation",
    "EvaluationLink",
    "GradePolicy",
    "GroupMember",
    "HotlineKind",
    "Kind",
    "ListeningMark",
    "Message",
    "Payment",
    "ReaderCall",
    "ReaderCorrection",
    "ReaderVersion",
    "Satisfaction",
    "SearchText",
    "SerialDay",
    "Team",
    "VersionState",
]
