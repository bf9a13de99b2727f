"""Issue official letters under their numbers, and hand them out again as they were."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch import documents, sheets
from gongqing.dispatch.models import Handover, Letter, LetterKind
from gongqing.dispatch.queries import letters as queries
from gongqing.dispatch.queries.desk_case import may_reveal
from gongqing.dispatch.rules import letters as rules
from gongqing.dispatch.rules.letters import LetterName, LetterWords
from gongqing.lib import crypto, masks
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.times import day_of
from gongqing.registry import actions as registry
from gongqing.registry.models import Organisation, sealed_files


@transaction.atomic
def issue_letter(
    *,
    appeal_id: int,
    kind: str,
    by: Actor,
    at: datetime,
    addressee: str = "",
    remark: str = "",
    address: str | None = None,
) -> Letter:
    """Make a letter under the next number of its organisation, kind and year, and keep the file as it leaves.

    The numbers have no gaps: whoever comes at the same time waits, and what fails takes no number.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    return issue_locked(appeal, letter_named(kind), by=by, at=at, addressee=addressee, remark=remark, address=address)


def issue_locked(
    appeal: Appeal,
    name: LetterName,
    *,
    by: Actor,
    at: datetime,
    addressee: str = "",
    remark: str = "",
    address: str | None = None,
    handover: Handover | None = None,
) -> Letter:
    """Issue a letter of a locked appeal; `hand_over` does it for a department that is reached by file.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    order = queries.check_can_make(name, appeal, by)
    remark = rules.check_remark(remark)
    handover = handover or queries.handover_of(appeal)
    with scope.elevated():
        issuer = queries.issuer_of(by.organisation_id)
        assert issuer is not None  # check_can_make has refused  # noqa: S101
        issuer = Organisation.objects.select_for_update().get(pk=issuer.pk)
        year = day_of(at).year
        to = rules.check_addressee(addressee or queries.addressee_of(name, appeal, order, handover))
        given = Letter.objects.filter(organisation=issuer, kind=name.value, year=year).aggregate(last=Max("number"))
        number = (given["last"] or 0) + 1
        words = queries.words_for(
            name,
            appeal,
            order,
            issuer=issuer,
            addressee=to,
            remark=remark,
            by=by,
            at=at,
            number=number,
            phone=_phone_for(name, appeal, by=by, at=at, address=address),
            handover=handover,
        )
        letter = _kept(appeal, name, issuer, words, year=year, number=number, by=by, at=at)
        label = LetterKind(name).label
        events.record(
            "letter.issued",
            subject=appeal,
            by=by,
            at=at,
            note=f"{label} {letter.reference}，主送{masks.mask_name(to) if name in rules.TO_THE_WORKER else to}",
            letter=letter.pk,
            letter_kind=name.value,
        )
    return letter


def draft_letter(
    *, appeal_id: int, kind: str, addressee: str, remark: str, by: Actor, at: datetime, address: str | None = None
) -> tuple[str, list[documents.Part]]:
    """To whom a letter would go and what it would say, without a number and with the phone masked; the look is logged.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    name = letter_named(kind)
    appeal = appeal_queries.appeals_for(by).select_related("person", "employer").filter(pk=appeal_id).get()
    order = queries.check_can_make(name, appeal, by)
    handover = queries.handover_of(appeal)
    with scope.elevated():
        issuer = queries.issuer_of(by.organisation_id)
        assert issuer is not None  # check_can_make has refused  # noqa: S101
        to = addressee or queries.addressee_of(name, appeal, order, handover)
        words = queries.words_for(
            name,
            appeal,
            order,
            issuer=issuer,
            addressee=to,
            remark=remark,
            by=by,
            at=at,
            phone=appeal.person.phone_mask if appeal.person else "",
            handover=handover,
        )
    events.record_access(
        "letter.drafted", subject_kind="appeal", subject_id=appeal.pk, by=by, at=at, reason=name.value, address=address
    )
    return to, documents.parts_of(documents.letter_of(name, words))


def open_letter(
    *, code: str, letter_id: int, by: Actor, at: datetime, address: str | None = None
) -> tuple[Letter, bytes]:
    """An issued letter, byte for byte as it left; the look is logged.

    Raises:
        BadInput, NotFound, NotPermitted. NotAllowed: the kept file is gone or was altered.
    """
    letter = queries.letter_numbered(code, letter_id, by)
    if not letter.file_key:
        raise NotAllowed("这份公文里的个人信息已按规定去除，存档不再保留。")
    try:
        content = sealed_files.open_kept(letter.file_key, _context(letter))
    except (OSError, crypto.CannotDecrypt):
        content = b""
    if crypto.digest(content) != letter.file_digest:
        raise NotAllowed("这份公文的存档打不开，请联系系统管理员从备份恢复。")
    events.record_access(
        "letter.opened",
        subject_kind="appeal",
        subject_id=letter.appeal_id,
        by=by,
        at=at,
        reason=letter.reference,
        address=address,
    )
    return letter, content


def take_handover_sheet(
    *, code: str, handover_id: int, by: Actor, at: datetime, address: str | None = None
) -> tuple[Handover, bytes]:
    """The one-row sheet that goes to a department beside its letter; the look is logged.

    Raises:
        BadInput, NotFound, NotPermitted. NotAllowed: nobody handles the matter any more.
    """
    handover = queries.handover_numbered(code, handover_id, by)
    appeal = handover.appeal
    order = queries.order_of(appeal)
    with scope.elevated():
        issuer = queries.issuer_of(order.organisation_id if order else None)
        if order is None or issuer is None:
            raise NotAllowed("这件诉求现在没有办理单位，不能再出信息表。")
        words = queries.words_for(
            LetterName.HANDOVER,
            appeal,
            order,
            issuer=issuer,
            addressee=handover.department.name,
            remark="",
            by=by,
            at=at,
            phone=_phone_for(LetterName.HANDOVER, appeal, by=by, at=at, address=address),
            handover=handover,
        )
        row = queries.sheet_row(handover, words, queries.latest_handover_letter(appeal, handover))
    events.record_access(
        "handover.sheet_taken",
        subject_kind="appeal",
        subject_id=appeal.pk,
        by=by,
        at=at,
        reason=str(handover.department),
        address=address,
    )
    return handover, sheets.row_workbook("转办信息", row)


def letter_named(kind: str) -> LetterName:
    """The letter with this name.

    Raises:
        BadInput: there is none.
    """
    try:
        return LetterName(kind)
    except ValueError:
        raise BadInput("kind", "没有这种公文，可出：" + "、".join(LetterKind.labels) + "。") from None


def _kept(
    appeal: Appeal,
    name: LetterName,
    issuer: Organisation,
    words: LetterWords,
    *,
    year: int,
    number: int,
    by: Actor,
    at: datetime,
) -> Letter:
    """The row and its sealed file; without the row no file stays behind."""
    letter = Letter(
        appeal=appeal,
        kind=name.value,
        organisation=issuer,
        year=year,
        number=number,
        reference=words.reference,
        addressee=words.addressee[:128],
        made_at=at,
        by_name=by.name,
    )
    content = documents.letter_of(name, words)
    letter.file_digest = crypto.digest(content)
    letter.file_key = sealed_files.keep_sealed(content, _context(letter))
    try:
        with transaction.atomic():
            letter.save(force_insert=True)
    except IntegrityError:
        sealed_files.drop_sealed(letter.file_key)
        raise NotAllowed(
            f"文号“{words.reference}”与别的单位重了，请管理员在“组织”里给{issuer.name}定一个公文代字。"
        ) from None
    return letter


def _context(letter: Letter) -> str:
    return f"letter.{letter.reference}"


def _phone_for(name: LetterName, appeal: Appeal, *, by: Actor, at: datetime, address: str | None) -> str:
    """The worker's phone in clear for a letter to an organisation, the look logged; empty where none may stand."""
    person = appeal.person
    if name in rules.TO_THE_WORKER or person is None or not person.phone_mask or queries.is_shielded(appeal):
        return ""
    return registry.reveal_person(
        person_id=person.pk,
        field="phone",
        reason=f"写入{LetterKind(name).label}（{appeal.code}）",
        by=by,
        at=at,
        may=lambda actor, _: may_reveal(appeal, actor),
        address=address,
    )
