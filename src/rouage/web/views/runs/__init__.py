"""The journal of runs: the list, one run, what people do with runs, and why nothing happened."""
