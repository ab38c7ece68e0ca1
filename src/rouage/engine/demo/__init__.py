"""What shows Rouage at work: a believable company, and three months of reminders in a minute."""
