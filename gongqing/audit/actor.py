"""Who acts, and how far do they see?"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a posting lets a person do. The glossary gives the trade's words."""

    WORKER = "worker"
    HOTLINE_SEAT = "hotline_seat"
    GRASSROOTS_OFFICER = "grassroots_officer"
    ZONE_WORKER = "zone_worker"
    ZONE_CHIEF = "zone_chief"
    ZONE_INSTRUCTOR = "zone_instructor"
    ZONE_HELPER = "zone_helper"
    TOWN_SUPERVISOR = "town_supervisor"
    COUNTY_SUPERVISOR = "county_supervisor"
    CITY_SUPERVISOR = "city_supervisor"
    DEPARTMENT_LIAISON = "department_liaison"
    MEDIATOR = "mediator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"
    CODE_HOLDER = "code_holder"  # knows an appeal's code and query password
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts: a person in one posting, a worker, a code holder, or the system.

    Attributes:
        role: what the actor acts as.
        name: how the trace names the actor.
        user_id: the account; None for the system and for code holders.
        person_id: the natural person behind a worker; None for others.
        organisation_id: where the posting is held.
        path: path of that organisation, ending in a slash; empty when there is none.
        paths: path prefixes whose grants the actor sees (a zone posting: the zone and its linked unions).
        appeal_id: the one appeal a code holder sees.
        scopes: what an API key may do (`appeals:read`, …); None for a session.
        key_id: the API key used, for the trace.
    """

    role: Role
    name: str
    user_id: int | None = None
    person_id: int | None = None
    organisation_id: int | None = None
    organisation_name: str = ""
    path: str = ""
    paths: tuple[str, ...] = field(default=())
    appeal_id: int | None = None
    scopes: frozenset[str] | None = None
    key_id: int | None = None

    @property
    def is_system(self) -> bool:
        return self.role is Role.SYSTEM

    @property
    def is_staff(self) -> bool:
        return self.role not in (Role.WORKER, Role.SYSTEM, Role.CODE_HOLDER, Role.ANONYMOUS)


SYSTEM = Actor(role=Role.SYSTEM, name="系统")
ANONYMOUS = Actor(role=Role.ANONYMOUS, name="匿名")
