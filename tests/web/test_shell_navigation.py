import dataclasses

import pytest
from django.urls import URLResolver, get_resolver

from rouage.accounts.privileges import Privilege, Role
from rouage.web import navigation
from rouage.web.navigation import Count, section
from tests.factories.accounts import make_member, sign_in
from tests.web.addresses import AGREED
from tests.web.pages import links, text

pytestmark = pytest.mark.django_db
with_all_pages = pytest.mark.urls("tests.web.addresses")
RECORDS = [
    "Accueil",
    "Tâches",
    "Devis",
    "Factures",
    "Évènements",
    "Interventions",
    "Contrats",
    "Opportunités",
    "Clients",
]
AUTOMATION = ["Automatisations", "Exécutions", "Planifications", "Fonctions", "Statistiques", "Historique"]


def labels(client, member, path="/"):
    found = [label for _, label in links(sign_in(client, member).get(path), "nav-link")]
    # The side bar and the menu of a phone draw the same list.
    return found[: found.index("Accueil", 1)] if found.count("Accueil") > 1 else found


@with_all_pages
@pytest.mark.req("ACC-2", "UX-1")
def test_navigation_of_an_administrator_is_complete(client):
    page = sign_in(client, make_member()).get("/")

    assert labels(client, make_member()) == [*RECORDS, *AUTOMATION, "Boîte de démo"]
    assert 'aria-label="Paramètres"' in page.content.decode()
    assert page.content.decode().count('type="search"') == 1


@with_all_pages
@pytest.mark.req("UX-1")
def test_navigation_speaks_english_to_an_english_reader(client):
    page = text(sign_in(client, make_member(language="en")).get("/"))

    assert "Home Tasks Quotes Invoices Events Interventions Contracts Opportunities Clients Automation" in page
    assert "Automations Runs Schedules Functions Statistics Activity log Demo mailbox" in page


@with_all_pages
@pytest.mark.req("ACC-2", "ACC-3")
@pytest.mark.parametrize(
    ("privileges", "hidden"),
    [
        (set(Privilege), []),
        (set(Privilege) - {Privilege.SEE_RECORDS}, RECORDS[2:]),
        (set(Privilege) - {Privilege.SEE_RUNS}, ["Exécutions", "Statistiques", "Boîte de démo"]),
        (set(Privilege) - {Privilege.MANAGE_WORKFLOWS}, ["Planifications", "Fonctions"]),
        (set(Privilege) - {Privilege.SEE_AUDIT}, ["Historique"]),
        (
            set(Privilege) - {Privilege.CREATE_AUTOMATIONS, Privilege.EDIT_ALL_AUTOMATIONS, Privilege.PUBLISH},
            ["Automatisations"],
        ),
        (set(Privilege) - {Privilege.PUBLISH}, []),
        (set(), [*RECORDS[2:], *AUTOMATION, "Boîte de démo"]),
    ],
)
def test_navigation_hides_what_the_member_may_not_do(client, privileges, hidden):
    shown = [label for label in [*RECORDS, *AUTOMATION, "Boîte de démo"] if label not in hidden]

    assert labels(client, make_member(privileges=privileges)) == shown


@with_all_pages
@pytest.mark.req("ACC-2")
@pytest.mark.parametrize(
    ("role", "automations", "settings"),
    [(Role.ADMIN, True, True), (Role.MANAGER, False, False), (Role.READER, False, False)],
)
def test_only_administrators_see_automations_and_settings_in_a_new_organisation(client, role, automations, settings):
    member = make_member(role=role)
    page = sign_in(client, member).get("/").content.decode()

    assert ("Automatisations" in labels(client, member)) is automations
    assert ('aria-label="Paramètres"' in page) is settings


def test_entry_without_a_page_is_left_out(client, settings):
    settings.ROOT_URLCONF = "rouage.config.urls"
    missing = [name for name in AGREED if navigation.address(name) is None]
    shown = [address for address, _ in links(sign_in(client, make_member()).get("/"), "nav-link")]

    assert set(shown).isdisjoint({f"/{name}" for name in missing})
    assert "/" in shown


@with_all_pages
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "home"),
        ("/quotes", "quotes"),
        ("/quotes/12", "quotes"),
        ("/quotesque", ""),
        ("/sign-in", ""),
        ("/runs/12", "runs"),
    ],
)
def test_section_of_a_path(path, expected):
    assert section(path) == expected


@with_all_pages
def test_page_marks_its_entry_and_its_tab(client):
    page = sign_in(client, make_member()).get("/invoices/12").content.decode()

    assert page.count('aria-current="page"') == 3
    assert '<a class="nav-link" href="/invoices" aria-current="page">' in page
    assert '<a href="/quotes" aria-current="page">' in page


@with_all_pages
@pytest.mark.parametrize(
    ("privileges", "expected"),
    [
        (set(Privilege), ["Documents", "Automatisations", "Exécutions"]),
        ({Privilege.SEE_RECORDS, Privilege.SEE_RUNS}, ["Documents", "Exécutions", "Tâches"]),
        (set(), ["Tâches", "Accueil"]),
    ],
)
def test_bar_of_a_phone_has_the_three_first_places_that_can_be_reached(client, privileges, expected):
    page = sign_in(client, make_member(privileges=privileges)).get("/").content.decode()
    bar = page[page.index('<nav class="tabbar"') : page.index('<dialog class="panel" id="menu"')]

    assert text(bar) == " ".join([*expected, "Menu"])


@with_all_pages
@pytest.mark.parametrize(("number", "shown"), [(0, None), (3, "3"), (99, "99"), (100, "99+")])
def test_count_stands_beside_its_entry_with_what_it_counts(client, monkeypatch, number, shown):
    first, *others = navigation.GROUPS
    entries = list(first.entries)
    at = next(index for index, entry in enumerate(entries) if entry.route == "tasks")
    entries[at] = dataclasses.replace(entries[at], count=Count(query=lambda _: number, noun="à faire", is_failure=True))
    monkeypatch.setattr(navigation, "GROUPS", (dataclasses.replace(first, entries=entries), *others))
    page = sign_in(client, make_member()).get("/clients").content.decode()

    expected = f'<span class="count fail">{shown}<span class="vh"> à faire</span></span>'
    assert page.count(expected) == (2 if shown else 0)
    assert ("à faire" in page) is bool(shown)


@with_all_pages
def test_shell_asks_the_database_a_fixed_number_of_questions(client, django_assert_num_queries):
    member = make_member()
    sign_in(client, member).get("/schedules")
    for _ in range(3):
        make_member(email=member.user.email, password=None)

    # The session, the user, the memberships, and two counts of the navigation: tasks due, recent failures.
    with django_assert_num_queries(5):
        client.get("/schedules")


def all_patterns(resolver):
    for pattern in resolver.url_patterns:
        yield from all_patterns(pattern) if isinstance(pattern, URLResolver) else [pattern]


@pytest.mark.req("ACC-2")
@pytest.mark.parametrize("pattern", list(all_patterns(get_resolver("rouage.web.urls"))), ids=str)
def test_every_view_says_who_may_open_it(pattern):
    """One that forgets would be shut to visitors, but open to members of every profile."""
    assert getattr(pattern.callback, "declared", "") in {"page", "public"}
    assert pattern.callback.__module__.startswith("rouage.web.")
