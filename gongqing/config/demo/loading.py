"""Load the demonstration: all of it or nothing, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from django.conf import settings
from django.db import connection

from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.config import setup_city
from gongqing.config.demo.cases import NIGHT_BUS, REFERENCE, night_bus_plans, reference_plans
from gongqing.config.demo.cast import build_cast
from gongqing.config.demo.changes import show_past_rule_change, show_rule_change
from gongqing.config.demo.duty import night_call, show_deputy, show_rosters
from gongqing.config.demo.figures import summary
from gongqing.config.demo.group import show_group
from gongqing.config.demo.hotline import show_hotline
from gongqing.config.demo.ladder import ladder_lives, show_ladder
from gongqing.config.demo.lives import Appellant
from gongqing.config.demo.loads import show_loads
from gongqing.config.demo.messages import show_messages
from gongqing.config.demo.needs import show_needs
from gongqing.config.demo.papers import show_papers
from gongqing.config.demo.people import Crowd
from gongqing.config.demo.people_loads import show_people_loads
from gongqing.config.demo.places import Places, build_places
from gongqing.config.demo.plans import Plan, Planner
from gongqing.config.demo.reports import show_reports
from gongqing.config.demo.settling import show_settling
from gongqing.config.demo.stage import Stage, play
from gongqing.config.demo.trace import show_trace
from gongqing.registry import queries as registry

SEED = 20_251_013
LOADED = "demo.loaded"
DAYS = 60
APPEALS = 300


@contextmanager
def _whole_or_nothing() -> Iterator[None]:
    """No savepoints inside the one transaction: nothing in it is caught, and they cost a fifth of the time."""
    before = connection.features.uses_savepoints
    connection.features.uses_savepoints = False
    try:
        yield
    finally:
        connection.features.uses_savepoints = before


def is_loaded() -> bool:
    """Whether a demonstration was loaded whole; call it in the system's scope."""
    return Event.objects.filter(kind=LOADED).exists()


def load_demo(*, at: datetime, count: int = APPEALS, say: Callable[[str], None] = print) -> bool:
    """Make the city, its people and the appeals of the last sixty days, in one transaction.

    Args:
        at: now; nothing is made later than this moment.
        count: how many appeals.
        say: is told what is being done and what has been done, a line at a time.

    Returns:
        False when it was loaded before; nothing is changed then.

    Raises:
        BadInput: this installation's city is not Ningbo.
    """
    with scope.acting_as(SYSTEM), _whole_or_nothing():
        if is_loaded():
            return False
        say("正在装入演示数据，第一次约 2 分钟；装好以前可以先打开登录页。")
        rng = Random(SEED)  # noqa: S311
        crowd = Crowd(rng)
        founded_at = at - timedelta(days=DAYS + 400)
        rows = setup_city.shipped_regions(settings.GONGQING.city_code)
        setup_city.prepare_city(rows=rows, by=SYSTEM, at=founded_at)
        places = build_places(crowd, rng, at=founded_at)
        say(f"区划、规则和 {len(places.by_code)} 家组织建好了，正在建账号、会员和值班表……")
        cast = build_cast(places, crowd, at=at - timedelta(days=DAYS + 5))
        show_past_rule_change(cast, at=at - timedelta(days=DAYS))
        stage = Stage(places, cast, rng, until=at)
        apart = [night_call(stage, crowd), *ladder_lives(stage, crowd)]
        planner = Planner(places, cast, crowd, rng, now=at, days=DAYS)
        plans = _plans(planner, places, crowd, rng, count=count - len(apart), at=at)
        show_rosters(stage)
        lives = [*((plan.at, Appellant(plan, stage).live()) for plan in plans), *apart]
        say(f"正在办理 {count} 件诉求的 {DAYS} 天，约 1 分钟……")
        steps = play(lives, start=at - timedelta(days=DAYS), until=at)
        say("诉求办好了，正在补热线、公文、清单、群体案、周报和留痕……")
        show_rule_change(cast, at=at)
        show_hotline(stage, plans)
        show_papers(stage)
        show_settling(stage)
        show_messages(stage)
        show_deputy(stage)
        show_people_loads(stage)
        show_loads(stage)
        show_group(stage, crowd)
        show_ladder(stage)
        show_needs(stage)
        show_reports(stage)
        show_trace(at)
        accounts = f"岗位账号 {len(cast.named)} 个，会员 {len(cast.workers)} 人"
        say(f"组织 {len(places.by_code)} 家，{accounts}，办理步骤 {steps} 步")
        for line in summary(at):
            say(line)
        city = registry.city_union()
        if city is not None:
            events.record(LOADED, subject=city, by=SYSTEM, at=at, note="演示数据已装入", appeals=count)
    return True


def _plans(planner: Planner, places: Places, crowd: Crowd, rng: Random, *, count: int, at: datetime) -> list[Plan]:
    """The reference cases, the night-bus wave, the demonstration's worker and so many others as make `count`."""
    fixed = [
        *reference_plans(1, crowd, now=at),
        *night_bus_plans(1 + len(REFERENCE), places, crowd, rng, now=at),
        *planner.of_worker(1 + len(REFERENCE) + len(NIGHT_BUS)),
    ]
    others = planner.plans(max(0, count - len(fixed)))
    return [*fixed, *(replace(plan, number=plan.number + len(fixed)) for plan in others)]
