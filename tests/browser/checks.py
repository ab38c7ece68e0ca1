"""What every page must stand: no complaint of the browser, no axe violation, no overflow, a visible focus."""

from functools import cache
from importlib.resources import files

WIDTHS = (320, 390, 768, 1024, 1280, 1920)
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_AXE = "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})"
_OVERFLOWING = """() => [document.documentElement.scrollWidth - innerWidth,
  [...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.vh, .skip'))
    .slice(0, 4).map((e) => e.tagName.toLowerCase() + '.' + e.className)]"""
# What a keyboard user sees change: the element, what it stands in, and the label that stands for a hidden control.
_UNFOCUSED = """() => {
  const styles = (s) => s.outlineStyle + s.outlineWidth + s.boxShadow + s.borderColor;
  const look = (e) => [e, e.parentElement, e.nextElementSibling, e.closest('.chip, .choice')]
    .filter(Boolean).map((x) => styles(getComputedStyle(x))).join('|');
  const seen = [], hidden = [];
  for (const e of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')) {
    if (!e.checkVisibility() || e.disabled || e.closest('[popover]:not(:popover-open), dialog:not([open])')) continue;
    document.activeElement.blur();
    const before = look(e);
    e.focus({preventScroll: true});
    if (document.activeElement !== e) continue;
    seen.push(e);
    const name = `${e.tagName.toLowerCase()}.${e.className} ${e.textContent.trim().slice(0, 30)}`;
    if (look(e) === before) hidden.push(name);
  }
  return [seen.length, hidden];
}"""


def assert_accessible(page):
    """No violation of WCAG 2.2 AA that axe can see. By evaluate: a script tag would meet the page's own policy."""
    page.evaluate(_axe_source())
    found = page.evaluate(_AXE, AXE_RULES)
    problems = [
        f"{violation['id']}: {node['html'][:160]} ({(node['any'] or node['all'] or [{}])[0].get('message', '')})"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    assert not problems, "\n".join(problems)
    assert len(found["passes"]) > 5


def assert_reflows(page, widths=WIDTHS):
    """Nothing sticks out at the right, from a small phone to a wide screen."""
    size = page.viewport_size
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        overflow, culprits = page.evaluate(_OVERFLOWING)
        assert (width, overflow, culprits if overflow > 0 else []) == (width, min(overflow, 0), [])
    page.set_viewport_size(size)


def assert_focus_shows(page):
    """Every element that the keyboard reaches looks different when it has the focus."""
    page.keyboard.press("Tab")
    seen, hidden = page.evaluate(_UNFOCUSED)
    assert hidden == []
    assert seen > 3


@cache
def _axe_source():
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
