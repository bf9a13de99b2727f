"""Many appeals like one that the real actions made: the same rows under new numbers, for tests of size."""

from __future__ import annotations

from copy import copy

from gongqing.appeals.models import Access, Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.models import Clock, ClockEntry, Order


def copies_of(appeal: Appeal, count: int) -> list[Appeal]:
    """So many copies of an appeal with its grants, orders, clocks and ledgers."""
    with scope.acting_as(SYSTEM):
        original = Appeal.objects.get(pk=appeal.pk)
        made = []
        for number in range(count):
            twin = copy(original)
            twin.pk, twin.code, twin.external_id = None, f"GQCOPY{original.pk}{number:06d}", f"copy-{number}"
            twin._state = copy(original._state)
            twin._state.adding = True
            made.append(twin)
        Appeal.objects.bulk_create(made)
        for model in (Access, Order):
            rows = list(model.objects.filter(appeal=original))
            model.objects.bulk_create([_twin(row, appeal=twin) for twin in made for row in rows])
        orders = {order.appeal_id: order for order in Order.objects.filter(appeal__in=made, role="handle")}
        clocks = list(Clock.objects.filter(appeal=original).order_by("id"))
        twins = [(_twin(row, appeal=twin, order=orders[twin.pk]), row.pk) for twin in made for row in clocks]
        Clock.objects.bulk_create([twin for twin, _ in twins])
        ledgers: dict[int, list[ClockEntry]] = {}
        for line in ClockEntry.objects.filter(clock__in=clocks):
            ledgers.setdefault(line.clock_id, []).append(line)
        lines = [_twin(line, clock=twin) for twin, old in twins for line in ledgers.get(old, [])]
        ClockEntry.objects.bulk_create(lines)
    return made


def _twin(row, **given):
    twin = copy(row)
    twin.pk = None
    twin._state = copy(row._state)
    twin._state.adding = True
    for name, value in given.items():
        setattr(twin, name, value)
    return twin
