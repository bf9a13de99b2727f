"""Does a sheet of staff become accounts and postings, and are first passwords handed over once?"""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from django.contrib.auth.password_validation import validate_password
from django.test import Client
from python_calamine import CalamineWorkbook

from gongqing.accounts import actions, queries, rules
from gongqing.accounts.models import FirstPassword, Posting, User
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Role
from gongqing.audit.models import AccessLog, Event
from gongqing.lib import times
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.registry.actions import loads
from gongqing.registry.models import Load, LoadRow, LoadState

HEADER = "姓名,用户名,工号,手机号,组织编码,岗位,任职开始,任职结束,动作"
PHONE = "13900000321"
HERE = "203.0.113.7"


def sheet(*lines, header=HEADER) -> bytes:
    return "\r\n".join((header, *lines)).encode()


def begun(content, at, by) -> Load:
    return loads.begin_load(kind="staff", source="人事表", file_name="人员.csv", content=content, by=by, at=at)


def advanced(load, at, by) -> Load:
    while load.state in (LoadState.RUNNING, LoadState.UNDOING):
        load = loads.advance_load(load_id=load.pk, by=by, at=at)
    return load


def loaded(content, at, by) -> Load:
    load = begun(content, at, by)
    return advanced(loads.start_load(load_id=load.pk, by=by, at=at, in_hand=True), at, by)


def undone(load, at, by) -> Load:
    return advanced(loads.undo_load(load_id=load.pk, by=by, at=at, reason="选错了文件", in_hand=True), at, by)


def counts(load) -> dict[str, int]:
    return {state: count for state, count in load.counts.items() if count}


def why(load, number) -> str:
    return " ".join(one["why"] for one in LoadRow.objects.get(load=load, number=number).problems)


def terms(username) -> list[tuple[str, date, date | None]]:
    held = Posting.objects.filter(user__username=username).order_by("since", "role")
    return list(held.values_list("role", "since", "until"))


@pytest.fixture
def admin(cast):
    """The administrator of the cast, acting for the whole test."""
    with scope.acting_as(cast.admin.actor):
        yield cast.admin.actor


STAFF = (
    f"钱丁,,,{PHONE},Z1,片区专职工作者,2025-03-01,,",
    f"钱丁,,,{PHONE},U1,基层工会干部,2025-03-01,2025-12-31,",
    "孙戊,sunwu,,,T1,镇街派单督办,,,任职",
    "李己,,GH0077,,,审计员,2025年5月6日,,",
)


def test_people_come_with_accounts_and_postings(admin, at):
    load = loaded(sheet(*STAFF), at, admin)
    assert (load.state, counts(load)) == (LoadState.DONE, {"added": 4})
    made = User.objects.get(name="钱丁")
    assert re.fullmatch(r"gh0321-[a-z2-9]{5}", made.username)
    assert (made.phone_mask, made.last_digits, made.must_change_password) == ("139****0321", "0321", True)
    assert PHONE not in made.username
    assert terms(made.username) == [
        ("grassroots_officer", date(2025, 3, 1), date(2026, 1, 1)),
        ("zone_worker", date(2025, 3, 1), None),
    ]
    assert terms("sunwu") == [("town_supervisor", at.date(), None)]
    assert terms("GH0077") == [("auditor", date(2025, 5, 6), None)]
    with scope.elevated():
        assert FirstPassword.objects.filter(load=load).count() == 3
        assert Event.objects.filter(kind="user.created", data__load=load.pk).count() == 3


def test_the_same_file_again_changes_nothing(admin, at):
    loaded(sheet(*STAFF), at, admin)
    before = list(User.objects.order_by("pk").values()), list(Posting.objects.order_by("pk").values())
    assert counts(loaded(sheet(*STAFF), at + timedelta(days=3), admin)) == {"unchanged": 4}
    assert (list(User.objects.order_by("pk").values()), list(Posting.objects.order_by("pk").values())) == before


def test_a_try_says_what_the_run_will_do(admin, at):
    content = sheet(*STAFF, "演员town,town,,,T1,镇街派单督办,,,离任", "赵庚,zhaogeng,,,NOPE,片区长,,,")
    load = begun(content, at, admin)
    outcomes = [outcome.state for _, outcome in loads.preview_load(load, by=admin, at=at)]
    assert outcomes == ["added", "added", "added", "added", "changed", "rejected"]
    tried = advanced(loads.start_load(load_id=load.pk, by=admin, at=at, dry_run=True, in_hand=True), at, admin)
    assert not User.objects.filter(username="sunwu").exists()
    run = advanced(loads.start_load(load_id=load.pk, by=admin, at=at, in_hand=True), at, admin)
    assert counts(tried) == counts(run) == {"added": 4, "changed": 1, "rejected": 1}


def test_what_cannot_be_kept_is_named(admin, at):
    load = loaded(
        sheet(
            "甲甲,jia,,,T1,镇街派单督办,2025-01-01,2025-06-30,",
            "甲甲,jia,,,T1,镇街派单督办,2025-06-30,2025-12-31,",
            "甲甲,jia,,,T1,镇街派单督办,2025-07-01,,",
            "甲甲,jia,,,T1,镇街派单督办,2025-07-01,,",
            "演员town,town,,,T1,镇街派单督办,2025-09-01,,",
            "乙乙,yi,,,NOPE,片区长,,,",
            "乙乙,yi,,,T1,片区长,,,",
            "乙乙,yi,,,Z1,国王,,,升官",
            "乙乙,yi,,,Z1,片区长,2025-05-01,2025-04-30,",
            "乙乙,,,,Z1,片区长,五月,,",
            "别人,town,,,T1,镇街派单督办,,,",
            "职工,worker,,,T1,镇街派单督办,,,",
            "乙乙,yi,,12345,Z1,片区长,,,",
            "乙乙,nobody,,,Z1,片区长,,,离任",
            ",yi,,,Z1,片区长,,,",
        ),
        at,
        admin,
    )
    assert counts(load) == {"added": 2, "repeated": 1, "rejected": 12}
    assert "和第 2 行（2025-01-01 至 2025-06-30）重叠" in why(load, 3)
    assert LoadRow.objects.get(load=load, number=5).note == "与第 4 行相同。"
    assert "和已有的任职" in why(load, 6)
    assert "没有编码为 NOPE 的组织" in why(load, 7)
    assert "片区长不能设在组织 T1" in why(load, 8)
    assert "国王" in why(load, 9)
    assert "升官" in why(load, 9)
    assert "任职结束早于任职开始" in why(load, 10)
    assert "至少填一个" in why(load, 11)
    assert "五月" in why(load, 11)
    assert "另一个姓名" in why(load, 12)
    assert "职工的账号" in why(load, 13)
    assert "11 位" in why(load, 14)
    assert "没有用户名为 nobody" in why(load, 15)
    assert "请填写姓名" in why(load, 16)
    assert not User.objects.filter(username="yi").exists()


def test_clashes_are_named_across_chunks(admin, at, monkeypatch):
    monkeypatch.setattr(loads, "CHUNK", 1)
    load = loaded(
        sheet("甲甲,jia,,,T1,镇街派单督办,2025-01-01,,", "甲甲,jia,,,T1,镇街派单督办,2025-02-01,,"), at, admin
    )
    assert "和第 2 行" in why(load, 3)


def test_somebody_leaves_and_an_end_is_put_off(admin, cast, at, run_jobs):
    leaving = sheet(
        "演员town,town,,,T1,镇街派单督办,,2025-10-12,离任", "演员zone,zone,,,Z1,片区专职工作者,,2026-01-31,"
    )
    load = loaded(leaving, at, admin)
    assert counts(load) == {"changed": 2}
    assert Posting.objects.get(pk=cast.town.posting_id).until == date(2025, 10, 13)
    assert Posting.objects.get(pk=cast.zone.posting_id).until == date(2026, 2, 1)
    with scope.elevated():
        assert set(Event.objects.filter(kind="posting.ended").values_list("subject_id", flat=True)) == {
            cast.town.posting_id,
            cast.zone.posting_id,
        }
    assert counts(loaded(leaving, at, admin)) == {"unchanged": 2}
    later = loaded(sheet("演员zone,zone,,,Z1,片区专职工作者,,2026-03-31,"), at, admin)
    with scope.elevated():
        assert Event.objects.get(kind="posting.changed").subject_id == cast.zone.posting_id
    assert counts(undone(later, at, admin)) == {"undone": 1}
    assert counts(undone(load, at, admin)) == {"undone": 2}
    assert Posting.objects.get(pk=cast.town.posting_id).until is None
    assert Posting.objects.get(pk=cast.zone.posting_id).until is None


def test_undo_closes_who_never_came_and_keeps_who_did(admin, at):
    load = loaded(sheet(*STAFF), at, admin)
    User.objects.filter(username="sunwu").update(last_login=at + timedelta(hours=1))
    load = undone(load, at, admin)
    assert counts(load) == {"undone": 3, "kept": 1}
    gone = User.objects.get(name="钱丁")
    assert (gone.is_active, gone.has_usable_password()) == (False, False)
    assert all(since == until for _, since, until in terms(gone.username))
    assert User.objects.get(username="sunwu").is_active
    with scope.elevated():
        assert list(FirstPassword.objects.values_list("user__username", flat=True)) == ["sunwu"]
    again = loaded(sheet(*STAFF), at, admin)
    assert counts(again) == {"added": 3, "unchanged": 1}
    assert User.objects.get(name="钱丁").is_active


def test_only_an_administrator_loads_staff(cast, at):
    with scope.acting_as(cast.city.actor), pytest.raises(NotPermitted):
        begun(sheet(*STAFF), at, cast.city.actor)


def test_slips_are_handed_over_once_and_wiped(admin, cast, at):
    load = loaded(sheet(*STAFF), at, admin)

    def take(by=admin, **where):
        return actions.take_first_passwords(by=by, at=at, address=HERE, **where)

    with pytest.raises(NotPermitted):
        take(cast.city.actor, load_id=load.pk)
    (slip,) = take(organisation_id=cast.places.zone.pk)
    user = User.objects.get(username=slip.username)
    assert user.check_password(slip.password)
    assert len(slip.password) >= 12
    assert not set(slip.password) & set("01ilo")
    validate_password(slip.password)
    assert slip.place in ("新碶街道第一片区", "海塘精密铸造工会")
    assert {one.name for one in take(load_id=load.pk)} == {"孙戊", "李己"}
    with pytest.raises(NotAllowed):
        take(load_id=load.pk)
    with scope.elevated():
        assert not FirstPassword.objects.filter(password_sealed__isnull=False).exists()
        assert set(FirstPassword.objects.values_list("taken_by_name", flat=True)) == {admin.name}
        assert Event.objects.filter(kind="first_password.taken").count() == 3
        looked = AccessLog.objects.filter(kind="first_passwords.taken")
        assert sorted(looked.values_list("count", flat=True)) == [1, 2]


def test_a_first_password_runs_out_and_is_made_anew(admin, cast, at):
    loaded(sheet(STAFF[2]), at, admin)
    user, late = User.objects.get(username="sunwu"), at + rules.FIRST_PASSWORD_LASTS
    town = cast.places.town.pk
    (slip,) = actions.take_first_passwords(organisation_id=town, by=admin, at=at, address=HERE)
    with pytest.raises(NotPermitted, match="已过期"):
        actions.sign_in_staff(username="sunwu", password=slip.password, address=HERE, at=late)
    assert queries.first_passwords_lost(late) == [user]
    with pytest.raises(NotAllowed):
        actions.reissue_first_password(user_id=cast.worker.user_id, by=admin, at=late)
    with pytest.raises(NotPermitted):
        actions.reissue_first_password(user_id=user.pk, by=cast.city.actor, at=late)
    actions.reissue_first_password(user_id=user.pk, by=admin, at=late)
    with pytest.raises(BadInput):
        actions.sign_in_staff(username="sunwu", password=slip.password, address=HERE, at=late)
    (slip,) = actions.take_first_passwords(organisation_id=town, by=admin, at=late, address=HERE)
    assert actions.sign_in_staff(username="sunwu", password=slip.password, address=HERE, at=late) == user


def test_what_nobody_fetched_is_wiped(admin, cast, at):
    load = loaded(sheet(*STAFF), at, admin)
    late = at + rules.FIRST_PASSWORD_LASTS
    with pytest.raises(NotAllowed):
        actions.take_first_passwords(load_id=load.pk, by=admin, at=late, address=HERE)
    assert actions.wipe_expired_first_passwords(at=late - timedelta(minutes=1)) == 0
    assert actions.wipe_expired_first_passwords(at=late) == 3
    assert len(queries.first_passwords_lost(late)) == 3


def test_the_first_sign_in_asks_for_an_own_password_and_nothing_else(cast, browser_of):
    at = times.now()
    with scope.acting_as(SYSTEM):
        loaded(sheet(*STAFF), at, SYSTEM)
    admin = browser_of("admin")
    page = admin.get("/desk/first-passwords").content.decode()
    assert "人员.csv" in page
    load = re.search(r'name="load" value="(\d+)"', page)[1]
    slips = admin.post("/desk/first-passwords/take", {"load": load, "form": "xlsx"})
    assert unquote(slips["Content-Disposition"]).endswith("初始密码.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(slips.content)).get_sheet_by_index(0).to_python()
    password = next(row[3] for row in rows if row[2] == "sunwu")
    assert admin.post("/desk/first-passwords/take", {"load": load}).status_code == 409
    assert admin.post("/desk/first-passwords/take", {}).status_code == 404
    client = Client()
    answer = client.post("/desk/sign-in", {"username": "sunwu", "password": password})
    assert answer["Location"] == "/desk/sign-in/password"
    for path in ("/desk/", "/desk/account", "/desk/sign-in/code"):
        assert client.get(path).status_code == 302
    own = {"new": "Yongjiang-own-1", "again": "Yongjiang-own-1"}
    assert client.post("/desk/sign-in/password", {**own, "again": "x"}).status_code == 422
    assert client.post("/desk/sign-in/password", {"new": password, "again": password}).status_code == 422
    assert client.post("/desk/sign-in/password", {"new": "123", "again": "123"}).status_code == 422
    assert client.post("/desk/sign-in/password", own)["Location"] == "/desk"
    assert client.get("/desk/account").status_code == 200
    with scope.acting_as(SYSTEM):
        user = User.objects.get(username="sunwu")
        assert (user.must_change_password, FirstPassword.objects.filter(user=user).exists()) == (False, False)
        with pytest.raises(NotAllowed):
            actions.replace_first_password(user_id=user.pk, new="Another-2025", address=HERE, at=at)
    assert browser_of("city").get("/desk/first-passwords").status_code == 403


def test_slips_are_a_page_to_print(cast, browser_of, at):
    admin = browser_of("admin")
    assert admin.post(f"/desk/staff/{cast.town.user_id}/first-password").status_code == 302
    assert "等待领取" in admin.get(f"/desk/staff/{cast.town.user_id}").content.decode()
    page = admin.get("/desk/first-passwords?organisation=T1").content.decode()
    assert "1 人" in page
    slips = admin.post("/desk/first-passwords/take", {"organisation": cast.places.town.pk, "form": "slips"})
    page = slips.content.decode()
    assert page.count('class="strip"') == 1
    assert "no-store" in slips["Cache-Control"]
    password = re.search(r"<code>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</code>", page)[1]
    with scope.acting_as(SYSTEM):
        assert User.objects.get(pk=cast.town.user_id).check_password(password)
    assert admin.post("/desk/first-passwords/take", {"user": cast.town.user_id}).status_code == 409
    assert admin.post(f"/desk/staff/{cast.auditor.user_id}/first-password").status_code == 302
    page = admin.post("/desk/first-passwords/take", {"user": cast.auditor.user_id}).content.decode()
    assert "演员auditor" in page
    assert "全市" in page
    assert "没有这个编码" in admin.get("/desk/first-passwords?organisation=NONE").content.decode()
    assert browser_of("city").post("/desk/first-passwords/take", {"load": 1}).status_code == 403


def test_what_an_administrator_sets_is_replaced(cast, at):
    with scope.acting_as(cast.admin.actor):
        actions.reset_password(user_id=cast.town.user_id, new="Another-2025", by=cast.admin.actor, at=at)
    client = Client()
    given = {"username": "town", "password": "Another-2025"}
    assert client.post("/desk/sign-in", given)["Location"] == "/desk/sign-in/password"
    with scope.acting_as(SYSTEM):
        actions.reset_password(user_id=cast.town.user_id, new="Another-2025", by=SYSTEM, at=at)
    assert client.post("/desk/sign-in", given)["Location"] == "/desk"


def test_a_key_opens_nothing_once_nothing_is_held(cast, api_of, at):
    api = api_of("town")
    assert api.get("/api/v1/appeals").status_code == 200
    with scope.acting_as(SYSTEM):
        actions.end_posting(
            posting_id=cast.town.posting_id, until=times.day_of(times.now()), reason="调离", by=SYSTEM, at=at
        )
    assert api.get("/api/v1/appeals").status_code == 401


def test_postings_that_end_soon_are_shown(cast, browser_of):
    now = times.now()
    with scope.acting_as(SYSTEM):
        user = actions.create_user(username="soon", name="快到期", by=SYSTEM, at=now)
        for organisation, days in ((cast.places.town, 10), (cast.places.other_town, 40)):
            actions.appoint(
                user_id=user.pk,
                role=Role.TOWN_SUPERVISOR,
                organisation_id=organisation.pk,
                since=now.date() - timedelta(days=5),
                until=now.date() + timedelta(days=days),
                by=SYSTEM,
                at=now,
            )
        assert [one.organisation for one in queries.postings_ending(now)] == [cast.places.town]
    assert "30 天内到期的任职" in browser_of("admin").get("/desk/staff").content.decode()


def test_the_own_password_is_not_the_first_one(cast, at):
    with scope.acting_as(SYSTEM):
        actions.reissue_first_password(user_id=cast.town.user_id, by=SYSTEM, at=at)
        (slip,) = actions.take_first_passwords(organisation_id=cast.places.town.pk, by=SYSTEM, at=at, address=HERE)
        with pytest.raises(BadInput):
            actions.replace_first_password(user_id=cast.town.user_id, new=slip.password, address=HERE, at=at)
