"""What pages and the API show of automations and their runs; a fixed number of queries each."""
