"""What do the routes of the access matrix point at?

Everything belongs to the first county, the town and the zone of the cast; the outsider and the stranger have no part in
it. A route with a parameter that is not here fails the test that finds it.
"""

from __future__ import annotations

from typing import Any

from tests.cast import Cast


def parameters(cast: Cast) -> dict[str, Any]:
    """A value for every parameter that a route can have."""
    return {
        "user_id": cast.town.user_id,
        "posting_id": cast.town.posting_id,
        "organisation_id": cast.places.town.pk,
        "union_id": cast.places.union.pk,
        "key_id": 0,
    }
