"""Lucide icons as inline SVG: no request, no font, coloured by the text around them."""

from functools import cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide


@cache
def _drawing(name: str, size: int, css: str) -> SafeString:
    # The packaged function opens a zip file and parses XML; a page has forty icons.
    attributes = {"aria_hidden": "true", "focusable": "false"} | ({"class": css} if css else {})
    return mark_safe(" ".join(str(lucide(name, size=size, **attributes)).split()))  # noqa: S308 -- drawn by the package


def icon(name: str, size: int = 16, css: str = "", label: str = "") -> SafeString:
    """``name`` is Lucide's, ``size`` in pixels. Hidden from screen readers unless it has a ``label`` of its own.

    Raises lucide.IconDoesNotExist for an unknown name.
    """
    # A literal in a template arrives as a SafeString, which XML refuses; joining makes it a plain one.
    drawing = _drawing("".join(name), int(size), "".join(css))
    if not label:
        return drawing
    return format_html('<span class="icon-label">{}<span class="vh">{}</span></span>', drawing, label)
