"""Published formulas that fail: the data, the machine's verdict on each, and how they are shown."""
