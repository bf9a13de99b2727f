"""`gongqing accounts …`: open accounts, appoint, set passwords and issue keys from the command line."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import datetime

from django.core.management.base import BaseCommand, CommandError

from gongqing.accounts import actions, queries, rules
from gongqing.accounts.models import User
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Role
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.times import day_of, now
from gongqing.registry import queries as registry


class Command(BaseCommand):
    help = "账号：create 新建，appoint 任命，password 设密码（从标准输入读），unlock 解锁，key 发放接口密钥，list 列出"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        key = verbs.add_parser("key", help="发放接口密钥，只在最后一行显示这一次")
        key.add_argument("username")
        key.add_argument("--scopes", nargs="+", default=list(rules.USUAL_SCOPES), choices=list(rules.SCOPES))
        key.add_argument("--note", default="命令行发放")
        key.add_argument("--limit-per-minute", type=int)
        create = verbs.add_parser("create", help="新建账号")
        create.add_argument("username")
        create.add_argument("name")
        create.add_argument("--last-digits", default="", help="手机号末四位，用于水印")
        appoint = verbs.add_parser("appoint", help="任命岗位")
        appoint.add_argument("username")
        appoint.add_argument("role", choices=[role.value for role in rules.ROLE_PLACES])
        appoint.add_argument("--organisation", default="", help="组织编码")
        for verb, text in (("password", "设密码"), ("unlock", "解除锁定"), ("factor", "取消动态口令")):
            verbs.add_parser(verb, help=text).add_argument("username")
        verbs.add_parser("list", help="列出工作账号")

    def handle(self, *, verb: str, **options: object) -> None:
        at = now()
        try:
            with scope.acting_as(SYSTEM):
                self.stdout.write(getattr(self, f"_{verb}")(options, at))
        except (BadInput, NotAllowed, NotPermitted) as refused:
            raise CommandError(str(refused), returncode=2) from refused

    def _key(self, options: dict[str, object], at: datetime) -> str:
        limit, scopes = options["limit_per_minute"], options["scopes"]
        return actions.issue_key(
            user_id=_account(options).pk,
            scopes=scopes if isinstance(scopes, list) else [],
            note=str(options["note"]),
            limit_per_minute=limit if isinstance(limit, int) else None,
            by=SYSTEM,
            at=at,
        )

    def _create(self, options: dict[str, object], at: datetime) -> str:
        user = actions.create_user(
            username=str(options["username"]),
            name=str(options["name"]),
            last_digits=str(options["last_digits"]),
            password=_password(),
            by=SYSTEM,
            at=at,
        )
        return f"已新建账号 {user.username}。"

    def _appoint(self, options: dict[str, object], at: datetime) -> str:
        code = str(options["organisation"])
        place = registry.organisation_by_code(code) if code else None
        if code and place is None:
            raise BadInput("organisation", f"没有编码为 {code} 的组织。")
        posting = actions.appoint(
            user_id=_account(options).pk,
            role=Role(str(options["role"])),
            organisation_id=place.pk if place else None,
            since=day_of(at),
            by=SYSTEM,
            at=at,
        )
        return f"已任命：{posting.get_role_display()}{f'（{place.name}）' if place else ''}。"

    def _password(self, options: dict[str, object], at: datetime) -> str:
        actions.reset_password(user_id=_account(options).pk, new=_password(), by=SYSTEM, at=at)
        return "密码已更改，该账号的其他登录已失效。"

    def _unlock(self, options: dict[str, object], at: datetime) -> str:
        actions.unlock_user(user_id=_account(options).pk, by=SYSTEM, at=at)
        return "已解除锁定。"

    def _factor(self, options: dict[str, object], at: datetime) -> str:
        actions.reset_second_factor(user_id=_account(options).pk, reason="服务器上重置", by=SYSTEM, at=at)
        return "动态口令已取消，请提醒本人登录后重新开启。"

    def _list(self, _options: dict[str, object], at: datetime) -> str:
        lines = []
        for card in queries.staff_cards(at=at):
            held = "、".join(f"{one.get_role_display()}@{one.organisation or '全市'}" for one in card.current)
            state = "在用" if card.user.is_active else "已停用"
            lines.append("\t".join([card.user.username, card.user.name, held or "无任职", state]))
        return "\n".join(lines)


def _account(options: dict[str, object]) -> User:
    user = queries.user_named(str(options["username"]))
    if user is None:
        raise BadInput("username", f"没有用户名为 {options['username']} 的账号。")
    return user


def _password() -> str:
    """Typed twice unseen at a terminal, else the first line of standard input: never an argument others could see."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("密码：")
    if getpass.getpass("再输一次：") != first:
        raise BadInput("password", "两次输入的密码不一致。")
    return first
