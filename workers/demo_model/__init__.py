"""The demo model: a toy Llama that knows its small corpus, so that the stack can answer at once."""
