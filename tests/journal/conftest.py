import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

with isolate_apps("rouage.journal"):

    class Sample(models.Model):
        """One column of each type that the rooms use, and some that they may use one day."""

        number = models.BigIntegerField()
        small = models.SmallIntegerField(null=True)
        text = models.CharField(max_length=20, default="", db_default="")
        long = models.TextField(null=True)  # noqa: DJ001 -- null is what is to be tested
        yes = models.BooleanField(null=True)
        day = models.DateField(null=True)
        clock = models.TimeField(null=True)
        moment = models.DateTimeField(null=True)
        span = models.DurationField(null=True)
        amount = models.DecimalField(max_digits=8, decimal_places=2, null=True)
        share = models.FloatField(null=True)
        data = models.JSONField(null=True)
        key = models.UUIDField(null=True)
        address = models.GenericIPAddressField(null=True)
        raw = models.BinaryField(null=True)
        parent = models.ForeignKey("self", models.PROTECT, null=True)

        class Meta:
            app_label = "journal"
            db_table = "tests_sample"


@pytest.fixture(scope="session")
def _sample_table(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Sample)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Sample)


@pytest.fixture
def sample(_sample_table, db):
    return Sample
