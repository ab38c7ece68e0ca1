"""Settings, addresses and the composition of the rooms."""
