"""Rows become the instances that Django would make of them."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models
from django.db.models.signals import post_init, pre_init

from gongqing.appeals.models import Appeal
from gongqing.audit.loading import loaded

OURS = [each for each in apps.get_models() if each.__module__.startswith("gongqing.")]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_no_model_does_more_than_django_when_a_row_is_read(model: type[models.Model]) -> None:
    assert model.__init__ is models.Model.__init__
    assert model.from_db.__func__ is models.Model.from_db.__func__
    assert not pre_init.has_listeners(model)
    assert not post_init.has_listeners(model)


@pytest.mark.parametrize("count", [len(Appeal._meta.concrete_fields), 3])
def test_an_instance_is_as_django_makes_it(count: int) -> None:
    names = [each.attname for each in Appeal._meta.concrete_fields][:count]
    ours, theirs = (make("default", names, range(count)) for make in (_ours, Appeal.from_db))
    assert _held(ours) == _held(theirs)
    assert ours.get_deferred_fields() == theirs.get_deferred_fields()


def _ours(alias: str, names: list[str], values: range) -> Appeal:
    return loaded(Appeal, names, values, alias)


def _held(instance: Appeal) -> dict[str, object]:
    state = instance._state
    return {**vars(instance), "_state": (state.adding, state.db, state.fields_cache)}
