"""What happened: domain events and journal entries, append-only."""
