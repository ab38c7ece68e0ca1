import re
from pathlib import Path

import pytest

import rouage.web

CSS = (Path(rouage.web.__file__).parent / "static" / "app.css").read_text(encoding="utf-8")
PAIRS = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\);", CSS))
ON_BRAND = re.search(r"--on-brand: (#\w{6});", CSS).group(1)
GROUNDS = ("bg", "surface", "surface-2")
READABLE, VISIBLE = 4.5, 3.0  # WCAG 2.2: 1.4.3 for text, 1.4.11 for what is no text


def colour(token, theme):
    return ON_BRAND if token == "on-brand" else PAIRS[token].split(", ")[theme]


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_norm():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "ground", "least"),
    [
        *((text, ground, READABLE) for text in ("text", "text-2", "text-3", "brand-text") for ground in GROUNDS),
        *((word, f"{word}-soft", READABLE) for word in ("ok", "wait", "fail", "hold", "off")),
        *(("text", f"{word}-soft", READABLE) for word in ("ok", "wait", "fail", "brand")),
        ("brand-text", "brand-soft", READABLE),
        ("on-brand", "brand", READABLE),
        ("on-brand", "brand-h", READABLE),
        ("fail", "surface", READABLE),
        *(("control", ground, VISIBLE) for ground in ("bg", "surface")),
        *((f"{dot}-dot", "surface", VISIBLE) for dot in ("ok", "wait", "fail")),
    ],
)
def test_colours_of_both_themes_can_be_told_apart(theme, front, ground, least):
    assert contrast(colour(front, theme), colour(ground, theme)) >= least
