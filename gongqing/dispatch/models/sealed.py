"""What is every file that is kept sealed beside a matter?"""

from __future__ import annotations

from django.db import models


class SealedDocument(models.Model):
    """A file beside a matter (密封文件); its content lies sealed under `file_key`, empty once it was dropped."""

    name = models.CharField(max_length=128)
    media_type = models.CharField(max_length=128)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    file_key = models.CharField(max_length=64)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=64)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name
