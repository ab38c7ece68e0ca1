"""The commands of operators: work, serve, demo."""
