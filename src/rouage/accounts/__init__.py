"""Organisations, members, their privileges, and the look-ups that respect them."""
