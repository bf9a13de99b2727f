"""How is the list of work that passes on (交接清单) written as a Word file?"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from gongqing.dispatch.documents import filled_in
from gongqing.dispatch.queries.passing_on import PassedWork
from gongqing.dispatch.rules.letters import day_words, printable
from gongqing.lib.times import day_of


def pass_on_list(work: PassedWork) -> bytes:
    """The list with places for the signatures of who leaves, who takes over and who witnesses."""
    found = work.pass_on
    context = {
        "place": found.organisation.name,
        "role": work.role,
        "leaver": found.posting.user.name,
        "successor": found.successor.name if found.successor else "",
        "made_on": day_words(day_of(found.made_at)),
        "note": printable(found.note),
        "count": len(work.items) + work.hidden_count,
        "hidden": work.hidden_count,
        "shifts": list(work.shifts),
        "signed_by": found.signed_by_name,
        "items": [
            {
                "code": item.code,
                "title": printable(item.title),
                "part": item.part,
                "status": item.status,
                "due": f"{last_day_of(item.due_at):%Y-%m-%d}" if item.due_at else "",
            }
            for item in work.items
        ],
    }
    return filled_in("pass_on", context, title=f"工作交接清单 {found.posting.user.name}")


def last_day_of(deadline: datetime) -> date:
    """The day that a deadline closes; midnight belongs to the day before."""
    return day_of(deadline - timedelta(seconds=1))
