"""One module per kind of thing that programs ask for."""
