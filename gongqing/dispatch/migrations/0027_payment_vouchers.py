"""The files that prove what came back, seen by whoever sees the case and is no worker."""

from django.db import migrations, models

STAFF = "(gq_person() IS NULL AND gq_code_appeal() IS NULL)"
SEEN = f"gq_all() OR ({STAFF} AND gq_sees_appeal(appeal_id))"
ADD = f"""
ALTER TABLE dispatch_paymentvoucher ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON dispatch_paymentvoucher USING ({SEEN}) WITH CHECK ({SEEN});
"""
DROP = """
DROP POLICY scope ON dispatch_paymentvoucher;
ALTER TABLE dispatch_paymentvoucher DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0026_quicker_questions"),
        ("appeals", "0012_far_from_the_top"),
    ]
    operations = [
        migrations.CreateModel(
            name="PaymentVoucher",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=128)),
                ("media_type", models.CharField(max_length=128)),
                ("size", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("file_key", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=64)),
                (
                    "appeal",
                    models.ForeignKey(
                        on_delete=models.deletion.PROTECT, related_name="payment_vouchers", to="appeals.appeal"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("batch", "digest"), name="payment_voucher_once")],
            },
        ),
        migrations.RunSQL(ADD, DROP),
    ]
