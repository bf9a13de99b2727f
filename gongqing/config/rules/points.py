"""Which points of an installation are looked at, and what colour has each?

The status page, the checklist, the alarms and the figures for Prometheus all read the same points. A point that cannot
be measured here is grey: it is shown, and never alarms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from gongqing.config.rules.facts import Facts, KeyFile

SEAL_LATE, SEAL_LOST = timedelta(days=2), timedelta(days=4)
VERIFY_LATE = timedelta(days=9)
BACKUP_LATE, BACKUP_LOST = timedelta(hours=26), timedelta(hours=72)
QUEUE_SLOW, QUEUE_STUCK = timedelta(minutes=5), timedelta(minutes=30)
SWEEP_LATE, SWEEP_LOST = timedelta(minutes=5), timedelta(minutes=20)
WORKER_SILENT = timedelta(seconds=45)
MESSAGES_SLOW, MESSAGES_STUCK = timedelta(minutes=30), timedelta(hours=4)
CERTIFICATE_NEAR, CERTIFICATE_LAST = 30, 7
DISK_NEAR, DISK_LAST = 0.15, 0.05
DISK_LEAST = 2 * 1024**3
SKEW_NEAR, SKEW_FAR = 2.0, 30.0
SHORTEST_SECRET = 40
CALENDAR_FROM = (11, 1)
TIME_ZONE = "Asia/Shanghai"


class Colour(StrEnum):
    """How a point stands."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


COLOUR_WORDS = {Colour.GREEN: "正常", Colour.AMBER: "注意", Colour.RED: "故障", Colour.GREY: "未知"}
GRAVITY = (Colour.RED, Colour.AMBER, Colour.GREY, Colour.GREEN)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at.

    Attributes:
        said: how it stands, in a sentence for an operator.
        advice: what to do; empty when nothing is to be done.
    """

    key: str
    name: str
    colour: Colour
    said: str
    advice: str = ""

    @property
    def is_right(self) -> bool:
        """Nothing is to be done."""
        return self.colour is Colour.GREEN

    @property
    def word(self) -> str:
        """The colour in a word."""
        return COLOUR_WORDS[self.colour]


def running_points(facts: Facts) -> list[Point]:
    """What may go wrong while the platform runs; the worst first is the reader's business, not ours."""
    return [
        database(facts),
        migrations(facts),
        row_scope(facts),
        worker(facts),
        queue(facts),
        failed_jobs(facts),
        sweep(facts),
        messages(facts),
        backup(facts),
        trace(facts),
        disk(facts),
        certificate(facts),
        calendar(facts),
        roster(facts),
        second_factor(facts),
    ]


def worst(points: Iterable[Point]) -> Colour:
    """The gravest colour among them; green for none."""
    found = {point.colour for point in points}
    return next((colour for colour in GRAVITY if colour in found), Colour.GREEN)


def database(facts: Facts) -> Point:
    """The database answers, and its clock and time zone are ours."""
    name, key = "数据库", "database"
    if facts.skew_seconds is None:
        return Point(key, name, Colour.RED, "连不上。", "看数据库是否在运行，DATABASE_URL 是否正确，再看日志。")
    if abs(facts.skew_seconds) > SKEW_NEAR:
        colour = Colour.RED if abs(facts.skew_seconds) > SKEW_FAR else Colour.AMBER
        said = f"数据库和本机的时间差 {abs(facts.skew_seconds):.0f} 秒，期限会算不准。"
        return Point(key, name, colour, said, "让两台机器都用同一个时间服务器（chrony）。")
    if facts.time_zone != TIME_ZONE:
        said = f"数据库的时区是 {facts.time_zone}，不是 {TIME_ZONE}。"
        return Point(key, name, Colour.AMBER, said, f"ALTER DATABASE … SET timezone = '{TIME_ZONE}'，再重新启动。")
    return Point(key, name, Colour.GREEN, f"{facts.database_version}，时间和时区一致。")


def migrations(facts: Facts) -> Point:
    """The tables are those of this version."""
    if facts.pending_migrations is None:
        return _unknown("migrations", "数据库版本")
    if facts.pending_migrations:
        said = f"还有 {facts.pending_migrations} 步升级没有做。"
        return Point("migrations", "数据库版本", Colour.RED, said, "运行 gongqing upgrade（会先备份）。")
    return Point("migrations", "数据库版本", Colour.GREEN, f"和平台 {facts.version} 一致。")


def row_scope(facts: Facts) -> Point:
    """The application connects as a role that row-level security holds, and every table has it."""
    name, key = "数据范围", "row_scope"
    if facts.role is None:
        return _unknown(key, name)
    role = facts.role
    if role.is_superuser or role.bypasses or role.owns_tables:
        why = "超级用户" if role.is_superuser else "可绕过行级权限" if role.bypasses else "表的所有者"
        said = f"平台连接数据库用的角色 {role.name} 是{why}，数据范围不起作用。"
        return Point(
            key, name, Colour.RED, said, "用受限角色填 DATABASE_URL，用所有者填 DATABASE_OWNER_URL，见安装说明。"
        )
    if facts.unheld_tables:
        said = f"{len(facts.unheld_tables)} 张表没有行级权限：{'、'.join(facts.unheld_tables[:5])}。"
        return Point(key, name, Colour.RED, said, "立即停止对外服务，用备份核对，运行 gongqing migrate。")
    return Point(key, name, Colour.GREEN, f"角色 {role.name} 受行级权限约束。")


def worker(facts: Facts) -> Point:
    """A job worker lives."""
    if facts.worker_silence is None or facts.worker_silence > WORKER_SILENT:
        said = "没有任务进程在运行：短信、提醒、期限检查都停了。"
        return Point(
            "worker", "任务进程", Colour.RED, said, "启动 gongqing jobs（或重新启动 gongqing up），看它的日志。"
        )
    return Point("worker", "任务进程", Colour.GREEN, f"{facts.worker_count} 个在运行。")


def queue(facts: Facts) -> Point:
    """Nothing waits long for the worker."""
    waits = facts.queue_wait
    if waits is None:
        return _unknown("queue", "任务队列")
    if waits > QUEUE_SLOW:
        colour = Colour.RED if waits > QUEUE_STUCK else Colour.AMBER
        said = f"{facts.queue_count} 项在等，最早的等了 {in_words(waits)}。"
        return Point("queue", "任务队列", colour, said, "看任务进程是否在运行、是否太忙；可以再起一个 gongqing jobs。")
    return Point(
        "queue", "任务队列", Colour.GREEN, f"{facts.queue_count} 项在等。" if facts.queue_count else "没有积压。"
    )


def failed_jobs(facts: Facts) -> Point:
    """No job has used up its tries."""
    if facts.failed_count is None:
        return _unknown("failed_jobs", "失败的任务")
    if facts.failed_count:
        said = f"{facts.failed_count} 项试了多次仍失败：{'、'.join(facts.failed_names[:3])}。"
        advice = "看日志找原因；修好后用 gongqing procrastinate shell 的 retry 重做。"
        return Point("failed_jobs", "失败的任务", Colour.AMBER, said, advice)
    return Point("failed_jobs", "失败的任务", Colour.GREEN, "没有。")


def sweep(facts: Facts) -> Point:
    """The clocks are looked at every minute."""
    age = facts.sweep_age
    if age is None:
        return Point("sweep", "期限检查", Colour.GREY, "还没有运行过。", "任务进程启动一分钟后会有第一次。")
    if age > SWEEP_LATE:
        colour = Colour.RED if age > SWEEP_LOST else Colour.AMBER
        said = f"上一次在 {in_words(age)}前；应每分钟一次，预警和升级都在等它。"
        return Point("sweep", "期限检查", colour, said, "看任务进程和任务队列。")
    return Point("sweep", "期限检查", Colour.GREEN, f"上一次在 {in_words(age)}前。")


def messages(facts: Facts) -> Point:
    """Short messages leave; those that wait for the end of the quiet hours are not late."""
    waits = facts.message_wait
    if facts.message_count is None or waits is None:
        return _unknown("messages", "待发短信")
    if waits > MESSAGES_SLOW:
        colour = Colour.RED if waits > MESSAGES_STUCK else Colour.AMBER
        said = f"{facts.message_count} 条该发没发，最早的等了 {in_words(waits)}。"
        return Point("messages", "待发短信", colour, said, "看短信网关的地址、余额和模板，再看任务进程的日志。")
    if facts.message_failed_count:
        said = f"一天内有 {facts.message_failed_count} 条没有发出。"
        return Point("messages", "待发短信", Colour.AMBER, said, "在“短信”页看原因，改好后点“再发一次”。")
    said = f"{facts.message_count} 条在等。" if facts.message_count else "没有积压。"
    return Point("messages", "待发短信", Colour.GREEN, said)


def backup(facts: Facts) -> Point:
    """A backup was made and verified within a day."""
    name, key = "备份", "backup"
    advice = "运行 gongqing backup --to 目录，并装上每天的定时器（deploy/systemd/gongqing-backup.timer）。"
    if facts.backup_age is None:
        return Point(key, name, Colour.RED, "还没有备份过。", advice)
    if facts.backup_age > BACKUP_LATE:
        colour = Colour.RED if facts.backup_age > BACKUP_LOST else Colour.AMBER
        return Point(key, name, colour, f"上一次在 {in_words(facts.backup_age)}前，应每天一次。", advice)
    return Point(key, name, Colour.GREEN, f"上一次在 {in_words(facts.backup_age)}前，已核对。")


def trace(facts: Facts) -> Point:
    """The trace is sealed every day, and the last look at all of it found nothing."""
    name, key = "留痕", "trace"
    if facts.skew_seconds is None:
        return _unknown(key, name)
    if facts.trace_fault_count:
        said = f"{_day_of(facts.verified_at)}校验发现 {facts.trace_fault_count} 处被改动或缺少。"
        advice = "运行 gongqing audit verify 看是哪些行；保护现场，用备份和外部保管的封存值核对。"
        return Point(key, name, Colour.RED, said, advice)
    if facts.sealed_until is None:
        said = "还没有封存过。"
        return Point(key, name, Colour.GREY, said, "任务进程启动一小时内会有第一次，也可以运行 gongqing audit seal。")
    sealed = f"已封存至 {facts.sealed_until.month}月{facts.sealed_until.day}日"
    behind = facts.at.date() - facts.sealed_until
    if behind > SEAL_LATE:
        colour = Colour.RED if behind > SEAL_LOST else Colour.AMBER
        return Point(key, name, colour, f"{sealed}，应每天一次。", "看任务进程；运行 gongqing audit seal。")
    if facts.verified_at is None:
        return Point(key, name, Colour.GREEN, f"{sealed}；每周日 3:20 校验。")
    if facts.at - facts.verified_at > VERIFY_LATE:
        said = f"{sealed}；上一次校验在 {in_words(facts.at - facts.verified_at)}前，应每周一次。"
        return Point(key, name, Colour.AMBER, said, "看任务进程；运行 gongqing audit verify。")
    return Point(key, name, Colour.GREEN, f"{sealed}；{_day_of(facts.verified_at)}校验通过。")


def disk(facts: Facts) -> Point:
    """Room is left where the data lies."""
    if facts.disk_total is None or facts.disk_free is None:
        return _unknown("disk", "磁盘")
    share, free = facts.disk_free / facts.disk_total, facts.disk_free
    said = f"剩 {free / 1024**3:.1f} GB（{share:.0%}）。"
    if share < DISK_NEAR or free < DISK_LEAST:
        colour = Colour.RED if share < DISK_LAST or free < DISK_LEAST / 2 else Colour.AMBER
        return Point("disk", "磁盘", colour, said, "删旧备份，或把 GONGQING_HOME 移到更大的磁盘；写满时数据库会停。")
    return Point("disk", "磁盘", Colour.GREEN, said)


def certificate(facts: Facts) -> Point:
    """The certificate lasts."""
    name, key = "HTTPS 证书", "certificate"
    if facts.certificate_fault:
        return Point(key, name, Colour.RED, facts.certificate_fault, "核对 GONGQING_CERTIFICATE 指的文件。")
    if facts.certificate_until is None:
        return Point(
            key, name, Colour.GREY, "不知道证书在哪里。", "前面有代理时，用 GONGQING_CERTIFICATE 指明代理用的证书文件。"
        )
    days = (facts.certificate_until - facts.at).days
    said = f"{facts.certificate_until:%Y-%m-%d} 到期，还有 {max(days, 0)} 天。"
    if days < CERTIFICATE_NEAR:
        colour = Colour.RED if days < CERTIFICATE_LAST else Colour.AMBER
        return Point(key, name, colour, said, "换新证书后重新启动，见证书说明。")
    if facts.is_trial_certificate:
        return Point(key, name, Colour.AMBER, f"这是试用证书，{said}", "正式使用前换成机构签发的证书。")
    return Point(key, name, Colour.GREEN, said)


def calendar(facts: Facts) -> Point:
    """From 1 November on the arrangement of next year's holidays is known."""
    name, key, next_year = "工作日历", "calendar", facts.at.year + 1
    if facts.is_next_year_provisional is None:
        return _unknown(key, name)
    if not facts.is_next_year_provisional:
        return Point(key, name, Colour.GREEN, f"{next_year} 年的放假安排已装入。")
    if facts.at.date() < date(facts.at.year, *CALENDAR_FROM):
        return Point(key, name, Colour.GREEN, f"{next_year} 年的放假安排一般 11 月公布，到时装入。")
    said = f"{next_year} 年的放假安排还没有装入，跨年的期限暂按周末和固定节日算。"
    return Point(key, name, Colour.AMBER, said, "国务院办公厅公布后在“期限与日历”里装入，在办的期限会重算。")


def roster(facts: Facts) -> Point:
    """Somebody is on duty everywhere where a roster is kept."""
    if facts.roster_holes is None:
        return _unknown("roster", "值班表")
    if facts.roster_holes:
        said = f"{len(facts.roster_holes)} 处没有人值班：{'；'.join(facts.roster_holes[:3])}。"
        return Point("roster", "值班表", Colour.AMBER, said, "在值班表里补上；没有人值班时，红色诉求叫不到人。")
    return Point("roster", "值班表", Colour.GREEN, "没有空缺。")


def second_factor(facts: Facts) -> Point:
    """Every administrator signs in with a second factor."""
    name, key = "管理员动态口令", "second_factor"
    if facts.administrator_count is None:
        return _unknown(key, name)
    if facts.administrator_count == 0:
        return Point(key, name, Colour.RED, "没有系统管理员。", "gongqing accounts appoint 账号 administrator")
    if facts.bare_administrators:
        said = f"{len(facts.bare_administrators)} 位系统管理员只用密码：{'、'.join(facts.bare_administrators[:5])}。"
        return Point(key, name, Colour.AMBER, said, "请他们登录后在“我的账号”里开通动态口令。")
    return Point(key, name, Colour.GREEN, f"{facts.administrator_count} 位系统管理员都已开通。")


def in_words(length: timedelta) -> str:
    """`40 秒`, `12 分钟`, `5 小时`, `3 天`: a length of time in one unit, rounded down."""
    seconds = max(0, int(length.total_seconds()))
    for unit, size in (("天", 86400), ("小时", 3600), ("分钟", 60)):
        if seconds >= (2 * size if unit == "天" else size):
            return f"{seconds // size} {unit}"
    return f"{seconds} 秒"


def key_file_fault(file: KeyFile) -> str:
    """What is wrong with a key file; empty when nothing is."""
    if file.size is None:
        return f"{file.name} 不存在"
    if file.mode & 0o077:
        return f"{file.name} 别人也能读（权限 {file.mode:o}）"
    if file.secret_length is not None and file.secret_length < SHORTEST_SECRET:
        return f"{file.name} 太短（{file.secret_length} 个字符，至少 {SHORTEST_SECRET}）"
    return ""


def by_gravity(points: Sequence[Point]) -> list[Point]:
    """The gravest first, otherwise in their own order."""
    return sorted(points, key=lambda point: GRAVITY.index(point.colour))


def _day_of(moment: datetime | None) -> str:
    return f"{moment.month}月{moment.day}日" if moment else ""


def _unknown(key: str, name: str) -> Point:
    return Point(key, name, Colour.GREY, "数据库连不上或这一项还没有装上，看不到。")
