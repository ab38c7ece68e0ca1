"""Messages: composing, handing over, and following them to the mailbox."""
