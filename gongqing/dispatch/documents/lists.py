"""How is the list of work that passes on (交接清单) written as a Word file?"""

from __future__ import annotations

import io
from functools import cache

from docxtpl import DocxTemplate

from gongqing.dispatch.documents import TEMPLATES
from gongqing.dispatch.queries.passing_on import PassedWork
from gongqing.dispatch.rules.letters import day_words, deadline_words, printable
from gongqing.lib.times import day_of


def pass_on_list(work: PassedWork) -> bytes:
    """The list with places for the signatures of who leaves, who takes over and who witnesses."""
    found = work.pass_on
    template = DocxTemplate(io.BytesIO(_template()))
    template.render(
        {
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
                    "due": deadline_words(item.due_at).split("（")[0],
                }
                for item in work.items
            ],
        },
        autoescape=True,
    )
    written = io.BytesIO()
    template.save(written)
    return written.getvalue()


@cache
def _template() -> bytes:
    return (TEMPLATES / "pass_on.docx").read_bytes()
