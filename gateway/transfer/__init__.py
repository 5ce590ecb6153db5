"""Import and export: conversations as files. Parsing and formatting are pure, apart from I/O."""
