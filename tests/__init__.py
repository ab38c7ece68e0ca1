"""The tests mirror the rooms of src/rouage."""
