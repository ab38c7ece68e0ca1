"""Functions that users write, their versions and their runs."""
