import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory

from rouage.accounts.commands import deactivate_member
from rouage.accounts.models import SignInCount, User
from rouage.accounts.sign_in import Wrong, sign_in
from rouage.accounts.throttle import LIMITS, PERIOD, TooMany, admit, forgive
from rouage.journal.actors import SYSTEM
from rouage.journal.models import Entry
from tests.factories.accounts import NOW, PASSWORD, make_member, make_organisation

HERE, THERE = "192.0.2.1", "198.51.100.9"
ZOE = "zoe@exemple.fr"


def attempt(password, *, email=ZOE, address=HERE, now=NOW):
    return sign_in(RequestFactory().post("/"), email=email, password=password, address=address, now=now)


@pytest.fixture
def zoe(db):
    return make_member(email=ZOE)


@pytest.mark.req("ACC-5", "ACC-4")
def test_the_right_password_signs_in_and_is_journalled_in_each_organisation(zoe):
    second = make_member(email=ZOE)
    left = make_member(make_member().organisation, email=ZOE)
    deactivate_member(SYSTEM, left, now=NOW)

    assert attempt(PASSWORD, email=" Zoe@Exemple.FR") == zoe.user

    entries = Entry.objects.filter(verb="member.signed_in")
    assert {(entry.organisation_id, entry.actor_id, entry.address) for entry in entries} == {
        (zoe.organisation_id, zoe.id, HERE),
        (second.organisation_id, second.id, HERE),
    }


@pytest.mark.req("ACC-5")
def test_a_wrong_password_an_unknown_email_and_a_closed_account_get_the_same_answer(zoe):
    User.objects.create_user(email="closed@exemple.fr", password=PASSWORD, name="x", is_active=False)

    answers = [
        attempt("wrong"),
        attempt(PASSWORD, email="nobody@exemple.fr"),
        attempt(PASSWORD, email="closed@exemple.fr"),
    ]

    assert answers == [Wrong()] * 3
    assert not Entry.objects.filter(verb="member.signed_in").exists()


@pytest.mark.req("ACC-5")
def test_after_too_many_attempts_even_the_right_password_waits(zoe):
    for _ in range(LIMITS["pair"]):
        assert attempt("wrong") == Wrong()

    assert attempt(PASSWORD) == TooMany(NOW + PERIOD)
    # Somebody at another address is not locked out by it, nor is another person here.
    assert attempt(PASSWORD, address=THERE) == zoe.user
    other = make_member()
    assert attempt(PASSWORD, email=other.user.email) == other.user

    assert attempt(PASSWORD, now=NOW + PERIOD - timedelta(seconds=1)) == TooMany(NOW + PERIOD)
    assert attempt(PASSWORD, now=NOW + PERIOD) == zoe.user


@pytest.mark.req("ACC-5")
def test_the_right_password_forgives_what_was_mistyped(zoe):
    for _ in range(3):
        for _ in range(LIMITS["pair"] - 1):
            assert attempt("wrong") == Wrong()
        assert attempt(PASSWORD) == zoe.user


@pytest.mark.req("ACC-5")
def test_one_email_is_not_tried_from_many_addresses(db):
    for number in range(LIMITS["email"]):
        assert admit(ZOE, f"10.0.{number}.1", NOW) is None
    assert admit(ZOE, "10.1.0.1", NOW) == TooMany(NOW + PERIOD)
    assert admit("paul@exemple.fr", "10.1.0.1", NOW) is None


@pytest.mark.req("ACC-5")
@pytest.mark.parametrize("address", ["192.0.2.{}", "2001:db8:0:7::{:x}"], ids=["IPv4", "IPv6"])
def test_one_address_does_not_try_many_emails(db, address):
    """Whoever has one IPv6 address has 2^64 of them: the network counts as one."""
    for number in range(LIMITS["address"]):
        assert admit(f"p{number}@exemple.fr", address.format(number if ":" in address else 1), NOW) is None
    assert admit("last@exemple.fr", address.format(1), NOW) == TooMany(NOW + PERIOD)
    assert admit("last@exemple.fr", "203.0.113.5" if "." in address else "2001:db8:0:8::1", NOW) is None


def test_no_address_is_kept_and_old_counts_are_thrown_away(db):
    admit(ZOE, HERE, NOW)
    assert not [row for row in SignInCount.objects.all() if HERE in row.key or ZOE in row.key]

    forgive("paul@exemple.fr", THERE, NOW + timedelta(days=1))
    assert SignInCount.objects.count() == 3
    forgive("paul@exemple.fr", THERE, NOW + PERIOD + timedelta(days=1, seconds=1))
    assert SignInCount.objects.count() == 0


@pytest.mark.req("ACC-5")
@pytest.mark.django_db(transaction=True)
def test_attempts_at_the_same_time_are_all_counted():
    answers = []

    def many():
        try:
            answers.extend(admit(ZOE, HERE, NOW) for _ in range(5))
        finally:
            connection.close()

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(answers) == 20
    assert answers.count(None) == LIMITS["pair"]


def test_somebody_without_organisation_signs_in_too(db):
    make_organisation()
    user = User.objects.create_user(email=ZOE, password=PASSWORD, name="Zoé")
    assert attempt(PASSWORD) == user
