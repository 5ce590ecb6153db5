"""Break a running stack on purpose and check what its readers saw: ``make bench-faults``."""
