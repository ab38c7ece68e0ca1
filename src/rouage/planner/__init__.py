"""Pure decisions and values: no Django, no clock, no input or output."""
