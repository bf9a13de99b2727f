"""Does any request that the API's description allows, or nearly allows, end in a fault?

Every operation is called with generated bodies and parameters, as nobody, as the town that handles the appeal and as the
outsider; every other path names an appeal that really is there. Each call is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error

from gongqing.config.api import api
from gongqing.config.wsgi import application
from tests.access.world import parameters
from tests.cast import Cast
from tests.doors import key_of

EXAMPLES = 15
schema = schemathesis.openapi.from_dict(dict(api.get_openapi_schema()))
schema.app = application
real: dict[str, Any] = {}


@schema.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Name something that is there in about every other call."""
    if not path_parameters:
        return path_parameters
    return {
        name: real[name] if name in real and len(str(value)) % 2 else value for name, value in path_parameters.items()
    }


@pytest.fixture(params=["nobody", "town", "outsider"])
def headers(request: pytest.FixtureRequest, cast: Cast) -> Iterator[dict[str, str]]:
    """What this caller sends along."""
    real.update(parameters(cast))
    player = cast.players().get(request.param)
    # a request outside Django's own test client would end the test's connection
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield {"Authorization": f"Bearer {key_of(player)}"} if player else {}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    real.clear()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_faults(case: schemathesis.Case, headers: dict[str, str]) -> None:
    with transaction.atomic():
        response = case.call(headers=headers)
        transaction.set_rollback(True)
    case.validate_response(response, checks=[not_a_server_error])


def test_every_operation_is_asked() -> None:
    """None of the description is left out, and none of it is too strange to be generated for."""
    described = {
        (method.upper(), path)
        for path, operations in dict(api.get_openapi_schema())["paths"].items()
        for method in operations
    }
    found = [result.ok() for result in schema.get_all_operations()]
    assert {(each.method.upper(), each.path) for each in found} == described
    assert len(described) > 30
