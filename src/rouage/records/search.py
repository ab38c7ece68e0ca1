"""Text as searches compare it: without accents, upper case and surplus spaces."""

from __future__ import annotations

import unicodedata

LONGEST = 600


def fold(*parts: str) -> str:
    """« Évènement  Œuvre » becomes « evenement oeuvre ». The same for what is kept and for what is looked for."""
    # PostgreSQL takes no zero byte, also not in what is looked for.
    text = (
        " ".join(part for part in parts if part).replace("\x00", " ").casefold().replace("œ", "oe").replace("æ", "ae")
    )
    plain = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return " ".join(plain.split())[:LONGEST]
