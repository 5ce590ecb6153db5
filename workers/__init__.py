"""Prompts in, frames out: pull prompts from the log, generate, publish each reply's frames."""
