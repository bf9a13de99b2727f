"""Is an answer kept inside the block, and forgotten after it?"""

from __future__ import annotations

from gongqing.lib.remembering import remembered, remembering

asked: list[str] = []


@remembered
def length(text: str, *, plus: int = 0) -> int:
    asked.append(text)
    return len(text) + plus


def test_a_question_is_asked_once_inside_and_again_outside() -> None:
    asked.clear()
    with remembering():
        assert [length("工会"), length("工会"), length("工会", plus=1)] == [2, 2, 3]
        with remembering():
            assert length("工会") == 2
    assert asked == ["工会"] * 2
    assert [length("工会"), length("工会")] == [2, 2]
    assert asked == ["工会"] * 4
