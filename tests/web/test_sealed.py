"""No address of the project shows or changes what belongs to another organisation (ACC-1); tests/web/sealed asks."""

import json
from datetime import UTC, date, datetime

import pytest
from django.apps import apps
from django.db import models, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from rouage.accounts import commands as accounts
from rouage.accounts.models import Notification, Profile
from rouage.accounts.privileges import Role
from rouage.journal.actors import SYSTEM
from rouage.journal.append_only import AppendOnlyModel
from rouage.mail.models import DemoMail
from rouage.records.importing import keep_upload
from rouage.records.kinds import KINDS
from tests.factories import records as make
from tests.factories.accounts import NOW, make_member, sign_in
from tests.factories.automations import make_published
from tests.factories.engine import settle
from tests.factories.sealed import fill, make_side
from tests.web.sealed import EXEMPT, table

MARK = "Zorglubie"
NAMES = {
    "name", "subject", "title", "description", "text", "label", "reference", "brief", "location", "address", "report",
    "body", "position", "created_by", "city", "phone", "lines_name",
}  # fmt: skip
REFUSED = {404, 405}
PASSES = {200, 201, 204, 302, 400, 405, 409, 422}


def routes(resolver=None, prefix=""):
    """The name of every route of the project, API included."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        else:
            yield f"{prefix}{pattern.name}"


def things_of(name):
    """An organisation with something in every table that a route may name."""
    side = fill(make_side(name))
    organisation, found = side.organisation, side.things
    client = found["client"]
    csv = f"name;city\n{name} Beau;Lyon\n".encode()
    stage = found["opportunity"].stage
    profile = accounts.create_profile(SYSTEM, organisation, name=f"Profil {name}", privileges=[], now=NOW)
    closing = accounts.add_closing_date(
        SYSTEM, organisation, first_day=date(2027, 5, 3), last_day=date(2027, 5, 7), label=name, now=NOW
    )
    return found | {
        "organisation": organisation,
        "member": side.member,
        "event": make.make_event(client, lead_id=side.member.pk),
        "intervention": make.make_intervention(client),
        "contract": make.make_contract(client),
        "pipeline": stage.pipeline,
        "stage": stage,
        "profile": profile,
        "closing": closing,
        "upload": keep_upload(side.member, "client", f"{name}.csv", csv, now=datetime.now(UTC)),
        "notification": Notification.objects.filter(organisation=organisation, member=side.member).first(),
        "mail": DemoMail.objects.create(
            organisation=organisation,
            mail_from="a@exemple.fr",
            rcpt_to="b@exemple.fr",
            subject=f"Relance {name}",
            raw=f"Subject: Relance {name}\r\n\r\nBonjour de {name}".encode(),
            received_at=NOW,
        ),
        "buttons": {kind: _button(side.member, kind) for kind in KINDS if KINDS[kind].automatable},
    }


def _button(member, kind):
    trigger = {"type": "button_pressed", "config": {"text": "Lancer"}}
    return make_published(member, kind=kind, trigger=trigger, name=f"Bouton {kind} {member.organisation.name}")


def mark(organisation):
    """Put the mark into everything that a person has written, but what only ever grows (which names what it marks)."""
    for model in apps.get_app_config("accounts").get_models():
        _mark(model, organisation)
    for app in ("records", "mail", "automations"):
        for model in apps.get_app_config(app).get_models():
            _mark(model, organisation)


def _mark(model, organisation):
    columns = {field.name for field in model._meta.concrete_fields}
    if "organisation" not in columns or issubclass(model, AppendOnlyModel):
        return
    wanted = {
        field.name: Concat(Value(f"{MARK} "), field.name)
        for field in model._meta.concrete_fields
        if field.name in NAMES and isinstance(field, models.CharField | models.TextField) and not field.choices
    }
    if wanted:
        model._default_manager.filter(organisation=organisation).update(**wanted)


def rows_of(organisation):
    """Everything that the organisation owns, to be compared afterwards."""
    found = {}
    for model in apps.get_models():
        columns = [field.attname for field in model._meta.concrete_fields]
        if "organisation_id" in columns:
            mine = model._default_manager.filter(organisation_id=organisation.pk)
            found[model._meta.label] = sorted(mine.values_list(*columns), key=repr)
    return found


def strangers(organisation):
    """Rows of the organisation that name a row of another one."""
    found = []
    for model in apps.get_models():
        names = {field.name: field for field in model._meta.concrete_fields}
        if "organisation" not in names:
            continue
        for field in names.values():
            target = field.related_model if field.is_relation else None
            if target is None or not any(own.name == "organisation" for own in target._meta.concrete_fields):
                continue
            wrong = model._default_manager.filter(organisation=organisation).exclude(**{f"{field.name}__isnull": True})
            wrong = wrong.exclude(**{f"{field.name}__organisation": organisation})
            found += [f"{model._meta.label}.{field.name} of {number}" for number in wrong.values_list("pk", flat=True)]
    return found


class Sweep:
    """Makes every call of a table as a member of ``me``, and keeps what is wrong."""

    def __init__(self, me, of):
        self.me, self.of, self.problems = me, of, []
        # Settings of oneself would shut the rest of the sweep out.
        self.http = Client(raise_request_exception=False)
        sign_in(self.http, me["member"])

    def run(self, calls):
        for name, make_calls in calls.items():
            for call in make_calls(self.me, self.of):
                for answer in self.answers(name, call):
                    self.look(name, call, answer)

    def answers(self, name, call):
        address = reverse(name, args=call.args)
        if call.json is not None or call.method not in {"POST", "GET"}:
            body = json.dumps(call.json if call.json is not None else {})
            yield self.http.generic(call.method, address, body, content_type="application/json")
            return
        yield self.http.get(address, call.query, follow=True)
        if call.method == "POST":
            query = "?" + "&".join(f"{key}={value}" for key, value in call.query.items()) if call.query else ""
            yield self.http.post(address + query, call.data, follow=True)

    def look(self, name, call, answer):
        content = answer.getvalue().decode(errors="replace")
        if self.me is not self.of and MARK in content:
            place = content.index(MARK)
            self.problems.append(f"{name} {call}: shows {content[max(place - 80, 0) : place + 40]!r}")
        if answer.status_code >= 500:
            self.problems.append(f"{name} {call}: {answer.status_code}")
        if call.gone and self.me is not self.of and answer.status_code not in REFUSED:
            self.problems.append(f"{name} {call}: {answer.status_code} instead of 404")


@pytest.mark.req("ACC-1")
def test_every_route_is_in_the_table():
    known, asked = set(routes()), {*table(), *EXEMPT}

    assert sorted(known - asked) == [], "give them an entry in a module of tests/web/sealed"
    assert sorted(asked - known) == [], "these no longer exist"


@pytest.mark.req("ACC-1")
@pytest.mark.django_db
def test_no_address_shows_or_changes_what_belongs_to_another_organisation():
    theirs, mine = things_of("Maison Secrète"), things_of("Atelier")
    mark(theirs["organisation"])
    settle(NOW)
    before = rows_of(theirs["organisation"])
    sweep = Sweep(mine, theirs)
    sweep.run(table())

    assert sweep.problems == []
    after = rows_of(theirs["organisation"])
    assert {label for label in before if before[label] != after[label]} == set()
    assert strangers(mine["organisation"]) == []
    assert MARK in str(before["records.Client"]), "what is looked for must be there"


@pytest.mark.req("ACC-1")
@pytest.mark.django_db
def test_the_same_calls_on_one_s_own_things_are_answered():
    """Otherwise the sweep would prove nothing: an address that is always 404 leaks nothing either."""
    mine = things_of("Atelier")
    sweep = Sweep(mine, mine)
    unanswered = []
    for name, calls in table().items():
        with transaction.atomic():
            answers = [answer for call in calls(mine, mine) for answer in sweep.answers(name, call)]
            transaction.set_rollback(True)
        found = {answer.status_code for answer in answers}
        if found - PASSES or found == {405}:
            unanswered.append((name, found))

    assert unanswered == []


@pytest.mark.req("ACC-1", "ACC-2")
@pytest.mark.django_db
def test_visitor_is_asked_to_sign_in_wherever_things_are_named():
    mine = things_of("Atelier")
    visitor = Client()
    # The description of the API names no data.
    public = {"sign-in", "sign-out", "preferences-language", "preferences-theme", "api-1:openapi-json"}
    open_to_all = []
    for name, calls in table().items():
        if name in public:
            continue
        for call in calls(mine, mine):
            address = reverse(name, args=call.args)
            answer = visitor.generic(call.method, address, "{}", content_type="application/json")
            goes_to = answer.headers.get("Location", "")
            if answer.status_code not in {401, 403} and not goes_to.startswith(reverse("sign-in")):
                open_to_all.append(f"{name}: {answer.status_code} {goes_to}")

    assert open_to_all == []


@pytest.mark.django_db
def test_the_sweep_sees_a_leak():
    """Somebody of the other organisation asks: what they see is what must not be seen."""
    theirs, mine = things_of("Maison Secrète"), things_of("Atelier")
    mark(theirs["organisation"])
    sweep = Sweep(mine, theirs)
    sign_in(sweep.http, theirs["member"])
    before = rows_of(theirs["organisation"])
    names = ("clients", "quote", "client-note", "search")
    sweep.run({name: table()[name] for name in names})

    assert {problem.split()[0] for problem in sweep.problems} == set(names)
    assert rows_of(theirs["organisation"]) != before


def test_profiles_of_the_sweep_hold_everything(db):
    """An administrator asks: what is refused to others would hide a leak."""
    side = make_side("Atelier")

    assert side.member.profile == Profile.objects.get(organisation=side.organisation, role=Role.ADMIN)
    assert make_member(side.organisation, role=Role.READER).profile != side.member.profile
