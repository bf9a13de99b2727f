"""Indexes for what a city with a million appeals reads all day: work in hand, what was answered lately, live grants."""

from django.db import migrations, models
from django.db.models import Q

IS_OPEN = Q(
    status__in=[
        "awaiting_evaluation",
        "classified",
        "dispatched",
        "in_progress",
        "in_review",
        "paused",
        "reopened",
        "resolved",
        "returned",
        "signed",
        "tracked",
        "triage",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("appeals", "0004_groups")]

    operations = [
        migrations.RemoveIndex(model_name="access", name="access_path"),
        migrations.RemoveIndex(model_name="appeal", name="appeal_due"),
        migrations.AddIndex(
            model_name="access",
            index=models.Index(condition=Q(until__isnull=True), fields=["path", "appeal"], name="access_live"),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(condition=IS_OPEN, fields=["next_due_at", "received_at", "id"], name="appeal_open_due"),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(condition=IS_OPEN, fields=["-received_at", "-id"], name="appeal_open_recent"),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(condition=IS_OPEN, fields=["status", "next_due_at"], name="appeal_open_status"),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(
                condition=Q(resolved_at__isnull=False), fields=["resolved_at"], name="appeal_resolved_at"
            ),
        ),
    ]
