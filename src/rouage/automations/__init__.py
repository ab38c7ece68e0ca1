"""Automations, their versions, runs, steps and schedules."""
