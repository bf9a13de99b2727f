"""Find or write the rows behind a claim: its person, its team, and the claims that come and go with a part."""

from __future__ import annotations

from datetime import date, datetime

from gongqing.appeals.models import Appeal, Claim, GroupMember, Payment, Team
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import PaymentVoucher
from gongqing.dispatch.rules.claim_sheets import ClaimRow
from gongqing.dispatch.rules.claims import period_words
from gongqing.lib import masks
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.registry import actions as registry
from gongqing.registry import queries as registry_queries
from gongqing.registry.models import Person


def bring_claims(*, lead: Appeal, part: Appeal) -> None:
    """Count a part's own claims under its lead; part of the merging.

    Raises:
        NotAllowed: both sheets hold the same person, employer and period.
    """
    claims = list(Claim.objects.filter(appeal=part).select_related("team", "person"))
    for claim in claims:
        team = _team_like(lead, claim.team)
        if claim.removed_at is None:
            try:
                refuse_twice(lead, claim.person, team, claim.started_on, claim.ended_on)
            except BadInput as fault:
                raise NotAllowed(f"{part.code} 和主件的核算表里有同一笔：{fault.message}") from fault
        claim.appeal, claim.team, claim.part = lead, team, part
        claim.save(update_fields=["appeal", "team", "part"])
    if claims:
        _move_vouchers(source=part, target=lead)


def take_claims(*, lead: Appeal, part: Appeal) -> None:
    """Let the claims of a part's worker go with it; part of taking it out."""
    claims = list(Claim.objects.filter(appeal=lead, part=part).select_related("team"))
    for claim in claims:
        claim.appeal, claim.team, claim.part = part, _team_like(part, claim.team), None
        claim.save(update_fields=["appeal", "team", "part"])
    if claims:
        _move_vouchers(source=lead, target=part)


def _move_vouchers(*, source: Appeal, target: Appeal) -> None:
    """Let the vouchers of sums that now lie wholly in another case go there too."""
    for batch in PaymentVoucher.objects.filter(appeal=source).values_list("batch", flat=True).distinct():
        if not Payment.objects.filter(batch=batch).exclude(claim__appeal=target).exists():
            PaymentVoucher.objects.filter(appeal=source, batch=batch).update(appeal=target)


def _team_like(appeal: Appeal, team: Team) -> Team:
    """The team of the same employer and name in another case."""
    found, _ = Team.objects.get_or_create(
        appeal=appeal,
        employer_name=team.employer_name,
        name=team.name,
        defaults={"employer_id": team.employer_id, "leader_id": team.leader_id},
    )
    return found


def enter_row(appeal: Appeal, row: ClaimRow, *, by: Actor, at: datetime) -> tuple[Claim, bool]:
    """The claim of a row, and whether it is new: one that says the same is found again.

    Raises:
        BadInput: the same person, employer and period with another sum, or days that another claim covers.
    """
    person = _person(appeal, row, by=by, at=at)
    own = person if row.leader == row.name else None
    team = team_named(appeal, row.employer, row.team, row.leader, by=by, at=at, leads=own)
    if team.leader and team.leader_id != person.pk and team.leader.name == row.name and not team.leader.phone_mask:
        team.leader = person  # the leader's own row says who was meant by the name
        team.save(update_fields=["leader"])
    same = Claim.objects.filter(
        appeal=appeal,
        person=person,
        team__employer_name=team.employer_name,
        started_on=row.started_on,
        ended_on=row.ended_on,
        removed_at__isnull=True,
    ).first()
    if same is not None:
        first = same.corrections.filter(field="欠款").values_list("before", flat=True).first()
        if row.owed == same.owed or str(row.owed) == first:
            return same, False
        raise BadInput("工作期间", f"{row.name}在{row.employer} {row.period}已登记欠 {same.owed} 元，请改用更正。")
    refuse_twice(appeal, person, team, row.started_on, row.ended_on)
    claim = Claim.objects.create(
        appeal=appeal,
        part_id=_part_of(appeal, person),
        person=person,
        team=team,
        started_on=row.started_on,
        ended_on=row.ended_on,
        payable=row.payable,
        paid=row.paid,
        owed=row.owed,
        basis=row.basis,
        entered_at=at,
        entered_by_name=by.name,
    )
    return claim, True


def refuse_twice(
    appeal: Appeal, person: Person, team: Team, start: date, end: date, *, besides: int | None = None
) -> None:
    """Nobody is owed for the same days by the same employer twice.

    Raises:
        BadInput: on the period.
    """
    others = Claim.objects.filter(
        appeal=appeal,
        person=person,
        team__employer_name=team.employer_name,
        started_on__lte=end,
        ended_on__gte=start,
        removed_at__isnull=True,
    )
    found = (others.exclude(pk=besides) if besides else others).first()
    if found is not None:
        held = period_words(found.started_on, found.ended_on)
        raise BadInput("工作期间", f"{masks.mask_name(person.name)}在{team.employer_name} {held}已有一笔，期间重了。")


def _part_of(appeal: Appeal, person: Person) -> int | None:
    """The merged appeal in which this person spoke, so that the claim leaves with it."""
    members = GroupMember.objects.filter(lead=appeal, ended_at__isnull=True, appeal__person=person)
    return members.order_by("id").values_list("appeal_id", flat=True).first()


def team_named(
    appeal: Appeal, employer: str, name: str, leader: str, *, by: Actor, at: datetime, leads: Person | None = None
) -> Team:
    """The team of this name, made when it is new, with its leader.

    Args:
        leads: the leader, when it is known who bears the name.

    Raises:
        BadInput: on the leader, when it has another one.
    """
    team, is_new = Team.objects.get_or_create(
        appeal=appeal,
        employer_name=employer,
        name=name,
        defaults={"employer": registry_queries.employer_named(employer)},
    )
    if leader and not masks.is_masked(leader) and (team.leader is None or team.leader.name != leader):
        if team.leader is not None and not is_new:
            raise BadInput("班组长", f"{employer}“{team}”的班组长已登记为另一个人，请核对。")
        mate = Claim.objects.filter(team=team, person__name=leader, removed_at__isnull=True).first()
        known = leads or (mate.person if mate else None)
        team.leader = known or registry.find_or_register_person(name=leader, by=by, at=at)
        team.save(update_fields=["leader"])
    return team


def _person(appeal: Appeal, row: ClaimRow, *, by: Actor, at: datetime) -> Person:
    """The worker of a row: by phone, by identity number, else by name within the case."""
    known = registry_queries.person_by_phone(row.phone) or registry_queries.person_by_id_number(row.id_number)
    if known is not None:
        if known.name and known.name != row.name:
            raise BadInput("姓名", f"这个手机号或身份证登记的是 {masks.mask_name(known.name)}，和“{row.name}”不一致。")
        if not known.name:
            return registry.find_or_register_person(name=row.name, phone=row.phone, by=by, at=at)
        return known
    if not row.phone and not row.id_number:
        named = Claim.objects.filter(appeal=appeal, person__name=row.name, team__employer_name=row.employer)
        same = list(named.filter(team__name=row.team).values_list("person_id", flat=True).distinct()[:2])
        if len(same) == 1:
            return Person.objects.get(pk=same[0])
        leads = Team.objects.filter(appeal=appeal, employer_name=row.employer, name=row.team, leader__name=row.name)
        if (team := leads.first()) is not None and team.leader is not None:
            return team.leader
    return registry.find_or_register_person(
        name=row.name, phone=row.phone, id_number=row.id_number, region=appeal.region, by=by, at=at
    )
