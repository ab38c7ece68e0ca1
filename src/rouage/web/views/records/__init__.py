"""The pages of records: lists, details, forms and what one does there."""
