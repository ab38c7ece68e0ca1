"""Operators of conditions beyond the planner's own, one file each; pure."""
