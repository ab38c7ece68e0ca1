"""The jail in which a user's function runs: it imports nothing of ours and no Django."""
