"""Renders a piece of template with the component library, in a language."""

from django.template import Context, Template
from django.utils import timezone, translation

from tests.web.pages import text


def render(source, language="fr", **context):
    with translation.override(language), timezone.override("Europe/Paris"):
        return Template("{% load ui %}" + source).render(Context({"csrf_token": "token"} | context))


def words(source, language="fr", **context):
    return text(render(source, language, **context))
