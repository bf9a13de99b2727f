"""Build the city of the fault tests in an empty home: `python -m tests.faults.building`, with GONGQING_HOME set.

Prints, as JSON, a session and an API key of everybody of the cast.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from typing import Any

from gongqing.config.embedded import ensure_database
from gongqing.config.serving import prepare_home, self_command
from gongqing.lib.times import SHANGHAI

FOUNDED = datetime(2025, 10, 13, 14, 20, tzinfo=SHANGHAI)


def main() -> None:
    """Start the embedded database, migrate, found the city, stop."""
    home = prepare_home()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "gongqing.config.settings", "GONGQING_POOL": "0"}
    server = ensure_database(home, os.environ)
    try:
        subprocess.run([*self_command(), "migrate", "--verbosity", "0"], check=True)
        import django

        django.setup()
        print(json.dumps(_founded(), ensure_ascii=False))  # noqa: T201
    finally:
        if server is not None:
            server.stop()


def _founded() -> dict[str, Any]:
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM
    from gongqing.notices import actions as notices
    from gongqing.registry import actions as registry
    from tests import cast
    from tests.doors import key_of, signed_in

    built = cast.build(FOUNDED)
    with scope.acting_as(SYSTEM):
        notices.load_templates(by=SYSTEM, at=FOUNDED)
        registry.load_privacy_notice(by=SYSTEM, at=FOUNDED)
    return {
        name: {"key": key_of(player), "session": signed_in(player).cookies["sessionid"].value, "phone": player.phone}
        for name, player in built.players().items()
    }


if __name__ == "__main__":
    sys.exit(main())
