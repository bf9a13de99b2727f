"""Keep files sealed beside a matter, each once, and open them again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from gongqing.appeals.rules.attachments import media_type_of
from gongqing.appeals.rules.intake import tidy_text
from gongqing.audit.actor import Actor
from gongqing.dispatch.models.sealed import SealedDocument
from gongqing.lib import crypto
from gongqing.lib.errors import BadInput
from gongqing.registry.models import sealed_files

File = tuple[str, bytes]
Kept = TypeVar("Kept", bound=SealedDocument)


def judged_files(files: Sequence[File], *, field: str) -> list[tuple[str, bytes, str]]:
    """The files with their media types.

    Raises:
        BadInput: on the field, of a kind or size that is not taken; names the file.
    """
    return [(name, content, _media_type(name, content, field)) for name, content in files]


def keep_files(
    there: QuerySet[Kept],
    judged: Sequence[tuple[str, bytes, str]],
    *,
    kind: str,
    usual_name: str,
    check_room: Callable[[int], None] = lambda present: None,
    by: Actor,
    at: datetime,
    **own: Any,
) -> list[Kept]:
    """Keep each file sealed that is not among those `there`; a file without its row does not stay behind.

    Args:
        kind: what the files are sealed as.
        usual_name: of a file whose own name says nothing.
        check_room: is asked with how many there are before each new one.
        own: the columns that say beside what a file is kept.

    Returns:
        the new ones.
    """
    new: list[Kept] = []
    for name, content, media_type in judged:
        digest = crypto.digest(content)
        if there.filter(digest=digest).exists():
            continue
        check_room(there.count())
        key = sealed_files.keep_sealed(content, kind)
        try:
            with transaction.atomic():
                kept = there.model._default_manager.create(
                    **own,
                    name=tidy_text(name.replace("\\", "/").rpartition("/")[2])[:100] or usual_name,
                    media_type=media_type,
                    size=len(content),
                    digest=digest,
                    file_key=key,
                    at=at,
                    by_name=by.name,
                )
        except Exception:
            sealed_files.drop_sealed(key)
            raise
        new.append(kept)
    return new


def _media_type(name: str, content: bytes, field: str) -> str:
    try:
        return media_type_of(content)
    except BadInput as refused:
        raise BadInput(field, f"“{name[:100]}”：{refused.message}") from None
