"""Is everybody of the standing cast who they should be?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from gongqing.audit.actor import Actor, Role
from gongqing.registry.models import Organisation
from tests.cast import Cast


def test_every_role_that_signs_in_is_played(cast: Cast) -> None:
    played = {player.actor.role for player in cast.players().values()}
    assert played == set(Role) - {Role.SYSTEM, Role.CODE_HOLDER, Role.ANONYMOUS}


def test_the_zone_reaches_its_linked_unions(cast: Cast) -> None:
    assert set(cast.zone.actor.paths) == {
        cast.places.zone.path,
        cast.places.union.path,
        cast.places.second_union.path,
    }


def test_a_test_without_the_cast_has_an_empty_city(db: None) -> None:
    assert not Organisation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_transactional_tests_have_the_cast_too(cast: Cast) -> None:
    assert Organisation.objects.filter(pk=cast.places.town.pk).exists()


def test_sessions_and_keys_name_the_player(
    cast: Cast, browser_of: Callable[[str], Client], api_of: Callable[[str], Client]
) -> None:
    for path, client in (("/desk/", browser_of("town")), ("/api/v1/appeals", api_of("town"))):
        actor: Actor = client.get(path).wsgi_request.actor  # type: ignore[attr-defined]
        assert actor.user_id == cast.town.user_id, path
