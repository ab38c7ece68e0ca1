"""Forms around automations; those of the editor are made from the schema of each type."""
