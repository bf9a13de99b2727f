"""What must hold in every database of the platform, whatever has happened to it?

Read with the owner's eyes, so that nothing is hidden by the row scope. Each question below answers the rows that break
it; a sound database answers every one with nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

from gongqing.appeals.rules.statuses import Status
from gongqing.config.archive import digest_of
from gongqing.lib.codes import check_appeal_code

OPEN_ORDERS = "('dispatched', 'signed', 'in_progress', 'paused', 'in_review', 'return_asked')"
WITH_HANDLER = (
    Status.DISPATCHED,
    Status.SIGNED,
    Status.IN_PROGRESS,
    Status.PAUSED,
    Status.IN_REVIEW,
    Status.REOPENED,
)
WITHOUT_HANDLER = (
    Status.TRIAGE,
    Status.RESOLVED,
    Status.AWAITING_EVALUATION,
    Status.ARCHIVED,
    Status.WITHDRAWN,
    Status.INVALID,
    Status.MERGED,
)
ANSWERED = (Status.RESOLVED, Status.AWAITING_EVALUATION, Status.ARCHIVED)
ENDED = (Status.ARCHIVED, Status.WITHDRAWN, Status.INVALID, Status.MERGED)


def _words(statuses: tuple[Status, ...]) -> str:
    return ", ".join(f"'{each}'" for each in statuses)


QUESTIONS = {
    "a code stands on two appeals": "SELECT code FROM appeals_appeal GROUP BY code HAVING count(*) > 1",
    "a door's number stands on two appeals": """
        SELECT source, external_id FROM appeals_appeal GROUP BY source, external_id HAVING count(*) > 1""",
    "an appeal cannot be found by its words": """
        SELECT code FROM appeals_appeal a
        WHERE NOT EXISTS (SELECT 1 FROM appeals_searchtext s WHERE s.appeal_id = a.id)""",
    "an appeal was not received once": """
        SELECT code FROM appeals_appeal a WHERE 1 <> (SELECT count(*) FROM audit_event e
            WHERE e.subject_kind = 'appeal' AND e.subject_id = a.id AND e.kind = 'appeal.received')""",
    "an event speaks of an appeal that is not there": """
        SELECT e.id, e.kind FROM audit_event e WHERE e.subject_kind = 'appeal' AND e.subject_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM appeals_appeal a WHERE a.id = e.subject_id)""",
    "an appeal is granted to nobody": """
        SELECT code FROM appeals_appeal a
        WHERE NOT EXISTS (SELECT 1 FROM appeals_access g WHERE g.appeal_id = a.id)""",
    "a handler does not see what it handles": f"""
        SELECT a.code FROM appeals_appeal a JOIN dispatch_order o ON o.appeal_id = a.id AND o.role = 'handle'
            AND o.status IN {OPEN_ORDERS} JOIN registry_organisation u ON u.id = o.organisation_id
        WHERE NOT EXISTS (SELECT 1 FROM appeals_access g
            WHERE g.appeal_id = a.id AND g.until IS NULL AND g.path = u.path)""",
    "nobody handles what is being handled, or two do": f"""
        SELECT code, status FROM appeals_appeal a WHERE status IN ({_words(WITH_HANDLER)}) AND 1 <>
            (SELECT count(*) FROM dispatch_order o
             WHERE o.appeal_id = a.id AND o.role = 'handle' AND o.status IN {OPEN_ORDERS})""",
    "somebody handles what is over or not given to anybody": f"""
        SELECT code, status FROM appeals_appeal a WHERE status IN ({_words(WITHOUT_HANDLER)}) AND EXISTS
            (SELECT 1 FROM dispatch_order o
             WHERE o.appeal_id = a.id AND o.role = 'handle' AND o.status IN {OPEN_ORDERS})""",
    "the handler on the appeal is not the one of the order": f"""
        SELECT a.code FROM appeals_appeal a JOIN dispatch_order o ON o.appeal_id = a.id AND o.role = 'handle'
        WHERE o.status IN {OPEN_ORDERS} AND a.handler_id IS DISTINCT FROM o.organisation_id""",
    "the state of the order is not the state of the appeal": """
        SELECT a.code, a.status, o.status FROM appeals_appeal a
        JOIN dispatch_order o ON o.appeal_id = a.id AND o.role = 'handle'
        WHERE (a.status = 'signed' AND o.status IN ('dispatched', 'done')) OR (a.status = 'dispatched' AND
            o.status IN ('signed', 'in_progress', 'paused', 'in_review'))""",
    "a time limit runs on what has been answered": f"""
        SELECT a.code, c.name FROM appeals_appeal a JOIN dispatch_clock c ON c.appeal_id = a.id
        WHERE c.ended_at IS NULL AND a.status IN ({_words((*ANSWERED, *ENDED))})""",
    "what is being handled has no time limit": f"""
        SELECT code FROM appeals_appeal a WHERE status IN ({_words(WITH_HANDLER)})
        AND NOT EXISTS (SELECT 1 FROM dispatch_clock c WHERE c.appeal_id = a.id AND c.name = 'close')""",
    "the limit to sign runs on what was signed": """
        SELECT a.code FROM appeals_appeal a JOIN dispatch_clock c ON c.appeal_id = a.id
        WHERE c.name = 'sign' AND c.ended_at IS NULL AND a.status IN ('signed', 'in_progress', 'in_review')""",
    "a ledger does not begin with a start": """
        SELECT c.id FROM dispatch_clock c WHERE coalesce((SELECT kind FROM dispatch_clockentry e
            WHERE e.clock_id = c.id ORDER BY id LIMIT 1), '') <> 'start'""",
    "a clock and its ledger disagree about the end": """
        SELECT c.id, c.name FROM dispatch_clock c WHERE (c.ended_at IS NULL) = coalesce((
            SELECT kind IN ('stop', 'cancel') FROM dispatch_clockentry e
            WHERE e.clock_id = c.id ORDER BY id DESC LIMIT 1), true)""",
    "the closing day on the appeal is not the clock's": """
        SELECT a.code FROM appeals_appeal a JOIN dispatch_clock c ON c.appeal_id = a.id AND c.name = 'close'
        WHERE a.due_at IS DISTINCT FROM c.due_at
        AND c.id = (SELECT max(id) FROM dispatch_clock l WHERE l.appeal_id = a.id AND l.name = 'close')""",
    "an answer is not in the trace": f"""
        SELECT code FROM appeals_appeal a WHERE status IN ({_words(ANSWERED)}) AND NOT EXISTS (SELECT 1
            FROM audit_event e WHERE e.subject_kind = 'appeal' AND e.subject_id = a.id
            AND e.kind = 'appeal.resolved')""",
    "a short message was made twice": """
        SELECT subject_id, text FROM notices_message WHERE phone_sealed IS NOT NULL AND template <> ''
        GROUP BY phone_mask, subject_kind, subject_id, template, text, created_at HAVING count(*) > 1""",
    "a short message that may leave does not": """
        SELECT id FROM notices_message m WHERE state = 'queued' AND phone_sealed IS NOT NULL
        AND coalesce(not_before, created_at) < now() - interval '2 minutes'""",
    "a job is stuck with a worker that is gone": """
        SELECT j.id, j.task_name FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
        WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - interval '5 minutes')""",
    "nobody hears of what happened": """
        SELECT id, event_id, listeners FROM audit_delivery WHERE queued_at < now() - interval '2 minutes'""",
    "a load counts other rows than it has": """
        SELECT l.id, l.done_count FROM registry_load l WHERE l.state IN ('running', 'paused', 'done', 'failed')
        AND l.done_count <> (SELECT count(*) FROM registry_loadrow r WHERE r.load_id = l.id)""",
    "a row of a load names an appeal that is not there": """
        SELECT r.load_id, r.number FROM registry_loadrow r JOIN registry_load l ON l.id = r.load_id
        WHERE l.state = 'done' AND r.subject_kind = 'appeal' AND NOT EXISTS (SELECT 1 FROM appeals_appeal a
            WHERE a.id = r.subject_id)""",
}


def check(owner_url: str, *, files: Path | None = None) -> None:
    """Fail, naming each question that is broken and the first rows that break it.

    Args:
        files: where the attachments lie; each must be there as its digest says.
    """
    with psycopg.connect(owner_url) as connection:
        found = faults(connection)
        if files is not None:
            found |= _missing_files(connection, files)
    assert not found, "\n".join(f"{what}: {rows[:5]}" for what, rows in found.items())


def faults(connection: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    """The questions that are broken, each with the rows that break it; empty in a sound database."""
    answers = {what: connection.execute(query).fetchall() for what, query in QUESTIONS.items()}
    answers["a code is not one of ours"] = [
        code for (code,) in connection.execute("SELECT code FROM appeals_appeal") if check_appeal_code(code) != code
    ]
    return {what: rows for what, rows in answers.items() if rows}


def _missing_files(connection: psycopg.Connection[Any], files: Path) -> dict[str, list[Any]]:
    kept = connection.execute("SELECT DISTINCT digest, size FROM appeals_attachment").fetchall()
    wrong = [
        digest
        for digest, size in kept
        if not (files / digest[:2] / digest).exists()
        or (files / digest[:2] / digest).stat().st_size != size
        or digest_of(files / digest[:2] / digest) != digest
    ]
    return {"an attachment is not what was sent": wrong} if wrong else {}
