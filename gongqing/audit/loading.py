"""How does a row become an instance of its model in a small part of the time?

Django's own way goes through the constructor, which asks every field and sends two signals. Nobody here listens to
those, and no model has a constructor of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models
from django.db.models.base import ModelState
from django.db.models.query import RelatedPopulator

Row = TypeVar("Row", bound=models.Model)


def loaded(model: type[Row], names: Sequence[str], values: Sequence[Any], alias: str) -> Row:
    """As `Model.from_db` makes it."""
    instance = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, alias
    instance.__dict__.update(zip(names, values, strict=True), _state=state)
    return instance


@dataclass(frozen=True, slots=True)
class Joined:
    """What `select_related` brings along, with what it brings along itself."""

    model: type[models.Model]
    names: tuple[str, ...]
    start: int
    key: int  # of the primary key among its columns
    put: tuple[Callable[[Any, Any], None], Callable[[Any, Any], None]]  # here and there
    joined: tuple[Joined, ...]

    @classmethod
    def of(cls, django: RelatedPopulator) -> Joined:
        """What Django has worked out for it."""
        further = tuple(map(cls.of, django.related_populators))
        put = django.local_setter, django.remote_setter
        return cls(django.model_cls, tuple(django.init_list), django.cols_start, django.pk_idx, put, further)

    def join(self, row: Sequence[Any], to: models.Model, alias: str) -> None:
        """Make it of a row and tie it to the instance that it was joined to."""
        here, there = self.put
        values = row[self.start : self.start + len(self.names)]
        if values[self.key] is None:
            here(to, None)
            return
        instance = loaded(self.model, self.names, values, alias)
        for each in self.joined:
            each.join(row, instance, alias)
        here(to, instance)
        there(instance, to)
