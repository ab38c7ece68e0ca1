"""A person's door: pages, forms, templates."""
