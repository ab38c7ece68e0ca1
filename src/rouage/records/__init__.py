"""The business records, the commands that change them and their public links."""
