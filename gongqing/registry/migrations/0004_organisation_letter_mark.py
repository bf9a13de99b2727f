from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_loads_and_consents")]
    operations = [
        migrations.AddField(
            model_name="organisation",
            name="letter_mark",
            field=models.CharField(blank=True, max_length=16, default=""),
            preserve_default=False,
        ),
    ]
