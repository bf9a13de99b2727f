"""Keep the sheet of what each worker of a case is owed: enter, load, correct, check with the team's leader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal, Claim, ClaimCorrection, Team
from gongqing.appeals.rules.intake import tidy_text
from gongqing.appeals.rules.statuses import Status, check_open
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.actions.claim_rows import enter_row, refuse_twice, team_named
from gongqing.dispatch.queries.groups import check_may_order
from gongqing.dispatch.rules.claim_sheets import Reject, read_claims, row_of
from gongqing.dispatch.rules.claims import period_of, period_words, yuan_of
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.sheets import read_sheets

CHECKED, DISPUTED = "核对", "争议"  # what a word that changed no field was about
FIELD_COLUMNS = {"phone": "手机", "id_number": "身份证", "name": "姓名"}
CORRECTABLE = ("单位", "班组", "班组长", "工作期间", "应发", "已发", "欠款", "依据")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a sheet: rows taken, rows that stood there already, rows that were not taken and why."""

    new: int
    known: int
    rejects: Sequence[Reject]
    owed: Decimal


class _RehearsedError(Exception):
    """A dry run is over; its writes are taken back."""


@transaction.atomic
def enter_claim(*, appeal_id: int, cells: Mapping[str, str], by: Actor, at: datetime) -> Claim:
    """Enter one worker's claim, under the column names of the sheet.

    Raises:
        NotPermitted, NotFound, NotAllowed: who, out of view, or ended. BadInput: on the column; also a second claim of
            the same person, employer and period.
    """
    appeal = lock_sheet(appeal_id, by)
    row = row_of(dict(cells), employer=appeal.employer_name)
    with scope.elevated():
        claim, is_new = enter_row(appeal, row, by=by, at=at)
        if not is_new:
            raise BadInput("工作期间", f"{row.name}在{row.employer} {row.period}的欠薪已经登记过了，请改用更正。")
        events.record(
            "appeal.claims_entered", subject=appeal, by=by, at=at, count=1, owed=str(row.owed), claims=[claim.pk]
        )
    return claim


@transaction.atomic
def load_claims(
    *, appeal_id: int, file_name: str, content: bytes, by: Actor, at: datetime, dry_run: bool = False
) -> Loaded:
    """Take a sheet in, row by row; a dry run changes nothing. The same sheet again adds nothing.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: on `file`, when it holds no such sheet.
    """
    appeal = lock_sheet(appeal_id, by)
    found = read_claims(read_sheets(file_name, content), employer=appeal.employer_name)
    rejects, numbers, owed, known = list(found.rejects), [], Decimal(0), 0
    try:
        with transaction.atomic(), scope.elevated():
            for line, row in found.rows:
                try:
                    with transaction.atomic():
                        claim, is_new = enter_row(appeal, row, by=by, at=at)
                except BadInput as fault:
                    rejects.append(Reject(line, FIELD_COLUMNS.get(fault.field, fault.field), fault.message))
                    continue
                if is_new:
                    numbers.append(claim.pk)
                    owed += row.owed
                else:
                    known += 1
            if dry_run:
                raise _RehearsedError
            if numbers:
                count = len(numbers)
                events.record(
                    "appeal.claims_entered", subject=appeal, by=by, at=at, count=count, owed=str(owed), claims=numbers
                )
    except _RehearsedError:
        pass
    return Loaded(len(numbers), known, sorted(rejects, key=lambda one: one.line), owed)


@transaction.atomic
def correct_claim(*, claim_id: int, cells: Mapping[str, str], reason: str, by: Actor, at: datetime) -> Claim:
    """Correct what a claim says; every change is kept with what stood there before. A changed sum is checked anew.

    Args:
        cells: under the column names of the sheet; what is missing stays.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: on the column, nothing changed, or no reason.
    """
    claim = lock_claim(claim_id, by)
    if len(reason.strip()) < 2:
        raise BadInput("reason", "请写一句为什么更正。")
    with scope.elevated():
        changes = _changes(claim, cells, by=by, at=at)
        if not changes:
            raise BadInput("reason", "没有改动。")
        if claim.owed < claim.recovered and len(reason.strip()) < 6:
            raise BadInput("欠款", f"改后的欠款低于已追回的 {claim.recovered} 元，请把原因写清楚（六个字以上）。")
        refuse_twice(claim.appeal, claim.person, claim.team, claim.started_on, claim.ended_on, besides=claim.pk)
        if any(field in ("欠款", "单位", "班组") for field, _, _ in changes):
            claim.checked_at, claim.checked_by_name, claim.agreed, claim.checked_with = None, "", None, None
        claim.save()
        _keep(claim, changes, reason=tidy_text(reason), by=by, at=at)
        fields = [field for field, _, _ in changes]
        events.record("appeal.claim_corrected", subject=claim.appeal, by=by, at=at, claim=claim.pk, fields=fields)
    return claim


@transaction.atomic
def check_claim(*, claim_id: int, agreed: Decimal, by: Actor, at: datetime, reason: str = "") -> Claim:
    """The team's leader confirms a claim, or another sum: the difference is kept as a correction, the sum is agreed.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: negative, or below what came back without a reason.
    """
    claim = lock_claim(claim_id, by)
    if agreed < 0:
        raise BadInput("agreed", "核对数不能小于 0。")
    if agreed < claim.recovered and len(reason.strip()) < 2:
        raise BadInput("reason", f"核对数低于已追回的 {claim.recovered} 元，请写明原因。")
    with scope.elevated():
        _confirm(claim, agreed, reason=tidy_text(reason), by=by, at=at)
        events.record("appeal.claims_checked", subject=claim.appeal, by=by, at=at, claims=[claim.pk], count=1)
    return claim


@transaction.atomic
def check_team(*, team_id: int, by: Actor, at: datetime) -> int:
    """The team's leader confirms every claim of the team that is neither checked nor disputed; returns how many.

    Raises:
        NotPermitted, NotFound. NotAllowed: nothing is left to be checked.
    """
    appeal, team = lock_team(team_id, by)
    with scope.elevated():
        waiting = Claim.objects.select_for_update(of=("self",)).filter(
            team=team, removed_at__isnull=True, checked_at__isnull=True, is_disputed=False
        )
        claims = list(waiting.select_related("team").order_by("id"))
        if not claims:
            raise NotAllowed("这个班组没有还要核对的人；有争议的要先逐个核对。")
        for claim in claims:
            _confirm(claim, claim.owed, reason="", by=by, at=at)
        numbers = [claim.pk for claim in claims]
        events.record("appeal.claims_checked", subject=appeal, by=by, at=at, claims=numbers, count=len(numbers))
    return len(claims)


@transaction.atomic
def dispute_claim(*, claim_id: int, is_disputed: bool, note: str, by: Actor, at: datetime) -> Claim:
    """Mark a claim as disputed, with what about; or as settled again.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: nothing said about what is disputed.
    """
    claim = lock_claim(claim_id, by)
    if is_disputed and len(note.strip()) < 2:
        raise BadInput("note", "请写明争议在哪里，例如：本人说有 5 天加班没算。")
    with scope.elevated():
        words = tidy_text(note)
        if words:  # the next word of a dispute takes this one's place
            _keep(claim, [(DISPUTED, "", "")], reason=words, by=by, at=at)
        claim.is_disputed, claim.dispute_note = is_disputed, words
        if is_disputed:
            claim.checked_at, claim.checked_by_name, claim.agreed, claim.checked_with = None, "", None, None
        claim.save()
        events.record(
            "appeal.claim_disputed", subject=claim.appeal, by=by, at=at, claim=claim.pk, is_disputed=is_disputed
        )
    return claim


@transaction.atomic
def remove_claim(*, claim_id: int, reason: str, by: Actor, at: datetime) -> Claim:
    """Strike a claim that was entered by mistake; the row stays, with the reason, and counts no longer.

    Raises:
        NotPermitted, NotFound. NotAllowed: money came back on it. BadInput: no reason.
    """
    claim = lock_claim(claim_id, by)
    if len(reason.strip()) < 2:
        raise BadInput("reason", "请写一句为什么删去。")
    if claim.recovered > 0:
        raise NotAllowed(f"这一笔已追回 {claim.recovered} 元，不能删去；请先撤销追回。")
    with scope.elevated():
        claim.removed_at, claim.removed_reason = at, tidy_text(reason)
        claim.save(update_fields=["removed_at", "removed_reason"])
        events.record("appeal.claim_removed", subject=claim.appeal, by=by, at=at, note=reason, claim=claim.pk)
    return claim


def lock_sheet(appeal_id: int, by: Actor) -> Appeal:
    """The case for a change of its sheet, locked.

    Raises:
        NotFound, NotPermitted. NotAllowed: it has ended, or is a part: the sheet is its lead's.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    check_may_order(appeal, by)
    if appeal.status == Status.MERGED:
        raise NotAllowed("这件诉求已并案，请在主件的核算表里登记。")
    check_open(appeal.status)
    return appeal


def lock_claim(claim_id: int, by: Actor) -> Claim:
    """A claim that counts, with its case, locked.

    Raises:
        NotFound, NotPermitted, NotAllowed.
    """
    seen = Claim.objects.filter(pk=claim_id, removed_at__isnull=True).values_list("appeal_id", flat=True).first()
    if seen is None:
        raise NotFound("没有这笔欠薪，或者不在您能看的范围内。")
    appeal = lock_sheet(seen, by)
    with scope.elevated():
        claim = Claim.objects.select_for_update(of=("self",)).select_related("team", "person").get(pk=claim_id)
    claim.appeal = appeal
    return claim


def lock_team(team_id: int, by: Actor) -> tuple[Appeal, Team]:
    """A team's case, locked, and the team.

    Raises:
        NotFound, NotPermitted, NotAllowed.
    """
    team = Team.objects.filter(pk=team_id).first()
    if team is None:
        raise NotFound("没有这个班组，或者不在您能看的范围内。")
    return lock_sheet(team.appeal_id, by), team


def _confirm(claim: Claim, agreed: Decimal, *, reason: str, by: Actor, at: datetime) -> None:
    if agreed != claim.owed:
        words = reason or "与班组长核对后更正"
        change = [("欠款", str(claim.owed), str(agreed))]
        _keep(claim, change, reason=words, by=by, at=at, with_leader=True)
        claim.owed = agreed
    elif reason:  # the sum stands, and what was said of it is kept as well
        _keep(claim, [(CHECKED, str(agreed), str(agreed))], reason=reason, by=by, at=at, with_leader=True)
    claim.agreed, claim.checked_at, claim.checked_by_name = agreed, at, by.name
    claim.checked_with_id, claim.is_disputed = claim.team.leader_id, False
    claim.save()


def _keep(
    claim: Claim,
    changes: Sequence[tuple[str, str, str]],
    *,
    reason: str,
    by: Actor,
    at: datetime,
    with_leader: bool = False,
) -> None:
    ClaimCorrection.objects.bulk_create(
        [
            ClaimCorrection(
                claim=claim,
                field=field,
                before=before[:128],
                after=after[:128],
                reason=reason,
                with_leader=with_leader,
                at=at,
                by_name=by.name,
            )
            for field, before, after in changes
        ]
    )


def _changes(claim: Claim, cells: Mapping[str, str], *, by: Actor, at: datetime) -> list[tuple[str, str, str]]:
    """Write the given values on the claim and say which changed; a leader's name is kept out of the list."""
    found: list[tuple[str, str, str]] = []
    if "工作期间" in cells:
        start, end = period_of(cells["工作期间"], field="工作期间")
        if (start, end) != (claim.started_on, claim.ended_on):
            held = period_words(claim.started_on, claim.ended_on)
            found.append(("工作期间", held, period_words(start, end)))
            claim.started_on, claim.ended_on = start, end
    for field, name in (("应发", "payable"), ("已发", "paid"), ("欠款", "owed")):
        if field in cells:
            amount = yuan_of(cells[field], field=field, name=field)
            if amount is None and field == "欠款":
                raise BadInput(field, "请写欠款金额。")
            if amount != getattr(claim, name):
                found.append((field, str(getattr(claim, name) or ""), str(amount if amount is not None else "")))
                setattr(claim, name, amount)
    if claim.payable is not None and claim.paid is not None and claim.payable - claim.paid != claim.owed:
        raise BadInput("欠款", f"应发减已发是 {claim.payable - claim.paid} 元，和欠款 {claim.owed} 元对不上。")
    if "依据" in cells and (basis := tidy_text(cells["依据"])[:500]) != claim.basis:
        found.append(("依据", claim.basis, basis))
        claim.basis = basis
    employer = " ".join(cells.get("单位", claim.team.employer_name).split())[:128] or claim.team.employer_name
    name = " ".join(cells.get("班组", claim.team.name).split())[:64]
    if (employer, name) != (claim.team.employer_name, claim.team.name):
        team = team_named(claim.appeal, employer, name, cells.get("班组长", ""), by=by, at=at)
        if employer != claim.team.employer_name:
            found.append(("单位", claim.team.employer_name, employer))
        if name != claim.team.name:
            found.append(("班组", str(claim.team), str(team)))
        claim.team = team
    return found
