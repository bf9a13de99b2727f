"""Add words and files to an appeal."""

from __future__ import annotations

import io
import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path, PurePath

from django.conf import settings
from django.db import transaction
from PIL import Image, ImageOps, UnidentifiedImageError

from gongqing.appeals import queries
from gongqing.appeals.models import Appeal, Attachment, Message
from gongqing.appeals.rules import attachments as rules
from gongqing.appeals.rules.intake import check_text, tidy_text
from gongqing.appeals.rules.statuses import check_takes_words
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor, Role
from gongqing.lib import crypto
from gongqing.lib.errors import BadInput, NotPermitted

LONGEST_SIDE = 2400
MOST_PIXELS = 60_000_000
SENT_TWICE = timedelta(minutes=10)


@transaction.atomic
def add_material(*, appeal_id: int, text: str, by: Actor, at: datetime) -> Message:
    """Add words to an open or merged appeal: the worker's, or staff's answer to the worker.

    The newest words sent again by the same sender within ten minutes (pressed twice, two tabs) change nothing.

    Raises:
        NotAllowed, BadInput.
    """
    appeal = queries.lock(appeal_id, by)
    check_takes_words(appeal.status)
    words = check_text(text)
    is_from_worker = _is_from_worker(appeal, by)
    with scope.elevated():
        newest = Message.objects.filter(appeal=appeal).order_by("-id").first()
        if newest is not None and _is_the_same(newest, words, by, at, is_from_worker=is_from_worker):
            return newest
        message = Message.objects.create(appeal=appeal, at=at, by_name=by.name, from_worker=is_from_worker, text=words)
        events.record("appeal.material_added", subject=appeal, by=by, at=at, note=words, message=message.pk)
    return message


@transaction.atomic
def attach_file(*, appeal_id: int, name: str, content: bytes, by: Actor, at: datetime) -> Attachment:
    """Add a file to an open or merged appeal. Images are drawn anew, without EXIF; the same file again changes nothing.

    Raises:
        NotPermitted, NotAllowed, BadInput: the kind, the size or the number of files.
    """
    appeal = queries.lock(appeal_id, by)
    if by.role in (Role.AUDITOR, Role.ADMINISTRATOR):
        raise NotPermitted("您的岗位不能添加附件。")
    check_takes_words(appeal.status)
    media_type = rules.media_type_of(content)
    if media_type in rules.IMAGES:
        content, media_type = _redrawn(content), "image/jpeg"
    digest = crypto.digest(content)
    with scope.elevated():
        if known := Attachment.objects.filter(appeal=appeal, digest=digest).first():
            return known
        rules.check_count(Attachment.objects.filter(appeal=appeal).count())
        keep_content(digest, content)
        attachment = Attachment.objects.create(
            appeal=appeal,
            name=_tidy_name(name, media_type),
            media_type=media_type,
            size=len(content),
            digest=digest,
            at=at,
            by_name=by.name,
            from_worker=_is_from_worker(appeal, by),
        )
        events.record("appeal.file_attached", subject=appeal, by=by, at=at, attachment=attachment.pk, digest=digest)
    return attachment


def file_path(digest: str) -> Path:
    """Where the file with this digest lies."""
    return Path(settings.FILES_ROOT) / digest[:2] / digest


def keep_content(digest: str, content: bytes) -> None:
    """Write a file whole or not at all; the same content is kept once."""
    path = file_path(digest)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError:  # a full disk: leave no half of it behind
        Path(temporary).unlink(missing_ok=True)
        raise


def _redrawn(content: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise BadInput("file", "照片像素太大，请用手机拍照的原图或截图。")
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as fault:
        raise BadInput("file", "照片打不开，可能没有传完整，请重新选一张。") from fault
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    drawn = io.BytesIO()
    upright.save(drawn, "JPEG", quality=85, optimize=True)
    return drawn.getvalue()


def _tidy_name(name: str, media_type: str) -> str:
    stem = tidy_text(PurePath(name.replace("\\", "/")).name)[:100] or "附件"
    return f"{PurePath(stem).stem}.jpg" if media_type == "image/jpeg" else stem


def _is_the_same(newest: Message, words: str, by: Actor, at: datetime, *, is_from_worker: bool) -> bool:
    sent = (newest.text, newest.by_name, newest.from_worker)
    return sent == (words, by.name, is_from_worker) and newest.at >= at - SENT_TWICE


def _is_from_worker(appeal: Appeal, by: Actor) -> bool:
    return by.role is Role.CODE_HOLDER or queries.is_party(appeal, by) or by.role is Role.WORKER
