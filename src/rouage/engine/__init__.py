"""The clock's door: the pumps that carry out what is due."""
