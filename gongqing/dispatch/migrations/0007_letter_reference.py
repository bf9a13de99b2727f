from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0006_duty_links_and_settings")]
    operations = [
        migrations.AddField(
            model_name="letter",
            name="reference",
            field=models.CharField(max_length=64, unique=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(model_name="passon", name="shifts", field=models.JSONField(default=list)),
    ]
