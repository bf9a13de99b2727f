"""The pages of accounts: signing in, my account, and the administrator's staff and organisations."""

from django.urls import path

from gongqing.accounts.web import deputies, loads, me, organisations, phones, sign_in, staff

urlpatterns = [
    path("desk/sign-in", sign_in.desk, name="staff-sign-in"),
    path("desk/sign-out", sign_in.leave, name="staff-sign-out"),
    path("me/sign-in", sign_in.phone, name="worker-sign-in"),
    path("me/sign-in/code", sign_in.code, name="worker-sign-in-code"),
    path("me/sign-out", sign_in.leave, name="worker-sign-out"),
    path("desk/posting", me.posting, name="choose-posting"),
    path("desk/account", me.account, name="account"),
    path("desk/account/phone", phones.own, name="own-phone"),
    path("desk/deputies", deputies.listing, name="deputies"),
    path("desk/deputies/<int:posting_id>/end", deputies.end, name="deputy-end"),
    path("desk/staff/<int:user_id>/phone", phones.of_staff, name="staff-phone"),
    path("desk/account/password", me.password, name="change-password"),
    path("me/account", me.worker_account, name="worker-account"),
    path("desk/staff", staff.listing, name="staff"),
    path("desk/staff/new", staff.create, name="staff-create"),
    path("desk/staff/<int:user_id>", staff.detail, name="staff-detail"),
    path("desk/staff/<int:user_id>/appoint", staff.appoint, name="staff-appoint"),
    path("desk/staff/<int:user_id>/password", staff.password, name="staff-password"),
    path("desk/staff/<int:user_id>/unlock", staff.unlock, name="staff-unlock"),
    path("desk/staff/<int:user_id>/deactivate", staff.deactivate, name="staff-deactivate"),
    path("desk/staff/<int:user_id>/reactivate", staff.reactivate, name="staff-reactivate"),
    path("desk/staff/<int:user_id>/keys", staff.issue_key, name="staff-issue-key"),
    path("desk/staff/<int:user_id>/keys/<int:key_id>/revoke", staff.revoke_key, name="staff-revoke-key"),
    path("desk/staff/<int:user_id>/postings/<int:posting_id>/end", staff.end_posting, name="staff-end-posting"),
    path("desk/organisations", organisations.listing, name="organisations"),
    path("desk/organisations/new", organisations.create, name="organisation-create"),
    path("desk/organisations/<int:organisation_id>", organisations.detail, name="organisation-detail"),
    path("desk/organisations/<int:organisation_id>/close", organisations.close, name="organisation-close"),
    path(
        "desk/organisations/<int:organisation_id>/letter-mark",
        organisations.letter_mark,
        name="organisation-letter-mark",
    ),
    path("desk/organisations/<int:organisation_id>/move", organisations.move, name="organisation-move"),
    path("desk/organisations/<int:organisation_id>/links", organisations.link, name="organisation-link"),
    path(
        "desk/organisations/<int:organisation_id>/links/<int:union_id>/end",
        organisations.unlink,
        name="organisation-unlink",
    ),
    path("desk/regions", organisations.regions, name="regions"),
    *loads.urlpatterns,
]
