"""Reads what comes back to the return path: delivery reports, complaints, receipts, automatic answers. Pure."""

from rouage.mail.bounces.parse import parse
from rouage.mail.bounces.report import Action, Cause, Confidence, Evidence, Kind, Recipient, Report

__all__ = ["Action", "Cause", "Confidence", "Evidence", "Kind", "Recipient", "Report", "parse"]
