"""Do lists and search have an index to walk, under row-level security, as the bound role?

The tables of a test are small, so the planner is told that walking a whole table is dear; what still walks the whole
of the appeals then has no index at all and would be slow in a city.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from gongqing.appeals import queries
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.audit.journeys import asked
from gongqing.dispatch.api.answers import AppealList
from gongqing.dispatch.queries import cases_listed, desk
from gongqing.dispatch.queries.cases import CaseFilters
from gongqing.dispatch.tests.make import received
from gongqing.insight.queries.reading import MOVED
from gongqing.insight.queries.sighted import own_beside
from gongqing.lib.paging import decode_cursor
from gongqing.notices.queries import asked_of_unread
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


def test_the_planner_keeps_no_samples_of_what_workers_said():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attstattarget = 0 AND attnum > 0 "
            "AND attrelid IN ('appeals_appeal'::regclass, 'appeals_searchtext'::regclass, 'searchtext_bucketed'::regclass)"
        )
        unasked = set(cursor.fetchall())
    assert {("appeals_appeal", "text"), ("appeals_appeal", "title"), ("appeals_searchtext", "body")} <= unasked
    assert ("searchtext_bucketed", "gq_bucketed") in unasked  # most of the time that ANALYZE took


def test_any_two_characters_find_what_the_actor_may_see(cast: Cast, at):
    appeal = received(by=cast.worker.actor, at=at)
    for player, sees in ((cast.city, True), (cast.county, True), (cast.worker, True), (cast.outsider, False)):
        with scope.acting_as(player.actor):
            assert (appeal.pk in queries.found_ids("工资")) is sees
            assert (appeal.pk in queries.found_ids("没发工资了")) is sees
            assert queries.found_ids("绝无此词") == []


def test_search_goes_on_from_page_to_page_and_across_buckets(cast: Cast, at):
    with scope.acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT setval('appeals_appeal_id_seq', 3 * 8192 - 3)")
    made = [received(by=cast.worker.actor, at=at).pk for _ in range(5)]
    assert len({number >> 13 for number in made}) == 2
    for player in (cast.city, cast.county, cast.worker):
        with scope.acting_as(player.actor):
            assert queries.found_ids("工资") == made[::-1]
            assert queries.found_ids("没发工资了", most=2) == made[:2:-1]
            assert queries.found_ids("工资", before=made[1]) == [made[0]]
            seen, cursor_text = [], None
            while True:
                after = decode_cursor(cursor_text) if cursor_text else None
                rows, cursor_text = cases_listed.cases_page(player.actor, CaseFilters(q="工资"), after=after, size=2)
                seen += [row.number for row in rows]
                if cursor_text is None:
                    break
            assert seen == made[::-1]
            triage = cases_listed.cases_page(player.actor, CaseFilters(q="工资", status="triage"), after=None, size=2)
            assert triage == ([], None)
    with scope.acting_as(cast.outsider.actor):
        assert queries.found_ids("工资") == []


def test_search_reads_no_appeal_by_its_number_however_often_it_was_asked(cast: Cast, at):
    for _ in range(3):
        received(by=cast.worker.actor, at=at)
    times = 12  # the plans of a function are kept from the sixth time
    with scope.acting_as(cast.city.actor), connection.cursor() as cursor:
        read = "SELECT pg_stat_get_xact_tuples_returned('appeals_searchtext_pkey'::regclass)"
        cursor.execute(read)
        before = cursor.fetchone()[0]
        for _ in range(times):
            assert len(queries.found_ids("工资", most=2)) == 2
        cursor.execute(read)
        assert cursor.fetchone()[0] - before == times, "more than the newest number was looked up"


@pytest.mark.parametrize("name", ["county", "hotline"])
def test_unread_notices_are_counted_from_an_index_of_their_own(name: str, cast: Cast, at):
    actor: Actor = cast.players()[name].actor
    with scope.acting_as(actor), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for asking, index in zip(asked_of_unread(actor), ("message_unread_user", "message_unread_place"), strict=True):
            assert asking.statement is not None
            # planned without the arguments, as it is from the sixth time on
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            (answer,) = asked([(f"EXPLAIN {asking.statement.sql}", asking.values())])
            assert f"using {index} " in str(answer.fetchall())


def test_what_moved_since_the_sums_is_read_in_the_order_of_events(cast: Cast, at):
    received(by=cast.worker.actor, at=at)
    with scope.acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {MOVED}", [0, 501])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "using audit_event_pkey" in plan, plan


def test_what_an_account_took_in_beside_its_sight_is_found_in_an_index_alone(cast: Cast, at):
    actor: Actor = cast.hotline.actor
    with CaptureQueriesContext(connection) as told, scope.acting_as(actor):
        own_beside(actor, "/1/2/")
    (statement,) = (each["sql"] for each in told.captured_queries if "counted" in each["sql"])
    with scope.acting_as(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Only Scan using counted_reporter" in plan, plan


def test_one_who_sees_everything_is_asked_about_once_a_statement(cast: Cast, at):
    received(by=cast.worker.actor, at=at)
    with scope.acting_as(cast.city.actor), connection.cursor() as cursor:
        cursor.execute("EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM appeals_appeal ORDER BY received_at DESC LIMIT 5")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "InitPlan" in plan
    assert "gongqing.all" in plan.split("Filter:")[0], "the scope is not asked before the rows"


def test_counts_stop_where_they_no_longer_matter(cast: Cast, at, monkeypatch):
    monkeypatch.setattr(desk, "MOST_COUNTED", 2)
    for _ in range(3):
        received(by=cast.worker.actor, at=at)
    with scope.acting_as(cast.city.actor):
        late = at + timedelta(days=30)
        assert desk.counts(cast.city.actor, late)["overdue"] == "2+"
        assert desk.counts(cast.city.actor, at)["overdue"] == 0


def test_a_list_of_open_states_is_read_by_them(cast: Cast, at):
    states, after = "triage,dispatched,signed,dispatched,awaiting_evaluation", None
    made = [received(by=cast.worker.actor, at=at + timedelta(minutes=number * 3 % 5)) for number in range(7)]
    known = [appeal.pk for appeal in sorted(made, key=lambda each: (each.received_at, each.pk), reverse=True)]
    seen: list[int] = []
    with scope.acting_as(cast.city.actor), connection.cursor() as cursor:
        while True:
            rows, following = cases_listed.cases_page(
                cast.city.actor, CaseFilters(status=states, overdue=False), after=after, size=2
            )
            seen += [row.number for row in rows]
            if following is None:
                break
            after = decode_cursor(following)
        assert seen == known
        # planned without the arguments, as it is from the sixth time on: an index of what is open needs its states
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        statement = cases_listed._page(shape=(CaseFilters(status="triage,dispatched"), 26)).statement
        assert statement is not None
        (answer,) = asked([(f"EXPLAIN {statement.sql}", list(statement.values))])
        assert str(answer.fetchall()).count("using appeal_open_newest ") == 2


@pytest.mark.parametrize("state", ["withdrawn", "merged", "invalid"])
def test_a_list_of_what_ended_early_is_read_by_its_own_index(state: str, cast: Cast, at):
    received(by=cast.worker.actor, at=at)
    with scope.acting_as(cast.city.actor), connection.cursor() as cursor:
        assert cases_listed.cases_page(cast.city.actor, CaseFilters(status=state), after=None, size=25)[0] == []
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        for way in ("seqscan", "sort", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        statement = cases_listed._page(shape=(CaseFilters(status=state), 26)).statement
        assert statement is not None
        (answer,) = asked([(f"EXPLAIN {statement.sql}", list(statement.values))])
        assert "using appeal_ended_newest " in str(answer.fetchall())


def test_a_list_of_the_api_asks_nothing_again_for_its_rows(cast: Cast, at, django_assert_num_queries):
    for _ in range(3):
        received(by=cast.worker.actor, at=at)
    with scope.acting_as(cast.city.actor):
        with django_assert_num_queries(1):
            rows, _ = cases_listed.cases_page(cast.city.actor, CaseFilters(), after=None, size=25)
            answer = AppealList.of(rows, None)
        assert len(answer.items) == 3
        assert "text" not in rows[0]._fields
