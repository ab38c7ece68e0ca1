"""What Rouage does in a second, beside what this machine could do at most: ``python -m bench --help``."""
