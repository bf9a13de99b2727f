"""Does a search find the same on each of its ways: the own texts read, hits asked one by one, hits among what is granted?

The ways are chosen by numbers that no test reaches, so the function is laid anew with smaller ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.db import connection

from gongqing.appeals import queries
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.tests.make import received
from tests import database
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
_laid = import_module("gongqing.appeals.migrations.0012_far_from_the_top")
LAID = {"very_few": 500, "few": 1000, "patience": 500, "most_paths": 200}
READ: dict[str, int] = {}
ASKED = {"very_few": 0}
AMONG = {"very_few": 0, "patience": 0}
SKIPPED = {"very_few": 0, "patience": 1}  # in the middle of a bucket
DENSE = {"very_few": 0, "patience": 0, "few": 1}
UNKNOWN = {"very_few": 0, "patience": 0, "most_paths": -1}


@pytest.fixture
def owner() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database.url(str(connection.settings_dict["NAME"]), "postgres"), autocommit=True) as opened:
        yield opened
        opened.execute(_laid.SEARCH)


def lay(owner: psycopg.Connection[Any], numbers: dict[str, int]) -> None:
    text = _laid.SEARCH
    for name, value in numbers.items():
        line = f"  {name} CONSTANT integer := {LAID[name]};"
        assert text.count(line) == 1
        text = text.replace(line, f"  {name} CONSTANT integer := {value};")
    owner.execute(text)


def found(cast: Cast) -> dict[str, list[list[int]]]:
    said = {}
    for name, player in cast.players().items():
        with scope.acting_as(player.actor):
            said[name] = [
                queries.found_ids("工资"),
                queries.found_ids("没发工资了", most=2),
                queries.found_ids("工资", most=2, before=queries.found_ids("工资", most=1)[0])
                if queries.found_ids("工资", most=1)
                else [],
                queries.found_ids("绝无此词"),
            ]
    return said


def test_each_way_finds_the_same(cast: Cast, at, owner):
    made = []
    for bucket in (1, 2, 5):
        with scope.acting_as(SYSTEM), connection.cursor() as cursor:
            cursor.execute("SELECT setval('appeals_appeal_id_seq', %s::bigint)", [bucket * 8192 - 2])
        made += [received(by=cast.worker.actor, at=at).pk for _ in range(2)]
        made += [received(by=cast.hotline.actor, at=at, region_code="330212001").pk]
    said = []
    for numbers in (READ, ASKED, AMONG, SKIPPED, DENSE, UNKNOWN):
        lay(owner, numbers)
        said.append(found(cast))
    assert all(each == said[0] for each in said)
    assert said[0]["city"][0] == made[::-1]
    assert said[0]["worker"][0] == [number for number in made[::-1] if number not in made[2::3]]
    assert said[0]["outsider"][0] == made[2::3][::-1]


def test_many_grants_of_one_appeal_hide_no_other(cast: Cast, at, owner):
    first = received(by=cast.worker.actor, at=at).pk
    last = received(by=cast.worker.actor, at=at).pk
    path = cast.town.actor.path
    owner.execute(
        "INSERT INTO appeals_access (appeal_id, path, why, since)"
        " SELECT %s, %s, 'several-' || n, now() FROM generate_series(1, 600) n",
        [last, path],
    )
    with scope.acting_as(cast.town.actor):
        assert queries.found_ids("工资") == [last, first]
