"""What became of the rows of a load: a line for each, and how many came to what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from gongqing.registry.actions.load_work import Outcome, Row
from gongqing.registry.models import Load, LoadRow, RowState, sealing
from gongqing.registry.models.loads import ROW

EMPTY = {state.value: 0 for state in RowState}


def line_of(load: Load, row: Row, outcome: Outcome, at: datetime) -> LoadRow:
    """The line of the list that says what became of a row."""
    content = json.dumps(outcome.content, ensure_ascii=False) if outcome.content is not None else None
    return LoadRow(
        load_id=load.pk,
        number=row.number,
        state=outcome.state,
        source=load.source,
        external_id=outcome.external_id[:64],
        subject_kind=outcome.subject_kind,
        subject_id=outcome.subject_id,
        problems=[{"column": column, "why": why} for column, why in outcome.problems],
        note=outcome.note[:200],
        content_sealed=sealing.seal(content, ROW) if content is not None else None,
        before=outcome.before,
        at=at,
    )


def added(counts: dict[str, int], states: Sequence[str]) -> dict[str, int]:
    """The counts with rows in these states more."""
    total = {**EMPTY, **counts}
    for state in states:
        total[str(state)] += 1
    return total


def moved(counts: dict[str, int], old: RowState, new: RowState) -> dict[str, int]:
    """The counts with one row in another state than before."""
    total = added(counts, [new])
    total[old.value] -= 1
    return total
