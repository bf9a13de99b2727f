"""Do the words of short messages hold what they must, and may a city change them and go back?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.notices import actions, queries
from gongqing.notices.models import MessageTemplate
from gongqing.notices.rules import templates
from gongqing.notices.rules.templates import TEMPLATES

VALUES = {"code": "GQ1", "handler": "柴桥街道总工会", "due": "10月20日（周一）"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_shipped_text_is_one_that_could_be_saved(name):
    template = TEMPLATES[name]
    assert templates.check_template_text(name, template.first) == template.first
    example = templates.example_of(name, template.first)
    assert "{" not in example
    assert templates.part_count(example) <= 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("转给{handler}，{due}前答复", None),
        ("转给{handler}，{due}前答复，姓名{name}", "不能用 {name}"),
        ("转给{handler}", "不能少了 {due}"),
        ("转给{handler}，{due}前答复 {", "没有成对"),
        ("  ", "不能为空"),
        ("{handler}{due}" + "字" * 300, "太长"),
    ],
)
def test_places_are_held_to_their_template(text, why):
    if why is None:
        assert templates.check_template_text("transferred", text) == text
        return
    with pytest.raises(BadInput, match=why) as refused:
        templates.check_template_text("transferred", text)
    assert refused.value.field == "text"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({**VALUES, "due": " "}, "缺少 {due}"),
        ({"code": "GQ1"}, "缺少 {handler}"),
        ({**VALUES, "password": "123456"}, "没有 {password}"),
        ({**VALUES, "handler": "单" * 600}, "500 字"),
    ],
)
def test_values_are_neither_missing_nor_unknown(values, why):
    with pytest.raises(BadInput, match=why):
        templates.rendered("transferred", TEMPLATES["transferred"].first, values)


@given(st.text(min_size=1, max_size=40))
def test_a_value_is_never_read_as_a_place(value):
    if not value.strip():
        return
    told = templates.rendered("transferred", "{handler}{due}{code}", {**VALUES, "code": value})
    assert told.endswith(value.strip())


@pytest.mark.parametrize(("length", "parts"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_parts_are_counted_as_operators_do(length, parts):
    assert templates.part_count("字" * length) == parts


def test_what_opens_something_is_cut():
    told = templates.without_keys("请点开 https://gq.cn/e/Xk3vQ2m9Lr7TzB4nYw8cHd5s 评价；验证码是 123456")
    assert "Xk3v" not in told
    assert "123456" not in told
    assert "https://gq.cn/lookup" in templates.without_keys("https://gq.cn/lookup")


def test_shipped_words_are_loaded_once_and_a_citys_own_stay(system, at):
    assert actions.load_templates(by=system, at=at) == len(TEMPLATES)
    actions.revise_template(name="received", text="收到了，编号{code}", by=_keeper(), at=at)
    assert actions.load_templates(by=system, at=at) == 0
    assert queries.text_in_force("received") == "收到了，编号{code}"


def test_versions_follow_each_other_and_lead_back(cast, at):
    keeper = cast.city.actor
    with scope.acting_as(SYSTEM):
        actions.load_templates(by=SYSTEM, at=at)
    with scope.acting_as(keeper):
        second = actions.revise_template(name="received", text="收到，编号{code}", after=1, by=keeper, at=at)
        assert second.version == 2
        with pytest.raises(NotAllowed, match="一样"):
            actions.revise_template(name="received", text="收到，编号{code}", by=keeper, at=at)
        with pytest.raises(NotAllowed, match="改过"):
            actions.revise_template(name="received", text="编号{code}", after=1, by=keeper, at=at)
        third = actions.restore_template(name="received", version=1, by=keeper, at=at)
        assert (third.version, third.text) == (3, TEMPLATES["received"].first)
        with pytest.raises(NotFound):
            actions.restore_template(name="received", version=9, by=keeper, at=at)
        with pytest.raises(NotFound):
            actions.revise_template(name="pigeon", text="x", by=keeper, at=at)
    assert MessageTemplate.objects.filter(name="received").count() == 3


@pytest.mark.parametrize("who", ["worker", "town", "county", "auditor", "hotline"])
def test_others_do_not_change_words(cast, at, who):
    by = getattr(cast, who).actor
    with scope.acting_as(by), pytest.raises(NotPermitted):
        actions.revise_template(name="received", text="收到，编号{code}", by=by, at=at)


def test_the_page_previews_saves_refuses_and_restores(browser_of):
    client, page = browser_of("admin"), "/desk/messages/templates/received"
    assert "编号" in client.get("/desk/messages/templates").content.decode()
    previewed = client.post(page, {"text": "您的编号是{code}", "preview": "1"})
    assert "您的编号是GQ3302" in previewed.content.decode()
    assert not MessageTemplate.objects.filter(text="您的编号是{code}").exists()
    refused = client.post(page, {"text": "您的编号是{cod}"})
    assert refused.status_code == 422
    assert "不能用 {cod}" in refused.content.decode()
    assert "您的编号是{cod}" in refused.content.decode()
    assert client.post(page, {}).status_code == 422
    assert client.post(page, {"text": "您的编号是{code}"}).status_code == 302
    assert client.post(page, {"text": "编号{code}，请记好"}).status_code == 302
    assert "用回这一版" in client.get(page).content.decode()
    assert client.post(f"{page}/1/restore").status_code == 302
    assert queries.text_in_force("received") == "您的编号是{code}"
    assert client.post(page, {"text": "再改{code}", "version": "1"}).status_code == 409
    assert client.get("/desk/messages/templates/pigeon").status_code == 404


def _keeper():
    from gongqing.audit.actor import Actor, Role

    return Actor(role=Role.ADMINISTRATOR, name="管理员")
