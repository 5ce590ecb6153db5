"""What a user's devices hear of each other. The rules: "Devices" in ``docs/flow.md``."""
