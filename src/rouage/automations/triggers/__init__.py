"""What starts a run, one file a type; pure: it reads its settings, the event and the snapshot."""
