"""Train the reader on people's corrections, let a better version speak, and take one back."""

from __future__ import annotations

import shutil
from datetime import datetime

from django.db import connection, transaction

from gongqing.appeals.models import ReaderCorrection, ReaderVersion, VersionState
from gongqing.appeals.queries import reader
from gongqing.appeals.rules.readers import SHIPPED, check_can_keep_reader, check_reason
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.language import adjusting
from gongqing.language.classify import VERSION
from gongqing.lib.errors import NotAllowed, NotFound

LOCK = 0x5EAD
LEARNT, NOT_BETTER = "比较通过，自动启用", "没有启用："


@transaction.atomic
def ask_training(*, by: Actor, at: datetime) -> int:
    """Queue a training; answers how many corrections there are to learn from.

    Raises:
        NotPermitted: not an administrator. NotAllowed: there is nothing new to learn from, or too little.
    """
    check_can_keep_reader(by)
    if reader.training_state() in ("todo", "doing"):
        raise NotAllowed("已经在训练了，完成后新版本列在这一页。")
    count = _check_material()
    with scope.elevated():
        newest = ReaderCorrection.objects.latest("id")
        events.record("reader.training_asked", subject=newest, by=by, at=at, count=count)
    return count


@transaction.atomic
def train_reader(*, by: Actor, at: datetime) -> ReaderVersion:
    """Fit a version on the corrections, compare it with the running reader, and let it speak if it is better.

    A version that is not better is kept with the figures and the reason, and never runs.

    Raises:
        NotPermitted: not an administrator. NotAllowed: nothing new, too little, or another training is at it.
    """
    from gongqing.language.training import train  # slow to load, and needed here alone

    check_can_keep_reader(by)
    _hold_the_place()
    _check_material()
    lessons = reader.lessons()
    running, adjustment = reader.running_version(), reader.adjustment_in_force()
    seen = adjusting.seen_by(reader.folder_of(running.name)) if running and adjustment else frozenset()
    trained = train(lessons, running=adjustment, seen=seen)
    name = trained.adjustment.version
    if ReaderVersion.objects.filter(name=name).exists():
        raise NotAllowed(f"用现有的更正训练出来还是 {name}，没有变化。")
    comparison = trained.comparison
    card = {
        "made_at": at.isoformat(),
        "seen": list(trained.seen),
        "against": adjustment.version if adjustment else VERSION,
        "comparison": comparison.as_row(),
    }
    folder = reader.folder_of(name)
    shutil.rmtree(folder, ignore_errors=True)  # of a training whose transaction was taken back
    try:
        digest = adjusting.write(trained.adjustment, folder, card)
        reader.adjustment_named(name, digest)
        version = ReaderVersion.objects.create(
            name=name,
            fitted_on=VERSION,
            digest=digest,
            state=VersionState.REFUSED if comparison.refusals else VersionState.RETIRED,
            correction_count=len(trained.seen),
            last_correction_id=max(trained.seen),
            comparison=comparison.as_row(),
            made_at=at,
            changed_at=at,
            changed_by=by.name[:64],
            reason=(NOT_BETTER + "；".join(comparison.refusals))[:400] if comparison.refusals else "",
        )
        events.record(
            "reader.trained",
            subject=version,
            by=by,
            at=at,
            note=version.reason,
            version=name,
            against=card["against"],
            right=[comparison.before.right, comparison.after.right],
            count=comparison.after.count,
        )
        if not comparison.refusals:
            _switch(version, reason=LEARNT, by=by, at=at, kind="reader.promoted")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return version


@transaction.atomic
def run_reader(*, version: str, reason: str, by: Actor, at: datetime) -> ReaderVersion | None:
    """Let an earlier version, or the shipped reader, speak from now on; answers the version, None for the shipped one.

    Its files are verified first; when they cannot be used, the running one goes on.

    Raises:
        NotPermitted: not an administrator. NotFound: no such version. BadInput: no reason.
        NotAllowed: it was not better, its files cannot be used, or it is running already.
    """
    check_can_keep_reader(by)
    words = check_reason(reason)
    _hold_the_place()
    running = ReaderVersion.objects.filter(state=VersionState.RUNNING).first()
    if version in (SHIPPED, VERSION):
        if running is None:
            raise NotAllowed("现在用的就是随附模型。")
        _retire(running, reason=words, by=by, at=at)
        events.record("reader.rolled_back", subject=running, by=by, at=at, note=words, version=VERSION)
        return None
    wanted = ReaderVersion.objects.filter(name=version).first()
    if wanted is None:
        raise NotFound(f"没有 {version} 这个版本。")
    if wanted.state == VersionState.RUNNING:
        raise NotAllowed(f"{version} 正在运行。")
    if wanted.state == VersionState.REFUSED:
        raise NotAllowed(f"{version} 没有通过比较，不能启用。")
    if fault := reader.fault_in(wanted.name, wanted.digest):
        raise NotAllowed(f"{version} 不能启用：{fault}。现在运行的不变。")
    return _switch(wanted, reason=words, by=by, at=at, kind="reader.rolled_back")


def roll_back_reader(*, reason: str, by: Actor, at: datetime) -> ReaderVersion | None:
    """Let the version speak that the running one took over from; None: the shipped reader.

    Raises:
        As `run_reader`. NotAllowed: the shipped reader is running, there is nothing before it.
    """
    check_can_keep_reader(by)
    running = ReaderVersion.objects.filter(state=VersionState.RUNNING).first()
    if running is None:
        raise NotAllowed("现在用的是随附模型，前面没有别的版本。")
    return run_reader(version=running.follows or SHIPPED, reason=reason, by=by, at=at)


def _check_material() -> int:
    from gongqing.language.lessons import LEAST_MATERIAL

    count = reader.lesson_count()
    if count < LEAST_MATERIAL:
        raise NotAllowed(f"可用来训练的更正有 {count} 条，至少要 {LEAST_MATERIAL} 条。职工没有同意改进分类的不算。")
    newest = ReaderVersion.objects.filter(fitted_on=VERSION).order_by("-id").first()
    if newest is not None and not reader.lesson_count(after=newest.last_correction_id):
        raise NotAllowed(f"上次训练（{newest.name}）以后没有新的更正。")
    return count


def _hold_the_place() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s::bigint)", [LOCK])
        (is_free,) = cursor.fetchone() or (False,)
    if not is_free:
        raise NotAllowed("正在训练或更换版本，请过几分钟再试。")


def _switch(version: ReaderVersion, *, reason: str, by: Actor, at: datetime, kind: str) -> ReaderVersion:
    running = ReaderVersion.objects.filter(state=VersionState.RUNNING).first()
    if running is not None:
        _retire(running, reason=f"换成 {version.name}", by=by, at=at)
    if kind == "reader.promoted":
        version.follows = running.name if running else ""
    version.state, version.reason = VersionState.RUNNING, reason
    version.changed_at, version.changed_by = at, by.name[:64]
    version.save(update_fields=["state", "reason", "follows", "changed_at", "changed_by"])
    events.record(kind, subject=version, by=by, at=at, note=reason, version=version.name)
    return version


def _retire(version: ReaderVersion, *, reason: str, by: Actor, at: datetime) -> None:
    version.state, version.reason = VersionState.RETIRED, reason
    version.changed_at, version.changed_by = at, by.name[:64]
    version.save(update_fields=["state", "reason", "changed_at", "changed_by"])
