"""Is whoever confirms a category told what the machine thought, on which words, and why it asks?"""

from __future__ import annotations

import pytest

from gongqing.appeals import actions as appeals
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.queries.desk_case import pieces_of
from gongqing.dispatch.queries.triage import places_of, triage_of
from gongqing.dispatch.tests.test_desk_pages import OWED, VAGUE, now, step, told
from gongqing.lib import times


def test_an_unsure_choice_says_why_and_what_each_category_means(cast, browser_of):
    appeal = told(cast, VAGUE)
    with scope.acting_as(SYSTEM):
        seen = triage_of(now(appeal))
    assert len(seen.suggestions) == 3
    shares = [each.probability for each in seen.suggestions]
    assert shares == sorted(shares, reverse=True)
    page = browser_of("city").get(f"/desk/appeals/{appeal.code}").content.decode()
    assert seen.why in page
    assert all(f">{word}</span>" in page for word in seen.words)
    for each in seen.suggestions:
        assert each.category.definition in page
        assert f'value="{each.category.code}"' in page


def test_a_text_without_words_says_that_nothing_can_be_read(cast):
    appeal = told(cast, "ぬ")
    with scope.acting_as(SYSTEM):
        assert "看不出是哪一类" in triage_of(now(appeal)).why


def test_the_words_of_the_category_are_marked_until_a_person_decides(cast, browser_of):
    appeal = told(cast, OWED)
    found = now(appeal)
    assert found.category_words
    with scope.acting_as(SYSTEM):
        topics = [piece.text for piece in pieces_of(found) if piece.is_topic]
        assert "".join(piece.text for piece in pieces_of(found)) == found.text
    assert topics
    assert all(any(word in text or text in word for word in found.category_words) for text in topics)
    page = browser_of("town").get(f"/desk/appeals/{appeal.code}").content.decode()
    assert "分类依据" in page
    with scope.acting_as(SYSTEM):
        appeals.classify_appeal(appeal_id=appeal.pk, code="LE02", by=cast.town.actor, at=times.now())
    again = now(appeal)
    assert again.category_by_person
    assert not any(piece.is_topic for piece in pieces_of(again))


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (["hr"], "找HR要合同", [(1, 3)]),
        (["工资"], "工资，工资", [(0, 2), (3, 5)]),
        (["a.b"], "axb", []),
        ([], "工资", []),
    ],
)
def test_words_are_found_where_they_stand(words, text, found):
    assert places_of(words, text) == found


def test_a_suggestion_is_confirmed_with_one_press(cast, browser_of):
    appeal = told(cast, VAGUE)
    with scope.acting_as(SYSTEM):
        second = triage_of(now(appeal)).suggestions[1].category.code
    assert step(browser_of("city"), appeal, "classify", code=second).status_code == 302
    assert now(appeal).category_by_person
