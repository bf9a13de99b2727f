"""Are the days between similar matters those of the calendar?"""

from __future__ import annotations

from datetime import datetime, timedelta

from gongqing.appeals.rules.groups import Candidate, same_matters
from gongqing.lib.times import SHANGHAI


def test_days_between_are_days_of_the_calendar() -> None:
    evening = datetime(2025, 10, 14, 19, 52, tzinfo=SHANGHAI)

    def reason(hours: int) -> str:
        both = [
            Candidate(id=number, employer_id=1, employer="小满五金", category="LE01", received_at=moment)
            for number, moment in enumerate((evening, evening + timedelta(hours=hours)), 1)
        ]
        (found,) = same_matters(both)
        return found.reasons[-1]

    assert reason(4) == "同一天收到"
    assert reason(9) == "前后 1 天内收到"
