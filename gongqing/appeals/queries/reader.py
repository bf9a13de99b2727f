"""Which version of the reader speaks now, and what does it read in a text?

The name of the running version stands in the data base and is kept in memory under the stamp of the rules, so that
every process changes over with the next request and none asks for it all day. Its files are read once a process. A
version whose files cannot be used does not speak: the shipped reader does, and the page of the reader says why.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet
from procrastinate.contrib.django.models import ProcrastinateJob

from gongqing.appeals.models import Appeal, ReaderCorrection, ReaderVersion, VersionState
from gongqing.audit import scope
from gongqing.language import adjusting
from gongqing.language.adjusting import Adjustment, Unusable
from gongqing.language.apart import meanings_of
from gongqing.language.classify import VERSION, Reading, classify, words_read
from gongqing.language.lessons import MOST, Lesson
from gongqing.language.masking import masked
from gongqing.lib.remembering import remembered
from gongqing.registry.models import Consent, Purpose

logger = logging.getLogger(__name__)

FOLDER = "readers"
TRAINING = "appeals.train_reader"  # the job
_read: dict[tuple[str, str], Adjustment] = {}  # the newest one alone, by name and digest
_told: set[tuple[str, str]] = set()  # which faults this process has logged


@dataclass(frozen=True, slots=True)
class Running:
    """Which version should speak, and the SM3 that its card must have."""

    name: str
    digest: str


def read_words(text: str, title: str = "") -> Reading:
    """What the reader in force reads in a text; never raises on any string."""
    return classify(text, title, learnt=adjustment_in_force())


def read_words_carefully(messages: Sequence[tuple[str, str]]) -> list[Reading]:
    """What the reader in force reads in texts and titles with the encoder, which is loaded for this call alone.

    Raises:
        Broken: the encoder gave no answer.
    """
    learnt = adjustment_in_force()
    heard = (words_read(text, title) for text, title in messages)
    meanings = meanings_of([(body, head) for head, body, _ in heard])
    return [
        classify(text, title, learnt=learnt, careful=True, meaning=meaning)
        for (text, title), meaning in zip(messages, meanings, strict=True)
    ]


def version_in_force() -> str:
    """The name of the version that speaks now."""
    learnt = adjustment_in_force()
    return learnt.version if learnt else VERSION


@remembered
def running_version() -> Running | None:
    """The version that is to speak; None for the shipped reader."""
    found = ReaderVersion.objects.filter(state=VersionState.RUNNING).values_list("name", "digest").first()
    return Running(*found) if found else None


def adjustment_in_force() -> Adjustment | None:
    """What this city's corrections taught; None where the shipped reader speaks."""
    running = running_version()
    if running is None:
        return None
    key = (running.name, running.digest)
    known = _read.get(key)
    if known is not None:
        return known
    try:
        found = adjustment_named(running.name, running.digest)
    except Unusable as fault:
        if key not in _told:
            _told.add(key)
            logger.error("分类模型版本 %s 不能用，改由随附模型判读：%s", running.name, fault)
        return None
    _read.clear()
    _read[key] = found
    return found


def adjustment_named(name: str, digest: str) -> Adjustment:
    """The adjustment of a version, verified.

    Raises:
        Unusable: its files cannot be used; why.
    """
    found = adjusting.read(folder_of(name), fitted_on=VERSION, digest=digest)
    if found.version != name:
        raise Unusable(f"文件里写的是另一个版本 {found.version}")
    return found


def fault_in(name: str, digest: str) -> str:
    """Why the files of a version cannot be used; empty when they can."""
    try:
        adjustment_named(name, digest)
    except Unusable as fault:
        return str(fault)
    return ""


def readers_folder() -> Path:
    """Where the versions lie, each in a folder of its own."""
    return Path(settings.HOME) / FOLDER


def folder_of(name: str) -> Path:
    """Where a version lies.

    Raises:
        Unusable: it cannot be the name of one.
    """
    if not adjusting.NAME.fullmatch(name):
        raise Unusable("版本名不对")
    return readers_folder() / name


def lessons(*, most: int = MOST) -> list[Lesson]:
    """The newest judgements of people on what an appeal is about, one for each appeal, masked; the oldest first.

    Nobody's words are learnt from without leave: the appeals of people who have not agreed to that purpose, or have
    withdrawn it, are left out (个保法 第13条、第15条). What names nobody may be learnt from. Confidential matters are
    left out as well.
    """
    with scope.elevated():
        said = (
            _learnable()
            .order_by("appeal_id", "-id")
            .distinct("appeal_id")
            .select_related("chosen", "chosen_second", "appeal__person")
        )
        found = sorted(said, key=lambda one: one.pk)[-most:]
    return [_lesson(one) for one in found]


def lesson_count(*, after: int = 0) -> int:
    """How many appeals have a judgement to learn from that is newer than a correction."""
    with scope.elevated():
        return _learnable().filter(pk__gt=after).values("appeal_id").distinct().count()


def training_state() -> str:
    """`todo` or `doing` while a training is queued, `failed` after one that broke; empty otherwise."""
    found = ProcrastinateJob.objects.filter(task_name=TRAINING).order_by("-id")
    return found.values_list("status", flat=True).first() or ""


def _learnable() -> QuerySet[ReaderCorrection]:
    agreed = Consent.objects.filter(purpose=Purpose.STUDY, withdrawn_at__isnull=True).values("person_id")
    may_learn = Q(appeal__person__isnull=True) | Q(appeal__person_id__in=agreed)
    return ReaderCorrection.objects.filter(
        may_learn, chosen__isnull=False, by_user_id__isnull=False, appeal__restricted=False
    )


def _lesson(correction: ReaderCorrection) -> Lesson:
    appeal: Appeal = correction.appeal
    names = [appeal.person.name] if appeal.person is not None else []
    employers = [appeal.employer_name] if appeal.employer_name else []
    return Lesson(
        number=correction.pk,
        title=masked(appeal.title, names=names, employers=employers),
        text=masked(appeal.text, names=names, employers=employers),
        code=correction.chosen.code if correction.chosen else "",
        second_code=correction.chosen_second.code if correction.chosen_second else "",
        labour=correction.chosen_labour,
    )
