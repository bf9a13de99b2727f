"""Draft, edit, sign, issue and correct the weekly report (工情通动态情况报告)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.insight.documents import weekly
from gongqing.insight.models import ReportSnapshot, ReportState, WeeklyReport
from gongqing.insight.queries import reports as queries
from gongqing.insight.queries.report_figures import asked_of, canonical, figures_of, snapshot_name
from gongqing.insight.rules import reporting as rules
from gongqing.insight.rules.weeks import Week, week_of
from gongqing.lib import crypto
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed, NotFound
from gongqing.lib.times import day_of
from gongqing.registry.models import Organisation, sealed_files


def draft_report(*, organisation_id: int, week: Week, by: Actor, at: datetime) -> WeeklyReport:
    """The newest report of this week, begun with its figures when there is none yet.

    A draft whose figures were read before the week was over gets them anew once it is. Outside of a transaction all
    figures are read in one view of the database.

    Raises:
        NotPermitted: not of this organisation.
    """
    with _one_view(), scope.acting_as(by):
        organisation = Organisation.objects.select_related("region").get(pk=organisation_id)
        found = _newest(organisation_id, week, by)
        if found is None:
            found = start_report(organisation_id=organisation_id, week=week, by=by, at=at)
        elif found.state != ReportState.DRAFT or not _is_stale(found, week, at):
            return found
        rules.check_can_edit(by, path=organisation.path)
        return take_figures(report_id=found.pk, by=by, at=at)


@transaction.atomic
def start_report(*, organisation_id: int, week: Week, by: Actor, at: datetime) -> WeeklyReport:
    """Begin the report of a week; its figures are taken by a job that hears of it.

    Raises:
        NotPermitted. BadInput: the week has not begun. NotAllowed: there is one.
    """
    organisation = Organisation.objects.get(pk=organisation_id)
    rules.check_can_edit(by, path=organisation.path)
    if week.begins_at > at:
        raise BadInput("week", f"{week.title}还没有开始。")
    if _newest(organisation_id, week, by) is not None:
        raise NotAllowed(f"{organisation.name}{week.title}的周报已经有了。")
    with scope.elevated():
        region = str(organisation.region) if organisation.region else ""
        addressees, copies = rules.sent_to(organisation.level, region)
        report = WeeklyReport.objects.create(
            organisation=organisation,
            first_on=week.first,
            figures_asked_at=at,
            addressees=addressees,
            copies=copies,
            made_at=at,
            made_by_name=by.name,
            changed_at=at,
        )
        events.record("report.started", subject=report, by=by, at=at, note=f"{organisation.name}{week.title}")
    return report


def take_figures(*, report_id: int, by: Actor, at: datetime) -> WeeklyReport:
    """Read all figures of a draft in one view of the database, keep them as a snapshot, and put it under the draft.

    Raises:
        NotAllowed: it was signed or issued meanwhile.
    """
    with _one_view(), scope.acting_as(SYSTEM):
        report = _locked(report_id, SYSTEM)
        rules.check_is_draft(report.state)
        week = week_of(report.first_on)
        figures = figures_of(asked_of(report.organisation, week, at))
        name = snapshot_name(figures)
        snapshot = ReportSnapshot.objects.filter(name=name).first() or ReportSnapshot.objects.create(
            organisation=report.organisation,
            first_on=week.first,
            name=name,
            digest=crypto.digest(canonical(figures)),
            figures=figures,
            taken_at=at,
            by_name=by.name,
        )
        report.snapshot, report.figures_asked_at, report.changed_at = snapshot, None, at
        report.save(update_fields=["snapshot", "figures_asked_at", "changed_at"])
        events.record("report.figures_taken", subject=report, by=by, at=at, note=name, digest=snapshot.digest)
    return report


@transaction.atomic
def ask_for_figures(*, report_id: int, by: Actor, at: datetime) -> WeeklyReport:
    """Have the figures of a draft read anew by a job.

    Raises:
        NotPermitted, NotFound, NotAllowed.
    """
    report = _mine(report_id, by)
    rules.check_is_draft(report.state)
    report.figures_asked_at = at
    report.save(update_fields=["figures_asked_at"])
    events.record("report.figures_asked", subject=report, by=by, at=at)
    return report


@transaction.atomic
def edit_report(
    *,
    report_id: int,
    words: Mapping[str, str],
    addressees: str,
    copies: str,
    by: Actor,
    at: datetime,
    seen: str = "",
) -> WeeklyReport:
    """Write in a draft: people's words by section, to whom it goes and who gets a copy.

    Args:
        seen: the sign (`rules.mark_of`) of what the writer had before him; empty writes over whatever stands there.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInputs: each fault under its field.
    """
    report = _mine(report_id, by)
    rules.check_is_draft(report.state)
    faults: list[BadInput] = []
    lines = {"addressees": addressees, "copies": copies}
    for name, text in lines.items():
        try:
            lines[name] = rules.line_given(name, text, is_needed=name == "addressees")
        except BadInput as fault:
            faults.append(fault)
    kept: dict[str, str] = {}
    for key, text in words.items():
        try:
            kept |= rules.words_given({key: text})
        except BadInput as fault:
            faults.append(fault)
    if faults:
        raise BadInputs(faults)
    changed = sorted(key for key in {*kept, *report.words} if kept.get(key) != report.words.get(key))
    changed += [name for name, text in lines.items() if text != getattr(report, name)]
    if not changed:
        return report
    stands = rules.mark_of(report.words, report.addressees, report.copies)
    is_own = report.edited_by_user_id == by.user_id
    rules.check_not_written_since(seen, stands, by_name=report.edited_by_name, is_own=is_own)
    report.words, report.addressees, report.copies = kept, lines["addressees"], lines["copies"]
    if by.user_id is not None:
        report.editor_ids = sorted({*report.editor_ids, by.user_id})
        report.edited_by_user_id, report.edited_by_name = by.user_id, by.name
    report.changed_at = at
    report.save()
    events.record("report.edited", subject=report, by=by, at=at, parts=changed)
    return report


@transaction.atomic
def sign_report(*, report_id: int, by: Actor, at: datetime) -> WeeklyReport:
    """A second person puts the own name under a draft; nothing of it can be changed from then on.

    Raises:
        NotPermitted, NotFound, NotAllowed.
    """
    report = _mine(report_id, by)
    rules.check_can_sign(
        by,
        path=report.organisation.path,
        state=report.state,
        editor_ids=report.editor_ids,
        week=week_of(report.first_on),
        taken_at=report.snapshot.taken_at if report.snapshot else None,
        is_waiting=report.figures_asked_at is not None,
    )
    report.state, report.signed_at, report.changed_at = ReportState.SIGNED, at, at
    report.signed_by_user_id, report.signed_by_name = by.user_id, by.name
    report.save()
    snapshot = report.snapshot.name if report.snapshot else ""
    events.record("report.signed", subject=report, by=by, at=at, snapshot=snapshot)
    return report


@transaction.atomic
def send_report_back(*, report_id: int, reason: str, by: Actor, at: datetime) -> WeeklyReport:
    """What is signed and not issued becomes a draft again.

    Raises:
        NotPermitted, NotFound, NotAllowed, BadInput.
    """
    report = _mine(report_id, by)
    tidy = rules.check_can_send_back(by, path=report.organisation.path, state=report.state, reason=reason)
    report.state, report.signed_at, report.signed_by_user_id, report.signed_by_name = ReportState.DRAFT, None, None, ""
    report.changed_at = at
    report.save()
    events.record("report.sent_back", subject=report, by=by, at=at, note=tidy)
    return report


@transaction.atomic
def issue_report(*, report_id: int, by: Actor, at: datetime) -> WeeklyReport:
    """Issue a signed report under the next number of its organisation and year, and keep the file as it leaves.

    The numbers have no gaps: whoever comes at the same time waits, and what fails takes no number. A correction bears
    the number that it corrects.

    Raises:
        NotPermitted, NotFound, NotAllowed.
    """
    report = _mine(report_id, by)
    rules.check_can_issue(by, path=report.organisation.path, state=report.state)
    with scope.elevated():
        Organisation.objects.select_for_update().get(pk=report.organisation_id)
        if report.corrects is not None:
            report.year, report.number = report.corrects.year, report.corrects.number
        else:
            report.year = day_of(at).year
            given = WeeklyReport.objects.filter(organisation=report.organisation_id, year=report.year)
            report.number = (given.aggregate(last=Max("number"))["last"] or 0) + 1
        report.state, report.issued_at, report.issued_by_name = ReportState.ISSUED, at, by.name
        report.changed_at = at
        paper = queries.paper_of_report(report)
        assert paper is not None  # nothing is signed without figures  # noqa: S101
        content = weekly.document_of(paper)
        report.file_digest = crypto.digest(content)
        report.file_key = sealed_files.keep_sealed(content, _context(report))
        report.save()
        number = rules.number_words(report.year, report.number, report.correction)
        events.record("report.issued", subject=report, by=by, at=at, note=number, digest=report.file_digest)
    return report


@transaction.atomic
def correct_report(*, report_id: int, reason: str, by: Actor, at: datetime) -> WeeklyReport:
    """Begin a correction of an issued report (更正第N期): a draft with people's words as they were, figures read anew.

    Raises:
        NotPermitted, NotFound, NotAllowed, BadInput.
    """
    report = _mine(report_id, by)
    same_week = WeeklyReport.objects.filter(organisation=report.organisation_id, first_on=report.first_on)
    tidy = rules.check_can_correct(
        by,
        path=report.organisation.path,
        state=report.state,
        has_newer=same_week.filter(correction__gt=report.correction).exists(),
        reason=reason,
    )
    with scope.elevated():
        correction = WeeklyReport.objects.create(
            organisation=report.organisation,
            first_on=report.first_on,
            figures_asked_at=at,
            correction=report.correction + 1,
            corrects=report.corrects or report,
            correction_reason=tidy,
            addressees=report.addressees,
            copies=report.copies,
            words=report.words,
            editor_ids=[by.user_id] if by.user_id is not None else [],
            edited_by_user_id=by.user_id,
            edited_by_name=by.name,
            made_at=at,
            made_by_name=by.name,
            changed_at=at,
        )
        events.record("report.correction_started", subject=correction, by=by, at=at, note=tidy, corrects=report.pk)
    return correction


@transaction.atomic
def open_report_file(*, report_id: int, by: Actor, at: datetime, address: str | None = None) -> tuple[str, bytes]:
    """The report as a Word file with its name: an issued one byte for byte as it left; the look is logged.

    Raises:
        NotPermitted, NotFound. NotAllowed: figures are still being taken, or the kept file is gone or was altered.
    """
    report = queries.report_numbered(by, report_id)
    paper = queries.paper_of_report(report)
    if paper is None:
        raise NotAllowed("正在取数，取完再下载。")
    if report.state == ReportState.ISSUED:
        try:
            content = sealed_files.open_kept(report.file_key, _context(report))
        except (OSError, crypto.CannotDecrypt):
            content = b""
        if crypto.digest(content) != report.file_digest:
            raise NotAllowed("这期周报的存档打不开，请联系系统管理员从备份恢复。")
    else:
        content = weekly.document_of(paper)
    name = queries.file_name(report, paper)
    events.record_access(
        "report.opened",
        subject_kind="weeklyreport",
        subject_id=report.pk,
        by=by,
        at=at,
        reason=name.removesuffix(".docx"),
        address=address,
    )
    return name, content


def _newest(organisation_id: int, week: Week, by: Actor) -> WeeklyReport | None:
    """The report of the week that counts: the last correction, else the first issue."""
    found = WeeklyReport.objects.visible_to(by) if not by.is_system else WeeklyReport.objects.all()
    found = found.select_related("organisation__region", "snapshot", "corrects")
    return found.filter(organisation_id=organisation_id, first_on=week.first).order_by("-correction").first()


def _is_stale(report: WeeklyReport, week: Week, at: datetime) -> bool:
    """Whether its figures are missing, or were read before the end of a week that is over now or still runs."""
    return report.snapshot is None or report.snapshot.taken_at < min(week.ends_at, at)


def _mine(report_id: int, by: Actor) -> WeeklyReport:
    """A locked report that the actor makes.

    Raises:
        NotPermitted, NotFound.
    """
    rules.check_can_read(by)
    report = _locked(report_id, by)
    rules.check_can_edit(by, path=report.organisation.path)
    return report


def _locked(report_id: int, by: Actor) -> WeeklyReport:
    found = WeeklyReport.objects.visible_to(by).filter(pk=report_id)
    report = (
        found.select_related("organisation__region", "snapshot", "corrects").select_for_update(of=("self",)).first()
    )
    if report is None:
        raise NotFound("没有这期周报，或不在您的查看范围内。")
    return report


def _context(report: WeeklyReport) -> str:
    return f"report.{report.organisation_id}.{report.first_on}.{report.correction}"


@contextmanager
def _one_view() -> Iterator[None]:
    """A transaction that reads everything as it stands at its first read; inside another one, as that one reads."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
