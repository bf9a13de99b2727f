"""Do lists and search have an index to walk, under row-level security, as the bound role?

The tables of a test are small, so the planner is told that walking a whole table is dear; what still walks the whole
of the appeals then has no index at all and would be slow in a city.
"""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import QuerySet

from gongqing.appeals import queries
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.tests.make import received
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def plan_of(rows: QuerySet[Appeal]) -> str:
    statement, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {statement}", values)
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("name", ["worker", "hotline", "grassroots", "zone", "town", "county", "city", "department"])
def test_lists_walk_an_index(name: str, cast: Cast, at):
    received(by=cast.worker.actor, at=at)
    actor: Actor = cast.players()[name].actor
    with scope.acting_as(actor):
        newest = queries.appeals_for(actor).order_by("-received_at", "-id")[:25]
        mine = queries.appeals_for(actor).filter(status="dispatched").order_by("next_due_at")[:25]
        for rows in (newest, mine):
            assert "Seq Scan on appeals_appeal" not in plan_of(rows)


def test_search_walks_the_gram_index_for_the_bound_role(cast: Cast, at):
    received(by=cast.worker.actor, at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        role, is_free = cursor.fetchone()
        assert (role, is_free) == ("gongqing_app", False)
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'appeals_searchtext' AND indexdef LIKE '%gq_bucketed%'"
        )
        assert cursor.fetchone()
        cursor.execute("SELECT has_column_privilege('appeals_searchtext', 'body', 'SELECT')")
        assert cursor.fetchone() == (False,)


def test_any_two_characters_find_what_the_actor_may_see(cast: Cast, at):
    appeal = received(by=cast.worker.actor, at=at)
    for player, sees in ((cast.city, True), (cast.county, True), (cast.worker, True), (cast.outsider, False)):
        with scope.acting_as(player.actor):
            assert (appeal.pk in queries.found_ids("工资")) is sees
            assert (appeal.pk in queries.found_ids("没发工资了")) is sees
            assert queries.found_ids("绝无此词") == []
