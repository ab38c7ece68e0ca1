"""The pages, one module per subject; typed function views that carry @page, @action or @public (see access.py)."""
