"""The tables of the data base, cut by noun."""

from gongqing.registry.models.consents import Consent, DataRequest, PrivacyNotice, Purpose, Right
from gongqing.registry.models.loads import ColumnMapping, Load, LoadKind, LoadRow, LoadState, RowState
from gongqing.registry.models.organisations import Enterprise, Level, Organisation, OrganisationKind, Region, ZoneLink
from gongqing.registry.models.people import Member, Person

__all__ = [
    "ColumnMapping",
    "Consent",
    "DataRequest",
    "Enterprise",
    "Level",
    "Load",
    "LoadKind",
    "LoadRow",
    "LoadState",
    "Member",
    "Organisation",
    "OrganisationKind",
    "Person",
    "PrivacyNotice",
    "Purpose",
    "Region",
    "Right",
    "RowState",
    "ZoneLink",
]
