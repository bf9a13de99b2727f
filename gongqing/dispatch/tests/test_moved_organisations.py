"""Does what an organisation sees go with it when it is moved in the tree?"""

from __future__ import annotations

from gongqing.accounts import queries as accounts
from gongqing.appeals.models import Access, Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.models import Call
from gongqing.dispatch.tests import make
from gongqing.registry import actions as registry


def seen_by(player, at):
    actor = accounts.actor_of(accounts.user_numbered(player.user_id), on=at.date())
    with scope.acting_as(actor):
        return set(Appeal.objects.visible_to(actor)), set(Appeal.objects.all())


def test_grants_and_calls_go_along_and_row_scope_agrees(cast, at, run_jobs):
    union, hotline = cast.places.union, cast.places.hotline
    with scope.acting_as(SYSTEM):
        appeal = make.received(by=cast.worker.actor, at=at)
        Access.objects.filter(appeal=appeal, path__gt="").delete()
        Access.objects.create(appeal=appeal, path=union.path, why="handler", since=at)
        call = Call.objects.create(
            organisation=hotline, path=hotline.path, seat_user_id=cast.hotline.user_id, seat_name="坐席", started_at=at
        )
    assert seen_by(cast.town, at) == ({appeal}, {appeal})
    assert seen_by(cast.outsider, at) == (set(), set())
    with scope.acting_as(SYSTEM):
        for place, above in ((union, cast.places.other_town), (hotline, cast.places.county)):
            registry.move_organisation(
                organisation_id=place.pk, parent_id=above.pk, reason="区划调整", by=SYSTEM, at=at
            )
        union.refresh_from_db()
        hotline.refresh_from_db()
        assert Access.objects.get(appeal=appeal, path__gt="").path == union.path
        call.refresh_from_db()
        assert call.path == hotline.path == f"{cast.places.county.path}{hotline.pk}/"
        Access.objects.create(appeal=appeal, path=f"{cast.places.town.path}{union.pk}/", why="assist", since=at)
    run_jobs()
    with scope.acting_as(SYSTEM):
        assert set(Access.objects.filter(path__gt="").values_list("path", flat=True)) == {union.path}
    assert seen_by(cast.grassroots, at) == ({appeal}, {appeal})
    assert seen_by(cast.outsider, at) == ({appeal}, {appeal})
    assert seen_by(cast.town, at) == (set(), set())
