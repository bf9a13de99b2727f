"""Does what stands side by side for boards and lists equal what it was taken from?"""

from __future__ import annotations

from django.db import connection

_OPEN_NAMES = (
    "{a}.received_at, {a}.next_due_at, {a}.reporter_user_id, {a}.worker_count, {a}.reopened_count, {a}.is_overdue,"
    " {a}.status, {a}.grade, {a}.amount::double precision, {a}.category_id, {a}.handler_id"
)
_OPEN_AGAIN = f"""
SELECT a.id, {_OPEN_NAMES.format(a="a")}, o.dispatched_at, gq_asks_extension(a.id), gq_is_extended(a.id)
FROM appeals_appeal a
LEFT JOIN dispatch_order o ON o.appeal_id = a.id AND o.role = 'handle' AND o.status = 'dispatched'
WHERE a.status NOT IN ('archived', 'merged', 'withdrawn', 'invalid')
"""  # noqa: S608
_OPEN_KEPT = f"""
SELECT k.appeal_id, {_OPEN_NAMES.format(a="k")}, k.unsigned_since, k.asks_extension, k.is_extended
FROM dispatch_openappeal k
"""  # noqa: S608
_GRANTED_AGAIN = """
SELECT DISTINCT m, a.appeal_id
FROM appeals_access a JOIN appeals_appeal p ON p.id = a.appeal_id, gq_marks_of(a.path, a.user_id, a.person_id) m
WHERE a.until IS NULL AND p.status NOT IN ('archived', 'merged', 'withdrawn', 'invalid')
"""
_GRANTED_KEPT = "SELECT g.mark, g.appeal_id FROM dispatch_opengrant g"
_CLOSED_AGAIN = """
SELECT c.id, c.ended_at, c.state, a.handler_id, a.grade, a.category_id
FROM dispatch_clock c JOIN appeals_appeal a ON a.id = c.appeal_id
WHERE c.name = 'close' AND c.ended_at IS NOT NULL AND c.state IN ('met', 'overdue')
"""
_CLOSED_KEPT = "SELECT k.clock_id, k.ended_at, k.state, k.handler_id, k.grade, k.category_id FROM dispatch_closing k"
_DIFFERENT = """
SELECT count(*) FROM ((({again}) EXCEPT ({kept})) UNION ALL (({kept}) EXCEPT ({again}))) different
"""


def differences() -> int:
    """How many rows are missing, too many or other than a recount from the appeals, grants, orders and clocks.

    Whoever asks must see everything.
    """
    found = 0
    with connection.cursor() as cursor:
        for again, kept in ((_OPEN_AGAIN, _OPEN_KEPT), (_GRANTED_AGAIN, _GRANTED_KEPT), (_CLOSED_AGAIN, _CLOSED_KEPT)):
            cursor.execute(_DIFFERENT.format(again=again, kept=kept))
            (count,) = cursor.fetchone() or (0,)
            found += count
    return found
