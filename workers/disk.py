"""How much room a build needs, and what is said when there is none."""

MIN_FREE_BYTES = 500_000_000
DISK_FULL = "The disk is nearly full, so nothing was built. Free at least 500 MB in the data folder and try again."
