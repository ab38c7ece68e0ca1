"""What a step does, one file a type; no action knows another."""
