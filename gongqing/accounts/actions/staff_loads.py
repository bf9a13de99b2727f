"""Load a city's staff from a sheet: accounts with first passwords, postings, and who leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from gongqing.accounts import rules
from gongqing.accounts.actions import first_passwords, staff_rows, users
from gongqing.accounts.actions.staff_rows import Account, Ledger, Term, Verdict, Wanted
from gongqing.accounts.models import PHONE, FirstPassword, Posting, User
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import NotAllowed
from gongqing.lib.masks import mask_phone
from gongqing.lib.times import day_of
from gongqing.registry.actions.loads import Outcome, Row, load_rows
from gongqing.registry.models import Load, LoadRow, Organisation, RowState, sealing
from gongqing.registry.rules import plain

SUBJECT = "posting"
REREAD_AFTER = timedelta(minutes=2)  # a try stands still while somebody looks at it
SIGNED_IN = "本人已经登录使用，账号和任职都保留。"
CHANGED_SINCE = "导入以后又有人改过这段任职，保留现在的内容。"


class StaffLoad:
    """What a load of staff does with its rows."""

    columns = staff_rows.COLUMNS

    def __init__(self) -> None:
        self._tried: tuple[tuple[Any, ...], dict[int, Outcome], datetime] | None = None

    def check_can_load(self, by: Actor) -> None:
        """Accounts are an administrator's and the system's."""
        rules.check_administers(by)

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """There are none."""
        return {}

    def tried(self, rows: Sequence[Row], load: Load, *, by: Actor, at: datetime) -> list[Outcome]:
        """What would become of the rows, as the whole file stands against what there is now."""
        key = (load.pk, load.file_key, load.sheet_name, load.header_row, str(load.mapping), load.state, load.started_at)
        if self._tried is None or self._tried[0] != key or self._tried[2] < at - REREAD_AFTER:
            whole, today = load_rows(load), day_of(load.made_at)
            ledger = _ledger(whole, today)
            verdicts = {
                row.number: _outcome(row, staff_rows.judged(row.number, row.cells, ledger, today=today))
                for row in whole
            }
            self._tried = (key, verdicts, at)
        return [self._tried[1][row.number] for row in rows]

    def kept(self, rows: Sequence[Row], load: Load, *, by: Actor, at: datetime) -> list[Outcome]:
        """Keep the rows one by one; a password is made for every new account."""
        today = day_of(load.made_at)
        ledger = _ledger(rows, today)
        _note_rows(ledger, load)
        return [self._kept(row, ledger, load, today, by=by, at=at) for row in rows]

    def taken_back(self, row: LoadRow, load: Load, *, by: Actor, at: datetime) -> tuple[RowState, str]:
        """Put an end date back; end what was given and close what was opened, unless somebody has signed in."""
        before = row.before or {}
        posting = Posting.objects.select_for_update().filter(pk=row.subject_id or 0).first()
        if posting is None:
            return RowState.UNDONE, ""
        if row.state == RowState.CHANGED:
            return _put_back(posting, before, by=by, at=at)
        user = User.objects.select_for_update().get(pk=posting.user_id)
        if user.last_login is not None and user.last_login >= row.at:
            return RowState.KEPT, SIGNED_IN
        if _until_text(posting.until) != before.get("until"):
            return RowState.KEPT, CHANGED_SINCE
        posting.until = posting.since
        posting.save(update_fields=["until"])
        events.record("posting.ended", subject=posting, by=by, at=at, note="撤销导入", user=user.pk)
        if before.get("phone"):
            user.phone_sealed, user.phone_mask = None, ""
            user.save(update_fields=["phone_sealed", "phone_mask"])
        if before.get("opened"):
            _close(user, by=by, at=at)
        return RowState.UNDONE, ""

    def links_of(self, rows: Iterable[LoadRow]) -> Mapping[int, tuple[str, str]]:
        """The page of each account that a row is about."""
        subjects = {row.pk: row.subject_id for row in rows if row.subject_kind == SUBJECT and row.subject_id}
        held = Posting.objects.filter(pk__in=subjects.values()).values_list("pk", "user_id", "user__name")
        pages = {pk: (f"/desk/staff/{user_id}", name) for pk, user_id, name in held}
        return {pk: pages[one] for pk, one in subjects.items() if one in pages}

    def _kept(self, row: Row, ledger: Ledger, load: Load, today: date, *, by: Actor, at: datetime) -> Outcome:
        verdict = staff_rows.judged(row.number, row.cells, ledger, today=today)
        if verdict.wanted is None or verdict.term is None or verdict.state not in ("added", "changed"):
            return _outcome(row, verdict)
        try:
            with transaction.atomic():
                if verdict.state == "changed":
                    posting, before = _reterm(verdict, by=by, at=at)
                else:
                    posting, before = _appointed(verdict.wanted, verdict, ledger, load, by=by, at=at)
        except IntegrityError:
            clash = ((staff_rows.TITLES["since"], "和刚刚新增的一段任职重叠，请核对后再导。"),)
            return _outcome(row, Verdict("rejected", verdict.wanted, problems=clash))
        except NotAllowed as refused:
            return _outcome(
                row, Verdict("rejected", verdict.wanted, problems=((staff_rows.TITLES["since"], str(refused)),))
            )
        verdict.term.id = posting.pk
        return _outcome(row, verdict, posting.pk, before)


def _appointed(
    wanted: Wanted, verdict: Verdict, ledger: Ledger, load: Load, *, by: Actor, at: datetime
) -> tuple[Posting, dict[str, Any]]:
    before: dict[str, Any] = {"until": _until_text(wanted.until)}
    if verdict.opens:
        user = _opened(wanted, load, by=by, at=at)
        before["opened"] = True
    else:
        user = User.objects.select_for_update().get(username=wanted.username)
    if wanted.phone and user.phone_sealed is None:
        user.phone_sealed, user.phone_mask = sealing.seal(wanted.phone, PHONE), mask_phone(wanted.phone)
        user.last_digits = wanted.phone[-4:]
        user.save(update_fields=["phone_sealed", "phone_mask", "last_digits"])
        before["phone"] = True
    ledger.accounts[wanted.username].id = user.pk
    posting = Posting.objects.create(
        user=user,
        organisation_id=ledger.places[wanted.organisation][2] if wanted.organisation else None,
        role=wanted.role.value,
        since=wanted.since,
        until=wanted.until,
    )
    events.record("user.appointed", subject=posting, by=by, at=at, user=user.pk, role=wanted.role.value, load=load.pk)
    return posting, before


def _opened(wanted: Wanted, load: Load, *, by: Actor, at: datetime) -> User:
    """A new account, or one that an undone load closed before anybody used it."""
    user = User.objects.select_for_update().filter(username=wanted.username).first()
    if user is None:
        user = User.objects.create(username=wanted.username, name=wanted.name, created_at=at)
        events.record("user.created", subject=user, by=by, at=at, username=user.username, load=load.pk)
    else:
        user.is_active = True
        user.save(update_fields=["is_active"])
        events.record("user.reactivated", subject=user, by=by, at=at, load=load.pk)
    first_passwords.make_first_password(user, load=load, by=by, at=at)
    return user


def _reterm(verdict: Verdict, *, by: Actor, at: datetime) -> tuple[Posting, dict[str, Any]]:
    term = verdict.term
    if term is None or term.until is None:
        raise NotAllowed("没有要改的任期。")
    was = verdict.was_until
    if was is None or term.until < was:
        posting = users.end_posting(posting_id=term.id, until=term.until, reason="导入", by=by, at=at)
    else:
        posting = _extended(term.id, term.until, by=by, at=at)
    return posting, {"was": _until_text(was), "until": _until_text(term.until)}


def _extended(posting_id: int, until: date | None, *, by: Actor, at: datetime) -> Posting:
    posting = Posting.objects.select_for_update().get(id=posting_id)
    before, posting.until = posting.until, until
    posting.save(update_fields=["until"])
    events.record(
        "posting.changed",
        subject=posting,
        by=by,
        at=at,
        user=posting.user_id,
        until=[_until_text(before), _until_text(until)],
    )
    return posting


def _put_back(posting: Posting, before: Mapping[str, Any], *, by: Actor, at: datetime) -> tuple[RowState, str]:
    if _until_text(posting.until) != before.get("until"):
        return RowState.KEPT, CHANGED_SINCE
    was = before.get("was")
    try:
        with transaction.atomic():
            _extended(posting.pk, date.fromisoformat(was) if was else None, by=by, at=at)
    except IntegrityError:
        return RowState.KEPT, "后面又有了新的任职，不能恢复原来的期限。"
    return RowState.UNDONE, ""


def _close(user: User, *, by: Actor, at: datetime) -> None:
    """Take an account out of use that nobody has signed in with and that holds nothing else."""
    if Posting.objects.filter(user=user).exclude(until=F("since")).exists():
        return
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    with scope.elevated():
        FirstPassword.objects.filter(user=user).delete()
    events.record("user.deactivated", subject=user, by=by, at=at, note="撤销导入")


def _ledger(rows: Sequence[Row], today: date) -> Ledger:
    """What these rows are held against."""
    read = [staff_rows.read(row.cells, today=today)[0] for row in rows]
    names = {one.username for one in read if one}
    codes = {plain(row.cells.get("organisation", "")) for row in rows} - {""}
    accounts = {
        user.username: Account(
            user.name,
            id=user.pk,
            is_active=user.is_active,
            is_worker=user.person_id is not None,
            has_signed_in=user.last_login is not None,
            has_phone=user.phone_sealed is not None,
        )
        for user in User.objects.filter(username__in=names)
    }
    terms: dict[staff_rows.Held, list[Term]] = {}
    held = Posting.objects.filter(user__username__in=names).exclude(until=F("since")).order_by("since", "id")
    for pk, username, code, role, since, until in held.values_list(
        "pk", "user__username", "organisation__code", "role", "since", "until"
    ):
        terms.setdefault((username, code or "", Role(role)), []).append(Term(since, until, id=pk))
    places = Organisation.objects.filter(code__in=codes).values_list("code", "kind", "is_active", "id")
    return Ledger(accounts, terms, {code: (kind, is_active, pk) for code, kind, is_active, pk in places})


def _note_rows(ledger: Ledger, load: Load) -> None:
    """Which postings earlier rows of the same file have made, so that a clash can name the row."""
    terms = {term.id: term for found in ledger.terms.values() for term in found}
    made = LoadRow.objects.filter(load=load, subject_kind=SUBJECT, subject_id__in=terms, state=RowState.ADDED)
    for pk, number in made.values_list("subject_id", "number"):
        terms[pk or 0].row = number


def _outcome(row: Row, verdict: Verdict, pk: int | None = None, before: dict[str, Any] | None = None) -> Outcome:
    wanted, state = verdict.wanted, RowState(verdict.state)
    shown = {"人员": plain(row.cells.get("name", ""))}
    if wanted:
        shown |= {"用户名": wanted.username, "手机号": mask_phone(wanted.phone) if wanted.phone else ""}
    subject = pk or (verdict.term.id if verdict.term else 0) or None
    return Outcome(
        state,
        external_id=wanted.username[:64] if wanted else "",
        subject_kind=SUBJECT if subject else "",
        subject_id=subject,
        problems=verdict.problems,
        note=verdict.note,
        content=dict(row.cells) if state is RowState.REJECTED else None,
        before=before,
        shown=shown,
    )


def _until_text(until: date | None) -> str | None:
    return until.isoformat() if until else None
