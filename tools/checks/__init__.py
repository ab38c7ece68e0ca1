"""The rules of the house that no ready-made tool knows: each module's ``check(root)`` names what breaks them."""
