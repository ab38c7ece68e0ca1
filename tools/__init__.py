"""What developers and CI run: set-up, checks, tests, translations."""
