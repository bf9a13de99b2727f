"""The worker's pages: say it, see who handles it and by when, follow it, add, urge, withdraw, judge."""

from django.urls import path

from gongqing.dispatch.web.worker import cases, home, judging, looking_up, own_data, saying

urlpatterns = [
    path("", home.home, name="worker-home"),
    path("mine", home.mine, name="worker-mine"),
    path("me", home.me, name="worker-me"),
    path("say", saying.say, name="worker-say"),
    path("say/towns", saying.towns, name="worker-say-towns"),
    path("say/employer", saying.employer, name="worker-say-employer"),
    path("say/known", saying.known, name="worker-say-known"),
    path("sent/<str:code>", saying.sent, name="worker-sent"),
    path("lookup", looking_up.lookup, name="worker-lookup"),
    path("lookup/leave", looking_up.leave, name="worker-lookup-leave"),
    path("a/<str:code>", cases.case, name="worker-case"),
    path("a/<str:code>/add", cases.add, name="worker-case-add"),
    path("a/<str:code>/urge", cases.urge, name="worker-case-urge"),
    path("a/<str:code>/withdraw", cases.withdraw, name="worker-case-withdraw"),
    path("a/<str:code>/evaluate", cases.evaluate, name="worker-case-evaluate"),
    path("a/<str:code>/files/<int:attachment_id>", cases.attached_file, name="worker-case-file"),
    path("privacy", own_data.privacy, name="privacy"),
    path("me/data", own_data.overview, name="own-data"),
    path("me/data/reveal", own_data.reveal, name="own-data-reveal"),
    path("me/data/looks", own_data.looks, name="own-looks"),
    path("me/data/copy", own_data.copy, name="own-copy"),
    path("me/data/consents", own_data.consents, name="own-consents"),
    path("me/data/correct", own_data.correct, name="own-correct"),
    path("me/data/phone", own_data.phone, name="own-phone"),
    path("me/data/deletion", own_data.deletion, name="own-deletion"),
    path("e/<str:token>", judging.judge, name="worker-judge"),
]
