"""`gongqing retention`: take personal data out of what ended long ago; with `--dry-run` only say whose."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions
from gongqing.dispatch.queries import own_data as queries
from gongqing.dispatch.rules import retention
from gongqing.lib.errors import NotAllowed
from gongqing.lib.times import now
from gongqing.notices import actions as notices
from gongqing.registry import actions as registry
from gongqing.registry.models import Person

BATCH = 200


class Command(BaseCommand):
    help = "个人信息到期去除：--dry-run 只列出到期的人，不加则真正去除（不能恢复）"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="只列出，不改动")
        parser.add_argument("--years", type=int, help="最后一次往来之后满几年，缺省用 GONGQING_RETENTION_YEARS")
        parser.add_argument("--limit", type=int, default=1000, help="一次最多多少人")

    def handle(self, *, dry_run: bool, years: int | None, limit: int, **_options: object) -> None:
        kept = settings.GONGQING.retention_years if years is None else years
        if kept < 1 or limit < 1:
            raise CommandError("年数和人数都应当至少是 1。")
        at, count = now(), 0
        for person, standing in _due(at, kept):
            if count == limit:
                break
            if not dry_run and not _anonymise(person, kept, at=at):
                continue
            count += 1
            ended = f"{len(standing.matters)} 件诉求都已结束" if standing.matters else "没有诉求"
            self.stdout.write(
                f"人员 {person.pk}（{str(person) or '没有称呼'}，{person.phone_mask or '没有电话'}）："
                f"最后往来 {standing.last_at:%Y-%m-%d}，{ended}"
            )
        if dry_run:
            self.stdout.write(f"满 {kept} 年、可以去除的有 {count} 人。这是试算，什么都没有改。")
            return
        with scope.acting_as(SYSTEM):
            before = retention.later_by(at, -kept)
            old = notices.forget_old_messages(before=before, by=SYSTEM, at=at)
            rows = registry.clear_old_rows(before=before, by=SYSTEM, at=at)
        self.stdout.write(f"已去除 {count} 人的个人信息；满 {kept} 年的短信删除 {old} 条，导入行内容清除 {rows} 行。")


def _due(at: datetime, years: int) -> Iterator[tuple[Person, retention.Standing]]:
    last = 0
    while True:
        with scope.acting_as(SYSTEM):
            people = queries.long_known(retention.later_by(at, -years), after_id=last, most=BATCH)
            judged = [(person, queries.standing_of(person)) for person in people]
        if not judged:
            return
        last = judged[-1][0].pk
        yield from (each for each in judged if not retention.hindrance(each[1], at=at, years=years))


def _anonymise(person: Person, years: int, *, at: datetime) -> bool:
    with scope.acting_as(SYSTEM):
        try:
            actions.anonymise_person(person_id=person.pk, reason=f"满 {years} 年到期", years=years, by=SYSTEM, at=at)
        except NotAllowed:  # something has happened since it was judged
            return False
    return True
