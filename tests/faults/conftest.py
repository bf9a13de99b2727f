"""One platform serves every fault test, one after the other; each leaves it ready and sound for the next."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.stage import Stage, founded, is_gone, small_disk

HERE = Path(__file__).parent
PRINTED = 6000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fault tests share one worker, so that one platform is started."""
    for item in items:
        if HERE in item.path.parents and "stage" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("faults"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows what the platform printed last: a page says only that it will come back."""
    report = yield
    stage = getattr(item, "funcargs", {}).get("stage")
    if report.failed and isinstance(stage, Stage):
        printed = (stage.home / "up.log").read_text(encoding="utf-8", errors="replace")
        report.sections.append(("what the platform printed last", printed[-PRINTED:]))
    return report


@pytest.fixture(scope="session")
def disk() -> Iterator[tuple[Path, bool]]:
    """A folder on a disk of its own, and whether it is one; outside pytest's, which is closed to the database's user."""
    with TemporaryDirectory(prefix="gongqing-faults-") as folder, small_disk(Path(folder) / "disk") as is_own:
        yield Path(folder) / "disk", is_own


@pytest.fixture(scope="session")
def whole_stage(disk: tuple[Path, bool]) -> Iterator[Stage]:
    """The platform with the cast, on an embedded database."""
    home = disk[0] / "home"
    people = founded(home)
    with ExitStack() as ending:
        stage = Stage(home, people, ending)
        stage.start()
        yield stage
        database = stage.postmaster()
    assert is_gone(database), "the last run stops the database, whoever started it"


@pytest.fixture
def stage(whole_stage: Stage) -> Iterator[Stage]:
    """The platform, ready; afterwards it must be ready and sound again."""
    whole_stage.recovered()
    yield whole_stage
    whole_stage.recovered()
    whole_stage.work_through()
    whole_stage.check()
