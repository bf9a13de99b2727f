"""Does every look at one case or one person leave a line in the access log, and nothing else one?

Every GET door is opened by those of the cast who see most. A door that shows a single case or person is in `SHOWING` with what
it writes; any other must write nothing. Doors that want a call, a letter or a hand-over, which the world has not, are
asked by the tests of their own pages.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog
from tests.access.routes import PARAMETER, Door, doors
from tests.access.world import NOWHERE, parameters
from tests.cast import Cast
from tests.doors import signed_in, with_key

SHOWING = {
    "a/<str:code>": "appeal.opened",
    "a/<str:code>/files/<int:attachment_id>": "appeal.opened",
    "api/v1/appeals/<code>": "appeal.opened",
    "api/v1/appeals/<code>/attachments/<attachment_id>": "attachment.opened",
    "api/v1/appeals/<code>/clocks": "appeal.clocks_opened",
    "api/v1/appeals/<code>/events": "appeal.timeline_opened",
    "api/v1/appeals/<code>/group": "claims.opened",
    "desk/appeals/<str:code>": "appeal.opened",
    "desk/appeals/<str:code>/files/<int:attachment_id>": "attachment.opened",
    "desk/appeals/<str:code>/letters/<str:letter_kind>": "letter.drafted",
    "desk/data-requests/<int:request_id>": "data_request.opened",
    "desk/groups/<str:code>": "claims.opened",
    "desk/loads/<int:load_id>": "load.previewed",
    "sent/<str:code>": "appeal.opened",
}
# what is taken away leaves one line, whatever its name
TAKEN = (".xlsx", ".csv", ".docx", "/export", "/file")
# the worker's own file, whose case was opened to find it
OWN = {("a/<str:code>/files/<int:attachment_id>", "worker")}
OPENING = ("worker", "hotline", "city", "auditor")


def looks() -> dict[int, tuple[str, str]]:
    """Every line of the access log: number → kind and kind of subject."""
    with scope.acting_as(SYSTEM):
        return {one: (kind, about) for one, kind, about in AccessLog.objects.values_list("id", "kind", "subject_kind")}


def opened(cast: Cast) -> Iterator[tuple[str, str, int, list[str]]]:
    """Route, player, status and what it wrote, for every GET door and those who see most."""
    world = parameters(cast)
    before = looks()
    for door in doors():
        if door.method != "GET" or any(world.get(name, NOWHERE) == NOWHERE for name in door.parameters()):
            continue
        enter = with_key if door.is_api else signed_in
        for name in OPENING:
            with transaction.atomic():
                status = enter(cast.players()[name]).get(door.path(world)).status_code
                written = [kind for one, (kind, _) in looks().items() if one not in before]
                transaction.set_rollback(True)
            yield door.route, name, status, written


def test_looks_at_one_case_or_person_are_written_and_nothing_else(cast: Cast) -> None:
    wrong, found = [], set()
    for route, name, status, written in opened(cast):
        is_look = status == 200 and route in SHOWING and (route, name) not in OWN
        expected = [SHOWING[route]] if is_look else []
        found |= {route} if is_look and written else set()
        is_taken = route.endswith(TAKEN) and status == 200 and len(written) <= 1
        if written != expected and not is_taken:
            wrong.append((route, name, status, written))
    assert wrong == []
    assert set(SHOWING) - found == set()


def test_every_route_of_one_case_is_judged() -> None:
    """A new page with an appeal's code in its address is either a look or only a form's target."""
    coded = {door.route for door in doors() if door.method == "GET" and "code" in door.parameters()}
    assert {route for route in SHOWING if "code" in [hit["name"] for hit in PARAMETER.finditer(route)]} <= coded


@pytest.mark.parametrize("who", ["town", "worker"])
def test_the_look_costs_the_api_one_statement(cast: Cast, who: str) -> None:
    world = parameters(cast)
    client = with_key(cast.players()[who])
    with CaptureQueriesContext(connection) as asked:
        assert client.get(Door("api/v1/appeals/<code>", "GET").path(world)).status_code == 200
    assert sum("audit_accesslog" in one["sql"] for one in asked) == 1
