"""Does every route answer every role as the table `matrix.csv` says?

The table is written by `pytest tests/access/writing.py`, and read by a person before it is
committed. Its rules stand below and hold whatever was written.
"""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from tests.access.routes import MEANINGS, Door, answer, doors, read_table
from tests.access.world import parameters
from tests.cast import Cast, Player
from tests.doors import signed_in, with_key

NOBODY = "nobody"
TABLE = read_table()
# what anybody may open without signing in, by how the route begins
PUBLIC = (
    "",
    "sw.js",
    "manifest.webmanifest",
    "offline",
    "healthz",
    "readyz",
    "desk/sign-in",
    "desk/sign-in/code",
    "desk/sign-in/enrol",
    "desk/sign-in/password",
    "desk/sign-out",
    "metrics",  # from this machine alone, as the test asks; from elsewhere by a secret
    "me",
    "me/sign-in",
    "me/sign-in/code",
    "me/sign-out",
    "privacy",
    "api/v1/openapi.json",
)
PUBLIC_UNDER = ("say", "sent/", "lookup", "e/")


def asked(door: Door, cast: Cast) -> dict[str, str]:
    """What the door answers to everybody, each time with nothing changed by the others."""
    path = door.path(parameters(cast))
    enter = with_key if door.is_api else signed_in
    found: dict[str, str] = {}
    everybody: dict[str, Player | None] = {NOBODY: None, **cast.players()}
    for name, player in everybody.items():
        with transaction.atomic():
            client: Client = enter(player)
            found[name] = answer(client, door, path)
            transaction.set_rollback(True)
    return found


def test_no_route_is_forgotten() -> None:
    assert [str(door) for door in doors() if door not in TABLE] == [], "new routes: write the table again and read it"
    assert [str(door) for door in TABLE if door not in set(doors())] == [], "routes that are gone"


def test_every_parameter_is_known(cast: Cast) -> None:
    world = parameters(cast)
    assert {name for door in doors() for name in door.parameters()} - set(world) == set(), "add it to world.py"


@pytest.mark.parametrize("door", sorted(TABLE), ids=str)
def test_the_door_answers_as_agreed(door: Door, cast: Cast) -> None:
    assert asked(door, cast) == TABLE[door]


def test_every_answer_is_a_refusal_or_a_success() -> None:
    strange = {str(door): row for door, row in TABLE.items() if set(row.values()) - set(MEANINGS)}
    assert strange == {}


def test_nobody_opens_only_public_pages() -> None:
    opened = [
        str(door)
        for door, row in TABLE.items()
        if row[NOBODY] == "ok" and door.route not in PUBLIC and not door.route.startswith(PUBLIC_UNDER)
    ]
    assert opened == []


def test_strangers_see_nothing_of_an_appeal() -> None:
    seen = {
        str(door): (row["outsider"], row["stranger"])
        for door, row in about_an_appeal().items()
        if {row["outsider"], row["stranger"]} & {"ok", "409"}
        or row["stranger"] == "sent"
        or (row["outsider"] == "sent" and door.method == "POST")
    }
    assert seen == {}, "404 (or 403) for whoever does not see the appeal, before its state or the form are looked at"


def test_the_administrator_opens_no_appeal() -> None:
    opened = {str(door): row["admin"] for door, row in about_an_appeal().items() if row["admin"] in ("ok", "409")}
    assert opened == {}


def test_the_auditor_writes_nothing() -> None:
    own = ("desk/notices/read", "desk/sign-out", "me/sign-out", "lookup/leave", "api/v1/openapi.json", "healthz")
    own += ("cockpit/hang", "say/known")  # a session of one's own, and a question whether it was said before
    written = [
        str(door)
        for door, row in TABLE.items()
        if door.method != "GET" and row["auditor"] in ("ok", "sent") and door.route not in own
    ]
    assert written == []


def test_workers_open_no_page_of_the_desk() -> None:
    opened = {
        str(door): (row["worker"], row["stranger"])
        for door, row in TABLE.items()
        if door.route.startswith("desk") and door.route not in PUBLIC and {row["worker"], row["stranger"]} != {"403"}
    }
    assert opened == {}


@pytest.mark.parametrize("name", ["stranger", "outsider", "admin"])
def test_lists_hold_nothing_of_others(name: str, cast: Cast) -> None:
    parameters(cast)
    assert with_key(cast.players()[name]).get("/api/v1/appeals").json()["items"] == []


def about_an_appeal() -> dict[Door, dict[str, str]]:
    """The part of the table whose doors name an appeal."""
    return {door: row for door, row in TABLE.items() if "code" in door.parameters()}
