"""What does the sheet of a case say: who is owed what, by employer and by team, what was agreed and what came back?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal, Claim, ClaimCorrection, Payment, Team
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.reading import Asking, PreparedValues, counted
from gongqing.dispatch.models import PaymentVoucher
from gongqing.dispatch.queries.groups import READERS, may_keep_sheet
from gongqing.dispatch.rules.claims import Owing, Sum, period_words, proof_words, sum_of
from gongqing.lib import masks
from gongqing.lib.codes import check_appeal_code
from gongqing.lib.errors import NotFound, NotPermitted
from gongqing.registry.models import Person


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One claim as the sheet shows it; the name is masked unless it was asked for with a reason.

    Attributes:
        proof: 有凭证, 部分有凭证 or 无凭证, by the files of what came back; empty: nothing came back.
    """

    claim: Claim
    name: str
    phone: str
    period: str
    corrections: Sequence[ClaimCorrection]
    outstanding: Decimal
    proof: str = ""

    @property
    def state(self) -> str:
        """争议, 已核对, 待核对."""
        if self.claim.is_disputed:
            return "有争议"
        return "已核对" if self.claim.checked_at else "待核对"

    @property
    def dispute(self) -> str:
        """What is disputed, unless the history of the claim says it with who and when."""
        claim = self.claim
        told = claim.is_disputed and any(each.reason == claim.dispute_note for each in self.corrections)
        return "" if told else claim.dispute_note

    @property
    def difference(self) -> str:
        """What the checking with the leader changed, from what to what."""
        agreed = [each for each in self.corrections if each.with_leader and each.before != each.after]
        return f"{agreed[-1].before} → {agreed[-1].after}" if agreed else ""


@dataclass(frozen=True, slots=True)
class TeamBlock:
    """A team with its leader, its rows and its totals."""

    team: Team
    leader: str
    lines: Sequence[ClaimLine]
    sum: Sum


@dataclass(frozen=True, slots=True)
class EmployerBlock:
    """An employer with its teams and its totals."""

    name: str
    teams: Sequence[TeamBlock]
    sum: Sum


@dataclass(frozen=True, slots=True)
class WorkerSum:
    """One worker over all employers and periods."""

    name: str
    phone: str
    sum: Sum


@dataclass(frozen=True, slots=True)
class Recovery:
    """One sum that came back, over however many claims it was spread."""

    payment_id: int
    paid_on: date
    amount: Decimal
    count: int
    voucher: str
    over_reason: str
    by_name: str
    at: datetime
    cancelled_reason: str
    is_cancelled: bool
    vouchers: Sequence[PaymentVoucher]
    proof: str


@dataclass(frozen=True, slots=True)
class ClaimSheet:
    """The whole sheet of a case at one moment for one reader."""

    appeal: Appeal
    employers: Sequence[EmployerBlock]
    total: Sum
    workers: Sequence[WorkerSum]
    may_keep: bool
    shows_names: bool

    @property
    def teams(self) -> list[TeamBlock]:
        return [team for employer in self.employers for team in employer.teams]

    @property
    def employers_words(self) -> str:
        """`4 家单位，7 个班组`."""
        return f"{len(self.employers)} 家单位，{len(self.teams)} 个班组"

    @property
    def lines(self) -> list[ClaimLine]:
        return [line for team in self.teams for line in team.lines]


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """A worker's own claim, as the worker reads it."""

    employer: str
    team: str
    period: str
    owed: Decimal
    recovered: Decimal
    is_checked: bool


def claim_sheet(code: str, actor: Actor, *, shows_names: bool = False) -> ClaimSheet:
    """The sheet of a case. The caller writes the look down.

    Raises:
        BadInput: it cannot be a code. NotFound: none in the actor's view. NotPermitted: a role that keeps no cases.
    """
    appeal = readable_case(code, actor)
    claims = _claims(appeal)
    people = _people(claims, Team.objects.filter(appeal=appeal))
    proofs = _proofs(appeal) if any(claim.recovered for claim in claims) else {}
    lines = [_line(claim, people, proofs.get(claim.pk, ""), shows_names=shows_names) for claim in claims]
    employers: dict[str, dict[int, list[ClaimLine]]] = {}
    for line in lines:
        employers.setdefault(line.claim.team.employer_name, {}).setdefault(line.claim.team_id, []).append(line)
    blocks = [
        EmployerBlock(
            name,
            [_team_block(rows, people, shows_names=shows_names) for rows in teams.values()],
            _sum(line for rows in teams.values() for line in rows),
        )
        for name, teams in employers.items()
    ]
    return ClaimSheet(
        appeal=appeal,
        employers=blocks,
        total=_sum(lines),
        workers=_workers(lines),
        may_keep=may_keep_sheet(appeal, actor),
        shows_names=shows_names,
    )


def readable_case(code: str, actor: Actor) -> Appeal:
    """A case whose sheet the actor may read.

    Raises:
        BadInput, NotFound, NotPermitted.
    """
    if actor.role not in READERS:
        raise NotPermitted("欠薪核算表由经办和督办岗位查看。")
    return appeals.appeal_with_code(check_appeal_code(code), actor)


def team_block(code: str, team_id: int, actor: Actor, *, shows_names: bool = False) -> tuple[ClaimSheet, TeamBlock]:
    """One team of a case, with the whole sheet around it.

    Raises:
        NotFound: no such team in this case.
    """
    sheet = claim_sheet(code, actor, shows_names=shows_names)
    found = next((each for each in sheet.teams if each.team.pk == team_id), None)
    if found is None:
        raise NotFound("这件诉求里没有这个班组，或者班组里没有人。")
    return sheet, found


def claim_line(code: str, claim_id: int, actor: Actor) -> tuple[ClaimSheet, ClaimLine]:
    """One claim of a case, with the whole sheet around it.

    Raises:
        NotFound: no such claim in this case.
    """
    sheet = claim_sheet(code, actor)
    found = next((each for each in sheet.lines if each.claim.pk == claim_id), None)
    if found is None:
        raise NotFound("没有这笔欠薪，或者不在您能看的范围内。")
    return sheet, found


def recoveries_of(appeal: Appeal) -> list[Recovery]:
    """What came back, newest first; what was spread together is one line."""
    found: dict[str, list[Payment]] = {}
    for payment in Payment.objects.filter(claim__appeal=appeal).order_by("-id"):
        found.setdefault(payment.batch, []).append(payment)
    if not found:
        return []
    kept: dict[str, list[PaymentVoucher]] = {}
    for voucher in PaymentVoucher.objects.filter(appeal=appeal, batch__in=list(found)).order_by("id"):
        kept.setdefault(voucher.batch, []).append(voucher)
    proven = _proven(found)
    return [_recovery(rows, kept.get(batch, []), is_proven=batch in proven) for batch, rows in found.items()]


def voucher_numbered(code: str, voucher_id: int, actor: Actor) -> PaymentVoucher:
    """A file that proves what came back in a case whose sheet the actor may read.

    Raises:
        BadInput: it cannot be a code. NotPermitted, NotFound.
    """
    found = PaymentVoucher.objects.filter(appeal=readable_case(code, actor), pk=voucher_id).first()
    if found is None:
        raise NotFound("没有这份凭证，或者不在您能看的范围内。")
    return found


def totals_of(appeal_id: int) -> Sum:
    """The totals of a case, for the answer; the caller sees the case."""
    return sum_of(
        Owing(number, person, owed, back, checked is not None, disputed)
        for number, person, owed, back, checked, disputed in _owing.all_beyond(appeal_id)
    )


@PreparedValues
def _owing(_: None, appeal_id: int) -> QuerySet[Claim, Any]:
    found = Claim.objects.filter(appeal_id=appeal_id, removed_at__isnull=True)
    return found.values_list("id", "person_id", "owed", "recovered", "checked_at", "is_disputed")


def claim_count(appeal_id: int) -> int:
    """How many claims stand on the sheet of a case; the caller sees the case."""
    return sum(count for (count,) in _count.all_beyond(appeal_id))


def asked_of_claims(appeal_id: int) -> Asking[Any]:
    """What `claim_count` asks beyond the bound scope, to be asked together with others."""
    return _count(appeal_id)


@PreparedValues
def _count(_: None, appeal_id: int) -> QuerySet[Claim, Any]:
    return counted(Claim.objects.filter(appeal_id=appeal_id, removed_at__isnull=True))


def own_claims(appeal: Appeal) -> list[OwnClaim]:
    """What the sheet says of the worker of this visible appeal, and of nobody else."""
    if appeal.person_id is None:
        return []
    with scope.elevated():
        found = Claim.objects.filter(
            appeal_id__in=[appeal.pk, appeal.merged_into_id or appeal.pk],
            person_id=appeal.person_id,
            removed_at__isnull=True,
        )
        return [
            OwnClaim(
                employer=each.team.employer_name,
                team=each.team.name,
                period=period_words(each.started_on, each.ended_on),
                owed=each.owed,
                recovered=each.recovered,
                is_checked=each.checked_at is not None,
            )
            for each in found.select_related("team").order_by("started_on", "id")
        ]


def _claims(appeal: Appeal) -> list[Claim]:
    return list(
        Claim.objects.filter(appeal=appeal, removed_at__isnull=True)
        .select_related("team")
        .prefetch_related("corrections")
        .order_by("team__employer_name", "team__name", "team_id", "id")
    )


def _people(claims: Iterable[Claim], teams: Iterable[Team]) -> dict[int, Person]:
    """The people of a sheet that the actor sees; their names leave masked unless a reason was given."""
    wanted = {claim.person_id for claim in claims} | {team.leader_id for team in teams if team.leader_id}
    with scope.elevated():
        return Person.objects.in_bulk(list(wanted))


def _proofs(appeal: Appeal) -> dict[int, str]:
    """For each claim on which money came back, whether files prove it."""
    paid: dict[int, set[str]] = {}
    standing = Payment.objects.filter(claim__appeal=appeal, cancelled_at__isnull=True)
    for claim, batch in standing.values_list("claim_id", "batch"):
        paid.setdefault(claim, set()).add(batch)
    proven = _proven(set().union(*paid.values()))
    return {claim: proof_words(len(batches & proven), len(batches)) for claim, batches in paid.items()}


def _proven(batches: Iterable[str]) -> set[str]:
    """Which of these sums have a file, also one that is kept with another case."""
    with scope.elevated():
        return set(PaymentVoucher.objects.filter(batch__in=list(batches)).values_list("batch", flat=True))


def _line(claim: Claim, people: dict[int, Person], proof: str, *, shows_names: bool) -> ClaimLine:
    person = people[claim.person_id]
    return ClaimLine(
        claim=claim,
        name=person.name if shows_names else masks.mask_name(person.name),
        phone=person.phone_mask,
        period=period_words(claim.started_on, claim.ended_on),
        corrections=list(claim.corrections.all()),
        outstanding=max(Decimal(0), claim.owed - claim.recovered),
        proof=proof,
    )


def _team_block(lines: Sequence[ClaimLine], people: dict[int, Person], *, shows_names: bool) -> TeamBlock:
    team = lines[0].claim.team
    leader = people.get(team.leader_id or 0)
    name = leader.name if leader else ""
    return TeamBlock(team, name if shows_names else masks.mask_name(name), lines, _sum(lines))


def _sum(lines: Iterable[ClaimLine]) -> Sum:
    return sum_of(
        Owing(
            line.claim.pk,
            line.claim.person_id,
            line.claim.owed,
            line.claim.recovered,
            line.claim.checked_at is not None,
            line.claim.is_disputed,
        )
        for line in lines
    )


def _workers(lines: Sequence[ClaimLine]) -> list[WorkerSum]:
    found: dict[int, list[ClaimLine]] = {}
    for line in lines:
        found.setdefault(line.claim.person_id, []).append(line)
    return [WorkerSum(rows[0].name, rows[0].phone, _sum(rows)) for rows in found.values()]


def _recovery(rows: Sequence[Payment], vouchers: Sequence[PaymentVoucher], *, is_proven: bool) -> Recovery:
    standing = [each for each in rows if each.cancelled_at is None]
    counted = standing or list(rows)
    first = counted[0]
    return Recovery(
        payment_id=first.pk,
        paid_on=first.paid_on,
        amount=sum((each.amount for each in counted), Decimal(0)),
        count=len(counted),
        voucher=first.voucher,
        over_reason=first.over_reason,
        by_name=first.by_name,
        at=first.at,
        cancelled_reason=first.cancelled_reason,
        is_cancelled=not standing,
        vouchers=vouchers,
        proof="" if vouchers else "凭证在并案时的主件里" if is_proven else "无凭证文件",
    )
