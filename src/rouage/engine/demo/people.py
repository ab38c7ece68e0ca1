"""The people of the demo company: its members and its clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

PASSWORD = "abat-jour-42"  # noqa: S105 -- the demo's sign-in, printed when it starts
OWNER = "camille@lumen-et-fils.example"


class Person(NamedTuple):
    key: str
    name: str
    email: str
    role: str


MEMBERS: Sequence[Person] = (
    Person("camille", "Camille Renaud", OWNER, "admin"),
    Person("yanis", "Yanis Belkacem", "yanis@lumen-et-fils.example", "manager"),
    Person("sophie", "Sophie Marchal", "sophie@lumen-et-fils.example", "member"),
    Person("hugo", "Hugo Perrin", "hugo@lumen-et-fils.example", "reader"),
)


class Company(NamedTuple):
    key: str
    name: str
    city: str
    postal_code: str
    contact: str
    email: str
    dunning: tuple[str, str] | None = None

    @property
    def values(self) -> Mapping[str, Any]:
        return {
            "name": self.name,
            "city": self.city,
            "postal_code": self.postal_code,
            "country": "FR",
            "payment_days": 30,
        }

    @property
    def contacts(self) -> Sequence[Mapping[str, Any]]:
        main = {"name": self.contact, "email": self.email, "is_main": True}
        if self.dunning is None:
            return [main]
        name, email = self.dunning
        return [main, {"name": name, "email": email, "is_dunning": True}]


CLIENTS: Sequence[Company] = (
    Company("beau_rivage", "Hôtel Beau Rivage", "Annecy", "74000", "Lucie Ferrand", "l.ferrand@beau-rivage.example"),
    Company(
        "tilleuls",
        "SCI Les Tilleuls",
        "Lyon",
        "69003",
        "Marc Audoin",
        "marc.audoin@les-tilleuls.example",
        ("Nadia Ould", "compta@les-tilleuls.example"),
    ),
    Company("parc", "Clinique du Parc", "Villeurbanne", "69100", "Dr Anne Keller", "a.keller@clinique-parc.example"),
    Company(
        "mairie", "Mairie de Villeurbanne", "Villeurbanne", "69100", "Paul Giraud", "p.giraud@villeurbanne.example"
    ),
    Company("horizon", "Association Horizon", "Grenoble", "38000", "Inès Vidal", "bonjour@horizon.example"),
    # No address on purpose: the missing one must surface when something is sent.
    Company("morel", "Garage Morel", "Chambéry", "73000", "Denis Morel", ""),
    Company("actea", "Actéa Conseil", "Lyon", "69006", "Julie Actis", "j.actis@actea.example"),
    Company("theatre", "Théâtre des Sources", "Valence", "26000", "Rémi Blanc", "regie@theatre-sources.example"),
    # A slip of the pen, for the address that cannot be right.
    Company("musee", "Musée de la Montagne", "Gap", "05000", "Élise Roux", "elise.roux@musee-montagne"),
)
