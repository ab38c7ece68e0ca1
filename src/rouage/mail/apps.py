"""Registers the mail room with Django."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "rouage.mail"
    label = "mail"
