"""Forms of the pages, and the fields that read what people type."""
