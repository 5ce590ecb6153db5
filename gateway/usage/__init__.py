"""What was used: read from the hourly roll-ups, with prices, and how the instance does now."""
