"""What does a kind of load do with its rows? Each kind registers its `Work` when the application starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from gongqing.audit.actor import Actor
from gongqing.lib.columns import Column
from gongqing.lib.errors import NotFound, NotPermitted
from gongqing.registry.models import Load, LoadRow, RowState


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet: `number` as Excel counts, cells by column name."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became, or would become, of a row.

    Attributes:
        problems: `(column title, why)`, for rejected rows.
        content: the cells, where the row may be asked for again (rejected, screened out); kept sealed.
        before: what an undo puts back.
        shown: what the row would be taken for, by title, for the preview; people masked.
    """

    state: RowState
    external_id: str = ""
    subject_kind: str = ""
    subject_id: int | None = None
    problems: tuple[tuple[str, str], ...] = ()
    note: str = ""
    content: dict[str, str] | None = None
    before: dict[str, Any] | None = None
    shown: dict[str, str] = field(default_factory=dict)


class Work(Protocol):
    """What one kind of load does with its rows."""

    @property
    def columns(self) -> Sequence[Column]:
        """What its sheets may hold."""

    def check_can_load(self, by: Actor) -> None:
        """Raises NotPermitted."""

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """The options as they are kept; raises BadInput."""

    def tried(self, rows: Sequence[Row], load: Load, *, by: Actor, at: datetime) -> list[Outcome]:
        """What would become of the rows; changes nothing."""

    def kept(self, rows: Sequence[Row], load: Load, *, by: Actor, at: datetime) -> list[Outcome]:
        """Keep the rows, each whole or not at all, and say what became of each."""

    def taken_back(self, row: LoadRow, load: Load, *, by: Actor, at: datetime) -> tuple[RowState, str]:
        """Undo one row: UNDONE, or KEPT and why."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something that is asked of a kind of load when its file is sent: one of several answers, the first by itself."""

    name: str
    title: str
    choices: tuple[tuple[str, str], ...]
    hint: str = ""


@runtime_checkable
class Asking(Protocol):
    """A kind that asks for more than a file and a source."""

    @property
    def sources(self) -> Sequence[str]:
        """Which sources the form suggests."""

    @property
    def options(self) -> Sequence[Option]:
        """What the form asks besides."""


@runtime_checkable
class Restoring(Protocol):
    """A kind whose screened-out rows may be taken in after all."""

    def restored(self, row: LoadRow, cells: dict[str, str], load: Load, *, by: Actor, at: datetime) -> Outcome:
        """Keep one row that was screened out; raises what the row's own action raises."""


@runtime_checkable
class Linking(Protocol):
    """A kind whose rows lead to pages."""

    def links_of(self, rows: Iterable[LoadRow]) -> Mapping[int, tuple[str, str]]:
        """Address and words for the rows that made something, by id of the row."""


@runtime_checkable
class Chunked(Protocol):
    """A kind that says how many of its rows are dealt with in one transaction."""

    chunk: int


@runtime_checkable
class Foreseeing(Protocol):
    """A kind that can begin with rows whose turn comes next while it deals with others."""

    def foresee(self, rows: Sequence[Row], load: Load, *, at: datetime) -> None:
        """Begin with these, which may never come; returns at once and changes nothing."""

    def rest(self) -> None:
        """No more rows come for now: let go of what was begun."""


@runtime_checkable
class Arranging(Protocol):
    """A kind that says in which order its rows are dealt with."""

    def in_order(self, rows: Sequence[Row]) -> list[Row]:
        """The rows so that each can be kept when its turn comes."""


_works: dict[str, Work] = {}


def register_work(kind: str, work: Work) -> None:
    """Say what a kind of load does; called when the application starts."""
    _works[kind] = work


def work_of(kind: str) -> Work:
    """What this kind of load does.

    Raises:
        NotFound: there is no such kind.
    """
    if kind not in _works:
        raise NotFound("没有这一类导入。")
    return _works[kind]


def kinds_for(by: Actor) -> list[str]:
    """The kinds of load that this actor may make."""
    return [kind for kind, work in _works.items() if _may_load(work, by)]


def _may_load(work: Work, by: Actor) -> bool:
    try:
        work.check_can_load(by)
    except NotPermitted:
        return False
    return True
