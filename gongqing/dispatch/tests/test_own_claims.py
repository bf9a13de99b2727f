"""Does the copy of the own data hold what the wage sheets say of the worker, and nobody else's name?"""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from decimal import Decimal
from typing import Any

from gongqing.audit import scope
from gongqing.dispatch import actions
from gongqing.dispatch.tests.make import received
from gongqing.dispatch.tests.test_claims import ROWS, case, claims, loaded
from tests.cast import Cast


def copied(browser: Any) -> tuple[str, list[dict[str, Any]]]:
    answer = browser.post("/me/data/copy")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        page, text = archive.read("我的个人信息.html").decode(), archive.read("我的个人信息.json").decode()
    assert "钱虚构" not in page + text
    assert "13900001002" not in page + text
    return page, json.loads(text)["欠薪核算"]


def test_the_copy_lists_the_own_claims_and_masks_others(cast: Cast, at: datetime, browser_of: Any) -> None:
    lead = case(cast, at)
    part = received(
        "欠我两个月工资八千元，请帮我讨回来。", by=cast.worker.actor, at=at, employer=cast.places.workshop.name
    )
    own = ("虚构职工", cast.worker.phone, *ROWS[0][2:4], "钱虚构", *ROWS[0][5:8], "8000")
    assert loaded(cast, lead, (own, (*ROWS[1][:4], "钱虚构", *ROWS[1][5:])), at=at).new == 2
    with scope.acting_as(cast.county.actor):
        actions.merge_appeals(lead_id=lead.pk, part_ids=[part.pk], reason="同一批工资", by=cast.county.actor, at=at)
    by = cast.town.actor
    mine = next(each for each in claims(lead) if each.person.name == "虚构职工")
    given: dict[str, Any] = {"claim_id": mine.pk, "by": by, "at": at}
    with scope.acting_as(by):
        actions.correct_claim(cells={"依据": "钱虚构（13900001002）作证"}, reason="和钱虚构核对", **given)
        actions.dispute_claim(is_disputed=True, note="钱虚构说只欠六千", **given)
        actions.pay_claim(
            amount=Decimal(100),
            paid_on=at.date(),
            voucher="和钱虚构一起签收",
            files=[("签收.pdf", b"%PDF-1.4\n")],
            **given,
        )
    page, (row,) = copied(browser_of("worker"))
    assert (row["欠款"], row["追回合计"], row["班组长"], row["争议"]) == ("8000.00", "100.00", "钱**", "钱**说只欠六千")
    assert row["依据"].startswith("钱**（139****1002")
    assert [(each["金额"], each["凭证"]) for each in row["追回"]] == [("100.00", "和钱**一起签收")]
    assert lead.code not in json.dumps(row)
    assert "欠薪核算" in page
    assert "8000.00" in page


def test_a_person_who_never_spoke_finds_the_claims_as_well(cast: Cast, at: datetime, browser_of: Any) -> None:
    lead = case(cast, at)
    own = ("虚构职工", cast.worker.phone, *ROWS[0][2:])
    loaded(cast, lead, (own, ROWS[1]), at=at)
    with scope.acting_as(cast.town.actor):
        actions.remove_claim(claim_id=claims(lead)[0].pk, reason="登记重了", by=cast.town.actor, at=at)
    _, (row,) = copied(browser_of("worker"))
    assert (row["诉求编号"], row["单位"]) == ("", ROWS[0][2])
    assert row["删去"].endswith("登记重了")
    assert copied(browser_of("stranger"))[1] == []
