"""What a city may set: its categories and its grading rules, versioned and dated."""

from __future__ import annotations

from django.db import models


class Category(models.Model):
    """One of the 32 small classes in one version of the taxonomy."""

    code = models.CharField(max_length=4)
    version = models.PositiveSmallIntegerField(default=1)
    class_name = models.CharField(max_length=16)
    name = models.CharField(max_length=32)
    identifier = models.CharField(max_length=48)
    definition = models.TextField()
    boundary = models.TextField(blank=True)
    level = models.CharField(max_length=10)
    grade = models.CharField(max_length=6)
    limit_working_days = models.PositiveSmallIntegerField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="category_version")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class GradePolicy(models.Model):
    """One version of the grading rules: the rows that `rules.grading` evaluates."""

    version = models.PositiveSmallIntegerField(unique=True)
    rules = models.JSONField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    source = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"grading rules {self.version}"
