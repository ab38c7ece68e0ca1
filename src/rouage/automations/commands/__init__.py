"""What people do with automations and with their runs: guarded, journalled, in verbs."""
