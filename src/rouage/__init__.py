"""Rouage automates the follow-up of quotes, invoices, events, interventions, contracts and opportunities."""

__version__ = "0.1.0"
