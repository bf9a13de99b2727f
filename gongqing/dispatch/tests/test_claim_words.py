"""Is everything kept that was said when a team's claims were checked?"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from gongqing.appeals.models import ClaimCorrection
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions
from gongqing.dispatch.tests.test_claims import case, claims, loaded, sheet
from tests.cast import Cast


def test_what_was_said_at_every_check_and_dispute_is_kept(cast: Cast, at: datetime) -> None:
    appeal = case(cast, at)
    loaded(cast, appeal, at=at)
    claim, by = claims(appeal)[0], cast.town.actor
    with scope.acting_as(by):
        for agreed, reason in (
            ("8000", "和工资条对过"),
            ("7800", "少算两天"),
            ("7800", "又核一次，无误"),
            ("7800", ""),
        ):
            actions.check_claim(claim_id=claim.pk, agreed=Decimal(agreed), reason=reason, by=by, at=at)
        actions.dispute_claim(claim_id=claim.pk, is_disputed=True, note="加班没算", by=by, at=at)
        actions.dispute_claim(claim_id=claim.pk, is_disputed=False, note="", by=by, at=at)
    line = next(each for each in sheet(appeal, by).lines if each.claim.pk == claim.pk)
    said = [each.reason for each in line.corrections]
    assert said == ["和工资条对过", "少算两天", "又核一次，无误", "加班没算"]
    assert line.difference == "8000.00 → 7800"


def test_what_is_disputed_stands_once_in_the_row(cast: Cast, at: datetime, browser_of: Any) -> None:
    appeal = case(cast, at)
    loaded(cast, appeal, at=at)
    claim, by = claims(appeal)[0], cast.town.actor
    with scope.acting_as(by):
        actions.dispute_claim(claim_id=claim.pk, is_disputed=True, note="五天加班没算", by=by, at=at)
    page = f"/desk/groups/{appeal.code}/claims/{claim.pk}"
    said = browser_of("town").get(page, headers={"HX-Request": "true"}).content.decode()
    assert said.count("五天加班没算") == 1
    with scope.acting_as(SYSTEM):  # as it was before the history told of disputes
        ClaimCorrection.objects.filter(claim=claim).delete()
    said = browser_of("town").get(page, headers={"HX-Request": "true"}).content.decode()
    assert said.count("争议：五天加班没算") == 1
