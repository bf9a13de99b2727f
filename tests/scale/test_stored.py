"""Are the stored appeals of `bench/stored.py` made of the very rows that the actions make?

An appeal is led through the real actions and their listeners, and copied. What the appeal added to any table must have
been captured, and a copy must be the same rows again but for its own numbers, names, words and days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from django.db import connection

from bench import copies, rows, words
from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.audit import events, scope, verification
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.dispatch import actions as dispatch
from gongqing.dispatch.tests.make import received
from gongqing.language.vectors import marks_of, packed, vector_of
from gongqing.voices import actions as voices
from gongqing.voices.models import TextVector
from tests import database
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
NAME, BRAND = "沈小满", "云帆启明"
LEAD = f"宁波{BRAND}制品有限公司拖欠我三个月工资共八千块，问了主管一直说再等等，请工会帮我把拖欠的工资讨回来。"
TAIL = "我在梅山那边的焊接岗位做了四年，夜班我们同事都在，孩子今年刚上小学。考勤照片和银行流水我都留着，需要的话可以送到月湖去。"
MADE = 200
# what the work of a queue and the doors of a test leave has nothing to do with an appeal
BESIDE = (
    "procrastinate_",
    "django_",
    "accounts_",
    "audit_stamp",
    "audit_delivery",
    "appeals_serialday",
    "dispatch_reminder",
    "dispatch_digest",
    # triggers make these of each copy by themselves
    "dispatch_openappeal",
    "dispatch_opengrant",
    "dispatch_closing",
)


@pytest.fixture
def owner() -> Iterator[psycopg.Connection[Any]]:
    """The data base of this test, as its owner."""
    name = str(connection.settings_dict["NAME"])
    with psycopg.connect(database.url(name, "postgres"), autocommit=True) as opened:
        opened.execute("SET TIME ZONE 'Asia/Shanghai'")
        yield opened


def lived(
    cast: Cast, at: datetime, run_jobs: Callable[[], int], owner: psycopg.Connection[Any]
) -> tuple[int, dict[str, int]]:
    """An appeal from its door to its archive, and how many rows that added to which table."""
    before = sizes(owner)
    moment = [at]

    def act(action: Any, by: Actor, **given: Any) -> None:
        moment[0] += timedelta(minutes=37)
        with patch("gongqing.lib.times.now", lambda: moment[0]), scope.acting_as(by):
            action(appeal_id=appeal.pk, by=by, at=moment[0], **given)
        heard(moment[0], run_jobs)

    with patch("gongqing.lib.times.now", lambda: at):
        appeal = received(LEAD + TAIL, by=cast.hotline.actor, at=at, person_name=NAME, person_phone="13900000001")
    heard(at, run_jobs)
    holder = Actor(role=Role.CODE_HOLDER, name="职工", appeal_id=appeal.pk)
    act(dispatch.dispatch_appeal, cast.city.actor, organisation_id=cast.places.town.pk)
    act(dispatch.sign_order, cast.town.actor)
    act(dispatch.contact_worker, cast.town.actor, note="电话联系本人")
    act(appeals.add_material, holder, text="补充一张照片")
    act(dispatch.resolve_order, cast.town.actor, result="已经补发，职工本人确认。", outcome="settled", people=1)
    act(dispatch.review_resolution, cast.county.actor, approve=True, note="情况属实，同意办结。")
    act(appeals.evaluate_appeal, holder, satisfaction="satisfied", text="谢谢")
    with scope.acting_as(SYSTEM):
        assert voices.read_texts(most=10) == 1
        events.record_access(
            "appeal.opened", subject_kind="appeal", subject_id=appeal.pk, by=cast.town.actor, at=at, address="10.1.0.7"
        )
    after = sizes(owner)
    return appeal.pk, {table: after[table] - before[table] for table in after if after[table] > before[table]}


def heard(at: datetime, run_jobs: Callable[[], int]) -> None:
    with patch("gongqing.lib.times.now", lambda: at), scope.acting_as(SYSTEM):
        run_jobs()


def sizes(owner: psycopg.Connection[Any]) -> dict[str, int]:
    names = owner.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    kept = [name for (name,) in names.fetchall() if not name.startswith(BESIDE)]
    return {name: owner.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in kept}  # type: ignore[index]


def test_a_copy_is_the_same_rows_under_other_numbers(
    cast: Cast, at: datetime, run_jobs: Callable[[], int], owner: Any, browser_of: Any
) -> None:
    number, added = lived(cast, at, run_jobs, owner)
    kept = rows.captured(owner, number)
    assert added == {table: len(found) for table, (_, found) in kept.items()}, "a table that the loader does not know"
    assert {"appeals_appeal", "appeals_searchtext", "appeals_access", "dispatch_order", "dispatch_clockentry"} <= set(
        added
    )
    assert {"audit_event", "audit_chainhead", "audit_accesslog", "appeals_evaluation", "voices_textvector"} <= set(
        added
    )

    original = copies.Weaver(kept, tail=TAIL, name=NAME, brand=BRAND, ending="archived").woven()
    made = [
        copies.Copy(0, -7 * (serial % 90), serial % copies.MINUTES, serial, serial) for serial in range(2, MADE + 2)
    ]
    first = {table: 0 if not has_number(owner, table) else highest(owner, table) + 1 for table in kept}
    written = copies.Copier([original], seed=1).write(made, first)
    for block in original.blocks:
        columns = ", ".join(f'"{name}"' for name in block.columns)
        with owner.cursor() as cursor, cursor.copy(f"COPY {block.table} ({columns}) FROM STDIN") as copying:
            copying.write("".join(written[block.table]))
        if has_number(owner, block.table):
            sequence = f"pg_get_serial_sequence('{block.table}', 'id')"
            owner.execute(f"SELECT setval({sequence}, {highest(owner, block.table)})")

    texts = set()
    for one in (first["appeals_appeal"], first["appeals_appeal"] + 77, first["appeals_appeal"] + MADE - 1):
        again = rows.captured(owner, one)
        said = dict(zip(*[again["appeals_appeal"][0], again["appeals_appeal"][1][0]], strict=True))
        person = dict(zip(again["registry_person"][0], again["registry_person"][1][0], strict=True))
        texts.add(said["text"])
        brand = said["text"][2 : 2 + words.BRAND_LENGTH]
        copy = copies.Weaver(again, tail=said["text"][len(LEAD) :], name=person["name"], brand=brand, ending="").woven()
        assert [block.table for block in copy.blocks] == [block.table for block in original.blocks]
        for mine, theirs in zip(copy.blocks, original.blocks, strict=True):
            assert mine.template == theirs.template, mine.table
        assert [maker[0] for maker in copy.makers] == [maker[0] for maker in original.makers]
        with scope.acting_as(SYSTEM):
            assert verification.verify_subject("appeal", one).is_clean
            vector = vector_of(said["title"], said["text"])
            kept_vector = TextVector.objects.get(pk=one)
            assert (bytes(kept_vector.content), kept_vector.marks) == (packed(vector), marks_of(vector))
            code = Appeal.objects.get(pk=one).code
            assert one in appeal_queries.found_ids(said["text"][len(LEAD) : len(LEAD) + 6])
        page = browser_of("city").get(f"/desk/appeals/{code}")
        assert page.status_code == 200
        assert brand in page.content.decode()
    assert len(texts) == 3, "copies that say the same"


def has_number(owner: Any, table: str) -> bool:
    found = owner.execute(
        "SELECT 1 FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'id' AND NOT attisdropped", [table]
    )
    return found.fetchone() is not None


def highest(owner: Any, table: str) -> int:
    number: int = owner.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]
    return number
