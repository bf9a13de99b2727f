"""Does PostgreSQL hold every table that says something about somebody?"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Role
from tests.cast import Cast

# tables without row-level security, and why that is right
OPEN = {
    "audit_dailyseal": "digests of whole days; append-only",
    "audit_delivery": "numbers of events and names of functions; the events are held",
    "registry_region": "the official divisions are public",
    "insight_outline": "the borders of the official divisions are public",
    "registry_enterprise": "the public register of employers",
    "registry_organisation": "who may handle an appeal is public within the platform",
    "registry_zonelink": "which zone holds which union is public within the platform",
    "registry_columnmapping": "which column of a sheet holds what; no rows of anybody",
    "registry_privacynotice": "what everybody is told",
    "registry_member": "identifiers alone; the person behind them is scoped",
    "accounts_user": "read before anybody is known; staff names stand on every trace",
    "accounts_posting": "read before anybody is known",
    "accounts_apikey": "read before anybody is known; digests alone",
    "accounts_onetimecode": "read before anybody is known; digests alone",
    "accounts_attempt": "read before anybody is known; digests alone",
    "notices_messagetemplate": "words without a name in them",
    "appeals_category": "the list of categories is public",
    "appeals_readerversion": "names and figures of the reader's versions; no rows of anybody",
    "appeals_listeningmark": "how far the appeals were heard again; no rows of anybody",
    "appeals_gradepolicy": "the limits of grading are public",
    "appeals_serialday": "a counter of codes",
    "insight_sightpath": "which paths a town or a zone sees is public within the platform; no rows of anybody",
    "insight_sumsmark": "how far the sums of figures have come; no rows of anybody",
    "dispatch_clockpolicy": "the time limits are public",
    "dispatch_calendarday": "the calendar is public",
    "dispatch_routingpolicy": "who gets what is public within the platform",
    "dispatch_dutysetting": "what an organisation's duty must do is public within the platform",
    "dispatch_dutyshift": "who is on duty is public within the platform",
    "dispatch_passon": "who took over whose work is public within the platform; the items are held",
    "dispatch_rulechange": "how the rules change is public within the platform",
}


def tables() -> set[str]:
    """The tables of our own models."""
    return {
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.startswith("gongqing.") and model._meta.managed
    }


@pytest.fixture
def held(db: None) -> set[str]:
    """The tables under row-level security."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind IN ('r', 'p')")
        return {name for (name,) in cursor.fetchall()}


def test_every_table_is_held_or_open_for_a_reason(held: set[str]) -> None:
    assert tables() - held - set(OPEN) == set(), "add a policy in a migration, or a reason to OPEN"


def test_no_reason_outlives_its_table(held: set[str]) -> None:
    assert set(OPEN) - tables() == set()
    assert set(OPEN) & held == set()


def test_nothing_is_seen_before_somebody_acts(held: set[str]) -> None:
    seen = {}
    for table in sorted(held & tables() - {"appeals_searchtext"}):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            seen[table] = (cursor.fetchone() or (0,))[0]
    assert set(seen.values()) == {0}


def test_the_scope_ends_with_the_block(cast: Cast) -> None:
    with connection.cursor() as cursor:
        with scope.acting_as(SYSTEM):
            cursor.execute("SELECT count(*) FROM audit_event")
            everything = (cursor.fetchone() or (0,))[0]
        cursor.execute("SELECT count(*) FROM audit_event")
        nothing = (cursor.fetchone() or (0,))[0]
    assert everything > 0
    assert nothing == 0


def test_only_three_roles_see_every_row(cast: Cast) -> None:
    every = {player.actor.role for player in cast.players().values() if scope.sees_all(player.actor)}
    assert every == {Role.CITY_SUPERVISOR, Role.AUDITOR}
    assert scope.sees_all(SYSTEM)
