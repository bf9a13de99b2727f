"""The weekly report: of the week before last issued, of the last one drafted with what people wrote."""

from __future__ import annotations

from datetime import datetime

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.config.demo.places import NEAR
from gongqing.config.demo.stage import Stage
from gongqing.insight import actions
from gongqing.insight.models import WeeklyReport
from gongqing.insight.rules.weeks import Week, last_whole_week
from gongqing.registry.models import Organisation

ISSUED_WORDS = {
    "overview": "本周正值年底结薪集中期，欠薪类诉求仍是重点。市总工会已会同人社部门对集中反映的项目上门核实。",
    "judgements": "海曙区总工会调处工作室两名调解员上门听取职工意见，得到职工书面感谢，请各地学习这种做法。",
    "outlook": "一是欠薪诉求要在春节前清零，由各区县（市）总工会牵头，镇街总工会逐件包案。\n"
    "二是橙色、红色件由承办单位主要负责人过问，市总工会督办。",
}
DRAFT_WORDS = {"overview": "本周诉求总体平稳，逾期件要抓紧清理。"}


def show_reports(stage: Stage) -> None:
    """The city's and a county's report, one week issued and one drafted."""
    at, cast = stage.until, stage.cast
    last = last_whole_week(at)
    for organisation, editor in (
        (stage.places.by_code["3302"], cast.named["city"]),
        (stage.places.by_code[NEAR[:6]], cast.named["county"]),
    ):
        _issue(organisation, last.before(), editor, _colleague(stage, editor), at)
        draft = _drafted(organisation, last, at)
        if editor is cast.named["city"]:
            _write(draft, DRAFT_WORDS, editor, at)


def _colleague(stage: Stage, editor: Actor) -> Actor:
    """The second person of the same union and role, who signs what the first wrote."""
    at_place = stage.cast.at_place[editor.organisation_id or 0]
    return next(one for one in at_place if one.role is editor.role and one.user_id != editor.user_id)


def _issue(organisation: Organisation, week: Week, editor: Actor, signer: Actor, at: datetime) -> None:
    report = _drafted(organisation, week, at)
    _write(report, ISSUED_WORDS, editor, at)
    with scope.acting_as(signer):
        actions.sign_report(report_id=report.pk, by=signer, at=at)
    with scope.acting_as(editor):
        actions.issue_report(report_id=report.pk, by=editor, at=at)


def _drafted(organisation: Organisation, week: Week, at: datetime) -> WeeklyReport:
    """Made at the end of the demonstration: what is in hand and late then is what stands in it."""
    return actions.draft_report(organisation_id=organisation.pk, week=week, by=SYSTEM, at=at)


def _write(report: WeeklyReport, words: dict[str, str], by: Actor, at: datetime) -> None:
    with scope.acting_as(by):
        actions.edit_report(
            report_id=report.pk, words=words, addressees=report.addressees, copies=report.copies, by=by, at=at
        )
