"""Prompts that were given up because they killed their workers, and how to try them again."""
