from datetime import UTC, datetime

import pytest

from rouage.journal.append_only import Immutable
from rouage.journal.models import DomainEvent, Entry

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_flush_between_tests_empties_append_only_tables():
    assert Entry.objects.count() == 0
    Entry.objects.create(organisation_id=1, verb="a.b", actor_kind="system", at=NOW)


@pytest.mark.django_db(transaction=True)
def test_flush_between_tests_empties_append_only_tables_again():
    assert Entry.objects.count() == 0
    Entry.objects.create(organisation_id=1, verb="a.b", actor_kind="system", at=NOW)
